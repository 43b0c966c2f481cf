// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"

	"github.com/pilfer-go/pilfer/workers"
)

// ErrNoWorker is returned by [Call] at a [RoundRobin], which has no workers.
var ErrNoWorker = errors.New("pilfer: a round-robin executor has no workers")

// Call calls f with a worker, and returns what f returns: the way into fork-join,
// with [workers.Join] and package par.
//
// At a worker, or the Context of a running task, it is a plain call. At a Runtime,
// from an ordinary goroutine, f is called on that goroutine, in the place of a
// parked worker: what f forks is shared with the others, the caller computes
// too, and has the result when the last part is done. While all workers are
// busy the call is queued, and the caller waits for it, or for the end of ctx.
//
// The error is f's own, or [ErrClosed], [ErrNoWorker], the cause of ctx, or, in a
// call from outside, a [*PanicError] if f panicked. Inside a task a panic goes on
// as in any call. About 50 ns from outside.
//
// Caller: any for a Runtime; for a Context or worker, the job that it was
// handed to.
func Call[T any](ctx context.Context, at Spawner, f func(w *workers.Worker) (T, error)) (v T, err error) {
	if f == nil {
		refuseNil("Call")
	}
	if err := context.Cause(ctx); err != nil {
		return v, err
	}
	var rt *Runtime
	switch from := at.Local().(type) {
	case *local:
		if from.w != nil {
			return f(from.w)
		}
		rt = from.rt
	case *Runtime:
		rt = from
	default:
		panic(notASpawner(at))
	}
	if rt.pool == nil {
		return v, rt.whyNoPool()
	}
	if w := rt.pool.Current(); w != nil {
		return f(w)
	}
	if rt.closing.Load() {
		return v, ErrClosed
	}
	w, ok := rt.pool.Enter() // [run-race] G1
	if !ok {
		return Go(rt, func(cx *Context) (T, error) { return f(cx.Local().(*local).w) }).Wait(ctx)
	}
	defer w.Leave()
	if rt.closing.Load() { // [run-race] G2
		return v, ErrClosed
	}
	return callGuest(w, f)
}

// whyNoPool returns why a runtime has no workers. It panics if nobody made it.
func (rt *Runtime) whyNoPool() error {
	if rt.ctx == nil {
		panic("pilfer: use of a zero Runtime: make one with New")
	}
	return ErrNoWorker
}

// callGuest calls f, and makes an error of a panic. Goexit goes on.
func callGuest[T any](w *workers.Worker, f func(*workers.Worker) (T, error)) (v T, err error) {
	returned := false
	defer func() {
		if !returned {
			err = crashError(w.CrashOf(recover()), "")
		}
	}()
	v, err = f(w)
	returned = true
	return v, err
}
