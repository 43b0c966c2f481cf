// SPDX-License-Identifier: Apache-2.0

package waker

// Pin says that what is being polled can go on only where the party is whose Local
// is home: it holds a thread there, or a coroutine. With nil it can begin only at a
// party that has a goroutine of its own. The executor polls the task there from then
// on, and soon, if the party that polls now is another one: who pins returns Pending
// and needs no waker for that.
//
// Caller: owner.
func (cx *Context) Pin(home Local) {
	cx.pinned = true
	cx.pin = home
}

// Pinned reports whether [Context.Pin] was called since Reset. It is for executors,
// which look at it after a poll that returned Pending.
//
// Caller: owner.
func (cx *Context) Pinned() bool { return cx.pinned }

// TakePin returns what Pin was given last, and forgets that it was called.
//
// Caller: owner.
func (cx *Context) TakePin() (home Local) {
	home = cx.pin
	cx.pinned, cx.pin = false, nil
	return home
}

// Deeper counts one more level of polls inside each other, where each level costs
// more than a call, and returns how many there are. [Context.Shallower] follows.
//
// Caller: owner.
func (cx *Context) Deeper() int {
	cx.depth++
	return cx.depth
}

// Shallower undoes one Deeper.
//
// Caller: owner, also after a panic.
func (cx *Context) Shallower() { cx.depth-- }
