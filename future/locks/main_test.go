// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

type none = struct{}

// newRuntime returns a runtime that is closed with the test, whatever is left.
func newRuntime(t testing.TB, opts ...sched.Option) *sched.Runtime {
	t.Helper()
	rt, err := sched.New(opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rt.Shutdown(testkit.Ended()) })
	return rt
}

// A hand polls waiters without an executor.
type hand struct {
	flag waker.Flag
	cx   *future.Context
}

func newHand() *hand {
	h := &hand{}
	h.cx = waker.NewContext(h.flag.Waker())
	return h
}

// locks reports whether a poll of m by w gets through.
func (h *hand) locks(l locks.Locker, w *locks.Waiter) bool { return l.PollLock(h.cx, w) }

// woken reports whether a wake came since the last call.
func (h *hand) woken() bool { return h.flag.Take() }

// yields returns a future that gives way n times.
func yields(n int) future.Future[none] {
	return future.FromFunc(func(cx *future.Context) future.Poll[none] {
		if n == 0 {
			return future.Of(none{})
		}
		n--
		cx.Wake()
		return future.Wait[none]()
	})
}

// do returns a future that calls f at its first poll.
func do(f func(cx *future.Context)) future.Future[none] {
	return future.FromFunc(func(cx *future.Context) future.Poll[none] {
		f(cx)
		return future.Of(none{})
	})
}

// after returns a future that calls f when first is ready.
func after(first future.Future[none], f func()) future.Future[none] {
	return future.Map(first, func(none) none { f(); return none{} })
}
