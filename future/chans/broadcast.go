// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"
	"fmt"
	"iter"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Broadcast is a channel where every receiver gets every value that is sent
// while it is subscribed. Senders never wait: a receiver that is more than the
// capacity behind loses the oldest values, and is told how many. Make one with
// [NewBroadcast].
type Broadcast[T any] struct {
	// sent is how many values were sent, times two, and one once it is closed.
	// Writers: holding mu. Invariant: never decreases.
	sent point.Uint64

	mu          point.Mutex
	values      []T // holding mu: value n is at n modulo the length
	subscribers int // holding mu

	waiting waker.List
}

// NewBroadcast returns a channel that keeps the latest capacity values, at most
// [MaxCapacity]. It panics if that is below 1 or above.
//
// Caller: any.
func NewBroadcast[T any](capacity int) *Broadcast[T] {
	if capacity < 1 || capacity > MaxCapacity {
		panic(fmt.Sprintf("chans: NewBroadcast with capacity %d; want 1 to %d", capacity, MaxCapacity))
	}
	return &Broadcast[T]{values: make([]T, capacity)}
}

// Send sends v to all subscribers and returns how many there are. It returns
// [ErrClosed] if the channel is closed. A value stays in the channel until as many
// others were sent as it has room for.
//
// Caller: any.
func (b *Broadcast[T]) Send(v T) (subscribers int, err error) { return b.SendIn(nil, v) }

// SendIn is Send from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (b *Broadcast[T]) SendIn(cx *future.Context, v T) (subscribers int, err error) {
	b.mu.Lock()
	s := b.sent.Load()
	if s&1 != 0 {
		b.mu.Unlock()
		return 0, ErrClosed
	}
	subscribers = b.subscribers
	if subscribers > 0 { // else nobody can ever see it
		b.values[s/2%uint64(len(b.values))] = v
		b.sent.Store(s + 2) // takes effect here
	}
	b.mu.Unlock()
	b.waiting.WakeAllIn(cx) // as [chan-race] C2
	return subscribers, nil
}

// Close ends sending. Subscribers get what was sent before, and then [ErrClosed].
// It reports whether it is the first to do so.
//
// Caller: any.
func (b *Broadcast[T]) Close() bool {
	b.mu.Lock()
	s := b.sent.Load()
	b.sent.Store(s | 1) // takes effect here
	b.mu.Unlock()
	b.waiting.WakeAll()
	return s&1 == 0
}

// Subscribe returns a receiver of all values that are sent from here on. Who
// stops receiving closes it.
//
// Caller: any.
func (b *Broadcast[T]) Subscribe() *Subscription[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subscribers++
	return &Subscription[T]{b: b, next: b.sent.Load() / 2}
}

// A Subscription receives the values of a [Broadcast]. It has one owner at a time.
// [Broadcast.Subscribe] makes one.
type Subscription[T any] struct {
	b     *Broadcast[T]
	next  uint64 // the value to receive
	over  bool   // closed
	entry waker.Entry
}

// get receives the next value.
func (s *Subscription[T]) get() (v T, err error) {
	if s.over {
		panic("chans: receive from a Subscription that was closed")
	}
	b := s.b
	if b.sent.Load()/2 == s.next { // takes effect here, if there is nothing
		if b.sent.Load() == s.next*2+1 {
			return v, ErrClosed
		}
		return v, ErrEmpty
	}
	b.mu.Lock()
	defer b.mu.Unlock() // takes effect here
	room := uint64(len(b.values))
	if behind := b.sent.Load()/2 - s.next; behind > room {
		s.next += behind - room
		return v, &LaggedError{Missed: behind - room}
	}
	v = b.values[s.next%room]
	s.next++
	return v, nil
}

// TryRecv returns the next value, or [ErrEmpty], or [ErrClosed], or a
// [*LaggedError], after which it goes on with the oldest value that is left.
//
// Caller: owner.
func (s *Subscription[T]) TryRecv() (T, error) { return s.get() }

// Poll makes a Subscription a [future.Future] of its next value: one that may be
// polled again after it was ready. It fails as [Subscription.TryRecv] does.
//
// Caller: owner.
func (s *Subscription[T]) Poll(cx *future.Context) future.Poll[T] {
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[T]{}
	}
	v, err := s.get()
	if err == ErrEmpty {
		s.b.waiting.Register(cx, &s.entry)
		if v, err = s.get(); err == ErrEmpty {
			return future.Poll[T]{}
		}
	}
	cx.Spend()
	s.entry.Remove()
	return future.Poll[T]{Value: v, Err: err, Ready: true}
}

// Recv blocks the calling goroutine until there is a value, or until ctx ends;
// then it returns the cause, and may be called again. It fails as
// [Subscription.TryRecv] does.
//
// Caller: owner: a goroutine that may sleep, not a task.
func (s *Subscription[T]) Recv(ctx context.Context) (T, error) {
	if v, err := s.get(); err != ErrEmpty {
		return v, err
	}
	return future.Block(ctx, future.Future[T](waitFor[T]{s.Poll, s.unwait}))
}

// All yields values as they come, with a [*LaggedError] wherever some are missing,
// until the channel is closed or ctx ends: ask ctx which it was.
//
// Caller: owner: a goroutine that may sleep, not a task.
func (s *Subscription[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			v, err := s.Recv(ctx)
			if _, lagged := err.(*LaggedError); err != nil && !lagged || !yield(v, err) {
				return
			}
		}
	}
}

func (s *Subscription[T]) unwait() { s.entry.Remove() }

// Drop is [Subscription.Close].
//
// Caller: owner.
func (s *Subscription[T]) Drop() { s.Close() }

// Close ends the subscription. A second call does nothing.
//
// Caller: owner.
func (s *Subscription[T]) Close() {
	if s.over {
		return
	}
	s.over = true
	s.entry.Remove()
	s.b.mu.Lock()
	s.b.subscribers--
	s.b.mu.Unlock()
}

// A waitFor is a future that is made of a poll, and of what ends its wait: to drop
// it leaves what it polls usable.
type waitFor[T any] struct {
	poll func(cx *future.Context) future.Poll[T]
	drop func()
}

func (w waitFor[T]) Poll(cx *future.Context) future.Poll[T] { return w.poll(cx) }

func (w waitFor[T]) Drop() { w.drop() }
