// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"context"
	"fmt"
	"iter"

	"github.com/pilfer-go/pilfer/future"
)

// A Stream is values that come one after the other. It has one owner at a time,
// who polls it until it ends or gives it up by [Drop].
type Stream[T any] interface {
	// PollNext is ready with the next value; or it fails, with future.ErrEnd if
	// there is none. If it is Pending it has seen to a wake, as
	// future.Future.Poll has.
	//
	// Caller: owner.
	PollNext(cx *future.Context) future.Poll[T]
}

// Drop gives s up before its end. A stream that has nothing to give back needs
// nothing.
//
// Caller: owner.
func Drop[T any](s Stream[T]) {
	if d, ok := s.(future.Dropper); ok {
		d.Drop()
	}
}

// refuseNil panics if a function was given no stream.
func refuseNil[T any](s Stream[T], who string) {
	if s == nil {
		panic("stream: nil stream given to " + who)
	}
}

// refuseNoFunc panics because a function was given none.
func refuseNoFunc(who string) {
	panic("stream: nil function given to " + who)
}

// refuseLess panics if n is below 1.
func refuseLess(n int, who string) {
	if n < 1 {
		panic(fmt.Sprintf("stream: %s of %d; want 1 or more", who, n))
	}
}

// Of returns a stream of vs.
//
// Caller: any.
func Of[T any](vs ...T) Stream[T] { return &values[T]{vs} }

type values[T any] struct{ left []T }

// PollNext takes the first that is left.
func (s *values[T]) PollNext(*future.Context) future.Poll[T] {
	if len(s.left) == 0 {
		return future.Fail[T](future.ErrEnd)
	}
	v := s.left[0]
	s.left = s.left[1:]
	return future.Of(v)
}

// FromChan returns a stream of what ch receives, until ch is closed. While it
// waits, an ordinary goroutine waits for it, as in future.FromChan.
//
// Caller: any.
func FromChan[T any](ch <-chan T) Stream[T] { return &received[T]{ch: ch} }

type received[T any] struct {
	ch   <-chan T
	next future.Future[T] // nil while nothing is awaited
}

// PollNext polls a future of the next value.
func (s *received[T]) PollNext(cx *future.Context) future.Poll[T] {
	if s.next == nil {
		s.next = future.FromChan(s.ch)
	}
	p := s.next.Poll(cx)
	if p.Ready {
		s.next = nil
		if p.Err == future.ErrClosed {
			p.Err = future.ErrEnd
		}
	}
	return p
}

// Drop gives up the value that is awaited.
func (s *received[T]) Drop() {
	f := s.next
	s.next = nil
	future.Drop(f)
}

// Seq returns an iterator that an ordinary goroutine drives: it polls s, and sleeps
// while that waits. It yields errors too, and ends with the stream, or with the
// cause when ctx ends. To leave the loop drops s.
//
// Caller: any goroutine that may sleep: not a task.
func Seq[T any](ctx context.Context, s Stream[T]) iter.Seq2[T, error] {
	refuseNil(s, "Seq")
	return func(yield func(T, error) bool) {
		over := false
		defer func() {
			if !over {
				Drop(s)
			}
		}()
		next := future.Future[future.Poll[T]](future.FromFunc(func(cx *future.Context) future.Poll[future.Poll[T]] {
			p := s.PollNext(cx)
			if !p.Ready {
				return future.Wait[future.Poll[T]]()
			}
			return future.Of(p)
		}))
		for {
			p, err := future.Block(ctx, next)
			if err != nil {
				yield(p.Value, err)
				return
			}
			over = p.Err == future.ErrEnd
			if over || !yield(p.Value, p.Err) {
				return
			}
		}
	}
}
