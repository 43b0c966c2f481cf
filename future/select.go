// SPDX-License-Identifier: Apache-2.0

package future

import (
	"math/rand/v2"
	"slices"
)

// A Selected is the value of [Select]: which future was ready first, what it said,
// and the others, which go on belonging to the caller.
type Selected[T any] struct {
	Index int         // in the order in which they were given
	Poll  Poll[T]     // its answer: a value or an error
	Rest  []Future[T] // the others, in order; nil at Index
}

// Select returns a future of the first of fs that is ready. The others are not
// dropped as in [Race]: they are in the value. If the selection itself is dropped,
// all are. If several are ready at once, the first in order wins. Select of no
// futures fails with [ErrNoFutures].
//
// Caller: any.
func Select[T any](fs ...Future[T]) Future[Selected[T]] {
	return newSelecting("Select", nil, fs)
}

// SelectFair is Select that begins at a random one each time it is polled, so that
// none is preferred if several are ready. The same seed makes the same choices.
//
// Caller: any.
func SelectFair[T any](seed uint64, fs ...Future[T]) Future[Selected[T]] {
	return newSelecting("SelectFair", rand.New(rand.NewPCG(seed, 0)), fs)
}

// RaceFair is [Race] that prefers none if several are ready: it begins at a random
// one each time it is polled. The same seed makes the same choices. Race prefers
// the first in order, or the first to be woken.
//
// Caller: any.
func RaceFair[T any](seed uint64, fs ...Future[T]) Future[T] {
	return Then(newSelecting("RaceFair", rand.New(rand.NewPCG(seed, 0)), fs), func(s Selected[T]) Future[T] {
		dropAll(s.Rest)
		return &settled[T]{poll: s.Poll}
	})
}

func newSelecting[T any](who string, rng *rand.Rand, fs []Future[T]) Future[Selected[T]] {
	for _, f := range fs {
		refuseNil(f, who)
	}
	if len(fs) == 0 {
		return Failed[Selected[T]](ErrNoFutures)
	}
	return &selecting[T]{fs: slices.Clone(fs), rng: rng}
}

type selecting[T any] struct {
	fs  []Future[T] // nil once one was ready
	rng *rand.Rand  // nil to begin at the first
}

// Poll polls all until one is ready.
//
// Caller: owner.
func (s *selecting[T]) Poll(cx *Context) Poll[Selected[T]] {
	n := len(s.fs)
	if n == 0 {
		ended("Select")
	}
	first := 0
	if s.rng != nil {
		first = s.rng.IntN(n)
	}
	for k := range n {
		i := (first + k) % n
		if p := s.fs[i].Poll(cx); p.Ready {
			rest := s.fs
			s.fs = nil
			rest[i] = nil
			return Of(Selected[T]{i, p, rest})
		}
	}
	return Poll[Selected[T]]{}
}

// Drop drops all.
//
// Caller: owner.
func (s *selecting[T]) Drop() {
	fs := s.fs
	s.fs = nil
	dropAll(fs)
}
