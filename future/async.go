// SPDX-License-Identifier: Apache-2.0

package future

import (
	"iter"
	"log/slog"
	"runtime/debug"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
)

// Async returns a future that calls body, which is straight-line code: where a state
// machine would return Pending, it waits in [Get]. It ends with what body returns.
//
//	sum := future.Async(func(y *future.Await) (int, error) {
//		a, err := future.Get(y, first)
//		if err != nil {
//			return 0, err
//		}
//		b, err := future.Get(y, second)
//		return a + b, err
//	})
//
// The body is a coroutine with a stack of its own: 2 KB and more, where a state
// machine needs its fields, so it is not for a million tasks. See the package's
// documentation for which to use when.
//
// If the future is dropped while body waits, Get panics, so that the deferred
// functions of body run; body must not recover from it. If body panics, Poll panics
// with a [*PanicError] that has the value and the stack. If it calls runtime.Goexit,
// so does Poll.
//
// On workers that are locked to threads the body runs on the worker that started it,
// never on a guest, and its task stays there. Body must not wait with a thread that
// it has locked itself.
//
// Caller: any.
func Async[T any](body func(y *Await) (T, error)) Future[T] {
	if body == nil {
		noFunction("Async")
	}
	return &async[T]{body: body}
}

// Life of a coroutine.
//
//	fresh ------> runs <---> polls <----> waits
//	  |            |            |             | Drop: resumed once more, to unwind
//	  +----------> over <-------+-------------+
const (
	fresh uint8 = iota
	runs        // the body is under way
	polls       // in a Get, which polls
	waits       // in a Get, between two polls
	over        // the body has returned, or never began
)

// An Await is how the body of an [Async] waits; see [Get]. It is also where the body
// can spawn tasks. It belongs to the goroutine of the body, until the body returns.
type Await struct {
	_  noCopy
	cx *Context // of the poll that is under way; nil while the body unwinds

	next  func() (struct{}, bool)
	yield func(struct{}) bool

	// Written when the coroutine starts, and read by any owner after it.
	home      Host        // the only one that may resume it; nil if many may
	host      Host        // of the poll that is under way
	thread    self.Thread // of who started it
	goroutine uintptr     // of the body
	unknown   bool        // locks of threads cannot be read

	poller uintptr // the goroutine that polls

	state   uint8
	aborted bool // the body is to unwind
	unwound bool // it was told to
	crash   *PanicError

	// In the Coroutines of home.
	before, after *Await
}

// maxDepth bounds how deep bodies of Async may poll each other. Each level has a
// stack, and a wait at the bottom switches through all of them.
const maxDepth = 10_000

// An async future runs its body in a coroutine.
type async[T any] struct {
	y     Await
	body  func(*Await) (T, error)
	value T
	err   error
}

// Poll runs the body up to the next Get that has to wait.
//
// Caller: owner.
func (a *async[T]) Poll(cx *Context) Poll[T] {
	y := &a.y
	host, _ := cx.Local().(Host)
	switch {
	case y.next == nil:
		if y.state == over {
			ended("Async")
		}
		if cx.Depth() == maxDepth {
			panic("future: 10000 bodies of Async wait for each other: endless recursion")
		}
		if host != nil && !host.Start() {
			cx.Pin(nil)
			return Poll[T]{}
		}
		y.start(host, a.run)
	default:
		switch y.find(host) {
		case placeThere:
			cx.Pin(y.home)
			return Poll[T]{}
		case placeGone:
			if y.state == over {
				ended("Async")
			}
			y.state = over
			y.home.Release(y)
			return Fail[T](ErrThread)
		}
	}
	switch y.state {
	case runs, polls:
		panic("future: an Async was polled from inside its own body: it would wait for itself")
	case over:
		ended("Async")
	}
	y.enter(cx, host)
	if _, left := y.next(); left {
		if y.home != nil {
			cx.Pin(y.home)
		}
		return Poll[T]{}
	}
	if y.crash != nil {
		panic(y.crash)
	}
	return Poll[T]{Value: a.value, Err: a.err, Ready: true}
}

// run is the coroutine.
func (a *async[T]) run() {
	y := &a.y
	y.goroutine = self.Goroutine()
	if y.host != nil {
		y.host.Sit(y.goroutine)
	}
	y.state = runs
	returned := false
	defer func() {
		if !returned {
			y.crashed(recover())
		}
		if !y.unknown && self.Now() != y.thread && (y.thread.Locked() || self.Now().Locked()) {
			y.unbalanced()
		}
		y.leave()
		y.state = over
		if y.home != nil {
			y.home.Release(y)
		}
	}()
	a.value, a.err = a.body(y)
	returned = true
}

// Drop lets the body unwind: here, if that may be, else where the coroutine is.
//
// Caller: owner.
func (a *async[T]) Drop() {
	y := &a.y
	switch {
	case y.next == nil:
		y.state = over
	case y.fits(y.home):
		y.abort()
	case y.home != nil:
		y.home.Send(y.abort)
	case !y.thread.Locked():
		point.Go(y.abortAlone)
	}
}

// start makes the coroutine.
func (y *Await) start(host Host, body func()) {
	y.unknown = !self.Learn()
	y.thread = self.Now()
	if host != nil && (y.thread.Locked() || y.unknown) {
		y.home = host
		host.Keep(y)
	}
	y.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		y.yield = yield
		body()
	})
}

// enter is what comes before the switch to the body.
func (y *Await) enter(cx *Context, host Host) {
	y.cx, y.host = cx, host
	if cx != nil {
		cx.Deeper()
	}
	if host != nil {
		y.poller = self.Goroutine()
		if y.goroutine != 0 {
			host.Sit(y.goroutine)
		}
	}
}

// leave is what comes before the switch back, on the body's goroutine: also if that
// ends by runtime.Goexit.
func (y *Await) leave() {
	if y.host != nil {
		y.host.Sit(y.poller)
	}
	if y.cx != nil {
		y.cx.Shallower()
	}
	y.cx, y.host = nil, nil
}

// abort lets a body that waits unwind.
//
// Caller: a goroutine on which the coroutine fits, owning it.
func (y *Await) abort() {
	if y.state != waits {
		return
	}
	y.aborted = true
	y.enter(nil, y.home)
	y.next()
	if y.crash != nil {
		panic(y.crash)
	}
}

// abortAlone is abort on a goroutine of its own.
func (y *Await) abortAlone() {
	defer func() {
		if v := recover(); v != nil {
			slog.Error("future: the body of an Async panicked while it unwound", "panic", v)
		}
	}()
	y.abort()
}

// crashed notes why the body did not return. Goexit goes on by itself.
func (y *Await) crashed(v any) {
	if _, ours := v.(unwinding); v == nil || ours {
		return
	}
	if inner, ok := v.(*PanicError); ok { // of an Async that this one waited for
		y.crash = inner
		return
	}
	y.crash = &PanicError{v, debug.Stack()}
}

// unbalanced undoes the locks that the body has left, or Go would end the process.
func (y *Await) unbalanced() {
	if !y.thread.Mend() {
		slog.Error("future: the body of an Async gave its thread away by runtime.UnlockOSThread; the process ends")
	}
	if y.crash == nil {
		y.crash = &PanicError{lockMisuse, debug.Stack()}
	}
}

const lockMisuse = "future: the body of an Async has called runtime.LockOSThread or UnlockOSThread without the other"
