// SPDX-License-Identifier: Apache-2.0

package future

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// The life of a promise.
//
//	        Resolve, Reject           the outcome is written
//	open ───────────────────► settling ───────────────────────► done
//	 │
//	 └──────────────────────► dropped
//	    the future is dropped
//
// A poll changes nothing here: that the outcome was taken is the future's own
// affair.
type promiseState uint32

const (
	open     promiseState = iota
	settling              // one resolver writes the outcome
	done                  // the outcome stands (publish); settling plus one
	dropped               // nobody wants the outcome

	phase  promiseState = 3 // the bits that hold the above
	handed promiseState = 4 // Future was called
)

// A Promise is the writing end of a value that somebody sets once; its [Future]
// is the reading end. Promise, future and the waker's cell are one allocation.
//
// Any number of goroutines may try to settle it; the first wins. One task polls
// the future. A Promise must not be copied.
type Promise[T any] struct {
	_ noCopy

	// cell holds the waker of the task that polls the future.
	cell waker.Cell

	// state is one of the four above, and handed.
	// Writers: any, by compare-and-swap out of open, and to set handed; the
	// resolver that moved it to settling, by adding one. Invariant: once done or
	// dropped, the phase never changes; handed is never cleared.
	state point.Uint32

	// The outcome: written by the resolver that moved state to settling, then
	// owned by the future's owner once it has seen done.
	value T
	err   error

	over bool // the future was ready or dropped; the future's owner only
}

// NewPromise returns a promise that is not settled.
//
// Caller: any.
func NewPromise[T any]() *Promise[T] { return new(Promise[T]) }

// Future returns the reading end. There is one, for one task: a second call
// panics. Dropping it makes a later Resolve or Reject report false.
//
// Caller: any, once.
func (p *Promise[T]) Future() Future[T] {
	for {
		s := p.load()
		if s&handed != 0 {
			panic("future: Promise.Future called twice; one task can wait for a promise")
		}
		if p.swap(s, s|handed) { // elect
			return (*promised[T])(p)
		}
	}
}

// Resolve settles the promise with v and wakes the task that waits. It reports
// whether this call settled it: not if another did before, or is about to, or if
// the future was dropped.
//
// Caller: any.
func (p *Promise[T]) Resolve(v T) bool { return p.settle(v, nil, nil) }

// ResolveIn is [Promise.Resolve] from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (p *Promise[T]) ResolveIn(cx *Context, v T) bool { return p.settle(v, nil, cx) }

// Reject settles the promise with an error, as [Promise.Resolve] does with a
// value. A nil error panics.
//
// Caller: any.
func (p *Promise[T]) Reject(err error) bool { return p.RejectIn(nil, err) }

// RejectIn is [Promise.Reject] from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (p *Promise[T]) RejectIn(cx *Context, err error) bool {
	if err == nil {
		panic("future: Promise rejected with a nil error")
	}
	var none T
	return p.settle(none, err, cx)
}

// Settled reports whether Resolve and Reject would report false: the promise has
// its outcome, or the future was dropped. Who computes a costly value may look
// in between whether it is still wanted.
//
// Caller: any.
func (p *Promise[T]) Settled() bool { return p.load()&phase != open }

func (p *Promise[T]) load() promiseState { return promiseState(p.state.Load()) }

func (p *Promise[T]) swap(old, next promiseState) bool {
	return p.state.CompareAndSwap(uint32(old), uint32(next))
}

// leaveOpen moves the promise from open to next. It reports false if somebody
// else has done that.
func (p *Promise[T]) leaveOpen(next promiseState) bool {
	for {
		s := p.load()
		if s&phase != open {
			return false
		}
		if p.swap(s, s|next) {
			return true
		}
		// Future was called meanwhile, or we have lost.
	}
}

// Proof [promise-race]: a promise that is settled makes its future ready.
//
//	resolver                              the future's owner
//	  S1  open to settling (elect)          F1  not done: register
//	  S2  write the outcome                 F2  not done: return Pending
//	  S3  settling to done (publish)
//	  S4  wake the cell
//
// S3 before F2 in S: the poll takes the outcome, which it sees whole. (publish)
// Otherwise F1, F2, S3, S4: the registration stands at S4, which calls the waker
// after S3; so the poll that it causes sees done. (cross; [cell-race] is the
// rest) One resolver does S2 and S3, and none does after a drop, as both leave
// open by compare-and-swap. (elect) A poll and a drop are never at once: both
// belong to the owner.
//
// Checked by: TestStressPromise, TestLinearPromise, TestPromiseLooksAgain.

// settle writes the outcome if nobody has.
//
// Caller: any; with cx, the goroutine that polls with it.
func (p *Promise[T]) settle(v T, err error, cx *Context) bool {
	if !p.leaveOpen(settling) { // [promise-race] S1 elect
		return false
	}
	p.finish(v, err, cx)
	return true
}

// finish makes the outcome visible.
//
// Caller: the resolver that moved the promise to settling.
func (p *Promise[T]) finish(v T, err error, cx *Context) {
	p.value, p.err = v, err // [promise-race] S2
	// An addition, not a store: handed may be set meanwhile.
	p.state.Add(uint32(done - settling)) // [promise-race] S3 publish: value, err; takes effect here
	p.cell.WakeIn(cx)                    // [promise-race] S4
}

// promised is a Promise seen from its reading end.
type promised[T any] Promise[T]

func (f *promised[T]) phase() promiseState { return (*Promise[T])(f).load() & phase }

// Poll takes the outcome if there is one, and registers if not.
//
// Caller: owner.
func (f *promised[T]) Poll(cx *Context) Poll[T] {
	if f.over {
		ended("Promise's future")
	}
	if f.phase() != done {
		f.cell.Register(cx)    // [promise-race] F1
		if f.phase() != done { // [promise-race] F2
			return Poll[T]{}
		}
		// The outcome came meanwhile. The waker is taken back, as the task
		// needs no wake from it.
		w := f.cell.Take()
		w.Drop()
	}
	if !cx.Spend() {
		return Poll[T]{}
	}
	got := Poll[T]{Value: f.value, Err: f.err, Ready: true}
	f.forget()
	return got
}

// Drop gives the future up: a later Resolve or Reject reports false.
//
// Caller: owner.
func (f *promised[T]) Drop() {
	if f.over {
		return
	}
	f.over = true
	if (*Promise[T])(f).leaveOpen(dropped) || f.phase() == done {
		f.forget()
	}
	// Else a resolver is at work. The outcome that it writes lies here as long
	// as somebody holds the Promise.
	w := f.cell.Take()
	w.Drop()
}

// forget ends the future and clears what it would retain.
//
// Caller: owner, who knows that no resolver is at work.
func (f *promised[T]) forget() {
	if invariant.Enabled {
		s := f.phase()
		invariant.Check(s == done || s == dropped, "promise forgotten in phase %d", s)
	}
	var none T
	f.value, f.err = none, nil
	f.over = true
}
