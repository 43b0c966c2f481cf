// SPDX-License-Identifier: Apache-2.0

package sched

import "context"

// Close refuses what comes from outside, waits until all tasks are done, those
// that they spawn included, and ends the workers. A task that waits for ever
// makes Close wait for ever: see [Runtime.Shutdown]. A second Close waits too.
//
// Caller: any goroutine outside the runtime's tasks.
func (rt *Runtime) Close() error {
	return rt.Shutdown(context.Background())
}

// Shutdown is Close with an end: when ctx ends first, all tasks are canceled,
// and Shutdown returns the cause. Tasks in queues and tasks that wait are
// canceled at once; one that is being polled, when its poll returns; the
// context of blocking functions ends, and they are waited for. Every handle
// gets an answer, and no goroutine is left.
//
// Caller: any goroutine outside the runtime's tasks.
func (rt *Runtime) Shutdown(ctx context.Context) error {
	rt.closing.Store(true) // [refuse-race] E1
	rt.pool.Nudge()        // somebody must find that everybody is idle
	var err error
	select {
	case <-rt.quiet:
	case <-ctx.Done():
		err = context.Cause(ctx)
		rt.cancelAll()
		<-rt.quiet
	}
	rt.pool.Close()
	rt.cancel()
	return err
}

// cancelAll makes every task end at its next turn.
func (rt *Runtime) cancelAll() {
	rt.canceling.Store(true) // [cancel-race] X1
	rt.cancel()
	for _, r := range rt.registries() {
		r.each(func(c *core) bool { // [cancel-race] X2
			c.abort()
			return true
		})
	}
}

// poolQuiet is called when the last worker is about to sleep. Nothing is being
// polled in the pool then, and its queues were empty.
func (rt *Runtime) poolQuiet() {
	if !rt.closing.Load() || rt.busyOutside.Load() != 0 || rt.anyWaiting() { // [refuse-race] E2
		return
	}
	rt.once.Do(func() { close(rt.quiet) })
}

// anyWaiting reports whether a task waits to be woken.
func (rt *Runtime) anyWaiting() bool {
	found := false
	for _, r := range rt.registries() {
		r.each(func(*core) bool {
			found = true
			return false
		})
	}
	return found
}

// doneOutside ends what busyOutside counts. If that was all that Close waited
// for, somebody in the pool must notice.
func (rt *Runtime) doneOutside() {
	rt.busyOutside.Dec()
	if rt.closing.Load() {
		rt.pool.Nudge()
	}
}
