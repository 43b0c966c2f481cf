// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// sumsAt adds up with loops in loops.
func sumsAt(t *testing.T, at sched.Spawner, rt *sched.Runtime, opts []Option) {
	t.Helper()
	rows := make([]int, 60)
	For(at, len(rows), func(i int) {
		s := Map(rt, numbers(200), func(v int) int { return v * i }, opts...)
		rows[i] = Sum(rt, s, opts...)
	}, opts...)
	require.Equal(t, 19900*59*30, Sum(at, rows, opts...))
}

func TestNestedFromAnywhere(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, opts := range ways {
			sumsAt(t, rt, rt, opts)
			_, err := sched.Go(rt, func(cx *sched.Context) (none, error) {
				sumsAt(t, cx, rt, opts)
				sumsAt(t, rt, rt, opts)
				return none{}, nil
			}).Wait(background)
			require.NoError(t, err)
			_, err = sched.Call(background, rt, func(w *workers.Worker) (none, error) {
				sumsAt(t, w, rt, opts)
				sumsAt(t, rt, rt, opts)
				return none{}, nil
			})
			require.NoError(t, err)
			require.NoError(t, rt.Run(background, func(cx *sched.Context) error {
				sumsAt(t, cx, rt, opts)
				return nil
			}))
		}
	})
}

func TestManyCallers(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		var callers sync.WaitGroup
		for range 20 {
			callers.Go(func() {
				for _, opts := range ways {
					sumsAt(t, rt, rt, opts)
				}
			})
		}
		callers.Wait()
	})
}

func TestAfterClose(t *testing.T) {
	for _, n := range []int{1, 2} {
		rt, err := sched.New(sched.Workers(n))
		require.NoError(t, err)
		require.NoError(t, rt.Close())
		called := func(int) { t.Error("called") }
		for _, length := range []int{0, 1, 3, 1000} {
			s := numbers(length)
			for _, opts := range ways {
				for name, f := range map[string]func(){
					"For":     func() { For(rt, length, called, opts...) },
					"Map":     func() { Map(rt, s, func(v int) int { called(v); return v }, opts...) },
					"Reduce":  func() { Reduce(rt, s, 0, func(a, b int) int { called(a); return a }, opts...) },
					"Scan":    func() { Scan(rt, s, func(a, b int) int { called(a); return a }, opts...) },
					"Find":    func() { Find(rt, s, func(v int) bool { called(v); return true }, opts...) },
					"Filter":  func() { Filter(rt, s, func(v int) bool { called(v); return true }, opts...) },
					"GroupBy": func() { GroupBy(rt, s, func(v int) int { called(v); return v }, opts...) },
				} {
					require.PanicsWithError(t, sched.ErrClosed.Error(), f, "%s of %d", name, length)
				}
				require.ErrorIs(t, ForContext(background, rt, length, func(int) error { return nil }, opts...), sched.ErrClosed)
			}
		}
	}
}

func TestAtARoundRobin(t *testing.T) {
	rr := sched.NewRoundRobin()
	require.ErrorIs(t, ForContext(background, rr, 10, func(int) error { return nil }), sched.ErrNoWorker)
	require.PanicsWithError(t, sched.ErrNoWorker.Error(), func() { For(rr, 10, func(int) {}) })
}

// On one worker nothing runs beside anything else, also if many call, and beside tasks.
func TestOneWorkerIsOneThread(t *testing.T) {
	rt := newRuntime(t, 1)
	var inside, most point.Int32
	in := func(v int) int {
		if n := inside.Inc(); n > most.Load() {
			most.Store(n)
		}
		inside.Dec()
		return v
	}
	add := func(a, b int) int { return in(a) + in(b) }
	is := func(v int) bool { return in(v) < 0 }
	calls := []func(s []int){
		func(s []int) { For(rt, len(s), func(i int) { in(i) }) },
		func(s []int) { Map(rt, s, in) },
		func(s []int) { Reduce(rt, s, 0, add) },
		func(s []int) { Scan(rt, s, add) },
		func(s []int) { Find(rt, s, is) },
		func(s []int) { Filter(rt, s, is) },
		func(s []int) { ForBlocks(rt, len(s), func(lo, _ int) { in(lo) }) },
		func([]int) {
			_, err := sched.Go(rt, func(*sched.Context) (none, error) { in(0); return none{}, nil }).Wait(background)
			assert.NoError(t, err)
		},
	}
	var callers sync.WaitGroup
	for i := range calls {
		callers.Go(func() {
			for range 20 {
				for k := range calls { // each begins elsewhere
					calls[(i+k)%len(calls)](numbers(600))
				}
			}
		})
	}
	callers.Wait()
	require.Equal(t, int32(1), most.Load())
}

// However a loop on one worker ends, its place is free afterwards, and what it has
// forked is done.
func TestTrialGivesItsPlaceBack(t *testing.T) {
	rt := newRuntime(t, 1)
	for name, leave := range map[string]func(){
		"return": func() {},
		"panic":  func() { panic("no") },
		"Goexit": runtime.Goexit,
	} {
		forked := 0
		testkit.Background(t, func() {
			defer func() { _ = recover() }()
			For(rt, 20, func(i int) {
				_, _ = sched.Call(background, rt, func(w *workers.Worker) (none, error) {
					workers.Join(w, func(*workers.Worker, none) none { leave(); return none{} }, none{},
						func(*workers.Worker, none) none { forked++; return none{} }, none{})
					return none{}, nil
				})
			})
		})()
		// A task waits for the place, and so sees what was done in it.
		n, err := sched.Go(rt, func(*sched.Context) (int, error) { return forked, nil }).Wait(testkit.Within(t))
		require.NoError(t, err, name)
		require.Positive(t, n, name)
	}
}

// The first block of a loop with a grain is no shorter, on one worker too.
func TestBlockOfOneWorkerHasTheGrain(t *testing.T) {
	const n, grain = 1_000_000, 10_000
	rt := newRuntime(t, 1)
	testkit.Eventually(t, "the worker sleeps", func() bool { return rt.Metrics().Workers[0].Parks > 0 })
	sum := 0
	ForBlocks(rt, n, func(lo, hi int) {
		require.True(t, hi-lo >= grain || lo > 0, "%d to %d", lo, hi)
		sum += hi - lo
	}, Grain(grain))
	require.Equal(t, n, sum)
}

// A trial in the only worker's place shares the rest with workers that came later.
func TestPoolGrowsDuringTheTrial(t *testing.T) {
	rt := newRuntime(t, 1, sched.LockThreads(false))
	asleep := func(worker int) func() bool {
		return func() bool { return rt.Metrics().Workers[worker].Parks > 0 }
	}
	testkit.Eventually(t, "the worker leaves its place", asleep(0))
	var both point.WaitGroup
	both.Add(2)
	met := make(chan none)
	go func() { both.Wait(); close(met) }()
	For(rt, 4000, func(i int) {
		switch began := time.Now(); {
		case i == 0:
			require.NoError(t, rt.Resize(2))
			testkit.Eventually(t, "the second worker asks, and sleeps", asleep(1))
		case i < 200:
			for time.Since(began) < 20*time.Microsecond {
			}
		case i == 200 || i == 3999:
			both.Done()
			testkit.Receive(t, met, "the other worker")
		}
	})
}

// While all workers are busy a call waits for one. If its context ends meanwhile, it
// returns, and its body is not called afterwards.
func TestContextEndsWhileAllAreBusy(t *testing.T) {
	rt := newRuntime(t, 1)
	busy, leave := make(chan none), make(chan none)
	h := sched.Go(rt, func(*sched.Context) (none, error) {
		close(busy)
		<-leave
		return none{}, nil
	})
	<-busy
	ctx, cancel := context.WithTimeout(background, 5*time.Millisecond)
	defer cancel()
	called := false
	err := ForContext(ctx, rt, 10, func(int) error { called = true; return nil })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	close(leave)
	_, err = h.Wait(background)
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	require.False(t, called)
}

func TestNothingAndLess(t *testing.T) {
	rt := newRuntime(t, 2)
	block := func(int, int) { t.Error("called") }
	is := func(int) bool { t.Error("called"); return true }
	of := func(v int) int { t.Error("called"); return v }
	op := func(a, b int) int { t.Error("called"); return a + b }
	for _, n := range []int{0, -5} {
		For(rt, n, func(int) { t.Error("called") })
		ForBlocks(rt, n, block)
		require.Zero(t, ReduceBlocks(rt, n, op, op))
		ScanBlocks(rt, n, 0, op, func(int, int, int) { t.Error("called") }, op)
	}
	require.Empty(t, Map[[]int](rt, nil, of))
	require.Nil(t, Filter[[]int](rt, nil, is))
	require.Equal(t, 7, Reduce[[]int](rt, nil, 7, op))
	require.Zero(t, Sum[[]float64](rt, nil))
	require.Equal(t, -1, Find[[]int](rt, nil, is))
	require.True(t, All[[]int](rt, nil, is))
	require.Empty(t, GroupBy[[]int](rt, nil, of))
	require.Empty(t, ScanExclusive[[]int](rt, nil, 1, op))
}

func TestSmallCallsAllocateNothing(t *testing.T) {
	s, to := numbers(100), make([]int, 100)
	sum := 0
	add := func(i int) { sum += i }
	each := func(_, v int) { sum += v }
	for _, n := range []int{1, 2} {
		rt := newRuntime(t, n)
		testkit.Eventually(t, "a worker parks", func() bool {
			w, ok := rt.Enter()
			if ok {
				w.Leave()
			}
			return ok
		})
		for name, f := range map[string]func(){
			"For":     func() { For(rt, 100, add) },
			"ForEach": func() { ForEach(rt, s, each) },
			"MapTo":   func() { MapTo(rt, to, s, func(v int) int { return -v }) },
			"Find":    func() { Find(rt, s, func(v int) bool { return v < 0 }) },
		} {
			require.Zero(t, testing.AllocsPerRun(100, f), "%s on %d", name, n)
		}
	}
}
