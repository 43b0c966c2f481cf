// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// A Permit is room for one message in a [Chan]. Its owner sends one message, which
// never waits, or gives the room back; exactly one of the two. It is for work that
// must not begin before its result has a place to go.
//
// A permit does not take a place in the order of messages before it is used.
type Permit[T any] struct {
	c *Chan[T] // nil once it was used or given back
}

// TryReserve returns a permit, or [ErrFull] or [ErrClosed].
//
// Caller: any.
func (c *Chan[T]) TryReserve() (*Permit[T], error) {
	switch c.ring.reserve(true) {
	case took:
		return &Permit[T]{c}, nil
	case noRoom:
		return nil, ErrFull
	default:
		return nil, ErrClosed
	}
}

// Reserve blocks the calling goroutine until there is room, or until ctx ends;
// then it returns the cause. It returns [ErrClosed] if the channel is closed.
//
// Caller: any goroutine that may sleep: not a task.
func (c *Chan[T]) Reserve(ctx context.Context) (*Permit[T], error) {
	if p, err := c.TryReserve(); err != ErrFull {
		return p, err
	}
	return future.Block(ctx, c.ReserveFuture())
}

// ReserveFuture returns a future of a permit. It fails with [ErrClosed].
//
// Caller: any.
func (c *Chan[T]) ReserveFuture() future.Future[*Permit[T]] { return &reserving[T]{c: c} }

// A reserving is the future of a permit.
type reserving[T any] struct {
	c     *Chan[T] // nil once it was ready or dropped
	entry waker.Entry
}

// Poll reserves.
//
// Caller: owner.
func (r *reserving[T]) Poll(cx *future.Context) future.Poll[*Permit[T]] {
	c := r.c
	if c == nil {
		panic("chans: ReserveFuture polled after it was ready or dropped")
	}
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[*Permit[T]]{}
	}
	o := c.ring.reserve(false) // [chan-race] W1
	if o == noRoom || o == busy {
		c.senders.Register(cx, &r.entry)                         // [chan-race] W2
		if o = c.ring.reserve(false); o == noRoom || o == busy { // [chan-race] W3
			return future.Poll[*Permit[T]]{}
		}
	}
	cx.Spend()
	r.c = nil
	r.entry.Remove()
	if o != took {
		return future.Fail[*Permit[T]](ErrClosed)
	}
	if c.senders.Len() != 0 && c.hasRoom() {
		c.senders.WakeOneIn(cx)
	}
	return future.Of(&Permit[T]{c})
}

// Drop leaves the line; a wake that it had goes to the next.
//
// Caller: owner.
func (r *reserving[T]) Drop() {
	r.c = nil
	r.entry.Cancel()
}

// Send sends v in the room of the permit. It panics if the permit was used or given
// back.
//
// Caller: owner, once.
func (p *Permit[T]) Send(v T) { p.SendIn(nil, v) }

// SendIn is Send from inside the poll that cx belongs to.
//
// Caller: owner, once: the goroutine that polls with cx.
func (p *Permit[T]) SendIn(cx *future.Context, v T) {
	c := p.c
	if c == nil {
		panic("chans: Send with a Permit that was used or given back")
	}
	p.c = nil
	c.ring.pushReserved(v) // [chan-race] C1
	c.sent(cx)
}

// Drop gives the room back. After Send, or a second time, it does nothing: it may
// be deferred.
//
// Caller: owner.
func (p *Permit[T]) Drop() {
	c := p.c
	if c == nil {
		return
	}
	p.c = nil
	if c.ring.unreserve() { // [chan-race] C1
		c.receivers.WakeAll() // there will be no more messages
	}
	c.sent(nil)
}
