// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"
	"reflect"
	"runtime"

	"github.com/pilfer-go/pilfer/internal/point"
)

// An Owned is a value with one owner at a time: what Rust's Send and move say
// at compile time, checked when the program runs. Handing it to a task moves
// it; a later use of the old handle panics and names the place of the move.
// Make one with [Own]; it must not be copied.
//
// The check is of the handle. A pointer that Value returned before the move
// still works, as it would for any Go value: do not keep it.
type Owned[T any] struct {
	_     noCopy
	value T

	// moved says where the value went.
	// Writers: any, once, by compare-and-swap. Invariant: once set, stays set.
	moved point.Pointer[string]
}

// Own returns the owner of v.
func Own[T any](v T) *Owned[T] { return &Owned[T]{value: v} }

// Value returns the value, for use until it is moved. It panics if the value
// was moved.
//
// Caller: owner.
func (o *Owned[T]) Value() *T {
	if at := o.moved.Load(); at != nil {
		panic(movedError[T](*at))
	}
	return &o.value
}

// Take moves the value out. It panics if the value was moved before. About
// 300 ns, for the place.
//
// Caller: any; of two at once one panics.
func (o *Owned[T]) Take() T { return o.take(2) }

func (o *Owned[T]) take(skip int) T {
	at := callerOf(skip + 1)
	if !o.moved.CompareAndSwap(nil, &at) { // elect
		panic(movedError[T](*o.moved.Load()))
	}
	v := o.value
	var zero T
	o.value = zero
	return v
}

// GoOwned starts a task as [Go] does, and moves the value of o into it.
//
// Caller: as [Spawn].
func GoOwned[A, T any](at Spawner, o *Owned[A], f func(*Context, A) (T, error)) JoinHandle[T] {
	if f == nil {
		refuseNil("GoOwned")
	}
	a := o.take(2)
	return Go(at, func(cx *Context) (T, error) { return f(cx, a) })
}

func movedError[T any](at string) error {
	return fmt.Errorf("pilfer: use of an owned %v after it was moved at %s", reflect.TypeFor[T](), at)
}

// callerOf names a place in user code.
func callerOf(skip int) string {
	_, file, line, ok := runtime.Caller(skip)
	if !ok {
		return "an unknown place"
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// noCopy lets go vet find copies of a struct.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
