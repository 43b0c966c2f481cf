// SPDX-License-Identifier: Apache-2.0

package park

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestInBubble(t *testing.T) {
	require.False(t, InBubble())
	synctest.Test(t, func(t *testing.T) {
		require.True(t, InBubble())
		inside := make(chan bool)
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			inside <- InBubble()
		}()
		require.True(t, <-inside, "on a locked goroutine, whose header says so too")
	})
}

func TestInBubbleIgnoresLabels(t *testing.T) {
	pprof.Do(t.Context(), pprof.Labels("note", ", synctest bubble 1"), func(context.Context) {
		require.False(t, InBubble())
	})
}

func TestHeaderInBubble(t *testing.T) {
	for header, want := range map[string]bool{
		"goroutine 7 [running]:\nmain.main()":                                        false,
		"goroutine 7 [running, synctest bubble 1]:\nmain.main()":                     true,
		"goroutine 7 [running, locked to thread, synctest bubble 12]:":               true,
		"goroutine 7 [running, synctest bubble 1 labels:{\"a\": \"b\"}]:":            true,
		"goroutine 7 [running labels:{\"a\": \", synctest bubble 1\"}]:":             false,
		"goroutine 7 [running]:\nmain.f(\", synctest bubble 1\")":                    false,
		"goroutine 18446744073709551615 [running, locked to thread, synctest bubble": false,
		"": false,
	} {
		require.Equal(t, want, headerInBubble([]byte(header)), header)
	}
}

// Virtual time passes only while every goroutine of the bubble is durably blocked.
func TestPortableOwnerIsDurablyBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, start := NewPortable(), time.Now()
		var woke time.Duration
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.Park()
			woke = time.Since(start)
		}()
		synctest.Wait()
		require.Equal(t, abed, p.word.Load())
		time.AfterFunc(time.Hour, p.Unpark)
		<-done
		require.Equal(t, time.Hour, woke)
	})
}
