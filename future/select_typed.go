// SPDX-License-Identifier: Apache-2.0

package future

import "math/rand/v2"

// An Either is the value of [Select2]: one of the two answers is Ready.
type Either[A, B any] struct {
	First  Poll[A] // the answer of the first future, if that won
	Second Poll[B] // the answer of the second, if that won
}

// An Either3 is the value of [Select3]: one of the three answers is Ready.
type Either3[A, B, C any] struct {
	First  Poll[A] // the answer of the first future, if that won
	Second Poll[B] // and so on
	Third  Poll[C]
}

// Select2 returns a future of the first of two futures of different types that is
// ready; the other is dropped. If both are ready at once, the first wins.
//
// Caller: any.
func Select2[A, B any](a Future[A], b Future[B]) Future[Either[A, B]] {
	s := &choosing[Either[A, B]]{}
	return s.of(choose(a, &s.value.First, "Select2"), choose(b, &s.value.Second, "Select2"))
}

// Select3 is [Select2] of three.
//
// Caller: any.
func Select3[A, B, C any](a Future[A], b Future[B], c Future[C]) Future[Either3[A, B, C]] {
	s, who := &choosing[Either3[A, B, C]]{}, "Select3"
	return s.of(choose(a, &s.value.First, who), choose(b, &s.value.Second, who), choose(c, &s.value.Third, who))
}

// Select2Fair is [Select2] that begins at a random one each time it is polled, so that
// none is preferred if both are ready. The same seed makes the same choices.
//
// Caller: any.
func Select2Fair[A, B any](seed uint64, a Future[A], b Future[B]) Future[Either[A, B]] {
	s := &choosing[Either[A, B]]{rng: rand.New(rand.NewPCG(seed, 0))}
	return s.of(choose(a, &s.value.First, "Select2Fair"), choose(b, &s.value.Second, "Select2Fair"))
}

// Select3Fair is [Select2Fair] of three.
//
// Caller: any.
func Select3Fair[A, B, C any](seed uint64, a Future[A], b Future[B], c Future[C]) Future[Either3[A, B, C]] {
	s, who := &choosing[Either3[A, B, C]]{rng: rand.New(rand.NewPCG(seed, 0))}, "Select3Fair"
	return s.of(choose(a, &s.value.First, who), choose(b, &s.value.Second, who), choose(c, &s.value.Third, who))
}

// choose makes a part whose answer, value or error, is a value.
func choose[T any](f Future[T], to *Poll[T], who string) part {
	refuseNil(f, who)
	return &kept[Poll[T]]{&answering[T]{f}, to}
}

// A choosing polls its parts until one is ready.
type choosing[R any] struct {
	parts []part     // nil once one was ready, or dropped
	rng   *rand.Rand // nil to begin at the first
	value R
}

func (s *choosing[R]) of(parts ...part) Future[R] {
	s.parts = parts
	return s
}

// Poll polls all until one is ready.
//
// Caller: owner.
func (s *choosing[R]) Poll(cx *Context) Poll[R] {
	n := len(s.parts)
	if n == 0 {
		ended("Select")
	}
	first := 0
	if s.rng != nil {
		first = s.rng.IntN(n)
	}
	for k := range n {
		i := (first + k) % n
		if ready, _ := s.parts[i].pollPart(cx); ready {
			s.parts[i] = nil
			value := s.value
			s.Drop()
			return Of(value)
		}
	}
	return Poll[R]{}
}

// Drop drops all that are left.
//
// Caller: owner.
func (s *choosing[R]) Drop() {
	parts := s.parts
	*s = choosing[R]{}
	dropParts(parts)
}
