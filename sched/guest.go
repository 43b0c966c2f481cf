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
// or for the end of ctx.
//
// Caller: any goroutine outside the runtime's tasks.
func (rt *Runtime) Run(ctx context.Context, f func(*Context) error) error {
	if rt.closing.Load() {
		return ErrClosed
	}
	w, ok := rt.pool.Enter()
	if !ok {
		_, err := Go(rt, func(cx *Context) (struct{}, error) { return struct{}{}, f(cx) }).Wait(ctx)
		return err
	}
	return runGuest(w, f)
}

// runGuest calls f in a place that the caller has entered.
func runGuest(w *workers.Worker, f func(*Context) error) (err error) {
	l := w.Local().(*local)
	l.cx.Reset(waker.Noop(), l, pollBudget)
	returned := false
	defer func() {
		if !returned {
			err = crashError(recovered(recover()), "") // Goexit goes on
		}
		w.Leave()
	}()
	err = f(l.cx)
	returned = true
	return err
}

// pollAsGuest polls the task in a place that the caller has entered, then what
// it spawned there, until it is done or nothing is left in the place.
func (c *core) pollAsGuest(w *workers.Worker) {
	defer w.Leave()
	l := w.Local().(*local)
	c.pollClaimed(l)
	for !c.state.isDone() && w.RunOne() {
	}
}

// pollOutside polls a detached task without a place.
func (c *core) pollOutside() {
	rt := c.rt
	rt.busyOutside.Inc()
	defer rt.doneOutside()
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
