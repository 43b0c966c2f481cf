// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

var levels = []sched.Level{sched.Urgent, sched.High, sched.Normal, sched.Low}

func TestPriorityOfNoLevelPanics(t *testing.T) {
	require.PanicsWithValue(t, "pilfer: Priority: got Level(4), want Urgent, High, Normal or Low",
		func() { sched.Priority(sched.Low + 1) })
}

func TestPrioritiesRefuseSenselessAge(t *testing.T) {
	_, err := sched.New(sched.Priorities(1))
	var option *workers.OptionError
	require.ErrorAs(t, err, &option)
	require.Equal(t, "Priorities", option.Option)
}

// A turnTaker notes each of its polls, and yields or waits for its promise between.
type turnTaker struct {
	name  string
	polls int
	note  *[]string
	wait  future.Future[int]
}

func (y *turnTaker) Poll(cx *sched.Context) future.Poll[int] {
	*y.note = append(*y.note, y.name)
	if y.polls--; y.polls == 0 {
		return future.Of(0)
	}
	if y.wait != nil {
		y.wait.Poll(cx)
		return future.Wait[int]()
	}
	cx.Wake()
	return future.Wait[int]()
}

// TestPollsFollowPriorities: after a spawn, a yield and a wake a task is polled at
// its level, with one worker.
func TestPollsFollowPriorities(t *testing.T) {
	rt := newRuntime(t, 1, sched.Priorities(1000))
	var order []string
	require.NoError(t, waitFor(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
		p := future.NewPromise[int]()
		var last sched.JoinHandle[int]
		for _, l := range []sched.Level{sched.Low, sched.Normal, sched.High, sched.Urgent} {
			last = sched.SpawnWith(cx, future.Future[int](&turnTaker{name: l.String(), polls: 2, note: &order}), sched.Priority(l))
		}
		_ = last
		sched.SpawnWith(cx, future.Future[int](&turnTaker{name: "waits", polls: 2, note: &order, wait: p.Future()}), sched.Priority(sched.Urgent))
		sched.SpawnWith(cx, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			order = append(order, "wakes")
			p.ResolveIn(cx, 1)
			return future.Of(0)
		}), sched.Priority(sched.High))
		sched.SpawnWith(cx, future.Future[int](&turnTaker{name: "due", polls: 1, note: &order}), sched.Due(time.Unix(9, 0)))
		sched.SpawnWith(cx, future.Future[int](&turnTaker{name: "due first", polls: 1, note: &order}), sched.Due(time.Unix(3, 0)))
		return 0, nil
	})))
	require.NoError(t, rt.Close())
	require.Equal(t, []string{
		"urgent", "waits", "urgent", // polled once each, then the one that yielded
		"high", "wakes", "waits", // the woken one goes before the other High one
		"high", "due first", "due", "normal", "normal", "low", "low",
	}, order)
}

func waitFor(t *testing.T, h sched.JoinHandle[int]) error {
	_, err := h.Wait(testkit.Within(t))
	return err
}

// TestLevelsWithoutPriorities: then all tasks are alike, in a pool and in a
// round-robin executor.
func TestLevelsWithoutPriorities(t *testing.T) {
	rt := newRuntime(t, 1)
	rr := sched.NewRoundRobin()
	for _, at := range []sched.Spawner{rt, rr} {
		var order []string
		h := sched.Go(at, func(cx *sched.Context) (int, error) {
			for i, l := range []sched.Level{sched.Low, sched.Urgent, sched.Normal} {
				sched.SpawnWith(cx, future.Future[int](&turnTaker{name: l.String(), polls: 1, note: &order}),
					sched.Priority(l), sched.Due(time.Unix(int64(9-i), 0)), sched.Named("x"))
			}
			return 0, nil
		})
		require.NoError(t, waitFor(t, h))
		if at == rr {
			rr.Run()
		} else {
			require.NoError(t, rt.Close())
		}
		require.Equal(t, []string{"low", "urgent", "normal"}, order, "%T", at)
	}
}

// TestLastLevelCounts: of contradicting options the last one does.
func TestLastLevelCounts(t *testing.T) {
	rt := newRuntime(t, 1, sched.Priorities(1000))
	var order []string
	require.NoError(t, waitFor(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
		sched.SpawnWith(cx, future.Future[int](&turnTaker{name: "low", polls: 1, note: &order}), sched.Priority(sched.Urgent), sched.Priority(sched.Low))
		sched.SpawnWith(cx, future.Future[int](&turnTaker{name: "high", polls: 1, note: &order}), sched.Priority(sched.Low), sched.Priority(sched.High))
		return 0, nil
	})))
	require.NoError(t, rt.Close())
	require.Equal(t, []string{"high", "low"}, order)
}

// TestOptionsCostNoAllocation: a task with a level is one allocation, as any.
func TestOptionsCostNoAllocation(t *testing.T) {
	rt := newRuntime(t, 1, sched.Priorities(sched.DefaultAge))
	ready := future.FromFunc(func(*sched.Context) future.Poll[int] { return future.Of(1) })
	for _, l := range levels {
		var allocs float64
		require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
			for range 2000 {
				sched.SpawnWith(cx, ready, sched.Priority(l))
			}
			allocs = testing.AllocsPerRun(500, func() { sched.SpawnWith(cx, ready, sched.Priority(l)) })
			return nil
		}))
		require.EqualValues(t, 1, allocs, "%v", l)
	}
}

// TestLowTaskRunsAmongUrgentOnes: urgent tasks that yield for ever keep all workers
// busy; a Low task spawned inside, and one from outside, are polled within the bound.
func TestLowTaskRunsAmongUrgentOnes(t *testing.T) {
	for _, workers := range []int{1, 2} {
		t.Run(fmt.Sprint("workers=", workers), func(t *testing.T) {
			const age = 16
			rt := newRuntime(t, workers, sched.Priorities(age))
			var stop point.Bool
			var polls, from, to point.Int64
			for range 4 * workers {
				sched.SpawnWith(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
					polls.Inc()
					if stop.Load() {
						return future.Of(0)
					}
					cx.Wake()
					return future.Wait[int]()
				}), sched.Priority(sched.Urgent))
			}
			low := func(cx *sched.Context) (int, error) {
				to.Store(polls.Load())
				return 0, nil
			}
			require.NoError(t, waitFor(t, sched.GoWith(rt, low, sched.Priority(sched.Low))))
			inner := sched.GoWith(rt, func(cx *sched.Context) (int, error) {
				from.Store(polls.Load())
				sched.GoWith(cx, func(cx *sched.Context) (int, error) {
					_, _ = low(cx)
					stop.Store(true)
					return 0, nil
				}, sched.Priority(sched.Low))
				return 0, nil
			}, sched.Priority(sched.Urgent))
			require.NoError(t, waitFor(t, inner))
			require.NoError(t, rt.Close())
			if workers == 1 { // else the other one polls as many as it can meanwhile
				require.LessOrEqual(t, to.Load()-from.Load(), int64(age+8))
			}
		})
	}
}
