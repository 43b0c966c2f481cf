// SPDX-License-Identifier: Apache-2.0

package park

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testkit.Settled(m))
}

// eachKind runs a test with the parker of the system and with the portable one.
func eachKind(t *testing.T, test func(t *testing.T, make func() *Parker)) {
	t.Run("system", func(t *testing.T) { test(t, New) })
	t.Run("portable", func(t *testing.T) { test(t, NewPortable) })
	t.Run("naps", func(t *testing.T) { test(t, newNapper) })
	t.Run("under pressure", func(t *testing.T) { // in the channel first, then in the kernel
		test(t, func() *Parker {
			pressure := new(Pressure)
			pressure.until.Store(clock() + uint32(2*time.Millisecond/tick))
			p := New()
			p.Under(pressure)
			return p
		})
	})
}

// newNapper returns a Parker that sleeps in the channel, and in the kernel for a nap.
func newNapper() *Parker {
	p := NewPortable()
	p.Naps()
	return p
}
