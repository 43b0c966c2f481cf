// SPDX-License-Identifier: Apache-2.0

//go:build explore

package sched

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
)

// startedWith starts a runtime with so many workers, as threads of the model.
func startedWith(workers int, opts ...Option) *Runtime {
	rt, err := New(append(opts, Workers(workers), Watchdog(0, slog.New(slog.DiscardHandler)))...)
	if err != nil {
		panic(err)
	}
	return rt
}

// closed closes the runtime and checks that nothing is left of it.
func closed(x *explore.X, rt *Runtime) {
	x.Check(rt.Close() == nil, "close fails")
	x.Check(rt.empty(), "something is left")
}

// empty says whether no task waits, and nobody is busy outside.
func (rt *Runtime) empty() bool { return !rt.anyWaiting() && rt.busyOutside.load().count() == 0 }

// counted is ready at once, and counts what is done with it.
type counted struct{ polls, drops int }

func (c *counted) Poll(*Context) future.Poll[int] { c.polls++; return future.Of(0) }
func (c *counted) Drop()                          { c.drops++ }

// A task is spawned while the runtime closes: it is polled to its end, or refused.
func TestExploreSpawnRacesWithClose(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a spawn and wait while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			f := &counted{}
			x.Go("closer", func() { x.Check(rt.Close() == nil, "close fails") })
			_, err := Spawn(rt, future.Future[int](f)).Wait(context.Background())
			x.Wait()
			x.Check(rt.empty(), "something is left")
			x.Check(*f == counted{polls: 1} && err == nil || *f == counted{drops: 1} && err == ErrClosed, "%+v: %v", *f, err)
		},
	}.Check(t)
}

// Shutdown cancels what waits, and answers every handle.
func TestExploreShutdown(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a task that waits, a wake, and a shutdown that cancels",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			f := &staged{x: x, wanted: 1}
			h := Spawn(rt, future.Future[int](f))
			x.Go("waker", func() { f.moveOn() })
			x.Go("joiner", func() {
				_, err := join(h)
				x.Check(err == nil || errors.Is(err, ErrCanceled) || err == ErrClosed, "joined: %v", err)
			})
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = rt.Shutdown(ctx)
			x.Wait()
			x.Check(h.IsFinished() && f.ends == 1, "the future ended %d times", f.ends)
		},
	}.Check(t)
}

// A call from outside runs in a worker's place, or is queued, or refused.
func TestExploreRun(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a call from outside that spawns a task, while another thread closes",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			ran, spawned := 0, 0
			x.Go("caller", func() {
				err := rt.Run(context.Background(), func(cx *Context) error {
					ran++
					Go(cx, func(*Context) (int, error) { spawned++; return 0, nil })
					return nil
				})
				x.Check(err == nil && ran == 1 || err == ErrClosed && ran == 0, "ran %d times: %v", ran, err)
			})
			closed(x, rt)
			x.Wait()
			x.Check(spawned == ran, "the call ran %d times, its task %d times", ran, spawned)
		},
	}.Check(t)
}

// A caller polls a future of its own, in a place or beside the workers, and is woken.
func TestExploreBlockOn(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a caller blocks on a future; a wake",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			f := &staged{x: x, wanted: 1}
			x.Go("caller", func() {
				v, err := BlockOn[int](context.Background(), rt, f)
				x.Check(v == 1 && err == nil, "%d, %v", v, err)
			})
			x.Go("waker", func() { f.moveOn() })
			x.Wait()
			closed(x, rt)
		},
	}.Check(t)
}

// A task waits in the middle of its poll for another, which its own worker has to run.
func TestExploreAwait(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a task awaits another one, which is woken from outside",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			f := &staged{x: x, wanted: 1}
			h := Go(rt, func(cx *Context) (int, error) { return Await(cx, Spawn(cx, future.Future[int](f))) })
			x.Go("waker", func() { f.moveOn() })
			v, err := h.Wait(context.Background())
			x.Check(v == 1 && err == nil, "%d, %v", v, err)
			x.Wait()
			closed(x, rt)
		},
	}.Check(t)
}

// A task that waits is woken from inside another's poll, and its entry owns it: it is
// polled to its end, or aborted, once.
func TestExploreWokenInside(t *testing.T) {
	explore.Model{
		Structure: "runtime", Operations: "1 worker; a task wakes another from inside; an abort",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			p := future.NewPromise[int]()
			aborted := false
			h := Go(rt, func(cx *Context) (JoinHandle[int], error) {
				waits := Spawn(cx, p.Future())
				Go(cx, func(cx *Context) (int, error) { p.ResolveIn(cx, 7); return 0, nil })
				return waits, nil
			})
			waits, err := h.Wait(context.Background())
			x.Check(err == nil, "%v", err)
			x.Go("aborter", func() { aborted = waits.Abort() })
			v, err := waits.Wait(context.Background())
			x.Wait()
			x.Check(v == 7 && err == nil || aborted && err == ErrCanceled, "%d, %v", v, err)
			closed(x, rt)
		},
	}.Check(t)
}

// A scope returns when its tasks are done, the failed and the aborted ones too.
func TestExploreScope(t *testing.T) {
	explore.Model{
		Structure: "scope", Operations: "1 worker; a scope of a task that fails and one that waits; a wake",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			rt := startedWith(1)
			failed := errors.New("failed")
			f := &staged{x: x, wanted: 1}
			x.Go("waker", func() { f.moveOn() })
			err := Scope(context.Background(), rt, func(s *TaskScope) error {
				SpawnIn(s, future.Future[int](f))
				s.Go(func(*Context) error { return failed })
				return nil
			})
			x.Check(err == failed || err == ErrCanceled, "the scope returns %v", err)
			x.Check(f.ends == 1, "the future ended %d times", f.ends)
			x.Wait()
			closed(x, rt)
		},
	}.Check(t)
}
