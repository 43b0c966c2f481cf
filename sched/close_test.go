// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

func TestCloseOfIdleRuntime(t *testing.T) {
	rt := newRuntime(t, 2)
	require.NoError(t, rt.Close())
	require.NoError(t, rt.Close(), "second Close")
	require.NoError(t, rt.Shutdown(testkit.Within(t)))
}

func TestSpawnAfterClose(t *testing.T) {
	rt := newRuntime(t, 1)
	require.NoError(t, rt.Close())
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	assert.True(t, h.IsFinished())
	assert.ErrorIs(t, failure(t, h), sched.ErrClosed)
	assert.Zero(t, g.polls.Load(), "polled after Close")
	assert.True(t, g.dropped())

	called := false
	f := func(context.Context) (int, error) { called = true; return 0, nil }
	assert.ErrorIs(t, failure(t, sched.SpawnBlocking(rt, f)), sched.ErrClosed)
	assert.ErrorIs(t, rt.Run(testkit.Within(t), func(*sched.Context) error { called = true; return nil }), sched.ErrClosed)
	_, err := sched.BlockOn(testkit.Within(t), rt, future.Lazy(func() (int, error) { called = true; return 0, nil }))
	assert.ErrorIs(t, err, sched.ErrClosed)
	assert.ErrorIs(t, rt.Drive(testkit.Within(t), nil, future.Pending[struct{}]()), sched.ErrClosed)
	g2 := rt.Group()
	g2.Go(func() error { called = true; return nil })
	assert.ErrorIs(t, g2.Wait(), sched.ErrClosed)
	set := sched.NewJoinSet[int](rt)
	set.Go(rt, func(*sched.Context) (int, error) { called = true; return 0, nil })
	next, err := set.Next(testkit.Within(t))
	require.NoError(t, err)
	assert.ErrorIs(t, failure(t, next), sched.ErrClosed)
	assert.ErrorIs(t, rt.Resize(3), workers.ErrClosed)
	assert.False(t, called)
}

func TestCloseWaitsForTasksThatWait(t *testing.T) {
	rt := newRuntime(t, 2)
	g := newGate()
	child := make(chan sched.JoinHandle[int], 1)
	h := sched.Spawn(rt, future.Then(future.Future[int](g), func(int) future.Future[int] {
		return future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			child <- sched.Go(cx, func(*sched.Context) (int, error) { return 9, nil }) // while closing
			return future.Of(1)
		})
	}))
	testkit.Receive(t, g.polled, "first poll")
	wait := testkit.Background(t, func() { assert.NoError(t, rt.Close()) })
	for { // until the runtime is closing
		if err := rt.Run(testkit.Within(t), func(*sched.Context) error { return nil }); err != nil {
			assert.ErrorIs(t, err, sched.ErrClosed)
			break
		}
	}
	assert.False(t, h.IsFinished())
	g.open()
	wait()
	assert.Equal(t, 1, value(t, h))
	assert.Equal(t, 9, value(t, <-child))
}

func TestCloseWaitsForBlocking(t *testing.T) {
	rt := newRuntime(t, 1)
	on, off := make(chan struct{}), make(chan struct{})
	var ended point.Bool
	h := sched.SpawnBlocking(rt, func(context.Context) (int, error) {
		close(on)
		<-off
		ended.Store(true)
		return 3, nil
	})
	testkit.Receive(t, on, "the function")
	h.Abort() // it has its answer, and is waited for all the same
	assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
	wait := testkit.Background(t, func() {
		assert.NoError(t, rt.Close())
		assert.True(t, ended.Load(), "Close did not wait")
	})
	close(off)
	wait()
}

func TestCloseInsideTaskPanics(t *testing.T) {
	rt := newRuntime(t, 1)
	var p *sched.PanicError
	require.ErrorAs(t, failure(t, sched.Go(rt, func(*sched.Context) (int, error) { return 0, rt.Close() })), &p)
	assert.Contains(t, p.Value, "inside a task")
	assert.Equal(t, 1, value(t, sched.Spawn(rt, future.Ready(1))), "the runtime goes on")
}

// Blocking code is on a goroutine that runs no task, and Close waits for it.
func TestCloseInsideBlockingCodePanics(t *testing.T) {
	if self.Goroutine() == 0 {
		t.Skip("goroutines cannot be told apart on this machine")
	}
	rt := newRuntime(t, 1)
	for name, h := range map[string]sched.JoinHandle[int]{
		"SpawnBlocking": sched.SpawnBlocking(rt, func(context.Context) (int, error) { return 0, rt.Close() }),
		"Block":         sched.Go(rt, func(cx *sched.Context) (int, error) { return 0, sched.Block(cx, rt.Close) }),
		"Block beside a coroutine": sched.Spawn(rt, future.Async(func(y *future.Await) (int, error) {
			if _, err := future.Get(y, future.YieldNow()); err != nil {
				return 0, err
			}
			return 0, sched.Block(y.Context(), rt.Close)
		})),
	} {
		var p *sched.PanicError
		require.ErrorAs(t, failure(t, h), &p, name)
		assert.Equal(t, "pilfer: Close or Shutdown inside blocking code of the runtime would wait for itself", p.Value, name)
	}
	other := newRuntime(t, 1)
	assert.Equal(t, 1, value(t, sched.SpawnBlocking(rt, func(context.Context) (int, error) { return 1, other.Close() })), "another runtime")
	require.NoError(t, rt.Close())
}

// TestShutdownCancelsWhatWaits: tasks in every place, each with an answer.
func TestShutdownCancelsWhatWaits(t *testing.T) {
	rt := newRuntime(t, 2)
	gone := errors.New("gone")
	var handles []sched.JoinHandle[int]
	var gates []*gate
	for range 1000 { // more than one chunk of a registry
		g := newGate()
		gates = append(gates, g)
		handles = append(handles, sched.Spawn(rt, future.Future[int](g)))
	}
	for _, g := range gates {
		testkit.Receive(t, g.polled, "first poll")
	}
	yields := sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		cx.Wake()
		return future.Wait[int]()
	}))
	began, ended := make(chan struct{}), make(chan error, 1)
	blocks := sched.SpawnBlocking(rt, func(ctx context.Context) (int, error) {
		close(began)
		<-ctx.Done()
		ended <- ctx.Err()
		return 0, ctx.Err()
	})
	g := newGate()
	nested := sched.Go(rt, func(cx *sched.Context) (int, error) {
		return sched.Spawn(cx, future.Future[int](g)).Wait(context.Background())
	})
	testkit.Receive(t, g.polled, "first poll of the inner task")
	testkit.Receive(t, began, "the blocking function")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(gone)
	assert.ErrorIs(t, rt.Shutdown(ctx), gone)
	for _, h := range append(handles, yields, blocks, nested) {
		require.True(t, h.IsFinished())
		assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
	}
	for _, g := range gates {
		assert.True(t, g.dropped())
	}
	assert.Error(t, <-ended)
}

// TestShutdownDuringClose: a Close that waits for ever ends with a Shutdown.
func TestShutdownDuringClose(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	testkit.Receive(t, g.polled, "first poll")
	wait := testkit.Background(t, func() { assert.NoError(t, rt.Close()) })
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, rt.Shutdown(ctx), context.Canceled)
	wait()
	assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
}

// TestCloseUnderLoad: tasks that spawn, yield and wait for each other while the
// runtime closes.
func TestCloseUnderLoad(t *testing.T) {
	for _, workers := range []int{1, 2, 4} {
		rt := newRuntime(t, workers)
		var spawned, done point.Int32
		var tree func(depth int) func(*sched.Context) (int, error)
		tree = func(depth int) func(*sched.Context) (int, error) {
			spawned.Inc()
			return func(cx *sched.Context) (int, error) {
				defer done.Inc()
				if depth == 0 {
					return 0, nil
				}
				a := sched.Go(cx, tree(depth-1))
				b := sched.Go(cx, tree(depth-1))
				if depth%2 == 0 {
					if _, err := sched.Await(cx, future.Join[int, int](a, b)); err != nil {
						return 0, err
					}
				}
				return 0, nil
			}
		}
		handles := []sched.JoinHandle[int]{sched.Go(rt, tree(10)), sched.Go(rt, tree(10))}
		require.NoError(t, rt.Close())
		for _, h := range handles {
			value(t, h)
		}
		assert.Equal(t, spawned.Load(), done.Load())
	}
}

// A slowStart waits for a goroutine of its own before it is ready, so that it
// is in a registry for a while.
func slowStart(polled *point.Bool) future.Future[int] {
	p := future.NewPromise[int]()
	f := p.Future()
	return future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		got := f.Poll(cx)
		if !polled.Swap(true) {
			go func() { runtime.Gosched(); p.Resolve(1) }()
		}
		return got
	})
}

// TestSpawnRacesWithClose: a task from outside is run to its end, or refused and
// never polled.
func TestSpawnRacesWithClose(t *testing.T) {
	testkit.Stress(t, 400*time.Millisecond, func(rng *rand.Rand) {
		rt, err := sched.New(sched.Workers(1+rng.IntN(3)), sched.LockThreads(rng.IntN(4) != 0))
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 3 {
			mine := testkit.Split(rng)
			wg.Go(func() {
				for refused := false; !refused; {
					var polled point.Bool
					f := slowStart(&polled)
					var h sched.JoinHandle[int]
					switch mine.IntN(3) {
					case 0:
						h = sched.SpawnWith(rt, f, sched.Anywhere())
					default:
						h = sched.Spawn(rt, f)
					}
					if err := failure(t, h); err != nil {
						assert.ErrorIs(t, err, sched.ErrClosed)
						assert.False(t, polled.Load(), "polled, then refused")
						refused = true
					} else {
						assert.True(t, polled.Load())
					}
				}
			})
		}
		giveWay(rng.IntN(200))
		require.NoError(t, rt.Close())
		wg.Wait()
	})
}

// TestRunRacesWithClose: what a guest's call spawns is waited for, or the call is
// refused.
func TestRunRacesWithClose(t *testing.T) {
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		rt, err := sched.New(sched.Workers(1 + rng.IntN(2)))
		require.NoError(t, err)
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				for {
					var h sched.JoinHandle[int]
					var polled point.Bool
					spawn := func(cx *sched.Context) error { h = sched.Spawn(cx, slowStart(&polled)); return nil }
					var err error
					if i == 0 {
						_, err = sched.BlockOn(context.Background(), rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
							_ = spawn(cx)
							return future.Of(1)
						}))
					} else {
						err = rt.Run(context.Background(), spawn)
					}
					if err != nil {
						assert.ErrorIs(t, err, sched.ErrClosed)
						return
					}
					if err := failure(t, h); err != nil {
						assert.ErrorIs(t, err, sched.ErrClosed)
						assert.False(t, polled.Load())
					}
				}
			})
		}
		giveWay(rng.IntN(200))
		require.NoError(t, rt.Close())
		wg.Wait()
	})
}

// A countingJob resolves its promise when it is the last.
type countingJob struct {
	job  workers.Job
	left *point.Int32
	done *future.Promise[struct{}]
}

func (c *countingJob) RunJob(*workers.Worker) {
	if c.left.Dec() == 0 {
		c.done.Resolve(struct{}{})
	}
}

func (c *countingJob) JobCrashed(w *workers.Worker, _ workers.Crash) { c.RunJob(w) }

func TestDriveRacesWithClose(t *testing.T) {
	testkit.Stress(t, 200*time.Millisecond, func(rng *rand.Rand) {
		rt, err := sched.New(sched.Workers(1 + rng.IntN(2)))
		require.NoError(t, err)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for {
					var left point.Int32
					left.Store(4)
					done := future.NewPromise[struct{}]()
					jobs := make([]*workers.Job, 4)
					for i := range jobs {
						c := &countingJob{left: &left, done: done}
						c.job.Runner = c
						jobs[i] = &c.job
					}
					ctx, cancel := context.WithTimeout(context.Background(), testkit.Patience)
					err := rt.Drive(ctx, jobs, done.Future())
					cancel()
					if err != nil {
						assert.ErrorIs(t, err, sched.ErrClosed)
						assert.EqualValues(t, 4, left.Load(), "refused, and some jobs ran")
						return
					}
					assert.Zero(t, left.Load())
				}
			})
		}
		giveWay(rng.IntN(200))
		require.NoError(t, rt.Close())
		wg.Wait()
	})
}
