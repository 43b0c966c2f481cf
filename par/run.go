// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A PanicError says that a function passed to this package panicked.
type PanicError struct {
	Index int    // of the element it was called for; -1 if it was for none, or several
	Value any    // what was passed to panic
	Stack []byte // the stack of the panic
}

func (e *PanicError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("pilfer: panic in a parallel call: %v\n\n%s", e.Value, e.Stack)
	}
	return fmt.Sprintf("pilfer: panic at element %d: %v\n\n%s", e.Index, e.Value, e.Stack)
}

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// none is the result of what has none.
type none = struct{}

// noContext is for functions that end with no context: it costs no look.
var noContext context.Context

// call calls f(w, a) with a worker, and returns when all that f forked is done. If
// f panics, the error is a *PanicError without an index; else it is f's own, or
// says why there is no worker.
//
// Caller: any for a Runtime; for a Context or worker, the job that it was
// handed to.
func call[A, R any](ctx context.Context, at sched.Spawner, f func(w *workers.Worker, a A) (R, error), a A) (R, error) {
	if ctx.Done() == nil {
		return sched.Call(ctx, at, func(w *workers.Worker) (R, error) { return callIn(w, f, a) })
	}
	// If the call waits for a worker until ctx ends, sched.Call returns then. Either
	// f is not called any more, or it is waited for.
	var begun point.Bool // Writers: who begins, or forbids it, by a swap.
	var under point.WaitGroup
	under.Add(1)
	r, err := sched.Call(ctx, at, func(w *workers.Worker) (r R, err error) {
		if begun.Swap(true) {
			return r, context.Cause(ctx)
		}
		defer under.Done()
		return callIn(w, f, a)
	})
	if err != nil && begun.Swap(true) {
		under.Wait()
	}
	return r, err
}

// callIn is call on a worker.
//
// Caller: owner.
func callIn[A, R any](w *workers.Worker, f func(w *workers.Worker, a A) (R, error), a A) (r R, err error) {
	forks := w.Forks()
	returned := false
	defer func() {
		if returned {
			return
		}
		crash := w.CrashOf(recover())
		w.Settle(forks)
		if !crash.Goexit {
			err = &PanicError{Index: -1, Value: crash.Value, Stack: crash.Stack}
		}
	}()
	r, err = f(w, a)
	returned = true
	return r, err
}

// refuseNil panics because who was given no function or iterator: where it was
// called, however many elements there are, and not at one of them.
func refuseNil(who string) { panic("pilfer: nil function or iterator given to " + who) }

// room returns dst as n elements. It panics if there is no room for so many.
func room[E any](dst []E, n int, who string) []E {
	if n > cap(dst) {
		panic(fmt.Sprintf("pilfer: %s of %d elements into %d", who, n, cap(dst)))
	}
	return dst[:n:n]
}

// must leaves a function that returns no error as err says: by a panic, or as the
// function did that called Goexit.
func must(err error) {
	if err == nil {
		return
	}
	var crash *PanicError // its value may be any error, ErrGoexit too
	if errors.Is(err, sched.ErrGoexit) && !errors.As(err, &crash) {
		runtime.Goexit()
	}
	panic(err)
}
