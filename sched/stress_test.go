// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// A tracked future needs some wakes until it is ready, and notes what is done
// with it: what two workers did at once, or what was done after its end, fails
// the test. Its plain fields let the race detector see who touches it.
type tracked struct {
	t    *testing.T
	cell waker.Cell

	need  point.Int32 // wakes that must come before it is ready
	owned point.Bool
	polls int
	ended bool // ready or dropped
	yield int  // polls that yield first
}

func (f *tracked) enter() {
	if f.owned.Swap(true) {
		f.t.Error("two parties in one future")
	}
	if f.ended {
		f.t.Error("touched after its end")
	}
}

func (f *tracked) leave() { f.owned.Store(false) }

func (f *tracked) Poll(cx *future.Context) future.Poll[int] {
	f.enter()
	defer f.leave()
	f.polls++
	if f.yield > 0 {
		f.yield--
		cx.Wake()
		return future.Wait[int]()
	}
	f.cell.Register(cx)
	if f.need.Load() > 0 {
		return future.Wait[int]()
	}
	f.ended = true
	return future.Of(f.polls)
}

func (f *tracked) Drop() {
	f.enter()
	f.ended = true
	f.leave()
}

// wake is one of the wakes that f needs; cx is nil outside of polls.
func (f *tracked) wake(cx *sched.Context) {
	f.need.Dec()
	f.cell.WakeIn(cx)
}

// A child is a task with what a test knows of it.
type child struct {
	f *tracked
	h sched.JoinHandle[int]
}

// TestStressSpawnWakeAbortClose spawns from outside and inside, wakes from
// several places at once, aborts, waits in several ways and closes in the middle.
// Every handle gets one answer, and every future one end.
func TestStressSpawnWakeAbortClose(t *testing.T) {
	var refused, canceled, finished int
	testkit.Stress(t, time.Second, func(rng *rand.Rand) {
		workers := 1 + rng.IntN(4)
		rt, err := sched.New(sched.Workers(workers), sched.LockThreads(rng.IntN(4) != 0), silent())
		require.NoError(t, err)
		drivers := 1 + rng.IntN(4)
		children := make([][]*child, drivers)
		var wg sync.WaitGroup
		for d := range drivers {
			mine := testkit.Split(rng)
			wg.Go(func() { children[d] = drive(t, rt, mine) })
		}
		giveWay(rng.IntN(3000))
		inTime := rng.IntN(3) != 0
		if inTime {
			require.NoError(t, rt.Close())
		} else {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if err := rt.Shutdown(ctx); err != nil { // nil if all tasks were done by then
				assert.ErrorIs(t, err, context.Canceled)
			}
		}
		wg.Wait()
		for _, c := range children {
			for _, c := range c {
				require.True(t, c.h.IsFinished(), "a handle without an answer")
				switch v, err := c.h.Wait(context.Background()); {
				case err == nil:
					finished++
					require.Equal(t, c.f.polls, v)
				default:
					if c.f.polls == 0 {
						refused++
					}
					canceled++
					require.True(t, errors.Is(err, sched.ErrClosed) || errors.Is(err, sched.ErrCanceled), "%v", err)
				}
				require.True(t, c.f.ended, "a future without an end")
			}
		}
	})
	t.Logf("%d finished, %d canceled, %d of them never polled; invariants %t", finished, canceled, refused, invariant.Enabled)
}

// drive spawns until the runtime is closed, and returns what it spawned. Others
// get the wakes that the tasks need.
func drive(t *testing.T, rt *sched.Runtime, rng *rand.Rand) (all []*child) {
	var wakers sync.WaitGroup
	defer wakers.Wait()
	for len(all) < 300 {
		f := &tracked{t: t, yield: rng.IntN(3)}
		f.need.Store(rng.Int32N(4))
		c := &child{f: f}
		all = append(all, c)
		refused := false
		switch rng.IntN(4) {
		case 0:
			refused = rt.Run(context.Background(), func(cx *sched.Context) error {
				c.h = sched.Spawn(cx, future.Future[int](f))
				return nil
			}) != nil
		case 1:
			c.h = sched.SpawnWith(rt, future.Future[int](f), sched.Anywhere())
		case 2:
			h := sched.Go(rt, func(cx *sched.Context) (sched.JoinHandle[int], error) {
				return sched.Spawn(cx, future.Future[int](f)), nil
			})
			inner, err := h.Wait(context.Background())
			refused = err != nil
			c.h = inner
		default:
			c.h = sched.Spawn(rt, future.Future[int](f))
		}
		if refused { // nobody has f
			return all[:len(all)-1]
		}
		// The wakes come from goroutines, from tasks and from here.
		for range f.need.Load() {
			switch rng.IntN(3) {
			case 0:
				wakers.Go(func() { f.wake(nil) })
			case 1:
				h := sched.Go(rt, func(cx *sched.Context) (int, error) { f.wake(cx); return 0, nil })
				wakers.Go(func() {
					if _, err := h.Wait(context.Background()); err != nil {
						f.wake(nil)
					}
				})
			default:
				f.wake(nil)
			}
		}
		switch rng.IntN(6) {
		case 0:
			c.h.Abort()
		case 1:
			wakers.Go(func() { c.h.Abort() })
		case 2:
			_, _ = c.h.Wait(context.Background())
		case 3:
			<-c.h.Done()
		}
		if c.h.IsFinished() {
			if _, err := c.h.Wait(context.Background()); err == sched.ErrClosed {
				return all
			}
		}
	}
	return all
}

// TestWaitersRaceWithFinish: whoever comes to wait while the task ends is told.
func TestWaitersRaceWithFinish(t *testing.T) {
	rt := newRuntime(t, 2)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		g := newGate()
		h := sched.Spawn(rt, future.Future[int](g))
		var wg sync.WaitGroup
		for i := range 6 {
			pause := rng.IntN(200)
			wg.Go(func() {
				for range pause {
					_ = h.IsFinished()
				}
				switch i {
				case 0:
					g.open()
				case 1:
					testkit.Receive(t, h.Done(), "Done")
				case 2:
					_, err := sched.Spawn(rt, h).Wait(testkit.Within(t))
					assert.NoError(t, err)
				default:
					_, err := h.Wait(testkit.Within(t))
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
	})
}
