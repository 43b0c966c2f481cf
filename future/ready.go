// SPDX-License-Identifier: Apache-2.0

package future

// A Func is a function that is a [Future]: calling it is polling it. It keeps
// its state in what it captures, and decides itself what a poll after Ready does.
type Func[T any] func(cx *Context) Poll[T]

// Poll calls f.
//
// Caller: owner.
func (f Func[T]) Poll(cx *Context) Poll[T] { return f(cx) }

// FromFunc returns f as a future, without an allocation of its own.
//
// Caller: any.
func FromFunc[T any](f func(cx *Context) Poll[T]) Func[T] {
	if f == nil {
		noFunction("FromFunc")
	}
	return f
}

// Ready returns a future that is ready with v at its first poll. It takes no
// part in the budget, as it never waits for anybody.
//
// Caller: any.
func Ready[T any](v T) Future[T] { return &settled[T]{poll: Of(v)} }

// Failed returns a future that fails with err at its first poll. If err is nil, it
// is ready with T's zero value.
//
// Caller: any.
func Failed[T any](err error) Future[T] { return &settled[T]{poll: Fail[T](err)} }

// settled has its answer; once it gave it, poll is the zero Poll.
type settled[T any] struct{ poll Poll[T] }

// Poll gives the answer.
//
// Caller: owner.
func (s *settled[T]) Poll(*Context) Poll[T] {
	p := s.poll
	if !p.Ready {
		ended("Ready or Failed")
	}
	s.poll = Poll[T]{}
	return p
}

// Drop forgets the answer.
//
// Caller: owner.
func (s *settled[T]) Drop() { s.poll = Poll[T]{} }

// Pending returns a future that is never ready and never wakes anybody.
//
// Caller: any.
func Pending[T any]() Future[T] { return pending[T]{} }

type pending[T any] struct{}

func (pending[T]) Poll(*Context) Poll[T] { return Poll[T]{} }

// Lazy returns a future that calls f at its first poll and is ready with what f
// returns. f must not block.
//
// Caller: any.
func Lazy[T any](f func() (T, error)) Future[T] {
	if f == nil {
		noFunction("Lazy")
	}
	return &lazy[T]{f}
}

type lazy[T any] struct{ f func() (T, error) } // f is nil once it was called

// Poll calls f.
//
// Caller: owner.
func (l *lazy[T]) Poll(*Context) Poll[T] {
	f := l.f
	if f == nil {
		ended("Lazy")
	}
	l.f = nil
	v, err := f()
	return Poll[T]{Value: v, Err: err, Ready: true}
}

// Drop forgets f.
//
// Caller: owner.
func (l *lazy[T]) Drop() { l.f = nil }
