// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/future/timer"

// A clock that advances by itself jumps to the next timer when all tasks wait.
// The pool tells when all its places sleep; besides, whatever is counted as busy outside
// must rest: a wait inside a task, whose end wakes the task's place, or a caller that
// polls a task of its own and sleeps. What is only counted for such a clock is not counted
// with the system's.

// jump lets the clock go on to the next timer, if nothing runs.
//
// Caller: any, when somebody has gone to sleep.
func (rt *Runtime) jump() {
	if !rt.clock.Auto() {
		return
	}
	next := timer.Never
	idle := rt.pool.Asleep(func() bool {
		before := rt.busyOutside.load()
		for _, r := range rt.registries() {
			next = min(next, r.timers.Next())
		}
		return before.count() == int(rt.resting.Load()) && rt.pool.Empty() && rt.busyOutside.load() == before
	})
	if idle {
		rt.clock.Idle(next)
	}
}

// rest counts something outside as asleep, or as awake again.
//
// Caller: who is counted outside, or who wakes it.
func (rt *Runtime) rest(asleep bool) {
	switch {
	case !rt.clock.Virtual():
	case asleep:
		rt.resting.Inc()
	default:
		rt.resting.Dec()
	}
}

// sleep waits for a wake. outside says that the caller is counted as busy outside.
//
// Caller: owner.
func (c *caller) sleep(outside bool) {
	if outside && c.rt.clock.Virtual() {
		c.rt.resting.Inc()
		c.resting.Store(true)
		c.rt.pool.Nudge() // a place comes by, and lets the clock go on
	}
	c.parker.Park()
	c.wokenUp()
}

// wokenUp counts the caller as awake, before it knows: the clock must not go on until
// it has done what it was woken for.
//
// Caller: any.
func (c *caller) wokenUp() {
	if c.resting.Load() && c.resting.CompareAndSwap(true, false) {
		c.rt.resting.Dec()
	}
}
