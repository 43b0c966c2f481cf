// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// newRuntime returns a runtime that is closed with the test, whatever is left.
func newRuntime(t testing.TB, workers int, opts ...sched.Option) *sched.Runtime {
	t.Helper()
	rt, err := sched.New(append([]sched.Option{sched.Workers(workers)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = rt.Shutdown(ctx)
		}()
		testkit.Receive(t, done, "Shutdown")
	})
	return rt
}

// value waits for a handle that must succeed.
func value[T any](t testing.TB, h sched.JoinHandle[T]) T {
	t.Helper()
	v, err := h.Wait(testkit.Within(t))
	require.NoError(t, err)
	return v
}

// failure waits for a handle and returns its error.
func failure[T any](t testing.TB, h sched.JoinHandle[T]) error {
	t.Helper()
	testkit.Receive(t, h.Done(), "task")
	_, err := h.Wait(context.Background())
	return err
}

// A gate is a future that is ready once it is opened, and tells what happens to
// it.
type gate struct {
	cell   waker.Cell
	isOpen point.Bool
	polls  point.Int32
	polled chan struct{} // closed by the first poll that returns Pending
	drop   chan struct{} // closed by Drop
}

func newGate() *gate {
	return &gate{polled: make(chan struct{}), drop: make(chan struct{})}
}

func (g *gate) Poll(cx *future.Context) future.Poll[int] {
	n := g.polls.Inc()
	g.cell.Register(cx)
	if g.isOpen.Load() {
		return future.Of(int(n))
	}
	if n == 1 {
		close(g.polled)
	}
	return future.Wait[int]()
}

func (g *gate) Drop() { close(g.drop) }

// open makes the gate ready, and returns whether its waker may be called.
func (g *gate) open() { g.isOpen.Store(true); g.cell.Wake() }

func (g *gate) dropped() bool {
	select {
	case <-g.drop:
		return true
	default:
		return false
	}
}

// occupy keeps n workers busy until release is called.
func occupy(t testing.TB, rt *sched.Runtime, n int) (release func()) {
	t.Helper()
	stop, on := make(chan struct{}), make(chan struct{}, n)
	for range n {
		sched.Go(rt, func(*sched.Context) (int, error) {
			on <- struct{}{}
			<-stop
			return 0, nil
		})
	}
	for range n {
		testkit.Receive(t, on, "a worker")
	}
	release = sync.OnceFunc(func() { close(stop) })
	t.Cleanup(release)
	return release
}

// giveWay lets others run so many times, and for 50 ms at most: on one P each time may
// take 10 ms for each of them.
func giveWay(times int) {
	for began := time.Now(); times > 0 && time.Since(began) < 50*time.Millisecond; times-- {
		runtime.Gosched()
	}
}
