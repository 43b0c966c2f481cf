// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"sync/atomic"
	"unsafe"
)

// A Pointer is the twin of an atomic pointer; see [Integer].
type Pointer[T any] struct {
	mark mark
	v    atomic.Pointer[T]
}

// shown is what a trace shows of a pointer.
func shown[T any](p *T) uint64 { return uint64(uintptr(unsafe.Pointer(p))) }

// Load returns the value.
//
// Caller: any.
func (w *Pointer[T]) Load() *T {
	e := here()
	if e == nil {
		return w.v.Load()
	}
	t := e.before(&w.mark, kindLoad)
	v := w.v.Load()
	e.after(t, false, shown(v), shown(v))
	return v
}

// Store sets the value.
//
// Caller: any.
func (w *Pointer[T]) Store(v *T) {
	e := here()
	if e == nil {
		w.v.Store(v)
		return
	}
	t := e.before(&w.mark, kindStore)
	old := w.v.Swap(v)
	e.after(t, true, shown(old), shown(v))
}

// Swap sets the value and returns the old one.
//
// Caller: any.
func (w *Pointer[T]) Swap(v *T) *T {
	e := here()
	if e == nil {
		return w.v.Swap(v)
	}
	t := e.before(&w.mark, kindSwap)
	old := w.v.Swap(v)
	e.after(t, true, shown(old), shown(v))
	return old
}

// CompareAndSwap sets the value to now if it is old.
//
// Caller: any.
func (w *Pointer[T]) CompareAndSwap(old, now *T) bool {
	e := here()
	if e == nil {
		return w.v.CompareAndSwap(old, now)
	}
	t := e.before(&w.mark, kindCAS)
	was := w.v.Load()
	ok := w.v.CompareAndSwap(old, now)
	e.after(t, ok, shown(was), shown(now))
	return ok
}
