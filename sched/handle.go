// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"unsafe"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A JoinHandle is the way to a task's result. It is a [future.Future] itself,
// so that tasks can wait for tasks; several may, and copies of a handle are as
// good as the handle. To drop it detaches the task.
type JoinHandle[T any] struct {
	t *task[T]
}

// Poll is ready when the task is done. A task that polls its own handle is logged.
//
// Caller: any task; each has its own waker.
func (h JoinHandle[T]) Poll(cx *Context) future.Poll[T] {
	if !h.t.state.isDone() && !h.t.await(cx.Waker()) {
		if h.t.isPolled(cx) {
			h.t.pollsItself()
		}
		return future.Poll[T]{}
	}
	if !cx.Spend() {
		return future.Poll[T]{}
	}
	return future.Poll[T]{Value: h.t.value, Err: h.t.err(), Ready: true}
}

// Wait blocks until the task is done, and returns its result: the task's own
// error, a [*PanicError], [ErrGoexit], [ErrCanceled] or [ErrClosed]. If ctx ends
// first it returns the cause of that; the task goes on.
//
// A task that waits for itself has [ErrDeadlock], and so has one that waits for a task
// that waits below it on the same goroutine, where that is seen; see [Await].
//
// Inside a task, Wait runs other tasks of the worker meanwhile; a future that
// polls the handle, or [Await], is cheaper there. Do not hold a lock across it
// that those tasks may want.
//
// Caller: any.
func (h JoinHandle[T]) Wait(ctx context.Context) (T, error) {
	if !h.t.state.isDone() {
		if err := h.t.block(ctx); err != nil {
			var zero T
			return zero, err
		}
	}
	return h.t.value, h.t.err()
}

// Done returns a channel that is closed when the task is done: the same for
// most calls, so that a loop may ask again and again.
//
// Caller: any.
func (h JoinHandle[T]) Done() <-chan struct{} {
	for at := h.t.waiters.Load(); at != nil; at = at.next {
		if at.done != nil {
			return at.done.ch
		}
	}
	d := &doneChan{ch: make(chan struct{})}
	if h.t.awaitAs(waker.New(d), d) {
		d.close()
	}
	return d.ch
}

// Abort asks for the task to be canceled: at its next turn its future is
// dropped instead of polled, and its error is [ErrCanceled]. A poll that is
// under way goes on to its end first; if it is ready, the task keeps its result.
// Abort reports whether it was the first, and the task not done.
//
// Caller: any.
func (h JoinHandle[T]) Abort() bool { return h.t.abort() }

// IsFinished reports whether the result is there.
//
// Caller: any.
func (h JoinHandle[T]) IsFinished() bool { return h.t.state.isDone() }

// ID returns a number that no other task has as long as somebody holds a
// handle of this one. It costs nothing: it is where the task lies.
//
// Caller: any.
func (h JoinHandle[T]) ID() uint64 { return uint64(uintptr(unsafe.Pointer(h.t))) }

// Name returns the name that the task was spawned with, or "".
//
// Caller: any.
func (h JoinHandle[T]) Name() string { return h.t.name() }

// A doneChan closes a channel when it is woken.
type doneChan struct {
	ch chan struct{}

	// closed is set by who closes ch.
	// Writers: any, once, by compare-and-swap.
	closed point.Bool
}

// WakeBy closes the channel.
//
// Caller: any.
func (d *doneChan) WakeBy(from waker.Local) {
	d.close()
	if l, ok := from.(*local); ok {
		l.owes()
	}
}

func (d *doneChan) close() {
	if d.closed.CompareAndSwap(false, true) {
		close(d.ch)
	}
}
