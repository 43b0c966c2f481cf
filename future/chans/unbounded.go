// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"
	"iter"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// An Unbounded is a channel whose senders never wait. It grows as long as they are
// faster than its receivers; a [Chan] that is full slows them down instead, and is
// the better choice wherever it will do.
//
// Any number may send and receive. The zero Unbounded is empty. It must not be
// copied.
type Unbounded[T any] struct {
	_ noCopy

	// length is how many messages there are, and closing once it is closed.
	// Writers: holding mu. Invariant: as buffer, whenever mu is free; closing is
	// never cleared.
	length point.Uint32

	mu     point.Mutex
	buffer []T    // holding mu; a power of two
	head   uint32 // holding mu: the oldest message
	used   uint32 // holding mu: how many messages
	shut   bool   // holding mu

	receivers waker.List
}

const (
	// closing is the bit of a closed channel in length.
	closing = 1 << 31

	// keep is the buffer that a channel holds on to when it is empty.
	keep = 64
)

// NewUnbounded returns an empty channel.
//
// Caller: any.
func NewUnbounded[T any]() *Unbounded[T] { return new(Unbounded[T]) }

// Send sends v. It never waits, and returns [ErrClosed] if the channel is closed.
//
// Caller: any.
func (u *Unbounded[T]) Send(v T) error { return u.SendIn(nil, v) }

// SendIn is Send from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (u *Unbounded[T]) SendIn(cx *future.Context, v T) error {
	u.mu.Lock()
	if u.shut {
		u.mu.Unlock()
		return ErrClosed
	}
	if int(u.used) == len(u.buffer) {
		u.grow()
	}
	u.buffer[(u.head+u.used)&uint32(len(u.buffer)-1)] = v
	u.used++
	u.length.Store(u.used)
	u.mu.Unlock()               // takes effect here
	if u.receivers.Len() != 0 { // as [chan-race] C2
		u.receivers.WakeOneIn(cx)
	}
	return nil
}

// grow makes room.
//
// Caller: holding mu.
func (u *Unbounded[T]) grow() {
	if u.used >= closing/2 {
		u.mu.Unlock()
		panic("chans: an Unbounded of 2^30 messages: its receivers do not keep up")
	}
	larger := make([]T, max(8, 2*len(u.buffer)))
	n := copy(larger, u.buffer[u.head:])
	copy(larger[n:], u.buffer[:u.head])
	u.buffer, u.head = larger, 0
}

// pop takes the oldest message.
func (u *Unbounded[T]) pop() (v T, o outcome) {
	switch u.length.Load() {
	case 0:
		return v, nothing // takes effect at the load
	case closing:
		return v, finished
	}
	u.mu.Lock()
	defer u.mu.Unlock() // takes effect here
	if u.used == 0 {
		if u.shut {
			return v, finished
		}
		return v, nothing
	}
	var none T
	v, u.buffer[u.head] = u.buffer[u.head], none
	u.head = (u.head + 1) & uint32(len(u.buffer)-1)
	u.used--
	if u.used == 0 {
		u.head = 0
		if len(u.buffer) > keep {
			u.buffer = nil // what a burst has left
		}
	}
	u.publish()
	return v, took
}

// publish makes length what it must be.
//
// Caller: holding mu.
func (u *Unbounded[T]) publish() {
	n := u.used
	if u.shut {
		n |= closing
	}
	u.length.Store(n)
}

// TryRecv receives a message, or returns [ErrEmpty] or [ErrClosed].
//
// Caller: any.
func (u *Unbounded[T]) TryRecv() (T, error) {
	v, o := u.pop()
	switch o {
	case took:
		return v, nil
	case nothing:
		return v, ErrEmpty
	default:
		return v, ErrClosed
	}
}

// PollRecv receives a message, or arranges for another poll when there is one; see
// [Chan.PollRecv].
//
// Caller: the owner of e.
func (u *Unbounded[T]) PollRecv(cx *future.Context, e *waker.Entry) future.Poll[T] {
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[T]{}
	}
	v, o := u.pop()
	if o == nothing {
		u.receivers.Register(cx, e)
		if v, o = u.pop(); o == nothing {
			return future.Poll[T]{}
		}
	}
	cx.Spend()
	e.Remove()
	if o == finished {
		return future.Fail[T](ErrClosed)
	}
	if u.receivers.Len() != 0 && u.length.Load() != 0 {
		u.receivers.WakeOneIn(cx) // there is more
	}
	return future.Of(v)
}

// RecvFuture returns a future of the next message. It fails with [ErrClosed] when
// all were received. If it is dropped before it is ready, it has received nothing.
//
// Caller: any.
func (u *Unbounded[T]) RecvFuture() future.Future[T] { return &receiving[T]{from: u} }

// Recv blocks the calling goroutine until there is a message, or until ctx ends;
// then it returns the cause. It returns [ErrClosed] when all were received.
//
// Caller: any goroutine that may sleep: not a task.
func (u *Unbounded[T]) Recv(ctx context.Context) (T, error) {
	if v, err := u.TryRecv(); err != ErrEmpty {
		return v, err
	}
	return future.Block(ctx, u.RecvFuture())
}

// All yields messages as they come, until the channel is closed and all were
// received, or until ctx ends: ask ctx which it was.
//
// Caller: any goroutine that may sleep: not a task.
func (u *Unbounded[T]) All(ctx context.Context) iter.Seq[T] { return all(ctx, source[T](u)) }

// ToGo sends what it receives to ch; see [Chan.ToGo].
//
// Caller: any goroutine that may sleep: not a task.
func (u *Unbounded[T]) ToGo(ctx context.Context, ch chan<- T) error {
	return toGo(ctx, source[T](u), ch)
}

// Close ends sending: senders get [ErrClosed], receivers what was sent before and
// then ErrClosed. It reports whether it is the first to do so.
//
// Caller: any.
func (u *Unbounded[T]) Close() bool {
	u.mu.Lock()
	first := !u.shut
	u.shut = true
	u.publish()
	u.mu.Unlock() // takes effect here
	if first {
		u.receivers.WakeAll()
	}
	return first
}

// Abandon is Close by the receiving side: what is in the channel is thrown away.
// It returns how many messages that were.
//
// Caller: any.
func (u *Unbounded[T]) Abandon() (lost int) {
	u.mu.Lock()
	lost = int(u.used)
	u.buffer, u.head, u.used, u.shut = nil, 0, 0, true
	u.publish()
	u.mu.Unlock()
	u.receivers.WakeAll()
	return lost
}

// IsClosed reports whether sending has ended.
//
// Caller: any.
func (u *Unbounded[T]) IsClosed() bool { return u.length.Load()&closing != 0 }

// Len returns how many messages wait to be received.
//
// Caller: any.
func (u *Unbounded[T]) Len() int { return int(u.length.Load() &^ closing) }
