// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/waker"
)

// waitFor polls a future of our own until it is ready or ctx ends, and then
// drops it: on an ordinary goroutine, or inside a task, whose worker runs others
// meanwhile. It goes on when the runtime cancels its tasks: what it waits for is
// their end.
//
// Caller: any.
func waitFor[T any](ctx context.Context, rt *Runtime, f future.Future[T]) (T, error) {
	var (
		zero   T
		target waker.Target
		sleep  func() error
	)
	if l := rt.inside(); l != nil {
		a := newAwaiter(l, nil)
		defer a.end()
		target, sleep = a, a.sleep
	} else {
		me := rt.callers.enter(rt)
		defer rt.callers.leave(me)
		target, sleep = me, func() error { me.sleep(); me.parker.Mind(); return nil }
	}
	if ctx.Done() != nil {
		defer park.AfterEnd(ctx, func() { target.WakeBy(nil) })()
	}
	cx := waker.NewContext(waker.New(target))
	for {
		if p := f.Poll(cx); p.Ready {
			return p.Value, p.Err
		}
		err := context.Cause(ctx)
		if err == nil {
			err = sleep()
		}
		if err != nil {
			future.Drop(f)
			return zero, err
		}
	}
}

// inside returns what the calling goroutine polls with, or nil if it runs no
// task of the runtime in a place. A round-robin executor has one goroutine, which
// is taken to be the caller's.
//
// Caller: any.
func (rt *Runtime) inside() *local {
	if rt.rr != nil {
		return rt.rr.local
	}
	if w := rt.pool.Current(); w != nil {
		return w.Local().(*local)
	}
	return nil
}

// here returns where to spawn for code that has no Context: the place whose task
// calls, or else the runtime.
//
// Caller: any.
func (rt *Runtime) here() Spawner {
	if l := rt.inside(); l != nil {
		return l
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
