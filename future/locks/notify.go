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

	// word is quiet, told, or lined as in a gate.
	// Writers: any, by compare-and-swap, from quiet and told; who holds mu, to
	// lined by compare-and-swap, and by a store from it. Invariant: lined if and
	// only if there is a line, whenever mu is free.
	word point.Uint32
	line
}

const (
	quiet uint32 = 0
	told  uint32 = 2 // One was called and nobody has taken it
)

// Proof [notify-race]: who waits is told by the next One.
//
//	waiter                                One
//	  W1  told to quiet: through            O1  read the word
//	  W2  holding mu: quiet to lined        O2  quiet or told: swap it to told
//	  W3  link                              O3  lined: lock mu, choose the oldest
//
// O2 before W1 or W2 in S: the waiter reads told, or its swap fails and it reads
// again. (elect) W2 before O2: the swap of O2 fails, it reads lined, and O3 has mu
// after W3. O2 is a swap from told to told too, so that the waiter sees what every
// One that it answers has published.
//
// Checked by: TestStressNotify, TestAbortEachPoll.

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
		s := n.word.Load() // [notify-race] O1
		if s != lined {
			if n.word.CompareAndSwap(s, told) { // [notify-race] O2 takes effect here
				return
			}
			continue
		}
		n.mu.Lock()
		w := n.oldest
		if w == nil {
			n.mu.Unlock() // they have gone
			continue
		}
		wk := n.choose(w, granted) // [notify-race] O3 takes effect here
		if n.oldest == nil {
			n.word.Store(quiet)
		}
		n.mu.Unlock()
		call(wk, from)
		return
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
	if n.word.Load() != lined {
		return 0
	}
	var woken batch
	n.mu.Lock()
	for ; n.oldest != nil; waited++ {
		woken.add(n.choose(n.oldest, grantedAll))
	}
	if waited > 0 {
		n.word.Store(quiet)
	}
	n.mu.Unlock() // takes effect here
	woken.wake(from)
	return waited
}

// Poll reports true once it was told, by One or All. It counts as waiting from
// the first poll on.
//
// Caller: the waiter of w.
func (n *Notify) Poll(cx *future.Context, w *Waiter) bool {
	if w.at == nil && cx.Budget() != 0 && n.word.Load() == told && n.word.CompareAndSwap(told, quiet) { // [notify-race] W1 takes effect here
		cx.Spend()
		return true
	}
	w.enter(n)
	switch w.state.Load() {
	case granted, grantedAll:
		if !cx.Spend() {
			return false
		}
		w.reset()
		return true
	case waiting:
		n.again(cx, w)
		return false
	}
	if cx.Budget() == 0 {
		cx.Wake()
		return false
	}
	w.waker = cx.Waker()
	if n.lineUp(w) {
		return false
	}
	cx.Spend()
	w.waker.Drop()
	w.reset()
	return true
}

// lineUp puts w into the line, or reports false if it was told.
func (n *Notify) lineUp(w *Waiter) bool {
	n.mu.Lock()
	for {
		switch s := n.word.Load(); {
		case s == told:
			if n.word.CompareAndSwap(told, quiet) { // [notify-race] W1 takes effect here
				n.mu.Unlock()
				return false
			}
			continue
		case s == quiet && !n.word.CompareAndSwap(quiet, lined): // [notify-race] W2
			continue
		}
		n.link(w) // [notify-race] W3
		n.mu.Unlock()
		return true
	}
}

// leave takes w out of the line, or tells the next what w was told.
//
// Caller: the waiter.
func (n *Notify) leave(w *Waiter) {
	if w.state.Load() == waiting {
		n.mu.Lock()
		left := w.state.Load() == waiting
		if left {
			n.unlink(w)
			if n.oldest == nil {
				n.word.Store(quiet)
			}
		}
		n.mu.Unlock()
		if left {
			w.waker.Drop()
			w.reset()
			return
		}
	}
	alone := w.state.Load() == granted
	w.reset()
	if alone {
		n.One()
	}
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
