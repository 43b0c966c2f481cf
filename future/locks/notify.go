// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Notify tells tasks that something has happened. [Notify.One] lets one waiter
// go on, the one that waits longest; if nobody waits it is remembered, once, for
// the next to come. [Notify.All] lets go on who waits, and is not remembered.
//
// A waiter that was told and gives up before it has seen that passes it on: one
// call of One lets one waiter through.
//
// The zero Notify has nothing to tell. It must not be copied.
type Notify struct {
	_ noCopy

	// slot is nil, told, the one waiter, or lined if there are several.
	// Writers: any, by compare-and-swap, unless it is lined; who holds mu, to lined
	// by compare-and-swap and from it by a store. Invariant: lined if and only if
	// there is a line, whenever mu is free.
	slot point.Pointer[Waiter]
	line
}

// What a slot holds that is no waiter.
var (
	told   = new(Waiter) // One was called and nobody has taken it
	lining = new(Waiter) // there is a line
)

// Proof [notify-race]: who waits is told by the next One.
//
//	waiter                                One
//	  W1  told to nil: through              O1  read the slot
//	  W2  nil to itself                     O2  nil or told: swap it to told
//	  W3  holding mu: to lined, and link    O3  a waiter: swap it to nil
//	                                        O4  lined: lock mu, choose the oldest
//
// All steps out of nil, told and a waiter are compare-and-swaps: who loses reads
// again. (elect) A waiter stands in the slot by W2, and O3 elects one One to tell
// it; or it stands in the line by W3, which also links the waiter that stood in the
// slot, and O4 has mu after that. O2 is a swap from told to told too, so that the
// waiter sees what every One that it answers has published.
//
// Between O3 and the last access to the waiter, its state, the waiter is in neither
// place; its owner waits for that access before it uses the waiter again.
//
// Checked by: TestStressNotify, TestAbortEachPoll, FuzzNotifyAgainstTwin.

// One lets one waiter go on, now or when it comes.
//
// Caller: any.
func (n *Notify) One() { n.one(nil) }

// OneIn is One from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (n *Notify) OneIn(cx *future.Context) { n.one(cx.Local()) }

func (n *Notify) one(from waker.Local) {
	for {
		switch w := n.slot.Load(); w { // [notify-race] O1
		case nil, told:
			if n.slot.CompareAndSwap(w, told) { // [notify-race] O2 takes effect here
				return
			}
		case lining:
			n.mu.Lock()
			if w = n.oldest; w == nil {
				n.mu.Unlock() // they have gone
				continue
			}
			wk := n.choose(w, granted) // [notify-race] O4 takes effect here
			n.emptied()
			n.mu.Unlock()
			call(wk, from)
			return
		default:
			if n.slot.CompareAndSwap(w, nil) { // [notify-race] O3 elect; takes effect here
				wk := w.waker
				w.state.Store(granted) // our last access
				call(wk, from)
				return
			}
		}
	}
}

// emptied makes the slot nil if the line is empty.
//
// Caller: holding mu, with lined in the slot.
func (n *Notify) emptied() {
	if n.oldest == nil {
		n.slot.Store(nil)
	}
}

// All lets all go on who wait, and returns how many these are.
//
// Caller: any.
func (n *Notify) All() int { return n.all(nil) }

// AllIn is All from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (n *Notify) AllIn(cx *future.Context) int { return n.all(cx.Local()) }

func (n *Notify) all(from waker.Local) (waited int) {
	for {
		switch w := n.slot.Load(); w {
		case nil, told:
			return 0
		case lining:
			var woken batch
			n.mu.Lock()
			for ; n.oldest != nil; waited++ {
				woken.add(n.choose(n.oldest, grantedAll))
			}
			if waited > 0 {
				n.emptied()
			}
			n.mu.Unlock() // takes effect here
			woken.wake(from)
			return waited
		default:
			if n.slot.CompareAndSwap(w, nil) { // takes effect here
				wk := w.waker
				w.state.Store(grantedAll) // our last access
				call(wk, from)
				return 1
			}
		}
	}
}

// Poll reports true once it was told, by One or All. It counts as waiting from
// the first poll on.
//
// Caller: the waiter of w.
func (n *Notify) Poll(cx *future.Context, w *Waiter) bool {
	if w.at != nil {
		w.enter(n)
		if w.state.Load() == waiting {
			n.again(cx, w)
			return false
		}
		if !cx.Spend() {
			return false
		}
		w.reset()
		return true
	}
	if cx.Budget() == 0 {
		cx.Wake()
		return false
	}
	if n.remembered() {
		cx.Spend()
		return true
	}
	w.at, w.waker, w.state = n, cx.Waker(), point.Uint32Of(waiting)
	if n.stand(w) {
		return false
	}
	cx.Spend()
	w.waker.Drop()
	w.reset()
	return true
}

// remembered takes what One told when nobody waited, and reports whether there was that.
//
// Caller: the waiter.
func (n *Notify) remembered() bool {
	return n.slot.Load() == told && n.slot.CompareAndSwap(told, nil) // [notify-race] W1 takes effect here
}

// stand makes w wait, or reports false if it was told.
//
// Caller: the waiter.
func (n *Notify) stand(w *Waiter) bool {
	for {
		switch other := n.slot.Load(); other {
		case nil:
			if n.slot.CompareAndSwap(nil, w) { // [notify-race] W2 publish: w
				return true
			}
		case told:
			if n.remembered() {
				return false
			}
		default:
			n.mu.Lock()
			if other != lining && n.slot.CompareAndSwap(other, lining) { // [notify-race] W3
				n.link(other)
				other = lining
			}
			lined := other == lining && n.slot.Load() == lining
			if lined {
				n.link(w) // [notify-race] W3
			}
			n.mu.Unlock()
			if lined {
				return true
			}
		}
	}
}

// again is a poll of a waiter that was not told: it replaces the waker if that has
// changed.
//
// Caller: the waiter.
func (n *Notify) again(cx *future.Context, w *Waiter) {
	wk := cx.Waker()
	if !w.waker.WillWake(wk) {
		n.mu.Lock()
		// From the slot into a line, not out of both for a moment: in that an All
		// would pass it by, which is not remembered.
		if n.slot.CompareAndSwap(w, lining) { // [notify-race] W3
			n.link(w)
		}
		if n.has(w) {
			w.waker, wk = wk, w.waker
		} else {
			cx.Wake() // told meanwhile, by the old waker
		}
		n.mu.Unlock()
	}
	wk.Drop()
}

// spinsBeforeYield is how many looks the few steps of another goroutine may take.
const spinsBeforeYield = min(16, point.Most-1)

// leave makes w wait no longer, or tells the next what w was told.
//
// Caller: the waiter.
func (n *Notify) leave(w *Waiter) {
	if w.state.Load() == waiting && n.withdraw(w) {
		w.waker.Drop()
		w.reset()
		return
	}
	for spins := 1; w.state.Load() == waiting; spins++ {
		if spins%spinsBeforeYield == 0 {
			point.YieldTurn() // who tells it is between two steps
		}
	}
	alone := w.state.Load() == granted
	w.reset()
	if alone {
		n.One()
	}
}

// withdraw takes w out of the slot or the line, or reports false: it is being told.
func (n *Notify) withdraw(w *Waiter) bool {
	if n.slot.CompareAndSwap(w, nil) {
		return true
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.has(w) {
		return false
	}
	n.unlink(w)
	n.emptied()
	return true
}

// Future returns a future that is ready once it was told. It waits from its first
// poll on.
//
// Caller: any.
func (n *Notify) Future() future.Future[struct{}] { return &notified{n: n} }

// Wait blocks the calling goroutine until it was told, or until ctx ends; then it
// returns the cause.
//
// Caller: any goroutine that may sleep: not a task.
func (n *Notify) Wait(ctx context.Context) error { return block(ctx, n.Future()) }

type notified struct {
	w Waiter
	n *Notify // nil once it was ready or dropped
}

// Poll is ready once it was told.
//
// Caller: owner.
func (f *notified) Poll(cx *future.Context) future.Poll[struct{}] {
	if f.n == nil {
		panic("locks: the future of a Notify was polled after it was ready or dropped")
	}
	if !f.n.Poll(cx, &f.w) {
		return future.Poll[struct{}]{}
	}
	f.n = nil
	return future.Of(struct{}{})
}

// Drop leaves the line.
//
// Caller: owner.
func (f *notified) Drop() {
	f.n = nil
	f.w.Cancel()
}
