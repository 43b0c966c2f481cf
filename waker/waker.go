// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"reflect"
	"unsafe"

	"github.com/pilfer-go/pilfer/internal/invariant"
)

// A Local is what an executor keeps in the [Context] of a poll, for itself: its
// worker, say. It is opaque to everybody else, and travels from the Context of
// the poll in which a wake is called to the [Target] that is woken.
type Local = any

// A Target is what a [Waker] wakes: a task, a flag, a parked goroutine. It plays
// the part of Rust's vtable and data pointer at once: its dynamic type says what
// waking means, its value says whom.
//
// Make it a pointer: then a Waker is made without an allocation, and
// [Waker.WillWake] recognizes it.
type Target interface {
	// WakeBy asks for another poll. from is nil if the call may come from
	// anywhere, else the [Local] of the poll inside which it is made; then the
	// caller is the goroutine that polls. Many wakes before the next poll may
	// count as one. WakeBy must not block, must not panic, and must not poll.
	//
	// Caller: any.
	WakeBy(from Local)
}

// A Cloner is a [Target] that counts its wakers. CloneTarget is called for each
// copy that [Waker.Clone] makes, and returns the Target of the copy.
//
// Caller: any.
type Cloner interface{ CloneTarget() Target }

// A Dropper is a [Target] that counts its wakers. DropTarget is called once for
// each Waker that is dropped, or consumed by a wake, instead of left to the
// collector.
//
// Caller: any.
type Dropper interface{ DropTarget() }

// A Waker tells whoever polls a future that another poll is worth while. It is
// two words, and may be copied; the zero Waker wakes nobody.
//
// Only a Target that counts its wakers ([Cloner], [Dropper]) sees a difference
// between a plain copy, which borrows, and a [Waker.Clone], which owns: whoever
// keeps a Waker beyond a call clones it and later wakes or drops it.
type Waker struct{ target Target }

// The build fails if a Waker outgrows its two words.
var _ [2 * unsafe.Sizeof(uintptr(0))]struct{} = [unsafe.Sizeof(Waker{})]struct{}{}

// New returns a Waker of target; nil makes the Waker that wakes nobody.
//
// Caller: any.
func New(target Target) Waker {
	if invariant.Enabled && target != nil {
		v := reflect.ValueOf(target)
		invariant.Check(v.Kind() != reflect.Pointer || !v.IsNil(), "waker: nil %T as target", target)
	}
	return Waker{target}
}

// Noop returns the Waker that wakes nobody: the zero value.
//
// Caller: any.
func Noop() Waker { return Waker{} }

// Func returns a Waker that calls wake. Wakers of two calls of Func never pass
// for the same.
//
// Caller: any.
func Func(wake func()) Waker { return Waker{&funcTarget{wake}} }

// A funcTarget is a struct behind a pointer, because functions do not compare.
type funcTarget struct{ wake func() }

// WakeBy calls the function.
//
// Caller: any.
func (f *funcTarget) WakeBy(Local) { f.wake() }

// IsZero reports whether w wakes nobody.
//
// Caller: any.
func (w Waker) IsZero() bool { return w.target == nil }

// Clone returns a Waker to keep.
//
// Caller: any.
func (w Waker) Clone() Waker { return Waker{cloned(w.target)} }

// cloned returns the Target of a copy. It stays out of line so that
// [Context.Waker] fits into the compiler's inlining budget.
//
//go:noinline
func cloned(target Target) Target {
	if c, ok := target.(Cloner); ok {
		return c.CloneTarget()
	}
	return target
}

// WakeByRef wakes, and leaves w usable.
//
// Caller: any.
func (w Waker) WakeByRef() { w.WakeBy(nil) }

// WakeIn is [Waker.WakeByRef] from inside the poll that cx belongs to: the woken
// task can be queued where that poll runs, without a step on a shared queue. A
// nil cx makes it a WakeByRef.
//
// Caller: the goroutine that polls with cx.
func (w Waker) WakeIn(cx *Context) { w.WakeBy(cx.Local()) }

// WakeBy is [Waker.WakeByRef] on behalf of a poll whose Local is from. It makes
// Waker a [Target] itself, for those that forward.
//
// Caller: any, with nil; else the goroutine that polls with that Local.
func (w Waker) WakeBy(from Local) {
	if w.target != nil {
		w.target.WakeBy(from)
	}
}

// Wake wakes and consumes: afterwards w is empty.
//
// Caller: owner.
func (w *Waker) Wake() { w.consume(nil) }

// consume wakes by from and drops.
func (w *Waker) consume(from Local) {
	if w.target != nil {
		w.target.WakeBy(from)
		w.Drop()
	}
}

// Drop gives w up without a wake: afterwards w is empty.
//
// Caller: owner.
func (w *Waker) Drop() {
	target := w.target
	w.target = nil
	if d, ok := target.(Dropper); ok {
		d.DropTarget()
	}
}

// WillWake reports whether waking w and waking o is the same. It may miss that
// two wakers are the same, if their Target is not a pointer; it never claims it
// wrongly.
//
// Caller: any.
func (w Waker) WillWake(o Waker) bool {
	// The words are compared, not the interfaces: == would panic on a Target of
	// a type that does not compare, and user code would fail inside a Cell.
	return *(*[2]uintptr)(unsafe.Pointer(&w)) == *(*[2]uintptr)(unsafe.Pointer(&o))
}
