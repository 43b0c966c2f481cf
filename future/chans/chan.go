// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// A Chan is a bounded channel that tasks and goroutines share. What is sent is
// received once, in the order in which it was sent. A task that finds it full or
// empty suspends.
//
// Any number may send. For a channel of [MPMC] any number may receive, for one of
// [MPSC] one at a time. The zero Chan has no room for anything.
type Chan[T any] struct {
	_    noCopy
	ring ring[T]

	receivers waker.List // who waits for a message
	senders   waker.List // who waits for room
}

// MPSC returns a channel for many senders and one receiver, with room for capacity
// messages. It panics if that is below 1 or above [MaxCapacity].
//
// Caller: any.
func MPSC[T any](capacity int) *Chan[T] {
	c := new(Chan[T])
	c.ring.init(capacity, true, "MPSC")
	return c
}

// MPMC returns a channel for many senders and many receivers, with room for
// capacity messages. It panics if that is below 1 or above [MaxCapacity].
//
// Caller: any.
func MPMC[T any](capacity int) *Chan[T] {
	c := new(Chan[T])
	c.ring.init(capacity, false, "MPMC")
	return c
}

// Proof [chan-race]: who waits for a message or for room is woken when it comes.
//
//	waiter                         the other side
//	  W1  find nothing               C1  send, receive, give room back, close
//	  W2  register                   C2  read how many wait, wake the oldest
//	  W3  look again, wait
//
// C1 before W3 in S: the waiter finds it. Otherwise W2 is before C2, which wakes
// the waiter, or one that came before it. (cross; [list-race] is the rest) That
// one takes what there is and wakes the next if there is more (C2 of its own), or
// finds that somebody was faster, who does the same, or is dropped and passes the
// wake on. A message may come to be visible behind one that is not yet: its wake
// is wasted, and C2 of who receives the one before wakes for it. In a closed
// channel, who receives wakes the next in any case, and who finds it finished all.
//
// Checked by: TestStressChan, TestAbortEachPoll, TestStressClose.

// sent follows a message that was sent or room that was given back.
func (c *Chan[T]) sent(cx *future.Context) {
	if c.receivers.Len() != 0 { // [chan-race] C2
		c.receivers.WakeOneIn(cx)
	}
	if c.senders.Len() != 0 && c.hasRoom() {
		c.senders.WakeOneIn(cx)
	}
}

// received follows a message that was received.
func (c *Chan[T]) received(cx *future.Context) {
	if c.senders.Len() != 0 { // [chan-race] C2
		c.senders.WakeOneIn(cx)
	}
	if !c.ring.single && c.receivers.Len() != 0 && (c.ring.ready() || c.IsClosed()) {
		c.receivers.WakeOneIn(cx)
	}
}

func (c *Chan[T]) hasRoom() bool { return c.ring.room(sendWord(c.ring.word.Load())) == took }

// TrySend sends v, or returns [ErrFull] or [ErrClosed].
//
// Caller: any.
func (c *Chan[T]) TrySend(v T) error { return c.TrySendIn(nil, v) }

// TrySendIn is TrySend from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (c *Chan[T]) TrySendIn(cx *future.Context, v T) error {
	switch c.ring.push(v, true) { // [chan-race] C1
	case took:
		c.sent(cx)
		return nil
	case noRoom:
		return ErrFull
	default:
		return ErrClosed
	}
}

// PollSend sends v, or arranges for another poll when there is room. It fails with
// [ErrClosed]. The entry is the sender's place among those that wait: who gives up
// calls its Cancel.
//
// Caller: the owner of e.
func (c *Chan[T]) PollSend(cx *future.Context, e *waker.Entry, v T) future.Poll[struct{}] {
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[struct{}]{}
	}
	// A receiver on its way to free a slot counts as a full ring: to wait for it
	// would be to go on message by message, in step with it.
	o := c.ring.push(v, false) // [chan-race] W1
	if o == noRoom || o == busy {
		c.senders.Register(cx, e)                                // [chan-race] W2
		if o = c.ring.push(v, false); o == noRoom || o == busy { // [chan-race] W3
			return future.Poll[struct{}]{}
		}
	}
	cx.Spend()
	e.Remove()
	if o != took {
		return future.Fail[struct{}](ErrClosed)
	}
	c.sent(cx)
	return future.Of(struct{}{})
}

// SendFuture returns a future that is ready when v is sent, or fails with
// [ErrClosed]. If it is dropped before, v is not sent.
//
// Caller: any.
func (c *Chan[T]) SendFuture(v T) future.Future[struct{}] { return &sending[T]{c: c, v: v} }

// Send blocks the calling goroutine until v is sent, or until ctx ends; then it
// returns the cause. It returns [ErrClosed] if the channel is closed. If there is
// room, v is sent even if ctx has ended.
//
// Caller: any goroutine that may sleep: not a task.
func (c *Chan[T]) Send(ctx context.Context, v T) error {
	if err := c.TrySend(v); err != ErrFull {
		return err
	}
	_, err := future.Block(ctx, c.SendFuture(v))
	return err
}

// TryRecv receives a message, or returns [ErrEmpty] or [ErrClosed].
//
// Caller: a receiver.
func (c *Chan[T]) TryRecv() (T, error) { return c.TryRecvIn(nil) }

// TryRecvIn is TryRecv from inside the poll that cx belongs to.
//
// Caller: a receiver: the goroutine that polls with cx.
func (c *Chan[T]) TryRecvIn(cx *future.Context) (T, error) {
	for spins := 0; ; relax(&spins) {
		v, o := c.ring.pop() // [chan-race] C1
		switch o {
		case took:
			c.received(cx)
			return v, nil
		case nothing:
			return v, ErrEmpty
		case finished:
			return v, ErrClosed
		}
		// A sender is in the middle of it. Others, behind it, may have returned,
		// and the channel must not look empty to who knows of these.
	}
}

// PollRecv receives a message, or arranges for another poll when there is one. It
// fails with [ErrClosed] when all were received. The entry is the receiver's place
// among those that wait: who gives up calls its Cancel.
//
// Caller: a receiver, the owner of e.
func (c *Chan[T]) PollRecv(cx *future.Context, e *waker.Entry) future.Poll[T] {
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[T]{}
	}
	v, o := c.ring.pop() // [chan-race] W1
	if o == nothing || o == busy {
		c.receivers.Register(cx, e)                         // [chan-race] W2
		if v, o = c.ring.pop(); o == nothing || o == busy { // [chan-race] W3
			return future.Poll[T]{}
		}
	}
	cx.Spend()
	e.Remove()
	if o != took {
		c.receivers.WakeAllIn(cx) // those who saw the last message on its way
		return future.Fail[T](ErrClosed)
	}
	c.received(cx)
	return future.Of(v)
}

// RecvFuture returns a future of the next message. It fails with [ErrClosed] when
// all were received. If it is dropped before it is ready, it has received nothing.
//
// Caller: any; who polls it is a receiver.
func (c *Chan[T]) RecvFuture() future.Future[T] { return &receiving[T]{from: c} }

// Recv blocks the calling goroutine until there is a message, or until ctx ends;
// then it returns the cause. It returns [ErrClosed] when all were received.
//
// Caller: a receiver: a goroutine that may sleep, not a task.
func (c *Chan[T]) Recv(ctx context.Context) (T, error) {
	if v, err := c.TryRecv(); err != ErrEmpty {
		return v, err
	}
	return future.Block(ctx, c.RecvFuture())
}

// Close ends sending: senders get [ErrClosed], receivers what was sent before and
// then ErrClosed. Permits that are reserved may still be used. It reports whether
// it is the first to do so.
//
// Caller: any.
func (c *Chan[T]) Close() bool {
	if !c.ring.close() { // [chan-race] C1
		return false
	}
	c.senders.WakeAll()
	c.receivers.WakeAll()
	return true
}

// Abandon is Close by the receiving side: what is in the channel is thrown away,
// and nobody will receive. It returns how many messages that were.
//
// Caller: a receiver, the last.
func (c *Chan[T]) Abandon() (lost int) {
	c.Close()
	for {
		if _, err := c.TryRecv(); err != nil {
			return lost
		}
		lost++
	}
}

// IsClosed reports whether sending has ended.
//
// Caller: any.
func (c *Chan[T]) IsClosed() bool { return sendWord(c.ring.word.Load()).closed() }

// Len returns how many messages wait to be received.
//
// Caller: any.
func (c *Chan[T]) Len() int { return c.ring.length() }

// Cap returns how many messages have room.
//
// Caller: any.
func (c *Chan[T]) Cap() int { return int(c.ring.capacity) }
