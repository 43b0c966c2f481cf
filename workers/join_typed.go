// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// A Recursive is a function that forks itself, declared once. Its Join takes the
// two arguments only, which saves the last nanosecond of [Join]. Set it in an
// init function or in main: the function refers to the declaration, and Go does
// not allow that circle in a var.
//
//	var fibs *workers.Recursive[int, int]
//
//	func init() { fibs = workers.NewRecursive(fib) }
//
//	func fib(w *workers.Worker, n int) int {
//		if n < 2 {
//			return n
//		}
//		a, b := fibs.Join(w, n-1, n-2)
//		return a + b
//	}
type Recursive[A, R any] struct {
	f func(*Worker, A) R // set once
}

// NewRecursive declares f.
func NewRecursive[A, R any](f func(*Worker, A) R) *Recursive[A, R] {
	if f == nil {
		refuseNil("NewRecursive")
	}
	return &Recursive[A, R]{f}
}

// Join calls the function with a and with b as [Join] does.
//
// Caller: owner, inside a job.
func (t *Recursive[A, R]) Join(w *Worker, a, b A) (R, R) {
	if invariant.Enabled {
		w.checkSitter()
	}
	h := w.hi
	var fr *frame[A, R]
	if uint(h) < uint(len(w.frames)) {
		fr, _ = w.frames[h].(*frame[A, R])
	}
	if fr == nil {
		fr = newFrame[frame[A, R]](w)
	}
	fr.f = t.f
	fr.arg = b
	w.hi = h + 1
	if w.demand.Load() != 0 {
		w.offer()
	}
	r := t.f(w, a)
	if w.hi != h+1 || w.lo > h {
		if !w.takeBack(h) {
			return r, fr.result(w)
		}
		return r, t.f(w, b)
	}
	w.hi = h
	if w.demand.Load() != 0 {
		w.offer()
	}
	return r, t.f(w, b)
}
