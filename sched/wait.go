// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// waitFor polls a future of our own until it is ready or ctx ends: on an
// ordinary goroutine, or inside a task, whose worker runs others meanwhile.
//
// Caller: any.
func waitFor[T any](ctx context.Context, rt *Runtime, f future.Future[T]) (T, error) {
	var zero T
	w := rt.pool.Current()
	var (
		target waker.Target
		sleep  func()
	)
	if w != nil {
		a := newAwaiter(w.Local().(*local))
		defer a.end()
		target, sleep = a, func() { _ = a.wait() } // fails on a round-robin executor only
	} else {
		me := rt.callers.enter(rt)
		defer rt.callers.leave(me)
		target, sleep = me, me.parker.Park
	}
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, func() { target.WakeBy(nil) })()
	}
	cx := waker.NewContext(waker.New(target))
	cx.Reset(waker.New(target), nil, unlimited)
	for {
		if p := f.Poll(cx); p.Ready {
			return p.Value, p.Err
		}
		if err := context.Cause(ctx); err != nil {
			return zero, err
		}
		sleep()
	}
}

// here returns where to spawn for code that has no Context: the worker whose
// job calls, or else the runtime.
func (rt *Runtime) here() Spawner {
	if w := rt.pool.Current(); w != nil {
		return w
	}
	return rt
}

// runtimeOf returns the runtime that a spawner belongs to.
func runtimeOf(at Spawner) *Runtime {
	switch from := at.Local().(type) {
	case *local:
		return from.rt
	case *Runtime:
		return from
	}
	panic(notASpawner(at))
}
