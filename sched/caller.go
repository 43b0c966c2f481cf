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
	parker park.Parker
	rt     *Runtime
}

// WakeBy lets the caller go on: at once, or as soon as the worker that wakes it
// is done with its job.
//
// Caller: any.
func (c *caller) WakeBy(from waker.Local) {
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
		c = &caller{rt: rt}
		c.parker.Init(portable)
		if rt.pool != nil {
			c.parker.Under(rt.pool.Pressure())
		}
	}
	return c
}

func (cs *callers) leave(c *caller) {
	if c.parker.Portable() {
		cs.portable.Put(c)
		return
	}
	inKernel.Dec()
	cs.kernel.Put(c)
}

func (rt *Runtime) portable() bool { return rt.pool == nil || rt.pool.Portable() }

// block waits for the task. It returns nil when the
// task is done, or why ctx ended.
//
// Caller: any.
func (c *core) block(ctx context.Context) error {
	if c.rt.rr != nil {
		return c.rt.rr.drive(ctx, c)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if c.takePart() {
		return nil
	}
	if w := c.rt.pool.Current(); w != nil {
		return c.awaitInside(ctx, w.Local().(*local))
	}
	if c.spin() {
		return nil
	}
	me := c.rt.callers.enter(c.rt)
	defer c.rt.callers.leave(me)
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, me.parker.Unpark)()
	}
	for !c.await(waker.New(me)) {
		me.parker.Park()
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
	// before it sleeps: about 20 us, as long as a worker needs to come out of
	// the kernel. A short task costs one wake-up then instead of two; see
	// BenchmarkSpawnWait.
	spinRounds = 200
	spinPause  = 48
)

// spin waits a little for the task, and reports whether it is done.
func (c *core) spin() bool {
	if c.rt.portable() || c.rt.pool.Pressure().High() {
		return false // the worker needs this very P
	}
	for range spinRounds {
		if c.state.isDone() {
			return true
		}
		park.Relax(spinPause)
	}
	return false
}

// takePart polls a detached task on the caller's goroutine, if it waits to be
// polled: in the place of a parked worker, or else without one. It reports
// whether the task is done.
//
// Other tasks are left to the workers, though the caller would be faster: one
// that calls runtime.Goexit would end the caller.
func (c *core) takePart() bool {
	if s := c.state.load(); !s.has(detached) || !s.has(queued) {
		return s.has(done)
	}
	if w, ok := c.rt.pool.Enter(); ok {
		c.pollAsGuest(w)
	} else {
		c.pollOutside()
	}
	return c.state.isDone()
}

// nudgeCaller lets a caller that waits for a detached task poll it, if no
// worker is free to.
func (c *core) nudgeCaller() {
	if c.rt.pool == nil || !c.rt.pool.Saturated() {
		return
	}
	for at := c.waiters.Load(); at != nil; at = at.next {
		at.waker.WakeByRef()
	}
}
