// SPDX-License-Identifier: Apache-2.0

package waker

// Pin says that what is being polled can go on only where the party is whose Local
// is home: it holds a thread there, or a coroutine. With nil it can begin only at a
// party that has a goroutine of its own. It panics if another call in the same poll
// named another home. The executor polls the task there from then
// on, and soon, if the party that polls now is another one: who pins returns Pending
// and needs no waker for that.
//
// Caller: owner.
func (cx *Context) Pin(home Local) {
	if cx.pinned && cx.pin != nil && home != cx.pin {
		if home == nil {
			return // it can begin there too
		}
		panic("waker: one poll pins a task to two places: coroutines that two workers started cannot wait in one task")
	}
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

// Deeper counts one more level of polls inside each other, where a level costs more
// than a call. [Context.Shallower] follows.
//
// Caller: owner.
func (cx *Context) Deeper() { cx.depth++ }

// Depth returns how many levels there are.
//
// Caller: owner.
func (cx *Context) Depth() int { return cx.depth }

// Shallower undoes one Deeper.
//
// Caller: owner, also after a panic.
func (cx *Context) Shallower() { cx.depth-- }
