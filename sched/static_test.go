// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

func newStatic(t testing.TB, slots int, opts ...sched.Option) *sched.Static[int] {
	t.Helper()
	s, err := sched.NewStatic[int](slots, opts...)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestStaticRefusesSenselessSizes(t *testing.T) {
	for _, n := range []int{-1, 0, 1<<20 + 1} {
		_, err := sched.NewStatic[int](n)
		require.EqualError(t, err, fmt.Sprintf("pilfer: option NewStatic: got %d, want 1 to 1048576 slots", n))
	}
}

func TestStaticRunsTasksInTurn(t *testing.T) {
	const slots = 70 // more than a word of bits
	s := newStatic(t, slots)
	var order []int
	for i := range slots {
		left := 2
		h, err := s.Spawn(future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			order = append(order, i)
			if left--; left == 0 {
				return future.Of(i)
			}
			cx.Wake()
			return future.Wait[int]()
		}))
		require.NoError(t, err)
		defer func() { require.Equal(t, future.Of(i), h.Take()) }()
	}
	require.Equal(t, 2*slots, s.Run())
	for i := range 2 * slots {
		// Each word of 64 slots is served before the next, and then again.
		require.Equal(t, i%slots, order[i], "poll %d", i)
	}
}

func TestStaticFull(t *testing.T) {
	s := newStatic(t, 2)
	p := future.NewPromise[int]()
	waits, err := s.Spawn(p.Future())
	require.NoError(t, err)
	ready, err := s.Spawn(future.Ready(2))
	require.NoError(t, err)
	_, err = s.Spawn(future.Ready(3))
	require.ErrorIs(t, err, sched.ErrFull)
	require.False(t, ready.Take().Ready, "not yet run")
	s.Run()
	_, err = s.Spawn(future.Ready(3))
	require.ErrorIs(t, err, sched.ErrFull, "a result that was not taken keeps its slot")
	require.True(t, ready.Done())
	require.Equal(t, 2, ready.Take().Value)
	require.Equal(t, []int{1, 2}, []int{s.Len(), s.Cap()})
	third, err := s.Spawn(future.Ready(3))
	require.NoError(t, err)
	require.PanicsWithValue(t, "pilfer: a StaticTask is used after its result was taken or given up: its slot is another task's",
		func() { ready.Done() })
	third.Release()
	p.Resolve(1)
	s.Run()
	require.Equal(t, 1, waits.Take().Value)
	require.Zero(t, s.Len())
	s.Close()
	_, err = s.Spawn(future.Ready(4))
	require.ErrorIs(t, err, sched.ErrClosed)
}

func TestStaticTaskCrashes(t *testing.T) {
	s := newStatic(t, 1)
	h, err := s.Spawn(future.FromFunc(func(*sched.Context) future.Poll[int] { panic("boom") }))
	require.NoError(t, err)
	s.Run()
	var crash *sched.PanicError
	require.ErrorAs(t, h.Take().Err, &crash)
	require.Equal(t, "boom", crash.Value)

	h, err = s.Spawn(future.FromFunc(func(*sched.Context) future.Poll[int] { runtime.Goexit(); return future.Of(0) }))
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run()
	}()
	testkit.Receive(t, done, "the goroutine's end")
	require.ErrorIs(t, h.Take().Err, sched.ErrGoexit)
}

func TestStaticAbort(t *testing.T) {
	s := newStatic(t, 1)
	g := newGate()
	h, err := s.Spawn(future.Future[int](g))
	require.NoError(t, err)
	s.Run()
	h.Abort()
	require.True(t, g.dropped())
	require.ErrorIs(t, h.Take().Err, sched.ErrCanceled)

	// A task that aborts itself, and whose slot another one gets at once.
	var self sched.StaticTask[int]
	var other sched.StaticTask[int]
	self, err = s.Spawn(future.FromFunc(func(*sched.Context) future.Poll[int] {
		self.Release()
		self.Abort()
		other, err = s.Spawn(future.Ready(7))
		return future.Of(1)
	}))
	require.NoError(t, err)
	s.Run()
	require.NoError(t, err)
	require.Equal(t, 7, other.Take().Value)
}

func TestStaticClosesWhatWaits(t *testing.T) {
	s := newStatic(t, 3)
	g := newGate()
	_, err := s.Spawn(future.Future[int](g))
	require.NoError(t, err)
	s.Run()
	s.Close()
	s.Close()
	require.True(t, g.dropped())
}

func TestStaticServeWaitsForTimersAndWakes(t *testing.T) {
	s := newStatic(t, 2)
	p := future.NewPromise[int]()
	a, err := s.Spawn(p.Future())
	require.NoError(t, err)
	b, err := s.Spawn(future.Map(timer.Sleep(2*time.Millisecond), func(struct{}) int { p.Resolve(4); return 5 }))
	require.NoError(t, err)
	require.NoError(t, s.Serve(testkit.Within(t)))
	require.Equal(t, []int{4, 5}, []int{a.Take().Value, b.Take().Value})

	_, err = s.Spawn(future.NewPromise[int]().Future())
	require.NoError(t, err)
	why := errors.New("why")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	require.ErrorIs(t, s.Serve(ctx), why)
}

func TestStaticOnVirtualTime(t *testing.T) {
	clock := timer.NewClock(epoch)
	clock.AutoAdvance(true)
	s := newStatic(t, 1, sched.Clock(clock))
	h, err := s.Spawn(future.Map(timer.Sleep(24*time.Hour), func(struct{}) int { return 1 }))
	require.NoError(t, err)
	s.Run()
	require.Equal(t, 1, h.Take().Value)
	require.Equal(t, 24*time.Hour, clock.Now().Sub(epoch).Round(time.Minute))
}

func TestStaticReportsStrandedTask(t *testing.T) {
	out := newLockedBuffer()
	s := newStatic(t, 1, sched.Watchdog(0, slog.New(slog.NewTextHandler(out, nil))))
	_, err := s.Spawn(future.Pending[int]())
	require.NoError(t, err)
	s.Run()
	require.Contains(t, out.String(), "slot 0")
	require.Contains(t, out.String(), "nothing will wake it")
}

// A steadyTask waits for its waker to be called so many times.
type steadyTask struct {
	left int
	cell waker.Cell
}

func (s *steadyTask) Poll(cx *sched.Context) future.Poll[int] {
	if s.left == 0 {
		return future.Of(1)
	}
	s.left--
	s.cell.Register(cx)
	return future.Wait[int]()
}

// TestStaticAllocatesNothing: no spawn, poll, wake, sleep of the executor or end of a
// task allocates after the start.
func TestStaticAllocatesNothing(t *testing.T) {
	s := newStatic(t, 64)
	var tasks [64]steadyTask
	var handles [64]sched.StaticTask[int]
	ctx := testkit.Within(t)
	round := func() {
		for i := range tasks {
			tasks[i].left = 3
			h, err := s.Spawn(&tasks[i])
			if err != nil {
				t.Error(err)
			}
			handles[i] = h
		}
		for range 3 {
			s.Run()
			for i := range tasks {
				tasks[i].cell.Wake()
			}
		}
		if err := s.Serve(ctx); err != nil {
			t.Error(err)
		}
		for i, h := range handles {
			if i%2 == 0 {
				h.Release()
			} else if h.Take().Value != 1 {
				t.Error("wrong result")
			}
		}
	}
	require.Zero(t, testing.AllocsPerRun(100, round))
}

// TestStaticStressWakes: other goroutines wake tasks while the executor runs, sleeps and
// frees slots; each task counts its wakes to the end.
func TestStaticStressWakes(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprint("GOMAXPROCS=", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			testkit.Stress(t, 100*time.Millisecond, func(rng *rand.Rand) { staticWakes(t, rng) })
		})
	}
}

func staticWakes(t *testing.T, rng *rand.Rand) {
	slots := 1 + rng.IntN(130)
	s := newStatic(t, slots)
	gates := make([]*relay, slots)
	var wg sync.WaitGroup
	for i := range gates {
		g := &relay{want: int32(1 + rng.IntN(20))}
		gates[i] = g
		h, err := s.Spawn(g)
		require.NoError(t, err)
		h.Release()
	}
	for range 3 {
		r := testkit.Split(rng)
		wg.Go(func() {
			for left := true; left; {
				left = false
				for _, g := range gates {
					if g.given.Load() < g.want {
						left = true
						if r.IntN(2) == 0 {
							g.given.Inc()
							g.cell.Wake()
						}
						testkit.Dither(r)
					}
				}
			}
		})
	}
	require.NoError(t, s.Serve(testkit.Within(t)))
	wg.Wait()
	require.Zero(t, s.Len())
}

// A relay is ready once it was given what it wants.
type relay struct {
	want  int32
	given point.Int32
	cell  waker.Cell
}

func (g *relay) Poll(cx *sched.Context) future.Poll[int] {
	g.cell.Register(cx)
	if g.given.Load() >= g.want {
		return future.Of(0)
	}
	return future.Wait[int]()
}
