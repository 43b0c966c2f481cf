// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/waker"

// A pinned task is polled by one worker only. It is in the registry of that worker's
// place, from its first poll there on, and its entry lies in the queue of that worker
// alone. There is one entry at a time, as for any task that no caller may claim: so
// whoever pushes it owns the task, and may read where it belongs.
//
//	               poll elsewhere pins it           poll at home pins it
//	not pinned ----------------------> on its way -----------------------+
//	    |                              (running; in a queue)             |
//	    | poll at home pins it            ^                              v
//	    +---------------------------------|-------------------------> pinned
//	                                      +------- to another worker ----+

// pin does what a poll asked for by Context.Pin: it leaves the task to its worker, or
// sends it to where it can go on. It reports false if the task is to be treated as
// any that was polled here.
//
// Caller: who owns the task, after a poll that returned Pending.
func (t *task[T]) pin(l *local, home waker.Local) (sent bool) {
	s := t.state.load()
	here := l.isAt(home)
	switch {
	case here && l.w == nil:
		return false // a round-robin executor is one place
	case here && s.has(pinned) && t.at(l):
		return false
	case s.has(shared | anywhere):
		// A caller may claim it, and entries of it may lie in several queues.
		t.future = elsewhere(l, t.future)
		l.cx.Wake() // to poll that
		return false
	}
	t.leavePlace(l)
	if here {
		t.state.pin()
		t.enterPlace(l)
		return false
	}
	to, _ := home.(*local)
	if l.rr != nil || to != nil && to.rt != t.rt {
		panic("pilfer: an Async cannot go on here: it began in another runtime, or on another goroutine")
	}
	switch {
	case t.state.endPoll(true) == tearDown:
		t.tearDown(l, ErrCanceled)
	case to == nil:
		t.rt.submit(&t.core, s)
	default:
		to.w.Post(&t.job)
	}
	return true
}

// at reports whether the task is in the registry of l.
//
// Caller: who owns the task.
func (c *core) at(l *local) bool {
	return c.registered() && c.rt.registries()[c.home.registry()] == l.reg
}

// enterPlace registers the task. A pinned one keeps its worker.
//
// Caller: who owns the task.
func (c *core) enterPlace(l *local) {
	c.register(l)
	if c.state.load().has(pinned) {
		l.w.Keep(1)
	}
}

// leavePlace undoes enterPlace, if that was called.
//
// Caller: who owns the task.
func (c *core) leavePlace(l *local) {
	if !c.registered() {
		return
	}
	if c.state.load().has(pinned) {
		l.w.Keep(-1)
	}
	c.unregister(l)
}

// pushPinned pushes an entry for a pinned task that was idle.
//
// Caller: who owns the entry.
func (c *core) pushPinned(from *local) {
	place := c.rt.registries()[c.home.registry()].place
	if from == place && !place.w.Guest() {
		place.w.PostOwn(&c.job)
		return
	}
	place.w.Post(&c.job)
}
