// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// A homebody notes by which workers it was polled.
type homebody struct {
	left   int
	seen   map[int]int
	guests int
	cell   waker.Cell
	inside bool // it wakes itself
}

func (h *homebody) Poll(cx *sched.Context) future.Poll[int] {
	h.cell.Register(cx)
	if w, _, err := sched.Where(cx); err == nil && w != nil {
		h.seen[w.Index()]++
		if w.Guest() {
			h.guests++
		}
	}
	if h.left--; h.left <= 0 {
		return future.Of(len(h.seen))
	}
	if h.inside {
		cx.Wake()
	}
	return future.Wait[int]()
}

// TestStayingTasksDoNotMove: whoever wakes a task that stays, and whatever workers have
// nothing to do, its worker polls it.
func TestStayingTasksDoNotMove(t *testing.T) {
	for _, how := range []string{"Stay", "Here"} {
		t.Run(how, func(t *testing.T) {
			testkit.Stress(t, 50*time.Millisecond, func(rng *rand.Rand) {
				rt := newRuntime(t, 3)
				var all []*homebody
				var handles []sched.JoinHandle[int]
				_, err := sched.Go(rt, func(cx *sched.Context) (int, error) {
					for i := range 12 {
						h := &homebody{left: 30, seen: map[int]int{}, inside: i%2 == 0}
						option := sched.Stay()
						if how == "Here" {
							option = sched.Here()
						}
						all = append(all, h)
						handles = append(handles, sched.SpawnWith(cx, future.Future[int](h), option, sched.Named("stays")))
					}
					return 0, nil
				}).Wait(testkit.Within(t))
				require.NoError(t, err)
				ctx := testkit.Within(t)
				for i, h := range handles {
					for !h.IsFinished() {
						all[i].cell.Wake()
						testkit.Dither(rng)
					}
					places, err := h.Wait(ctx)
					require.NoError(t, err)
					require.Equal(t, 1, places)
					require.Zero(t, all[i].guests)
				}
				if how == "Here" {
					for _, h := range all {
						require.Equal(t, keysOf(all[0].seen), keysOf(h.seen), "the worker that spawned them")
					}
				}
			})
		})
	}
}

func keysOf(m map[int]int) (keys []int) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// TestTasksThatStayHereShareData without a lock: the race detector sees any other
// goroutine, and the count any other order.
func TestTasksThatStayHereShareData(t *testing.T) {
	rt := newRuntime(t, 3)
	n := 0
	var owner *workers.Worker
	h := sched.SpawnWith(rt, future.FromFunc(func(cx *sched.Context) future.Poll[sched.JoinHandle[int]] {
		owner, _, _ = sched.Where(cx)
		var last sched.JoinHandle[int]
		for range 20 {
			left := 50
			last = sched.SpawnWith(cx, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				w, _, _ := sched.Where(cx)
				if w != owner {
					return future.Fail[int](sched.ErrNoWorker)
				}
				n++
				if left--; left == 0 {
					return future.Of(n)
				}
				cx.Wake()
				return future.Wait[int]()
			}), sched.Here())
		}
		return future.Of(last)
	}), sched.Stay())
	last, err := h.Wait(testkit.Within(t))
	require.NoError(t, err)
	_, err = last.Wait(testkit.Within(t))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	require.Equal(t, 20*50, n)
}

// TestStayElsewhere: a guest hands the task to a worker; a round-robin executor and a
// caller that polls it take it as any other; an aborted one ends.
func TestStayElsewhere(t *testing.T) {
	rt := newRuntime(t, 1)
	h := &homebody{left: 3, seen: map[int]int{}, inside: true}
	var handle sched.JoinHandle[int]
	require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
		handle = sched.SpawnWith(cx, future.Future[int](h), sched.Here())
		return nil
	}))
	require.NoError(t, waitFor(t, handle))
	require.Zero(t, h.guests)

	r := sched.NewRoundRobin()
	require.NoError(t, waitFor(t, sched.SpawnWith(r, future.Ready(1), sched.Stay(), sched.Here())))

	g := newGate()
	aborted := sched.SpawnWith(rt, future.Future[int](g), sched.Stay())
	testkit.Receive(t, g.polled, "the first poll")
	aborted.Abort()
	require.ErrorIs(t, waitFor(t, aborted), sched.ErrCanceled)
	require.True(t, g.dropped())
}
