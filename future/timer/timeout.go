// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"context"
	"time"

	"github.com/pilfer-go/pilfer/future"
)

// ErrTimeout is what [Timeout] and [Deadline] fail with when the time is over. It
// is [context.DeadlineExceeded], and a net.Error whose Timeout reports true.
var ErrTimeout error = timeoutError{}

type timeoutError struct{}

func (timeoutError) Error() string { return "timer: the time is over" }

func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

func (timeoutError) Timeout() bool { return true }

func (timeoutError) Temporary() bool { return true }

// Timeout returns a future that ends as f does, unless d passes first, counted
// from its first poll: then f is dropped, and it fails with [ErrTimeout]. f is polled
// at least once; with a d of zero or less, exactly once. A result that comes
// together with the end counts.
//
// Caller: any.
func Timeout[T any](f future.Future[T], d time.Duration) future.Future[T] {
	refuseNil(f, "Timeout")
	t := &timeout[T]{f: f}
	t.setFor(d)
	return t
}

// Deadline is [Timeout] with the time at which f must be ready.
//
// Caller: any.
func Deadline[T any](f future.Future[T], at time.Time) future.Future[T] {
	refuseNil(f, "Deadline")
	t := &timeout[T]{f: f}
	t.setAt(instantOf(at))
	return t
}

type timeout[T any] struct {
	f future.Future[T] // nil once it was ready or dropped
	alarm
}

// Poll polls f, and then looks at the time. The look is free: an f that uses the
// budget up at each poll must not escape it.
//
// Caller: owner.
func (t *timeout[T]) Poll(cx *future.Context) future.Poll[T] {
	f := t.f
	if f == nil {
		ended("Timeout or Deadline")
	}
	if p := f.Poll(cx); p.Ready {
		t.f = nil
		t.cancel()
		return p
	}
	if !t.poll(cx, "Timeout or Deadline") {
		return future.Poll[T]{}
	}
	t.f = nil
	future.Drop(f)
	return future.Fail[T](ErrTimeout)
}

// Drop drops f and takes the timer back.
//
// Caller: owner.
func (t *timeout[T]) Drop() {
	f := t.f
	t.f = nil
	t.cancel()
	future.Drop(f)
}

func refuseNil[T any](f future.Future[T], who string) {
	if f == nil {
		panic("timer: nil future given to " + who)
	}
}
