// SPDX-License-Identifier: Apache-2.0

package future

import (
	"fmt"
	"runtime/debug"
)

// A PanicError is the error of a future of [CatchPanic] that panicked. It is also what
// the poll of an [Async] panics with whose body panicked.
type PanicError struct {
	Value any    // what was given to panic
	Stack []byte // where it was
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("future: a future panicked: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the value of the panic, if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// CatchPanic returns a future that ends as f does, and fails with a [*PanicError]
// if a poll of f panics; f is dropped then. An executor catches panics itself, for
// the whole task: CatchPanic is for one part of it.
//
// Caller: any.
func CatchPanic[T any](f Future[T]) Future[T] {
	refuseNil(f, "CatchPanic")
	return &caught[T]{f}
}

type caught[T any] struct{ f Future[T] } // nil once it was ready or dropped

// Poll polls f.
//
// Caller: owner.
func (c *caught[T]) Poll(cx *Context) (p Poll[T]) {
	if c.f == nil {
		ended("CatchPanic")
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v == nil {
			return // runtime.Goexit, which goes on
		}
		err, ok := v.(*PanicError) // of an Async, with the stack of its body
		if !ok {
			err = &PanicError{v, debug.Stack()}
		}
		c.Drop()
		p = Fail[T](err)
	}()
	p = c.f.Poll(cx)
	returned = true
	if p.Ready {
		c.f = nil
	}
	return p
}

// Drop drops f.
//
// Caller: owner.
func (c *caught[T]) Drop() {
	f := c.f
	c.f = nil
	Drop(f)
}
