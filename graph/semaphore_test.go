// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

func TestSemaphore(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		s, two := graph.NewSemaphore("s", 3), graph.NewSemaphore("two", 2)
		g := graph.New("g")
		var used, most point.Int32
		for i := range 50 {
			w := 1 + i%3
			n := g.Do("", func() {
				now := used.Add(int32(w))
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				runtime.Gosched()
				used.Sub(int32(w))
			}).Uses(s, w)
			if i%5 == 0 {
				n.Uses(two, 2)
			}
		}
		for range 5 {
			require.NoError(t, g.Run(t.Context(), rt))
			require.LessOrEqual(t, most.Load(), int32(3))
			require.Equal(t, [2]int{3, 2}, [2]int{s.Free(), two.Free()})
		}
	})
}

// A node that waits for a semaphore holds no worker: the one worker runs what
// frees it.
func TestSemaphoreWaitHoldsNoWorker(t *testing.T) {
	rt := newRuntime(t, 1)
	s := graph.NewSemaphore("s", 1)
	g := graph.New("g")
	p := future.NewPromise[int]()
	graph.Await(g, "holds", func(context.Context) future.Future[int] { return p.Future() }).Node().Uses(s, 1)
	for range 10 {
		g.Do("", func() {}).Uses(s, 1)
	}
	g.Do("frees", func() { p.Resolve(1) })
	require.NoError(t, g.Run(t.Context(), rt))
	require.Equal(t, 1, s.Free())

	ctx, cancel := context.WithCancel(t.Context())
	never := graph.New("never")
	graph.Await(never, "holds", func(context.Context) future.Future[int] {
		return future.NewPromise[int]().Future()
	}).Node().Uses(s, 1)
	never.Do("waits", func() { t.Error("ran") }).Uses(s, 1)
	time.AfterFunc(time.Millisecond, cancel)
	require.ErrorIs(t, never.Run(ctx, rt), context.Canceled)
	require.Equal(t, 1, s.Free())
}

// A run that is canceled does not wait for what another run holds.
func TestCanceledWhileAnotherRunHolds(t *testing.T) {
	rt := newRuntime(t, 2)
	s := graph.NewSemaphore("s", 1)
	p := future.NewPromise[int]()
	holds, holding := graph.New("holds"), make(chan struct{})
	graph.Await(holds, "", func(context.Context) future.Future[int] {
		close(holding)
		return p.Future()
	}).Node().Uses(s, 1)
	done := make(chan error)
	go func() { done <- holds.Run(t.Context(), rt) }()
	<-holding

	waits := graph.New("waits")
	waits.Do("", func() { t.Error("ran") }).Uses(s, 1)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	require.ErrorIs(t, waits.Run(ctx, rt), context.Canceled)
	p.Resolve(1)
	require.NoError(t, <-done)
	require.Equal(t, 1, s.Free())
}

func TestSemaphoreThatCanNeverBeGranted(t *testing.T) {
	g := graph.New("g")
	g.Do("greedy", func() {}).Uses(graph.NewSemaphore("small", 2), 3)
	var never *graph.NeverError
	require.ErrorAs(t, g.Validate(), &never)
	require.ErrorContains(t, g.Validate(), "node greedy: uses 3 of semaphore small, which has 2: it could never start")
	require.Panics(t, func() { graph.NewSemaphore("none", 0) })
}

func TestLimit(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var now, most point.Int32
		for range 30 {
			g.Sub("", func(_ context.Context, s *graph.Sub) error {
				s.Do("", func() {
					if n := now.Inc(); n > most.Load() {
						most.Store(n)
					}
					runtime.Gosched()
					now.Dec()
				})
				return nil
			})
		}
		require.NoError(t, g.Run(t.Context(), rt, graph.Limit(1)))
		require.EqualValues(t, 1, most.Load())
		require.ErrorContains(t, g.Run(t.Context(), rt, graph.Limit(0)), "want at least 1")
	})
}

// A node that waits for a semaphore does not keep others from being in flight.
func TestLimitCountsWhatRuns(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		one := graph.NewSemaphore("one", 1)
		ran := make(chan struct{})
		user := func(ctx context.Context) (int, error) {
			select {
			case <-ran:
				return 0, nil
			case <-ctx.Done():
				return 0, context.Cause(ctx)
			}
		}
		for _, name := range []string{"a", "b", "c"} {
			graph.Blocking(g, name, user).Node().Uses(one, 1)
		}
		graph.Blocking(g, "other", func(context.Context) (int, error) { close(ran); return 0, nil }).Node().Priority(-1)
		require.NoError(t, g.Run(t.Context(), rt, graph.Limit(2), graph.Timeout(10*time.Second)))
	})
}
