// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

func TestSpawnFromOutside(t *testing.T) {
	rt := newRuntime(t, 2)
	assert.Equal(t, 7, value(t, sched.Spawn(rt, future.Ready(7))))
	boom := errors.New("boom")
	assert.ErrorIs(t, failure(t, sched.Spawn(rt, future.Failed[int](boom))), boom)
	assert.Equal(t, 8, value(t, sched.Go(rt, func(*sched.Context) (int, error) { return 8, nil })))
}

// TestSpawnFromInside spawns a tree at the Contexts of its tasks.
func TestSpawnFromInside(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		var ran point.Int32
		var node func(depth int) func(*sched.Context) (int, error)
		node = func(depth int) func(*sched.Context) (int, error) {
			return func(cx *sched.Context) (int, error) {
				ran.Inc()
				if depth > 0 {
					sched.Go(cx, node(depth-1))
					sched.Go(cx, node(depth-1))
				}
				return 0, nil
			}
		}
		sched.Go(rt, node(9))
		require.NoError(t, rt.Close()) // waits for what tasks spawn
		assert.EqualValues(t, 1<<10-1, ran.Load())
	}
}

// A spawning job spawns at the worker that runs it.
type spawningJob struct {
	job  workers.Job
	got  chan sched.JoinHandle[int]
	done *future.Promise[struct{}]
}

func (s *spawningJob) RunJob(w *workers.Worker) {
	s.got <- sched.Spawn(w, future.Ready(5))
	s.done.Resolve(struct{}{})
}

func (s *spawningJob) JobCrashed(*workers.Worker, workers.Crash) { s.done.Resolve(struct{}{}) }

func TestSpawnAtWorker(t *testing.T) {
	rt := newRuntime(t, 1)
	s := &spawningJob{got: make(chan sched.JoinHandle[int], 1), done: future.NewPromise[struct{}]()}
	s.job.Runner = s
	require.NoError(t, rt.Drive(testkit.Within(t), []*workers.Job{&s.job}, s.done.Future()))
	assert.Equal(t, 5, value(t, <-s.got))
}

type strangeSpawner struct{}

func (strangeSpawner) Local() waker.Local { return 3 }

func TestSpawnAtSomethingElsePanics(t *testing.T) {
	assert.PanicsWithValue(t,
		"pilfer: spawn at a sched_test.strangeSpawner whose Local is int: want a runtime, or the worker or Context of a running task",
		func() { sched.Spawn(strangeSpawner{}, future.Ready(1)) })
	assert.Panics(t, func() { sched.Spawn(waker.NewContext(waker.Noop()), future.Ready(1)) })
}

// TestSpawnedTaskIsOneAllocation guards the budget of a task.
func TestSpawnedTaskIsOneAllocation(t *testing.T) {
	rt := newRuntime(t, 1)
	ready := future.FromFunc(func(*sched.Context) future.Poll[int] { return future.Of(1) })
	var allocs float64
	require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
		for range 2000 {
			sched.Spawn(cx, ready) // the queue grows before it is measured
		}
		allocs = testing.AllocsPerRun(500, func() { sched.Spawn(cx, ready) })
		return nil
	}))
	assert.EqualValues(t, 1, allocs)
}

// TestReadyFuturesLetOthersRun: a task whose handles are always ready spends its
// budget, and a task behind it gets its turn.
func TestReadyFuturesLetOthersRun(t *testing.T) {
	rt := newRuntime(t, 1)
	var stop point.Bool
	require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
		done := sched.Spawn(cx, future.Ready(0))
		greedy := sched.Spawn(cx, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			for !stop.Load() {
				if !done.Poll(cx).Ready {
					return future.Wait[int]()
				}
			}
			return future.Of(0)
		}))
		sched.Go(cx, func(*sched.Context) (int, error) { stop.Store(true); return 0, nil })
		_, err := greedy.Wait(testkit.Within(t))
		return err
	}))
}

func TestYieldLetsOthersRun(t *testing.T) {
	rt := newRuntime(t, 1)
	var order []int
	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		for i := range 2 {
			sched.Spawn(cx, future.Map(future.Then(
				future.Lazy(func() (int, error) { order = append(order, i); return i, nil }),
				func(int) future.Future[struct{}] { return sched.YieldNow() }),
				func(struct{}) int { order = append(order, i+10); return 0 }))
		}
		return 0, nil
	})
	value(t, h)
	require.NoError(t, rt.Close())
	assert.Equal(t, []int{0, 1, 10, 11}, order)
}

func TestSpawnWithName(t *testing.T) {
	rt := newRuntime(t, 1)
	h := sched.SpawnWith(rt, future.Lazy(func() (int, error) { panic("oh") }), sched.Named("copy files"))
	assert.Equal(t, "copy files", h.Name())
	var p *sched.PanicError
	require.ErrorAs(t, failure(t, h), &p)
	assert.Equal(t, "copy files", p.Task)
	assert.Contains(t, p.Error(), "task copy files panicked: oh")
	assert.Empty(t, sched.Spawn(rt, future.Ready(1)).Name())
	named := sched.SpawnWith(rt, future.Future[int](newGate()), sched.Named("abandoned"))
	named.Abort()
	assert.ErrorIs(t, failure(t, named), sched.ErrCanceled)
}

func TestAnywhereTaskNeedsNoWorker(t *testing.T) {
	for _, place := range []string{"outside", "inside"} {
		t.Run(place, func(t *testing.T) {
			rt := newRuntime(t, 1)
			spawned := make(chan sched.JoinHandle[int], 1)
			stop := make(chan struct{})
			spawn := func(at sched.Spawner) sched.JoinHandle[int] {
				return sched.SpawnWith(at, future.Lazy(func() (int, error) { return 4, nil }), sched.Anywhere())
			}
			busy := sched.Go(rt, func(cx *sched.Context) (int, error) {
				if place == "inside" {
					spawned <- spawn(cx)
				} else {
					spawned <- sched.JoinHandle[int]{}
				}
				<-stop
				return 0, nil
			})
			h := testkit.Receive(t, spawned, "the worker")
			if place == "outside" {
				h = spawn(rt)
			}
			assert.Equal(t, 4, value(t, h)) // while the only worker is busy
			close(stop)
			value(t, busy)
		})
	}
}

// TestAnywhereTaskIsWokenWhileWorkersAreBusy: the waiting caller polls it again.
func TestAnywhereTaskIsWokenWhileWorkersAreBusy(t *testing.T) {
	rt := newRuntime(t, 2)
	release := occupy(t, rt, 2)
	g := newGate()
	h := sched.SpawnWith(rt, future.Future[int](g), sched.Anywhere())
	wait := testkit.Background(t, func() { assert.Equal(t, 2, value(t, h)) })
	testkit.Receive(t, g.polled, "first poll")
	g.open()
	wait()
	release()
}

func TestBlockOn(t *testing.T) {
	rt := newRuntime(t, 1)
	for _, busy := range []bool{false, true} {
		if busy {
			occupy(t, rt, 1)
		}
		v, err := sched.BlockOn(testkit.Within(t), rt, future.Ready(3))
		require.NoError(t, err)
		assert.Equal(t, 3, v)

		ctx, cancel := context.WithCancelCause(context.Background())
		gone := errors.New("gone")
		g := newGate()
		wait := testkit.Background(t, func() {
			_, err = sched.BlockOn(ctx, rt, future.Future[int](g))
		})
		testkit.Receive(t, g.polled, "first poll")
		cancel(gone)
		wait()
		assert.ErrorIs(t, err, gone)
		assert.True(t, g.dropped(), "BlockOn returned before the future was dropped")
	}
}

func TestBlockOnInsideTask(t *testing.T) {
	for _, n := range []int{1, 2} {
		rt := newRuntime(t, n)
		assert.Equal(t, 6, value(t, sched.Go(rt, func(*sched.Context) (int, error) {
			return sched.BlockOn(testkit.Within(t), rt, future.Map(sched.YieldNow(), func(struct{}) int { return 6 }))
		})))
	}
}

func TestGoWithName(t *testing.T) {
	rt, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	h := sched.GoWith(rt, func(*sched.Context) (int, error) { panic("no luck") }, sched.Named("sums"))
	require.Equal(t, "sums", h.Name())
	_, err = h.Wait(t.Context())
	require.ErrorContains(t, err, "task sums panicked: no luck")
	require.NoError(t, rt.Close())
}

// Who gives no future or function is told so at the call, not by the task.
func TestNilFutures(t *testing.T) {
	rt, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	defer rt.Close()
	var panicked any
	static, err := sched.NewStatic[int](1)
	require.NoError(t, err)
	ctx, g, set := t.Context(), rt.Group(), sched.NewJoinSet[int](rt)
	for name, call := range map[string]func(){
		"Spawn":         func() { sched.Spawn[int](rt, nil) },
		"SpawnWith":     func() { sched.SpawnWith[int](rt, nil, sched.Named("x")) },
		"SpawnInto":     func() { sched.SpawnInto[int](rt, new(sched.Task[int]), nil) },
		"Go":            func() { sched.Go[int](rt, nil) },
		"GoWith":        func() { sched.GoWith[int](rt, nil) },
		"GoOwned":       func() { sched.GoOwned[int, int](rt, sched.Own(1), nil) },
		"SpawnBlocking": func() { sched.SpawnBlocking[int](rt, nil) },
		"BlockOn":       func() { _, _ = sched.BlockOn[int](ctx, rt, nil) },
		"Call":          func() { _, _ = sched.Call[int](ctx, rt, nil) },
		"Run":           func() { _ = rt.Run(ctx, nil) },
		"Drive":         func() { _ = rt.Drive(ctx, nil, nil) },
		"Group.Go":      func() { g.Go(nil) },
		"Group.TryGo":   func() { g.TryGo(nil) },
		"JoinSet.Go":    func() { set.Go(rt, nil) },
		"JoinSet.Spawn": func() { set.Spawn(rt, nil) },
		"Static.Spawn":  func() { _, _ = static.Spawn(nil) },
		"Scope":         func() { _ = sched.Scope(ctx, rt, nil) },
		"TaskScope.Go": func() {
			_ = sched.Scope(ctx, rt, func(s *sched.TaskScope) error { s.Go(nil); return nil })
		},
		"SpawnIn": func() {
			_ = sched.Scope(ctx, rt, func(s *sched.TaskScope) error { sched.SpawnIn[int](s, nil); return nil })
		},
		"Block": func() {
			_ = rt.Run(ctx, func(cx *sched.Context) error {
				defer func() { panicked = recover() }()
				return sched.Block(cx, nil)
			})
			panic(panicked)
		},
		"Await": func() {
			_ = rt.Run(ctx, func(cx *sched.Context) error {
				defer func() { panicked = recover() }()
				_, err := sched.Await[int](cx, nil)
				return err
			})
			panic(panicked)
		},
	} {
		require.PanicsWithValue(t, "pilfer: nil future or function given to "+name, call, name)
	}
	require.NoError(t, g.Wait())
	require.Zero(t, set.Len())
	require.Zero(t, static.Len())
	var none sched.Runtime
	require.PanicsWithValue(t, "pilfer: use of a zero Runtime: make one with New", func() { _, _, _ = sched.Where(&none) })
}
