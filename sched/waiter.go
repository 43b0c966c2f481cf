// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"runtime/debug"

	"github.com/pilfer-go/pilfer/waker"
)

// A waiter is somebody to tell when a task is done. It is never reused: it may
// stay in a list that its owner has left.
type waiter struct {
	next  *waiter // set before the push
	waker waker.Waker
	done  *doneChan // if that is whom waker wakes
}

// await adds a waker to the task's waiters, unless it is there already. It
// reports whether the task is done; then the waker may or may not be told.
//
// Caller: any.
func (c *core) await(w waker.Waker) bool { return c.awaitAs(w, nil) }

// awaitAs is await for the waker of d, or any waker with d nil.
//
// Caller: any.
func (c *core) awaitAs(w waker.Waker, d *doneChan) bool {
	if c.state.isDone() {
		return true
	}
	var node *waiter
	for {
		head := c.waiters.Load()
		for at := head; at != nil; at = at.next {
			if at.waker.WillWake(w) {
				return c.state.isDone()
			}
		}
		if node == nil {
			node = &waiter{waker: w, done: d}
		}
		node.next = head
		if c.waiters.CompareAndSwap(head, node) { // [done-race] J1
			return c.state.isDone() // [done-race] J2
		}
	}
}

// wakeWaiters takes all waiters and tells them, the first to come first. The
// list itself stays as it is: others may be walking it.
func (c *core) wakeWaiters(l *local) {
	var room [8]*waiter
	newestFirst := room[:0]
	for at := c.waiters.Swap(nil); at != nil; at = at.next {
		newestFirst = append(newestFirst, at)
	}
	wakeEach(newestFirst, l)
}

// wakeEach wakes from the last to the first. A waker must not panic; one that
// does must not keep the others waiting, and the task it is told of is done.
func wakeEach(newestFirst []*waiter, l *local) {
	i := len(newestFirst) - 1
	defer func() {
		if i < 0 {
			return
		}
		if v := recover(); v != nil {
			l.rt.log.logger().Error("pilfer: a waker panicked", "panic", v, "stack", string(debug.Stack()))
		}
		wakeEach(newestFirst[:i], l)
	}()
	for ; i >= 0; i-- {
		newestFirst[i].waker.WakeIn(l.cx)
	}
}
