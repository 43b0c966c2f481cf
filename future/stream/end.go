// SPDX-License-Identifier: Apache-2.0

package stream

import "github.com/pilfer-go/pilfer/future"

// ForEach returns a future that calls f with each value of s, and is ready when s
// has ended. The first error, of s or of f, is its own; then s is dropped. f must
// not block.
//
// Caller: any.
func ForEach[T any](s Stream[T], f func(T) error) future.Future[struct{}] {
	refuseNil(s, "ForEach")
	if f == nil {
		refuseNoFunc("ForEach")
	}
	return &forEach[T]{s, f}
}

type forEach[T any] struct {
	s Stream[T] // nil once it was ready or dropped
	f func(T) error
}

// Poll takes all values that are there.
//
// Caller: owner.
func (e *forEach[T]) Poll(cx *future.Context) future.Poll[struct{}] {
	if e.s == nil {
		panic("stream: ForEach polled after it was ready or dropped")
	}
	for {
		if cx.Budget() == 0 {
			cx.Wake()
			return future.Wait[struct{}]()
		}
		p := e.s.PollNext(cx)
		if !p.Ready {
			return future.Wait[struct{}]()
		}
		if p.Err == future.ErrEnd {
			e.s = nil
			return future.Of(struct{}{})
		}
		err := p.Err
		if err == nil {
			cx.Spend()
			err = e.f(p.Value)
		}
		if err != nil {
			e.Drop()
			return future.Fail[struct{}](err)
		}
	}
}

// Drop drops s.
//
// Caller: owner.
func (e *forEach[T]) Drop() {
	s := e.s
	e.s = nil
	Drop(s)
}

// Collect returns a future of all values of s. The first error is its own; then s
// is dropped.
//
// Caller: any.
func Collect[T any](s Stream[T]) future.Future[[]T] {
	var all []T
	return future.Map(ForEach(s, func(v T) error {
		all = append(all, v)
		return nil
	}), func(struct{}) []T { return all })
}

// A Sink is where values go: a bounded channel of package chans is one.
type Sink[T any] interface {
	// SendFuture returns a future that is ready when v has gone.
	SendFuture(v T) future.Future[struct{}]
}

// Forward returns a future that sends each value of s to sink, one after the
// other, and is ready when s has ended. The first error, of s or of sink, is its
// own; then s is dropped.
//
// Caller: any.
func Forward[T any](s Stream[T], sink Sink[T]) future.Future[struct{}] {
	refuseNil(s, "Forward")
	if sink == nil {
		panic("stream: Forward to nil")
	}
	sending := Map(s, sink.SendFuture)
	return ForEach(Buffered(sending, 1), func(struct{}) error { return nil })
}
