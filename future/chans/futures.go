// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"
	"iter"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// A source is what messages can be received from.
type source[T any] interface {
	PollRecv(cx *future.Context, e *waker.Entry) future.Poll[T]
	Recv(ctx context.Context) (T, error)
}

// A receiving is the future of the next message.
type receiving[T any] struct {
	from  source[T] // nil once it was ready or dropped
	entry waker.Entry
}

// Poll receives.
//
// Caller: owner.
func (r *receiving[T]) Poll(cx *future.Context) future.Poll[T] {
	if r.from == nil {
		panic("chans: RecvFuture polled after it was ready or dropped")
	}
	p := r.from.PollRecv(cx, &r.entry)
	if p.Ready {
		r.from = nil
	}
	return p
}

// Drop leaves the line; a wake that it had goes to the next.
//
// Caller: owner.
func (r *receiving[T]) Drop() {
	r.from = nil
	r.entry.Cancel()
}

// A sending is the future of a message that is sent.
type sending[T any] struct {
	c     *Chan[T] // nil once it was ready or dropped
	v     T
	entry waker.Entry
}

// Poll sends.
//
// Caller: owner.
func (s *sending[T]) Poll(cx *future.Context) future.Poll[struct{}] {
	if s.c == nil {
		panic("chans: SendFuture polled after it was ready or dropped")
	}
	p := s.c.PollSend(cx, &s.entry, s.v)
	if p.Ready {
		s.forget()
	}
	return p
}

// Drop leaves the line; a wake that it had goes to the next.
//
// Caller: owner.
func (s *sending[T]) Drop() {
	s.forget()
	s.entry.Cancel()
}

func (s *sending[T]) forget() {
	var none T
	s.c, s.v = nil, none
}

// all yields what comes from src until it is closed or ctx ends.
func all[T any](ctx context.Context, src source[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := src.Recv(ctx)
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

// All yields messages as they come, until the channel is closed and all were
// received, or until ctx ends: ask ctx which it was.
//
// Caller: a receiver: a goroutine that may sleep, not a task.
func (c *Chan[T]) All(ctx context.Context) iter.Seq[T] { return all(ctx, source[T](c)) }

// FromGo sends what it receives from ch to c, until ch is closed. It returns early
// with the cause if ctx ends, and with [ErrClosed] if c is closed; a value that it
// has taken from ch then is lost. It does not close c.
//
// Caller: any goroutine that may sleep: not a task.
func (c *Chan[T]) FromGo(ctx context.Context, ch <-chan T) error {
	for {
		select {
		case v, ok := <-ch:
			if !ok {
				return nil
			}
			if err := c.Send(ctx, v); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ToGo sends what it receives from c to ch, until c is closed and empty. It
// returns early with the cause if ctx ends; a message that it has received then is
// lost. It does not close ch.
//
// Caller: a receiver: a goroutine that may sleep, not a task.
func (c *Chan[T]) ToGo(ctx context.Context, ch chan<- T) error { return toGo(ctx, source[T](c), ch) }

func toGo[T any](ctx context.Context, src source[T], ch chan<- T) error {
	for {
		v, err := src.Recv(ctx)
		if err == ErrClosed {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case ch <- v:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// A Stream is the messages of a channel as package stream takes them: it ends when
// the channel is closed and all were received.
type Stream[T any] struct {
	from  source[T]
	entry waker.Entry
}

// Stream returns the messages of c as a stream. It is a receiver.
//
// Caller: any.
func (c *Chan[T]) Stream() *Stream[T] { return &Stream[T]{from: c} }

// Stream returns the messages of u as a stream.
//
// Caller: any.
func (u *Unbounded[T]) Stream() *Stream[T] { return &Stream[T]{from: u} }

// PollNext receives; it fails with [future.ErrEnd] at the end.
//
// Caller: owner.
func (s *Stream[T]) PollNext(cx *future.Context) future.Poll[T] {
	p := s.from.PollRecv(cx, &s.entry)
	if p.Err == ErrClosed {
		p.Err = future.ErrEnd
	}
	return p
}

// Drop leaves the line; the channel stays as it is.
//
// Caller: owner.
func (s *Stream[T]) Drop() { s.entry.Cancel() }
