// SPDX-License-Identifier: Apache-2.0

package future

import (
	"unsafe"

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
// Beside it stands the bit waiting, which the future's owner sets and clears in
// open and settling, and the step to done takes away. A poll that is ready changes
// nothing here: that the outcome was taken is the future's own affair. A value without
// size leaves nothing to write, and goes from open to done at once.
type promiseState uint32

const (
	settling promiseState = 1 << iota // one resolver writes the outcome
	done                              // the outcome stands (publish)
	dropped                           // nobody wants the outcome
	waiting                           // the waker is registered

	open   promiseState = 0
	closed              = settling | done | dropped
)

// A Promise is the writing end of a value that somebody sets once; its [Future]
// is the reading end. Both are one allocation, or none: the zero Promise is ready
// to use, so that it can be a field of what waits for it.
//
// Any number of goroutines may try to settle it; the first wins. One task polls
// the future. A Promise must not be copied.
type Promise[T any] struct {
	_ noCopy

	// waker is the registered waker. Plain: the future's owner's until it has set
	// waiting; then that of who takes waiting away, the owner or the resolver.
	waker waker.Waker

	// state is one of the above.
	// Writers: any, by compare-and-swap out of open; the resolver that moved it to
	// settling, by a swap to done; the future's owner, by compare-and-swap, for
	// waiting. Invariant: once done or dropped, nothing changes.
	state point.Uint32

	// The outcome: written by the resolver that moved state to settling, then
	// owned by the future's owner once it has seen done.
	value T
	err   error

	handed bool // Future was called
	over   bool // the future was ready or dropped; the future's owner only
}

// NewPromise returns a promise that is not settled. One that is forgotten leaves its
// future waiting for ever: see [Promise.Abandon].
//
// Caller: any.
func NewPromise[T any]() *Promise[T] { return new(Promise[T]) }

// Future returns the reading end. There is one, for one task: a second call
// panics. Dropping it makes a later Resolve or Reject report false.
//
// Caller: who made the promise, once.
func (p *Promise[T]) Future() Future[T] {
	if p.handed {
		panic("future: Promise.Future called twice; one task can wait for a promise")
	}
	p.handed = true
	return (*promised[T])(p)
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

// Abandon settles the promise with [ErrAbandoned], unless it is settled, and reports
// whether it did. A promise that is merely forgotten leaves its future waiting for ever,
// and looks like one that is settled late: so whoever must settle it on all ways out
// begins with
//
//	defer p.Abandon()
//
// Caller: any.
func (p *Promise[T]) Abandon() bool { return p.Reject(ErrAbandoned) }

// Settled reports whether Resolve and Reject would report false: the promise has
// its outcome, or the future was dropped. Who computes a costly value may look
// in between whether it is still wanted.
//
// Caller: any.
func (p *Promise[T]) Settled() bool { return p.load()&closed != 0 }

func (p *Promise[T]) load() promiseState { return promiseState(p.state.Load()) }

func (p *Promise[T]) swap(old, next promiseState) bool {
	return p.state.CompareAndSwap(uint32(old), uint32(next))
}

// Proof [promise-race]: a promise that is settled makes its future ready.
//
//	resolver                              the future's owner
//	  S1  open to settling (elect)          F1  write the waker
//	  S2  write the outcome                 F2  set waiting; if done: take the outcome
//	  S3  swap to done; if it was waiting:
//	      take the waker out and wake
//
// S3 before F2 in S: F2 finds done, and the poll takes the outcome, which it sees
// whole. (publish) Otherwise S3 finds waiting, and sees the waker whole. (publish)
// So the poll that the wake causes comes after S3 and sees done. Nobody else
// touches the waker then: the owner, to replace it or to drop the future, first
// takes waiting away, and in done leaves it to the resolver. One resolver does S2
// and S3, and none does after a drop, as both leave open by compare-and-swap.
// (elect) A poll and a drop are never at once: both belong to the owner.
//
// An outcome without size or error has no S2, and S1 and S3 are one compare-and-swap:
// what S3 does, by the step that elects.
//
// Checked by: TestStressPromise, TestStressPromiseDrop, TestStressPromiseEmpty, TestLinearPromise.

// settle writes the outcome if nobody has.
//
// Caller: any; with cx, the goroutine that polls with it.
func (p *Promise[T]) settle(v T, err error, cx *Context) bool {
	if unsafe.Sizeof(v) == 0 && err == nil {
		return p.settleEmpty(cx)
	}
	if !p.leaveOpen() {
		return false
	}
	p.finish(v, err, cx)
	return true
}

// leaveOpen moves the promise from open to settling. It reports false if
// somebody else has left open.
func (p *Promise[T]) leaveOpen() bool {
	for {
		s := p.load()
		if s&closed != 0 {
			return false
		}
		if p.swap(s, s|settling) { // [promise-race] S1 elect
			return true
		}
		// The owner waits or no longer does, or we have lost.
	}
}

// settleEmpty is settle for an outcome of which there is nothing to write, so that
// open goes to done at once: one locked instruction instead of two.
//
// Caller: as settle.
func (p *Promise[T]) settleEmpty(cx *Context) bool {
	for {
		s := p.load()
		if s&closed != 0 {
			return false
		}
		if p.swap(s, done) { // [promise-race] S1 elect, S3 publish; takes effect here
			if s&waiting != 0 {
				p.wakeWaiter(cx)
			}
			return true
		}
	}
}

// finish makes the outcome visible, and wakes who waits for it.
//
// Caller: the resolver that moved the promise to settling.
func (p *Promise[T]) finish(v T, err error, cx *Context) {
	if point.Explored {
		point.Writes(&p.value)
	}
	p.value, p.err = v, err                                    // [promise-race] S2
	if promiseState(p.state.Swap(uint32(done)))&waiting != 0 { // [promise-race] S3 publish: value, err; takes effect here
		p.wakeWaiter(cx)
	}
}

// wakeWaiter takes the waker out and wakes.
//
// Caller: the resolver that took waiting away by its step to done.
func (p *Promise[T]) wakeWaiter(cx *Context) {
	if point.Explored {
		point.Writes(&p.waker)
	}
	w := p.waker
	p.waker = waker.Waker{}
	w.WakeIn(cx)
	w.Drop()
}

// promised is a Promise seen from its reading end.
type promised[T any] Promise[T]

func (f *promised[T]) promise() *Promise[T] { return (*Promise[T])(f) }

// Poll takes the outcome if there is one, and registers if not.
//
// Caller: owner.
func (f *promised[T]) Poll(cx *Context) Poll[T] {
	if f.over {
		ended("Promise's future")
	}
	if f.register(cx) || !cx.Spend() {
		return Poll[T]{}
	}
	got := Poll[T]{Value: f.value, Err: f.err, Ready: true}
	f.forget()
	return got
}

// register leaves cx's waker to the resolver, unless the outcome stands: then the
// task needs no wake, and register reports false.
//
// Caller: owner.
func (f *promised[T]) register(cx *Context) bool {
	s := f.promise().load()
	if s&done != 0 || s&waiting != 0 && !f.mark(0) {
		return false // and if there was a waker, the resolver has it
	}
	if point.Explored {
		point.Writes(&f.waker)
	}
	w := cx.Waker()
	if !f.waker.WillWake(w) {
		w, f.waker = f.waker, w // [promise-race] F1
	}
	waits := f.mark(waiting) // [promise-race] F2 publish: waker
	if !waits {
		if point.Explored {
			point.Writes(&f.waker)
		}
		f.waker.Drop()
	}
	w.Drop() // last, as that may be user code
	return waits
}

// mark sets the bit waiting as in bit. It reports false, and does nothing, if the
// promise is done.
//
// Caller: owner.
func (f *promised[T]) mark(bit promiseState) bool {
	for {
		s := f.promise().load()
		if s&done != 0 {
			return false
		}
		if f.promise().swap(s, s&^waiting|bit) {
			return true
		}
	}
}

// Drop gives the future up: a later Resolve or Reject reports false.
//
// Caller: owner.
func (f *promised[T]) Drop() {
	if f.over {
		return
	}
	f.over = true
	for {
		s := f.promise().load()
		next := dropped
		switch {
		case s&done != 0:
			f.forget() // and leave the waker, if there is one, to the resolver
			return
		case s&settling != 0:
			next = settling // the outcome lies here as long as somebody holds the Promise
		}
		if f.promise().swap(s, next) {
			if point.Explored {
				point.Writes(&f.waker)
			}
			f.waker.Drop()
			return
		}
	}
}

// forget ends the future and clears what it would retain.
//
// Caller: owner, who has seen done.
func (f *promised[T]) forget() {
	if invariant.Enabled {
		s := f.promise().load()
		invariant.Check(s == done, "promise forgotten in state %d", s)
	}
	if point.Explored {
		point.Writes(&f.value)
	}
	var none T
	f.value, f.err = none, nil
	f.over = true
}
