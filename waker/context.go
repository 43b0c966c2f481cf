// SPDX-License-Identifier: Apache-2.0

package waker

// noCopy makes go vet report copies of the struct that has it as a field.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// A Context is what a poll is given: whom to wake, where the poll runs, and how
// much it may still do. It has nothing to do with context.Context, which says
// when to give up.
//
// It belongs to the goroutine that polls, for the length of the poll; a future
// must not keep it. It must not be copied.
type Context struct {
	_      noCopy
	waker  Waker
	local  Local
	budget int  // units left; negative is unlimited, and stays so
	taken  bool // somebody may hold the waker
	again  bool // Wake was called
	defers bool // see DeferWakes
	values any  // see SetValues
	pinned bool // see Pin
	pin    Local
	depth  int // see Deeper
}

// NewContext returns a Context with an unlimited budget and no [Local].
//
// Caller: any.
func NewContext(w Waker) *Context { return &Context{waker: w, budget: -1} }

// Reset makes cx ready for the poll of another task, or for the next poll of the
// same. A negative budget is unlimited. w is borrowed: who resets cx keeps it
// alive until the poll returns.
//
// Caller: owner.
func (cx *Context) Reset(w Waker, local Local, budget int) {
	cx.waker = w
	cx.local = local
	cx.budget = budget
	cx.taken = false
	cx.again = false
	cx.pinned = false
}

// Next is Reset for another poll by the party whose Local the Context has.
//
// Caller: owner.
func (cx *Context) Next(w Waker, budget int) {
	cx.waker = w
	cx.budget = budget
	cx.taken = false
	cx.again = false
	cx.pinned = false
}

// Waker returns a Waker to keep: a clone. From here on [Context.Taken] reports
// true, so that the executor knows that a wake can come.
//
// Caller: owner.
func (cx *Context) Waker() Waker {
	cx.taken = true
	return cx.waker.Clone()
}

// WillWake reports whether the waker of the poll and o wake the same, as
// [Waker.WillWake] does. The waker is not taken.
//
// Caller: owner.
func (cx *Context) WillWake(o Waker) bool { return cx.waker.WillWake(o) }

// SetWaker replaces the waker of the poll, and nothing else. It is for executors that
// count the wakers of a task, around the poll of its future.
//
// Caller: owner.
func (cx *Context) SetWaker(w Waker) { cx.waker = w }

// SetTaken makes [Context.Taken] report taken. It is for combinators: one that
// registers itself before it polls its children puts the mark back, and sets it
// if a child waits.
//
// Caller: owner.
func (cx *Context) SetTaken(taken bool) { cx.taken = taken }

// Taken reports whether somebody may hold the waker, since Reset. A poll that
// returns Pending and has not taken it will not be woken through it.
//
// Caller: owner.
func (cx *Context) Taken() bool { return cx.taken }

// Local returns what the executor keeps in cx; nil for a nil cx.
//
// Caller: owner.
func (cx *Context) Local() Local {
	if cx == nil {
		return nil
	}
	return cx.local
}

// Wake asks for another poll of the task that is being polled, after others had
// their turn.
//
// Caller: owner.
func (cx *Context) Wake() {
	cx.taken = true
	cx.again = true
	if !cx.defers {
		cx.waker.WakeBy(cx.local)
	}
}

// Again reports whether Wake was called since Reset: also by an exhausted
// budget.
//
// Caller: owner.
func (cx *Context) Again() bool { return cx.again }

// DeferWakes says that the executor looks at [Context.Again] after every poll
// with cx, for good. Wake then does nothing else: a task that yields costs no
// atomic step.
//
// Caller: once, before the first poll.
func (cx *Context) DeferWakes() { cx.defers = true }

// Spend takes one unit of the budget. A leaf future calls it when it could
// return Ready, and returns Pending if it reports false; the task has been woken
// already, and will be polled again with a new budget. So a task whose futures
// are always ready does not keep others waiting.
//
// Caller: owner.
func (cx *Context) Spend() bool {
	if cx.budget == 0 {
		cx.Wake()
		return false
	}
	cx.budget-- // a negative one would need a machine's lifetime to wrap
	return true
}

// Budget returns how many units are left, or -1 for any number.
//
// Caller: owner.
func (cx *Context) Budget() int { return max(cx.budget, -1) }

// Borrow makes cx ready for the poll of a child, on behalf of parent: with w as
// the child's waker, where the parent runs, and with its budget. It is followed
// by [Context.Repay].
//
// Caller: owner, who also owns parent.
func (cx *Context) Borrow(parent *Context, w Waker) {
	cx.Reset(w, parent.local, parent.budget)
	cx.values = parent.values
	cx.depth = parent.depth
}

// Repay gives what is left of the budget back to parent. It does not mark the
// parent's waker as taken: a combinator knows whether a child still waits.
//
// Caller: owner, who also owns parent.
func (cx *Context) Repay(parent *Context) {
	parent.budget = cx.budget
	if cx.pinned {
		parent.Pin(cx.pin)
	}
	cx.waker = Waker{} // a Context that lives long must not retain a task
	cx.local = nil
	cx.values = nil
}

// Values returns what SetValues has set; nil for a nil cx.
//
// Caller: owner.
func (cx *Context) Values() any {
	if cx == nil {
		return nil
	}
	return cx.values
}

// SetValues sets what [Context.Values] returns, for the futures that are polled with
// cx from here on, and returns what it was. Who sets it puts that back before its
// own poll returns, also by a panic. It is opaque here, as Local is: package future
// keeps values in it that a task takes along.
//
// Caller: owner.
func (cx *Context) SetValues(values any) (before any) {
	before = cx.values
	cx.values = values
	return before
}
