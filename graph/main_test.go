// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// newRuntime returns a runtime that ends with the test.
func newRuntime(t testing.TB, workers int, opts ...sched.Option) *sched.Runtime {
	t.Helper()
	rt, err := sched.New(append(opts, sched.Workers(workers))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rt.Close()) })
	return rt
}

// eachPool runs a test with one and several workers, locked and not.
func eachPool(t *testing.T, test func(t *testing.T, rt *sched.Runtime)) {
	for _, c := range []struct {
		name    string
		workers int
		lock    bool
	}{{"1 locked", 1, true}, {"2 locked", 2, true}, {"4 unlocked", 4, false}} {
		t.Run(c.name, func(t *testing.T) { test(t, newRuntime(t, c.workers, sched.LockThreads(c.lock))) })
	}
}

// onFree calls f when v has been collected.
func onFree[T any](v *T, f func()) { runtime.AddCleanup(v, func(f func()) { f() }, f) }

// eventuallyFreed collects garbage until freed is closed.
func eventuallyFreed(t testing.TB, freed <-chan struct{}) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; {
		runtime.GC()
		select {
		case <-freed:
			return
		default:
			runtime.Gosched()
		}
	}
	t.Error("not freed")
}
