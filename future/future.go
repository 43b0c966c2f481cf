// SPDX-License-Identifier: Apache-2.0

package future

import "github.com/pilfer-go/pilfer/waker"

// Context is what a poll is given; see [waker.Context].
type Context = waker.Context

// A Poll is the answer of a future to one poll. The zero Poll is Pending: not
// ready, and the future has seen to it that its task will be woken.
type Poll[T any] struct {
	Value T     // if Ready, and Err is nil
	Err   error // if Ready
	Ready bool  // the future has ended
}

// Of returns the Poll of a future that ended with v.
//
// Caller: any.
func Of[T any](v T) Poll[T] { return Poll[T]{Value: v, Ready: true} }

// Fail returns the Poll of a future that ended with err.
//
// Caller: any.
func Fail[T any](err error) Poll[T] { return Poll[T]{Err: err, Ready: true} }

// Wait returns the Poll of a future that has not ended: the zero Poll.
//
// Caller: any.
func Wait[T any]() Poll[T] { return Poll[T]{} }

// A Future is a value that comes later. It does nothing until it is polled, and
// goes on only inside Poll: it is a state machine, and the poll is its step.
//
// A future has one owner at a time, who polls it and then gives it up in exactly
// one of two ways: by the poll that returns Ready, or by [Drop]. Either way it
// must not be touched afterwards; the futures of this package panic if they are
// polled again.
type Future[T any] interface {
	// Poll takes the future as far as it gets without waiting. If it returns
	// Pending, it has kept cx.Waker(), or handed cx to a future that does, and
	// calls it when another poll is worth while; of several polls, the waker of
	// the latest counts. It must not block and must not keep cx.
	//
	// Caller: owner.
	Poll(cx *Context) Poll[T]
}

// A Dropper is a [Future] that holds something to give back when it is given up
// before it is ready: a registration, a goroutine, children. Use [Drop] to call
// it.
type Dropper interface {
	// Drop cancels. It is called at most once, never after the poll that
	// returned Ready, perhaps before the first poll or after one that panicked. It
	// must not panic: the futures behind it would not be dropped.
	//
	// Caller: owner.
	Drop()
}

// Drop gives f up. A nil f, or one that is no [Dropper], needs nothing.
//
// Caller: owner.
func Drop[T any](f Future[T]) {
	if d, ok := f.(Dropper); ok {
		d.Drop()
	}
}

// dropAll drops all futures that are left and forgets them. Each is forgotten
// first, so that a Drop that panics is not called again.
func dropAll[T any](fs []Future[T]) {
	for i, f := range fs {
		fs[i] = nil
		Drop(f)
	}
}

// refuseNil panics if a combinator was given no future.
func refuseNil[T any](f Future[T], who string) {
	if f == nil {
		panic("future: nil future given to " + who)
	}
}

// noFunction panics because a combinator was given none.
func noFunction(who string) {
	panic("future: nil function given to " + who)
}

// ended panics because who was polled after it was ready or dropped.
func ended(who string) {
	panic("future: " + who + " polled after it was ready or dropped")
}
