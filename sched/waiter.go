// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"slices"

	"github.com/pilfer-go/pilfer/waker"
)

// A waiter is somebody to tell when a task is done. It is never reused: it may
// stay in a list that its owner has left.
type waiter struct {
	next  *waiter // set before the push
	waker waker.Waker
}

// await adds a waker to the task's waiters, unless it is there already. It
// reports whether the task is done; then the waker may or may not be told.
//
// Caller: any.
func (c *core) await(w waker.Waker) bool {
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
			node = &waiter{waker: w}
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
	newest := c.waiters.Swap(nil)
	if newest == nil {
		return
	}
	var others []*waiter
	for at := newest; at.next != nil; at = at.next {
		others = append(others, at)
		newest = at.next
	}
	newest.waker.WakeIn(l.cx)
	for _, w := range slices.Backward(others) {
		w.waker.WakeIn(l.cx)
	}
}
