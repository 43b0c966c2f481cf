// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// Await polls f to its end inside a plain function of a task: one given to
// [Go] or [Runtime.Run]. Meanwhile its worker runs other tasks on top of the
// waiting one, so do not hold a lock across Await that those may want; a state
// machine or [future.Then] waits without holding anything.
//
// Of two functions that wait on one worker, the one below returns after the one on
// top. So what the one on top waits for must not need the one below to go on. That
// holds for tasks and scopes that it has started itself, for timers, and for blocking
// functions. It does not for a lock that the one below may be given first, or for a
// channel that only the one below would serve: wait for those in a state machine, or
// with a timeout.
//
// On a [RoundRobin] executor, Await returns [ErrStalled] if nothing that could
// wake f runs there. For the handle of its own task, or of one that waits below it, it
// returns [ErrDeadlock] where that is seen: not across [Runtime.Run], [Block] or a stolen
// half of a join, nor below more than 16 other waits; on a RoundRobin the one below is
// ErrStalled. When the runtime cancels its tasks, Await returns [ErrCanceled] unless f is
// ready. Then, and if f panics, f is dropped.
//
// Caller: the task to which cx was handed.
func Await[T any](cx *Context, f future.Future[T]) (T, error) {
	l, ok := cx.Local().(*local)
	if !ok {
		panic(fmt.Sprintf("pilfer: Await with a Context of another executor (%T)", cx.Local()))
	}
	if f == nil {
		refuseNil("Await")
	}
	var of *core
	if h, ok := f.(JoinHandle[T]); ok {
		of = &h.t.core
	}
	a := newAwaiter(l, of)
	ready := false
	defer func() {
		a.end()
		if !ready {
			future.Drop(f)
		}
	}()
	for {
		if p := f.Poll(a.cx); p.Ready {
			ready = true
			return p.Value, p.Err
		}
		if a.cx.Pinned() && !l.isAt(a.cx.TakePin()) {
			f = elsewhere(l, f)
			continue
		}
		if err := a.wait(); err != nil {
			var zero T
			return zero, err
		}
	}
}

// An awaiter is a wait inside a task: it polls with a context of its own, and
// lets its party run other tasks between the polls.
type awaiter struct {
	l      *local
	outer  *waker.Context
	cx     *waker.Context
	labels context.Context // of the task that waits; nil if it has none
	hold   *workers.Hold
	rested int // what else rests with it; see Runtime.rest
	flag   waker.Flag
	alone  *caller // for a party that runs no other tasks

	// inVain says that it waits for a task that cannot go on before it returns.
	inVain bool

	waits        *waitList // where it is
	older, newer *awaiter  // holding waits.mu
	goroutine    uintptr   // the one that waits; 0 if goroutines cannot be told apart
}

// newAwaiter begins a wait, for task of if that is not nil.
func newAwaiter(l *local, of *core) *awaiter {
	a := &awaiter{l: l, outer: l.cx, labels: l.labels, goroutine: self.Goroutine()}
	a.inVain = of != nil && of.isPolled(l.cx)
	l.newContext() // for the polls of other tasks
	switch {
	case l.w != nil:
		l.label(workerLabels)
		a.hold = l.w.NewHold()
		l.rt.beginOutside() // the task under the wait is not in any queue
		a.rested = l.rt.rest(1)
		a.waits = &l.reg.waits
	case l.rr == nil:
		a.alone = l.rt.callers.enter(l.rt)
		a.waits = &l.rt.outsideRegistry.waits
	}
	if a.waits != nil {
		a.inVain = a.waits.add(a, of) || a.inVain // [cancel-race] R3
	}
	a.cx = waker.NewContext(waker.New(a))
	a.cx.Reset(waker.New(a), l, unlimited)
	a.cx.SetValues(a.outer.Values())
	return a
}

// unlimited is the budget of a wait that holds its party anyway.
const unlimited = -1

// WakeBy lets the waiting task poll again.
//
// Caller: any.
func (a *awaiter) WakeBy(from waker.Local) {
	switch {
	case a.hold != nil:
		a.hold.End()
	case a.alone != nil:
		a.alone.WakeBy(from)
	default:
		a.flag.WakeBy(from)
	}
}

// wait returns when the future should be polled again, or why it must not be.
func (a *awaiter) wait() error {
	if a.l.rt.ending.canceled() { // [cancel-race] R4
		return ErrCanceled
	}
	if a.inVain {
		return ErrDeadlock
	}
	return a.sleep()
}

// sleep returns after a wake, or with ErrStalled.
func (a *awaiter) sleep() error {
	switch {
	case a.hold != nil:
		a.l.w.Help(a.hold)
	case a.alone != nil:
		a.alone.sleep()
	default:
		for !a.flag.Take() {
			if !a.l.rr.Step() && !a.l.rr.sleep(context.Background()) {
				return ErrStalled
			}
		}
	}
	return nil
}

// end gives the party back to the task that waited.
func (a *awaiter) end() {
	a.l.cx = a.outer
	if a.waits != nil {
		a.waits.remove(a)
	}
	switch {
	case a.hold != nil:
		a.l.label(a.labels)
		a.l.rt.awake(1, a.rested)
		a.l.rt.doneOutside()
	case a.alone != nil:
		a.l.rt.callers.leave(a.alone)
	}
}

// awaitInside waits for a task on a goroutine that runs another task of the
// same pool.
func (c *core) awaitInside(ctx context.Context, l *local) error {
	a := newAwaiter(l, c)
	defer a.end()
	if ctx.Done() != nil {
		defer park.AfterEnd(ctx, func() { a.WakeBy(nil) })()
	}
	for !c.await(waker.New(a)) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if c.claimable() {
			c.pollClaimed(l)
			continue
		}
		if err := a.wait(); err != nil {
			return err
		}
	}
	return nil
}
