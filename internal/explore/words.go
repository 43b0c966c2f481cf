// SPDX-License-Identifier: Apache-2.0

package explore

import "sync/atomic"

// An Integer is the twin of an atomic integer. Outside of an exploration, and for
// goroutines that are no threads of it, it is a plain atomic. It must not be
// copied once it was used.
type Integer[T int32 | int64 | uint32 | uint64] struct {
	mark mark
	base uint64        // set once, by IntegerOf
	v    atomic.Uint64 // the value, extended, combined with base
}

// Int32 is the twin of an atomic int32.
type Int32 = Integer[int32]

// Int64 is the twin of an atomic int64.
type Int64 = Integer[int64]

// Uint32 is the twin of an atomic uint32.
type Uint32 = Integer[uint32]

// Uint64 is the twin of an atomic uint64.
type Uint64 = Integer[uint64]

// IntegerOf returns a word that holds v.
//
// Caller: any.
func IntegerOf[T int32 | int64 | uint32 | uint64](v T) Integer[T] {
	return Integer[T]{base: uint64(v)}
}

func (w *Integer[T]) in(v T) uint64  { return uint64(v) ^ w.base }
func (w *Integer[T]) out(u uint64) T { return T(u ^ w.base) }

// Load returns the value.
//
// Caller: any.
func (w *Integer[T]) Load() T {
	e := here()
	if e == nil {
		return w.out(w.v.Load())
	}
	t := e.before(&w.mark, kindLoad)
	v := w.out(w.v.Load())
	e.after(t, false, uint64(v), uint64(v))
	return v
}

// Store sets the value.
//
// Caller: any.
func (w *Integer[T]) Store(v T) {
	e := here()
	if e == nil {
		w.v.Store(w.in(v))
		return
	}
	t := e.before(&w.mark, kindStore)
	old := w.out(w.v.Swap(w.in(v)))
	e.after(t, true, uint64(old), uint64(v))
}

// Swap sets the value and returns the old one.
//
// Caller: any.
func (w *Integer[T]) Swap(v T) T {
	e := here()
	if e == nil {
		return w.out(w.v.Swap(w.in(v)))
	}
	t := e.before(&w.mark, kindSwap)
	old := w.out(w.v.Swap(w.in(v)))
	e.after(t, true, uint64(old), uint64(v))
	return old
}

// CompareAndSwap sets the value to now if it is old.
//
// Caller: any.
func (w *Integer[T]) CompareAndSwap(old, now T) bool {
	e := here()
	if e == nil {
		return w.v.CompareAndSwap(w.in(old), w.in(now))
	}
	t := e.before(&w.mark, kindCAS)
	was := w.out(w.v.Load())
	ok := w.v.CompareAndSwap(w.in(old), w.in(now))
	e.after(t, ok, uint64(was), uint64(now))
	return ok
}

// Add adds to the value and returns the new one.
//
// Caller: any.
func (w *Integer[T]) Add(d T) T {
	e := here()
	if e == nil {
		_, now := w.add(d)
		return now
	}
	t := e.before(&w.mark, kindAdd)
	old, now := w.add(d)
	e.after(t, true, uint64(old), uint64(now))
	return now
}

func (w *Integer[T]) add(d T) (old, now T) {
	for {
		u := w.v.Load()
		old = w.out(u)
		now = old + d
		if w.v.CompareAndSwap(u, w.in(now)) {
			return old, now
		}
	}
}

// Sub is Add of minus d.
//
// Caller: any.
func (w *Integer[T]) Sub(d T) T { return w.Add(-d) }

// Inc is Add of one.
//
// Caller: any.
func (w *Integer[T]) Inc() T { return w.Add(1) }

// Dec is Sub of one.
//
// Caller: any.
func (w *Integer[T]) Dec() T { return w.Sub(1) }

// A Bool is the twin of an atomic boolean; see [Integer].
type Bool struct{ w Uint32 }

func bit(v bool) uint32 {
	if v {
		return 1
	}
	return 0
}

// Load returns the value.
//
// Caller: any.
func (b *Bool) Load() bool { return b.w.Load() != 0 }

// Store sets the value.
//
// Caller: any.
func (b *Bool) Store(v bool) { b.w.Store(bit(v)) }

// Swap sets the value and returns the old one.
//
// Caller: any.
func (b *Bool) Swap(v bool) bool { return b.w.Swap(bit(v)) != 0 }

// CompareAndSwap sets the value to now if it is old.
//
// Caller: any.
func (b *Bool) CompareAndSwap(old, now bool) bool { return b.w.CompareAndSwap(bit(old), bit(now)) }
