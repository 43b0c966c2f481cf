// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
)

// OneShot returns the two ends of a channel for one message. It is a
// [future.Promise] whose two sides can be given up: a sender that closes without
// having sent ends the wait of its receiver.
//
// One allocation.
//
// Caller: any.
func OneShot[T any]() (*OneSender[T], *OneReceiver[T]) {
	o := new(oneShot[T])
	o.message = o.promise.Future()
	return (*OneSender[T])(o), (*OneReceiver[T])(o)
}

type oneShot[T any] struct {
	promise future.Promise[T]
	message future.Future[T] // nil once it was ready or dropped; the receiver's own
}

// A OneSender is the end that sends one message. Who may return without having
// sent defers Close. A task that is aborted before its first poll defers nothing: a
// future that holds a OneSender calls Close in its Drop.
type OneSender[T any] oneShot[T]

// Send sends v. It returns [ErrClosed] if the receiver has gone, or if this sender
// has sent or was closed before.
//
// Caller: any.
func (s *OneSender[T]) Send(v T) error { return s.SendIn(nil, v) }

// SendIn is Send from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (s *OneSender[T]) SendIn(cx *future.Context, v T) error {
	if !s.promise.ResolveIn(cx, v) {
		return ErrClosed
	}
	return nil
}

// Close gives up: the receiver gets [ErrClosed]. After Send it does nothing, so it
// may be deferred.
//
// Caller: any.
func (s *OneSender[T]) Close() { s.promise.Reject(ErrClosed) }

// IsClosed reports whether Send would return [ErrClosed]. Who computes a costly
// message may look in between whether somebody still waits for it.
//
// Caller: any.
func (s *OneSender[T]) IsClosed() bool { return s.promise.Settled() }

// A OneReceiver is the end that receives the message. It is a [future.Future],
// with one owner.
type OneReceiver[T any] oneShot[T]

// Poll is ready with the message, or fails with [ErrClosed] if the sender has given
// up.
//
// Caller: owner.
func (r *OneReceiver[T]) Poll(cx *future.Context) future.Poll[T] {
	if r.message == nil {
		panic("chans: a OneReceiver was polled after it was ready or closed")
	}
	p := r.message.Poll(cx)
	if p.Ready {
		r.message = nil
	}
	return p
}

// Drop closes the receiver: a later Send returns [ErrClosed].
//
// Caller: owner.
func (r *OneReceiver[T]) Drop() {
	f := r.message
	r.message = nil
	future.Drop(f)
}

// Recv blocks the calling goroutine until the message is there, or until ctx ends;
// then it closes the receiver and returns the cause.
//
// Caller: owner: a goroutine that may sleep, not a task.
func (r *OneReceiver[T]) Recv(ctx context.Context) (T, error) {
	return future.Block(ctx, future.Future[T](r))
}
