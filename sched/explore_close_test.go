// SPDX-License-Identifier: Apache-2.0

//go:build explore

package sched

import (
	"context"
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// closeModel has a call from outside race with Close. The call is refused, or what it
// calls is called once and returns before Close does.
func closeModel(call func(rt *Runtime, use func()) error) func(x *explore.X) {
	return func(x *explore.X) {
		rt := startedWith(1)
		var over point.Bool
		ran := 0
		x.Go("caller", func() {
			err := call(rt, func() {
				x.Check(!over.Load(), "Close has returned")
				ran++
			})
			x.Check(err == nil && ran == 1 || err == ErrClosed && ran == 0, "ran %d times: %v", ran, err)
		})
		x.Check(rt.Close() == nil, "close fails")
		over.Store(true)
		x.Wait()
		x.Check(rt.empty(), "something is left")
	}
}

func TestExploreCallRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a call that takes a worker, while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: closeModel(func(rt *Runtime, use func()) error {
			ran := false
			h, err := Call(context.Background(), rt, func(w *workers.Worker) (JoinHandle[int], error) {
				use()
				return Go(w, func(*Context) (int, error) { ran = true; return 0, nil }), nil
			})
			if err == nil {
				_, err = join(h)
				if !ran {
					return fmt.Errorf("the call was not refused, and its task was: %w", err)
				}
			}
			return err
		}),
	}.Check(t)
}

func TestExploreEnterRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a caller enters a place, while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: closeModel(func(rt *Runtime, use func()) error {
			w, ok := rt.Enter()
			if !ok {
				return ErrClosed
			}
			use()
			spawned := false
			h := Go(w, func(*Context) (int, error) { spawned = true; return 0, nil })
			w.Leave()
			if _, err := join(h); !spawned {
				return fmt.Errorf("the place was not refused, and its task was: %w", err)
			}
			return nil
		}),
	}.Check(t)
}

func TestExploreRunRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a call from outside, while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: closeModel(func(rt *Runtime, use func()) error {
			return rt.Run(context.Background(), func(*Context) error { use(); return nil })
		}),
	}.Check(t)
}

func TestExploreBlockOnRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a caller polls a future, while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: closeModel(func(rt *Runtime, use func()) error {
			_, err := BlockOn(context.Background(), rt, future.Future[int](call[int](func(*Context) (int, error) { use(); return 0, nil })))
			return err
		}),
	}.Check(t)
}

func TestExploreDriveRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a caller drives a job, while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: closeModel(func(rt *Runtime, use func()) error {
			done := future.NewPromise[struct{}]()
			job := &workers.Job{Runner: workers.Func(func(*workers.Worker) {
				use()
				done.Resolve(struct{}{})
			})}
			return rt.Drive(context.Background(), []*workers.Job{job}, done.Future())
		}),
	}.Check(t)
}

// A task that waits for a wake is spawned while the runtime closes: it has its answer.
func TestExploreSpawnWaitsDuringClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a spawn of a task that waits for a wake, and the wake, while another thread closes",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			x.Go("spawner", func() {
				f := &staged{x: x, wanted: 1}
				h := Spawn(rt, future.Future[int](f))
				f.moveOn()
				v, err := h.Wait(context.Background())
				x.Check(v == 1 && err == nil || err == ErrClosed, "%d, %v", v, err)
				x.Check(f.ends == 1, "the future ended %d times", f.ends)
			})
			x.Check(rt.Close() == nil, "close fails")
			x.Wait()
			x.Check(rt.empty(), "something is left")
		},
	}.Check(t)
}

// What comes from outside while Close waits is refused.
func TestExploreLateBlockOn(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a caller polls a future after Close was called, which waits for a task until then",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			f := &staged{x: x, wanted: 1}
			Spawn(rt, future.Future[int](f))
			x.Go("caller", func() {
				for !rt.closing.Load() {
					explore.Spin()
				}
				_, err := BlockOn(context.Background(), rt, YieldNow())
				x.Check(err == ErrClosed, "a late caller gets %v", err)
				f.moveOn()
			})
			closed(x, rt)
		},
	}.Check(t)
}

// A task that was spawned before Close is run, though the worker may be about to find
// that nothing is left.
func TestExploreSpawnBeforeClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a spawn, then a close",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			ran := 0
			h := Go(rt, func(*Context) (int, error) { ran++; return 0, nil })
			closed(x, rt)
			_, err := join(h)
			x.Check(err == nil && ran == 1, "ran %d times: %v", ran, err)
		},
	}.Check(t)
}

// never is a future that nobody wakes.
type never struct{ cell waker.Cell }

func (n *never) Poll(cx *Context) future.Poll[int] {
	n.cell.Register(cx)
	return future.Wait[int]()
}

// shutdownModel spawns a task that waits for ever, and shuts down at once.
func shutdownModel(spawn func(rt *Runtime) JoinHandle[int]) func(x *explore.X) {
	return func(x *explore.X) {
		rt := startedWith(1)
		h := spawn(rt)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		err := rt.Shutdown(ended)
		x.Check(err == context.Canceled, "the shutdown returns %v", err)
		_, err = join(h)
		x.Check(err == ErrCanceled, "the task ends with %v", err)
	}
}

func TestExploreShutdownCancelsWhatWaits(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a task that waits for ever, and a shutdown that cancels",
		Options: explore.Options{Preemptions: 2},
		Run: shutdownModel(func(rt *Runtime) JoinHandle[int] {
			return Spawn(rt, future.Future[int](new(never)))
		}),
	}.Check(t)
}

func TestExploreShutdownCancelsAwait(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a task that awaits for ever, and a shutdown that cancels",
		Options: explore.Options{Preemptions: 2},
		Run: shutdownModel(func(rt *Runtime) JoinHandle[int] {
			return Go(rt, func(cx *Context) (int, error) { return Await(cx, future.Future[int](new(never))) })
		}),
	}.Check(t)
}

// An Anywhere task is woken while the worker is busy until it is done: who waits for it
// polls it.
func TestExploreAnywhereWhileBusy(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker, in a task that wakes an Anywhere task and does not end before it; a caller waits for that",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			f := &staged{x: x, wanted: 1}
			h := SpawnWith(rt, future.Future[int](f), Anywhere())
			x.Go("caller", func() {
				v, err := h.Wait(context.Background())
				x.Check(v == 1 && err == nil, "%d, %v", v, err)
			})
			Go(rt, func(*Context) (int, error) {
				f.moveOn()
				for !h.IsFinished() {
					explore.Spin()
				}
				return 0, nil
			})
			x.Wait()
			closed(x, rt)
		},
	}.Check(t)
}
