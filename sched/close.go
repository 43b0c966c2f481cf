// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Close refuses what comes from outside, waits until all tasks are done, those
// that they spawn included, and ends the workers. A task that waits for ever
// makes Close wait for ever: see [Runtime.Shutdown]. After ten seconds ([ReportEvery])
// it logs what it waits for. A second Close waits too.
// Inside a task of the runtime, and in code given to [SpawnBlocking] or [Block], Close
// panics: it would wait for itself. In a task that its caller polls as no worker is free it
// does wait.
//
// Caller: any goroutine outside the runtime's tasks.
func (rt *Runtime) Close() error {
	return rt.Shutdown(context.Background())
}

// Shutdown is Close with an end: when ctx ends first, all tasks are canceled,
// and Shutdown returns the cause. Tasks in queues and tasks that wait are
// canceled at once; one that is being polled, when its poll returns, or sits in
// [Await]; the context of blocking functions ends, and they are waited for.
// Every handle gets an answer, and no goroutine is left.
//
// Caller: any goroutine outside the runtime's tasks.
func (rt *Runtime) Shutdown(ctx context.Context) error {
	if rt.pool.Current() != nil {
		panic("pilfer: Close or Shutdown inside a task of the runtime would wait for itself")
	}
	if rt.blockers.here() {
		panic("pilfer: Close or Shutdown inside blocking code of the runtime would wait for itself")
	}
	rt.closing.Store(true) // [quiet-race] E1, [refuse-race] E1, [drive-race] E1, [run-race] E1
	rt.pool.Nudge()        // [quiet-race] E2 somebody must find that everybody is idle
	var err error
	if !rt.waitQuiet(ctx) {
		err = context.Cause(ctx)
		rt.cancelAll()
		rt.waitQuiet(context.Background())
	}
	rt.pool.Close()
	rt.unwatch()
	rt.keeper.end()
	rt.cancel()
	return err
}

// ending says how a runtime treats the tasks that are left, and whether it treats all
// of them with more care than is usual: one word, so that the usual case costs one
// look.
const (
	sealed    uint32 = 1 << iota // all tasks were done once: refuse those never polled
	canceling                    // tear all tasks down at their next turn
	tracking                     // note each spawn and poll; set before the first task
)

// An ending is a set of those, each of which stays set once it is.
type ending struct {
	// word holds sealed, canceling and tracking.
	// Writers: any, by compare-and-swap. Invariant: bits stay set; the first two are
	// set only after closing.
	word point.Uint32
}

// set adds a bit.
//
// Caller: any.
func (e *ending) set(bit uint32) {
	for {
		old := e.word.Load()
		if old&bit != 0 || e.word.CompareAndSwap(old, old|bit) {
			return
		}
	}
}

// any reports whether tasks must be looked at before they are polled.
//
// Caller: any.
func (e *ending) any() bool { return e.word.Load() != 0 }

// sealed reports whether tasks that were never polled are to be refused.
//
// Caller: any.
func (e *ending) sealed() bool { return e.word.Load()&sealed != 0 }

// refuses reports whether a spawn from inside comes too late.
//
// Caller: any.
func (e *ending) refuses() bool { return e.word.Load()&^tracking != 0 }

// canceled reports whether all tasks are to be torn down.
//
// Caller: any.
func (e *ending) canceled() bool { return e.word.Load()&canceling != 0 }

// cancelAll makes every task end at its next turn.
func (rt *Runtime) cancelAll() {
	rt.ending.set(canceling) // [cancel-race] X1
	for _, r := range rt.registries() {
		r.each(func(c *core) bool { // [cancel-race] X2
			c.abort()
			return true
		})
		r.waits.wakeAll() // [cancel-race] X3
	}
	rt.cancel()
}

// poolQuiet is called when the last worker is about to sleep. If the runtime is
// to be closed and no task is left, it seals the runtime and looks again, as a
// spawn that did not see closing yet may have come between.
func (rt *Runtime) poolQuiet() {
	if rt.clock.Virtual() {
		rt.jump()
	}
	if !rt.closing.Load() || !rt.nothingLeft() { // [quiet-race] Q1
		return
	}
	rt.ending.set(sealed) // [refuse-race] E2
	if rt.nothingLeft() { // [refuse-race] E3
		rt.tellQuiet()
	}
}

// tellQuiet lets Close go on. Two workers may come here.
func (rt *Runtime) tellQuiet() {
	if rt.told.CompareAndSwap(false, true) { // elect
		rt.quiet.Open()
	}
}

// nothingLeft reports whether there is no task, polled, queued or waiting, but
// those that spawns have not put into a queue yet. If it reports false though
// there is none, somebody was awake, and poolQuiet is called again.
//
// Tasks move while it looks: from a queue to a worker and from there to a
// registry, which may have been looked through by then. So it looks only while
// nobody moves them. The pool says whether it slept all the time, and the
// outside word whether nothing began outside. Then a task is where it was: in a
// queue, or in a registry, where it stays until it is done. (monotone)
//
// Caller: any.
func (rt *Runtime) nothingLeft() bool {
	return rt.pool.Asleep(func() bool { // [run-race] E2
		before := rt.busyOutside.load() // [quiet-race] Q2, [drive-race] E2
		return before.count() == 0 && rt.pool.Empty() && !rt.anyWaiting() && rt.busyOutside.load() == before
	})
}

// Proof [quiet-race]: Close notices that the last task is done.
//
//	the last task ends outside     Close                       a worker
//	  O1  count it as done           E1  closing.Store(true)     Q1  read closing
//	  O2  read closing               E2  nudge a parked worker   Q2  read the count
//	      set: nudge a parked worker
//
// If it ends in the pool, its worker or guest comes to Q1 as it parks. Q1 before
// E1 in S: the worker parks before E1, and E2 wakes it for another Q1. Q2 before
// O1: Q1 is before Q2 and saw E1, so O2 is after E1 too, and wakes a worker for
// another Q1. (cross) A nudge that finds nobody parked finds them awake: the last
// to park comes to Q1 later.
//
// Checked by: TestCloseWaitsForBlocking, TestSpawnRacesWithClose.

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
