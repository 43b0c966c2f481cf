// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
)

// A clock that advances by itself jumps to the next timer when all tasks wait.
// The pool tells when all its places sleep; besides, whatever is counted as busy outside
// must rest: a wait inside a task, whose end wakes the task's place, or a goroutine that
// polls a task of its own, or runs a blocking function, and sleeps in a wait of ours.
// What is only counted for such a clock is not counted with the system's.

// outsiders knows which goroutines are counted as busy outside.
type outsiders struct {
	mu    point.Mutex
	awake map[uintptr]int // holding mu: how often, as far as that does not rest
}

// add counts the calling goroutine n times more.
func (o *outsiders) add(n int) {
	g := self.Goroutine()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.awake == nil {
		o.awake = map[uintptr]int{}
	}
	if o.awake[g] += n; o.awake[g] == 0 {
		delete(o.awake, g)
	}
}

// take returns how often the calling goroutine is counted, and counts it no longer.
func (o *outsiders) take() int {
	g := self.Goroutine()
	o.mu.Lock()
	defer o.mu.Unlock()
	n := o.awake[g]
	delete(o.awake, g)
	return n
}

// comeOutside is beginOutside for the time of a call, on the goroutine that may wait
// in it.
//
// Caller: any; leaveOutside follows.
func (rt *Runtime) comeOutside() {
	rt.beginOutside() // [jump-race] B1
	rt.stayOutside()
}

// leaveOutside ends what comeOutside began.
//
// Caller: who called comeOutside.
func (rt *Runtime) leaveOutside() {
	if rt.clock.Virtual() {
		rt.outsiders.add(-1)
	}
	rt.doneOutside()
}

// stayOutside tells that it is the calling goroutine for which beginOutside was called.
//
// Caller: any; leaveOutside follows.
func (rt *Runtime) stayOutside() {
	if rt.clock.Virtual() {
		rt.outsiders.add(1)
		rt.clock.Settle()
	}
}

// jump lets the clock go on to the next timer, if nothing runs.
//
// Caller: any, when somebody has gone to sleep.
func (rt *Runtime) jump() { rt.clock.IdleIf(rt.next) }

// next returns when the next timer is, or Never if something runs.
//
// Caller: any.
func (rt *Runtime) next() timer.Instant {
	next := timer.Never
	idle := rt.pool.Asleep(func() bool { // [jump-race] J1
		before := rt.busyOutside.load()
		for _, r := range rt.registries() {
			next = min(next, r.timers.Next())
		}
		return before.count() == int(rt.resting.Load()) && rt.pool.Empty() && rt.busyOutside.load() == before
	})
	if !idle {
		return timer.Never
	}
	return next
}

// rest counts the calling goroutine as asleep: for all that it is counted for outside,
// and more. It returns for how much, for awake.
//
// Caller: any.
func (rt *Runtime) rest(more int) int {
	if !rt.clock.Virtual() {
		return 0
	}
	n := rt.outsiders.take()
	rt.resting.Add(int32(n + more))
	return n
}

// awake ends what rest began.
//
// Caller: who called rest, with the same number and what it returned.
func (rt *Runtime) awake(more, n int) {
	if !rt.clock.Virtual() {
		return
	}
	rt.resting.Sub(int32(n + more))
	rt.outsiders.add(n)
}

// sleep waits for a wake.
//
// Caller: owner.
func (c *caller) sleep() {
	if !c.rt.clock.Virtual() {
		c.parker.Park()
		return
	}
	n := c.rt.rest(0)
	if n > 0 {
		c.rested = n
		c.resting.Store(true) // publish: rested
		c.rt.pool.Nudge()     // a place comes by, and lets the clock go on
	}
	c.parker.Park()
	c.wokenUp()
	c.rt.outsiders.add(n)
}

// wokenUp counts the caller as awake, before it knows: the clock must not go on until
// it has done what it was woken for.
//
// Caller: any.
func (c *caller) wokenUp() {
	if c.resting.Load() && c.resting.CompareAndSwap(true, false) {
		c.rt.resting.Sub(int32(c.rested)) // [jump-race] B1
		c.rt.clock.Settle()
	}
}
