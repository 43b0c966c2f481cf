// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/workers"
)

// ErrClosed is the error of whatever comes after Close or Shutdown.
var ErrClosed = errors.New("pilfer: runtime is closed")

// ErrCanceled is the error of a task that was aborted before it finished. It
// is a [context.Canceled] for errors.Is.
var ErrCanceled error = canceledError{}

// ErrGoexit is the error of a task that called runtime.Goexit, as a failing
// test does with t.FailNow.
var ErrGoexit = errors.New("pilfer: task called runtime.Goexit")

// ErrStalled is returned by a wait on a [RoundRobin] executor whose tasks all
// wait for something that only another goroutine could bring.
var ErrStalled = errors.New("pilfer: every task waits, and nothing runs that could wake one")

// ErrDeadlock is returned by [Await], [JoinHandle.Wait] and [Group.Wait] to a task that
// waits for itself, or for one that waits below it on the same goroutine, where that is
// seen: [Await] tells.
var ErrDeadlock = errors.New("pilfer: a task waits for itself, or for one that cannot go on before it returns")

type canceledError struct{}

func (canceledError) Error() string        { return "pilfer: task was canceled" }
func (canceledError) Is(target error) bool { return target == context.Canceled }

// A PanicError is the error of a task that panicked.
type PanicError struct {
	Value any    // what was passed to panic
	Stack []byte // the stack of the panic
	Task  string // the task's name, if it has one
}

func (e *PanicError) Error() string {
	if e.Task != "" {
		return fmt.Sprintf("pilfer: task %s panicked: %v\n\n%s", e.Task, e.Value, e.Stack)
	}
	return fmt.Sprintf("pilfer: task panicked: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// crashError makes a task's error of the way its code left.
func crashError(crash workers.Crash, task string) error {
	if crash.Goexit {
		return ErrGoexit
	}
	if p, ok := crash.Value.(*future.PanicError); ok { // in the body of an Async
		return &PanicError{Value: p.Value, Stack: p.Stack, Task: task}
	}
	return &PanicError{Value: crash.Value, Stack: crash.Stack, Task: task}
}
