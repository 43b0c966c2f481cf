// SPDX-License-Identifier: Apache-2.0

package future

import (
	"errors"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// errSharedPanic is what the other clones get when the shared future panics in the
// poll of one.
var errSharedPanic = errors.New("future: a shared future panicked in another task")

// Share returns a future of f's result that can be cloned, so that many tasks wait
// for it. f goes on in whichever of them is polled; if that one is dropped, another
// takes over. When all are dropped before f is ready, so is f.
//
// All get the same value: what it points to is shared. If f panics, the panic
// passes through the poll it happens in, and the other clones fail.
//
// Caller: any.
func Share[T any](f Future[T]) *Shared[T] {
	refuseNil(f, "Share")
	return &Shared[T]{s: &sharing[T]{f: f, clones: 1}}
}

// A sharing is what the clones of a Shared have in common.
type sharing[T any] struct {
	// done says that result stands.
	// Writers: who polls f, once, to true (publish: result).
	done   point.Bool
	result Poll[T]

	mu      point.Mutex
	clones  int  // holding mu: those that have not ended
	polling bool // holding mu: one of them polls f
	woken   bool // holding mu: f was woken in the poll that is under way, or was last
	refused bool // holding mu: and another clone has found that poll under way
	f       Future[T]
	cx      waker.Context // f and cx belong to who set polling

	waiters waker.List
}

// Proof [shared-race]: every clone that waits is polled when f can go on.
//
//	clone                              who wakes f
//	  C1  register                       W1  what f waits for happens
//	  C2  somebody polls f: wait         W2  wake all clones
//	  C3  else poll f, with W as waker
//
// A clone waits only after C1, and only if a poll of f is under way or has
// returned Pending since, by this clone or another. That poll handed out the waker
// W, or keeps one that was handed out, so that W1 is seen by it or is followed by
// W2, which finds the registration of C1. (cross; [list-race] is the rest) The
// clone that makes f ready wakes all too.
//
// W2 may come while that poll is under way, though it has looked already. Then the
// clones that W2 wakes wait again, by C2, for one that may be dropped rather than
// polled again. So W2 leaves word, and the end of the poll wakes them once more.
//
// Checked by: TestStressShared, TestSharedWokenInPoll.

// WakeBy wakes all clones: the first to be polled goes on with f.
//
// Caller: any.
func (s *sharing[T]) WakeBy(waker.Local) {
	s.mu.Lock()
	s.woken = true
	s.mu.Unlock()
	s.waiters.WakeAll() // [shared-race] W2
}

// begin reports whether the caller is to poll f.
func (s *sharing[T]) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polling || s.done.Load() {
		s.refused = true
		return false
	}
	s.polling, s.woken, s.refused = true, false, false
	return true
}

// end follows the poll of f. A poll that panicked has no answer.
func (s *sharing[T]) end(p Poll[T], panicked bool) {
	var crashed Future[T]
	if panicked {
		p, crashed = Fail[T](errSharedPanic), s.f
	}
	if p.Ready {
		s.f, s.result = nil, p
		s.done.Store(true) // publish: result; takes effect here
	}
	s.mu.Lock()
	s.polling = false
	again := s.woken && s.refused
	s.mu.Unlock()
	if p.Ready || again {
		s.waiters.WakeAll()
	}
	Drop(crashed)
}

// A Shared is one clone; see [Share], which makes the first. It has one owner, as
// every future.
type Shared[T any] struct {
	s     *sharing[T] // nil once it was ready or dropped
	entry waker.Entry
}

// Clone returns another future of the same result.
//
// Caller: owner, before the end.
func (c *Shared[T]) Clone() *Shared[T] {
	if c.s == nil {
		panic("future: Clone of a Shared that was ready or dropped")
	}
	c.s.mu.Lock()
	c.s.clones++
	c.s.mu.Unlock()
	return &Shared[T]{s: c.s}
}

// Poll goes on with the shared future, unless another clone does.
//
// Caller: owner.
func (c *Shared[T]) Poll(cx *Context) Poll[T] {
	s := c.s
	if s == nil {
		ended("Shared")
	}
	if !s.done.Load() {
		s.waiters.Register(cx, &c.entry) // [shared-race] C1
		if s.begin() {                   // [shared-race] C2
			s.poll(cx) // [shared-race] C3
		}
		if !s.done.Load() {
			return Poll[T]{}
		}
	}
	if !cx.Spend() {
		return Poll[T]{}
	}
	p := s.result
	c.Drop()
	return p
}

// poll polls f.
//
// Caller: who set polling.
func (s *sharing[T]) poll(cx *Context) {
	var p Poll[T]
	panicked := true
	defer func() { s.end(p, panicked) }()
	s.cx.Borrow(cx, waker.New(s))
	p = s.f.Poll(&s.cx)
	s.cx.Repay(cx)
	panicked = false
}

// Drop gives the clone up; the last drops the shared future.
//
// Caller: owner.
func (c *Shared[T]) Drop() {
	s := c.s
	c.s = nil
	if s == nil {
		return
	}
	c.entry.Remove()
	s.mu.Lock()
	s.clones--
	var f Future[T]
	if s.clones == 0 { // so nobody polls
		f, s.f = s.f, nil
	}
	s.mu.Unlock()
	Drop(f)
}
