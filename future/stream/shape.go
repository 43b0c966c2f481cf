// SPDX-License-Identifier: Apache-2.0

package stream

import "github.com/pilfer-go/pilfer/future"

// Map returns a stream of g applied to each value of s. g must not block.
//
// Caller: any.
func Map[T, U any](s Stream[T], g func(T) U) Stream[U] {
	refuseNil(s, "Map")
	if g == nil {
		refuseNoFunc("Map")
	}
	return &mapped[T, U]{s, g}
}

type mapped[T, U any] struct {
	s Stream[T]
	g func(T) U
}

// PollNext applies g.
func (m *mapped[T, U]) PollNext(cx *future.Context) future.Poll[U] {
	p := m.s.PollNext(cx)
	switch {
	case !p.Ready:
		return future.Wait[U]()
	case p.Err != nil:
		return future.Fail[U](p.Err)
	}
	return future.Of(m.g(p.Value))
}

// Drop drops s.
func (m *mapped[T, U]) Drop() { Drop(m.s) }

// Filter returns a stream of those values of s that keep accepts. keep must not
// block.
//
// Caller: any.
func Filter[T any](s Stream[T], keep func(T) bool) Stream[T] {
	refuseNil(s, "Filter")
	if keep == nil {
		refuseNoFunc("Filter")
	}
	return &filtered[T]{s, keep}
}

type filtered[T any] struct {
	s    Stream[T]
	keep func(T) bool
}

// PollNext looks for a value to keep.
func (f *filtered[T]) PollNext(cx *future.Context) future.Poll[T] {
	for {
		p := f.s.PollNext(cx)
		if !p.Ready || p.Err != nil || f.keep(p.Value) {
			return p
		}
		if !cx.Spend() { // perhaps it never ends
			return future.Wait[T]()
		}
	}
}

// Drop drops s.
func (f *filtered[T]) Drop() { Drop(f.s) }

// Take returns a stream of the first n values of s, which is dropped after them.
//
// Caller: any.
func Take[T any](s Stream[T], n int) Stream[T] {
	refuseNil(s, "Take")
	return &taken[T]{s, n}
}

type taken[T any] struct {
	s    Stream[T] // nil once it has ended or was dropped
	left int
}

// PollNext counts.
func (t *taken[T]) PollNext(cx *future.Context) future.Poll[T] {
	if t.left <= 0 || t.s == nil {
		t.Drop()
		return future.Fail[T](future.ErrEnd)
	}
	p := t.s.PollNext(cx)
	switch {
	case p.Ready && p.Err == nil:
		if t.left--; t.left == 0 {
			t.Drop() // now: nobody may ask again
		}
	case p.Err == future.ErrEnd:
		t.s = nil
	}
	return p
}

// Drop drops s.
func (t *taken[T]) Drop() {
	s := t.s
	t.s = nil
	Drop(s)
}

// Chunks returns a stream of slices of n values each; the last may be shorter. An
// error comes after the values before it.
//
// Caller: any.
func Chunks[T any](s Stream[T], n int) Stream[[]T] {
	refuseNil(s, "Chunks")
	refuseLess(n, "Chunks")
	return &chunked[T]{s: s, n: n}
}

type chunked[T any] struct {
	s    Stream[T]
	n    int
	part []T
	err  error // to be delivered after part
}

// PollNext collects.
func (c *chunked[T]) PollNext(cx *future.Context) future.Poll[[]T] {
	for c.err == nil && len(c.part) < c.n {
		p := c.s.PollNext(cx)
		if !p.Ready {
			return future.Wait[[]T]()
		}
		if c.err = p.Err; c.err == nil {
			c.part = append(c.part, p.Value)
		}
	}
	if part := c.part; len(part) > 0 {
		c.part = nil
		return future.Of(part)
	}
	err := c.err
	if err != future.ErrEnd {
		c.err = nil // more may come
	}
	return future.Fail[[]T](err)
}

// Drop drops s.
func (c *chunked[T]) Drop() { Drop(c.s) }

// Buffered returns a stream of the values of the futures of s, in their order. Up
// to n of them go on at once, in the task that polls.
//
// Caller: any.
func Buffered[T any](s Stream[future.Future[T]], n int) Stream[T] {
	refuseNil(s, "Buffered")
	refuseLess(n, "Buffered")
	return &buffered[T]{s: s, n: n, set: future.NewOrdered[T]()}
}

// BufferUnordered is [Buffered] with the values as they come.
//
// Caller: any.
func BufferUnordered[T any](s Stream[future.Future[T]], n int) Stream[T] {
	refuseNil(s, "BufferUnordered")
	refuseLess(n, "BufferUnordered")
	return &buffered[T]{s: s, n: n, set: future.NewUnordered[T]()}
}

// A set is a set of futures.
type set[T any] interface {
	Stream[T]
	future.Dropper
	Push(f future.Future[T])
	Len() int
}

type buffered[T any] struct {
	s   Stream[future.Future[T]] // nil once it has ended
	n   int
	set set[T]
}

// PollNext takes futures of s while there is room, and then a value.
func (b *buffered[T]) PollNext(cx *future.Context) future.Poll[T] {
	for b.s != nil && b.set.Len() < b.n {
		p := b.s.PollNext(cx)
		if !p.Ready {
			break
		}
		switch p.Err {
		case nil:
			b.set.Push(p.Value)
		case future.ErrEnd:
			b.s = nil
		default:
			b.set.Push(future.Failed[T](p.Err)) // it does not overtake what came before
		}
	}
	if b.set.Len() == 0 && b.s != nil {
		return future.Wait[T]() // s waits, and will wake us
	}
	return b.set.PollNext(cx)
}

// Drop drops s and the futures that are under way.
func (b *buffered[T]) Drop() {
	s := b.s
	b.s = nil
	b.set.Drop()
	Drop(s)
}
