// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// Run calls f on the calling goroutine, in the place of a parked worker, and
// returns f's error, a [*PanicError] if it panicked, or [ErrClosed]. No other
// thread is woken, so an f that does little costs little: about 100 ns. What f
// spawns at its Context goes to the place's own queue.
//
// While all workers are busy the call is queued, and the caller waits for it,
// or for the end of ctx. Inside a task Run is a plain call of f. If f calls
// runtime.Goexit the caller's goroutine ends with it, unless the call was queued:
// then Run returns [ErrGoexit].
//
// Caller: any.
func (rt *Runtime) Run(ctx context.Context, f func(*Context) error) error {
	if f == nil {
		refuseNil("Run")
	}
	if l := rt.inside(); l != nil {
		return callInside(l, f)
	}
	if rt.closing.Load() {
		return ErrClosed
	}
	w, ok := rt.pool.Enter() // [run-race] G1
	if !ok {
		_, err := Go(rt, func(cx *Context) (struct{}, error) { return struct{}{}, f(cx) }).Wait(ctx)
		return err
	}
	return rt.runGuest(w, f)
}

// runGuest calls f in a place that the caller has entered.
func (rt *Runtime) runGuest(w *workers.Worker, f func(*Context) error) error {
	defer w.Leave()
	if rt.closing.Load() { // [run-race] G2
		return ErrClosed
	}
	l := w.Local().(*local)
	l.cx.Reset(waker.Noop(), l, pollBudget)
	return protect(l.cx, f)
}

// Proof [run-race]: Close does not end under a guest.
//
//	Run                      Close
//	  G1  take a place         E1  closing.Store(true)
//	  G2  read closing         E2  all places parked, nothing left
//
// G1 before E2 in S: E2 finds the place taken, until Leave. Otherwise E1, E2, G1,
// G2: G2 sees closing, and f is not called. (cross)
//
// Checked by: TestRunRacesWithClose, TestLateGuestIsRefused.

// callInside calls f for a task that runs already.
func callInside(l *local, f func(*Context) error) error {
	outer := l.cx
	l.newContext()
	defer func() { l.cx = outer }()
	return protect(l.cx, f)
}

// protect calls f and makes an error of a panic. Goexit goes on.
func protect(cx *Context, f func(*Context) error) (err error) {
	returned := false
	defer func() {
		if !returned {
			err = crashError(recovered(recover()), "")
		}
	}()
	err = f(cx)
	returned = true
	return err
}

// pollAsGuest polls the task in a place that the caller has entered, then what
// it spawned there, until it is done or nothing is left in the place.
func (c *core) pollAsGuest(w *workers.Worker) {
	defer w.Leave()
	l := w.Local().(*local)
	c.pollClaimed(l)
	w.RunUntil(c.state.isDone)
}

// pollOutside polls an Anywhere task without a place.
func (c *core) pollOutside() {
	rt := c.rt
	rt.comeOutside()
	defer rt.leaveOutside()
	l := newLocal(rt, nil)
	defer func() { rt.outsideRegistry.counts.add(l) }()
	c.pollClaimed(l)
}

// pollClaimed polls the task if it still waits to be polled.
func (c *core) pollClaimed(l *local) {
	order := c.state.claimWaiting()
	if order == dropEntry {
		return
	}
	t := c.job.Runner.(runner)
	returned := false
	defer func() {
		if !returned {
			t.fail(l, crashError(recovered(recover()), c.name()))
		}
	}()
	t.run(l, order)
	returned = true
}
