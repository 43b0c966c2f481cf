// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"runtime"
	"sync"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A caller is an ordinary goroutine that waits for a task.
type caller struct {
	parker park.Parker // first, for its alignment
	kernel bool        // counted in inKernel
	rt     *Runtime    // set once

	// resting says that the caller is counted in Runtime.resting.
	// Writers: owner, to true; any, to false by compare-and-swap.
	resting point.Bool
	rested  int // how often; the owner's, before it sets resting
}

// WakeBy lets the caller go on: at once, or as soon as the worker that wakes it
// is done with its job.
//
// Caller: any.
func (c *caller) WakeBy(from waker.Local) {
	c.wokenUp()
	l, ok := from.(*local)
	if !ok || l.w == nil {
		c.parker.Unpark()
		return
	}
	if c.parker.Portable() {
		c.parker.Unpark()
		l.owes()
		return
	}
	l.w.UnparkSoon(&c.parker)
}

// callers keeps caller values for use again. One may still be named by a waiter
// that its owner has left: then it gets a permit too many, and its next user
// looks once more for nothing.
type callers struct {
	kernel, portable sync.Pool
}

// inKernel counts the goroutines of the process that wait in the kernel for a
// task, each with a P until Go's monitor takes it away. At most GOMAXPROCS-1
// may, or nobody is left to run what they wait for; the others wait in channels.
//
// Writers: any. It belongs to the process because Ps do.
var inKernel point.Int32

// enter finds the way to wait that is the fastest now.
func (cs *callers) enter(rt *Runtime) *caller {
	if point.Exploring() {
		return newCaller(rt, rt.portable()) // as many Ps as it takes; and what a Pool keeps is left to chance
	}
	if !rt.portable() {
		if int(inKernel.Inc()) < runtime.GOMAXPROCS(0) {
			return get(&cs.kernel, rt, false)
		}
		inKernel.Dec()
	}
	return get(&cs.portable, rt, true)
}

func get(from *sync.Pool, rt *Runtime, portable bool) *caller {
	c, _ := from.Get().(*caller)
	if c == nil {
		c = newCaller(rt, portable)
		c.kernel = !portable
	}
	return c
}

func newCaller(rt *Runtime, portable bool) *caller {
	c := &caller{rt: rt}
	c.parker.Init(portable)
	if rt.pool != nil {
		c.parker.Under(rt.pool.Pressure())
	}
	return c
}

func (cs *callers) leave(c *caller) {
	switch {
	case c.kernel:
		inKernel.Dec()
		cs.kernel.Put(c)
	case !point.Exploring():
		cs.portable.Put(c)
	}
}

func (rt *Runtime) portable() bool { return rt.pool == nil || rt.pool.Portable() }

// block waits for the task. It returns nil when the task is done, or why ctx
// ended.
//
// Caller: any.
func (c *core) block(ctx context.Context) error {
	if c.rt.rr != nil {
		if c.isPolled(c.rt.rr.local.cx) {
			return ErrDeadlock
		}
		return c.rt.rr.drive(ctx, c)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if l := c.rt.inside(); l != nil {
		return c.awaitInside(ctx, l)
	}
	if c.takePart() || c.spin() {
		return nil
	}
	me := c.rt.callers.enter(c.rt)
	defer c.rt.callers.leave(me)
	if ctx.Done() != nil {
		defer park.AfterEnd(ctx, func() { me.WakeBy(nil) })()
	}
	for !c.await(waker.New(me)) { // [nudge-race] C1
		if !c.claimable() { // [nudge-race] C2
			me.sleep()
			me.parker.Mind()
		}
		if c.state.isDone() {
			break
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if c.takePart() {
			break
		}
	}
	return nil
}

const (
	// spinRounds and spinPause bound how long a caller looks for its result
	// before it sleeps: about 30 us, as long as a worker needs to come out of
	// the kernel and answer. A short task costs one wake-up then instead of two;
	// see the rows wake and wake-tight of bench.
	spinRounds = min(400, point.Most)
	spinPause  = 48

	// answerPause is how long a caller waits after it saw its result: about
	// 100 ns, as long as the worker needs to be counted as searching. Else the
	// caller's next task would wake another worker, for which there may be no P.
	answerPause = 64
)

// spin waits a little for the task, and reports whether it is done.
func (c *core) spin() bool {
	if c.rt.portable() || c.rt.pool.Pressure().High() {
		return false // the worker needs this very P
	}
	for range spinRounds {
		if c.state.isDone() {
			park.Relax(answerPause)
			return true
		}
		park.Relax(spinPause)
	}
	return false
}

// takePart polls an Anywhere task on the caller's goroutine, if it waits to be
// polled: in the place of a parked worker, or else without one. It reports
// whether the task is done.
//
// Other tasks are left to the workers, though the caller would be faster: one
// that calls runtime.Goexit would end the caller.
//
// Caller: any goroutine outside the runtime's tasks.
func (c *core) takePart() bool {
	if !c.claimable() {
		return c.state.isDone()
	}
	if w, ok := c.rt.pool.Enter(); ok {
		c.pollAsGuest(w)
	} else {
		c.pollOutside()
	}
	return c.state.isDone()
}

// claimable reports whether a caller that waits for the task may poll it now.
func (c *core) claimable() bool {
	s := c.state.load()
	return s.has(anywhere) && s.has(queued)
}

// Proof [nudge-race]: an Anywhere task that is queued while all workers are busy
// does not wait for them if a caller waits for it.
//
//	block                         wake
//	  C1  register as a waiter      N1  queue the task
//	  C2  claimable?                N2  wake all waiters
//	      no: park
//
// N1 before C2 in S: C2 sees the task queued, and the caller polls it.
// Otherwise C1, C2, N1, N2: N2 finds the waiter and wakes it. (cross) A wake
// that comes while the caller itself polls the task queues it again at the end
// of that poll, before the caller's next C2.
//
// Checked by: TestAnywhereWokenBeforeCallerSleeps.

// nudgeCaller lets a caller that waits for an Anywhere task poll it, if no
// worker is free to. A worker that wakes from inside a job gives the caller its
// P, or the caller would wait until the scheduler takes one away: 10 ms and more.
func (c *core) nudgeCaller(from waker.Local) {
	if c.rt.pool == nil || !c.rt.pool.Saturated() {
		return
	}
	newest := c.waiters.Load()
	for at := newest; at != nil; at = at.next { // [nudge-race] N2
		at.waker.WakeByRef()
	}
	if l, ok := from.(*local); ok && l.w != nil && newest != nil {
		park.Yield()
	}
}
