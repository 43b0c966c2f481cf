// SPDX-License-Identifier: Apache-2.0

package future

// Settle returns a future of all answers, in the order of fs, values and errors:
// it never fails. [JoinAll] gives up at the first error.
//
// Caller: any.
func Settle[T any](fs ...Future[T]) Future[[]Poll[T]] {
	all := make([]Future[Poll[T]], len(fs))
	for i, f := range fs {
		refuseNil(f, "Settle")
		all[i] = &answering[T]{f}
	}
	return JoinAll(all...)
}

// Answer returns a future of f's answer, value or error, and never fails. With it [Then]
// goes on after both, and [Join] waits for all though one fails.
//
//	future.Then(future.Answer(f), func(p future.Poll[int]) future.Future[int] { ... })
//	future.Join(future.Answer(a), future.Answer(b))
//
// Caller: any.
func Answer[T any](f Future[T]) Future[Poll[T]] {
	refuseNil(f, "Answer")
	return &answering[T]{f}
}

// An answering turns an error into a value.
type answering[T any] struct{ f Future[T] } // nil once it was ready or dropped

// Poll polls f.
//
// Caller: owner.
func (s *answering[T]) Poll(cx *Context) Poll[Poll[T]] {
	if s.f == nil {
		ended("Answer")
	}
	p := s.f.Poll(cx)
	if !p.Ready {
		return Poll[Poll[T]]{}
	}
	s.f = nil
	return Of(p)
}

// Drop drops f.
//
// Caller: owner.
func (s *answering[T]) Drop() {
	f := s.f
	s.f = nil
	Drop(f)
}
