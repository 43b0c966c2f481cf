// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
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

// newContext returns a Context and the flag that its waker raises.
func newContext() (*future.Context, *waker.Flag) {
	flag := new(waker.Flag)
	return waker.NewContext(flag.Waker()), flag
}

// poll polls f once, outside of any executor.
func poll[T any](f future.Future[T]) future.Poll[T] {
	cx, _ := newContext()
	return f.Poll(cx)
}

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

// after returns a future that calls f when first is ready.
func after(first future.Future[none], f func()) future.Future[none] {
	return future.Map(first, func(none) none { f(); return none{} })
}
