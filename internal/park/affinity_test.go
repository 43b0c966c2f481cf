// SPDX-License-Identifier: Apache-2.0

package park

import (
	"errors"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPinCPU(t *testing.T) {
	onOwnThread(func() {
		if runtime.GOOS != "linux" {
			require.ErrorIs(t, PinCPU(0), errors.ErrUnsupported)
			require.Nil(t, CPUs())
			return
		}
		all := CPUs()
		require.NotEmpty(t, all)
		require.True(t, slices.IsSorted(all))
		last := all[len(all)-1]
		require.NoError(t, PinCPU(last))
		require.Equal(t, []int{last}, CPUs())
	})
}

func TestPinCPURefuses(t *testing.T) {
	onOwnThread(func() {
		before := CPUs()
		for _, cpu := range []int{-1, 1 << 20} {
			require.ErrorContains(t, PinCPU(cpu), "CPU")
		}
		require.Equal(t, before, CPUs())
	})
}

// onOwnThread runs f on a thread that is thrown away after it.
func onOwnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked
		f()
	}()
	<-done
}
