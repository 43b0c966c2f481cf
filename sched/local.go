// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"runtime/pprof"

	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// pollBudget is how many ready leaf futures one poll may take before it has to
// let others run. Tokio measured it; see its coop module.
const pollBudget = 128

// A local is what the runtime keeps for each party that polls tasks: a worker's
// place, a round-robin executor, or a caller that polls an Anywhere task. It is
// the local slot of the poll Context, so that a spawn or a wake from inside
// stays local. Plain fields: the party that polls owns it.
type local struct {
	rt *Runtime
	w  *workers.Worker // nil unless a worker's place
	rr *RoundRobin     // nil unless a round-robin executor
	cx *waker.Context  // the context of the innermost poll

	reg *registry

	labels context.Context // of the named task that is being polled; else nil

	coroutines coroutines // of the worker

	polls, started, completed uint64

	// A party that only fires timers gathers the tasks that they wake, to be
	// queued together.
	gathers bool
	woken   []*workers.Job

	firing *local // of a place: the one that gathers for it
}

// Local makes the party a [Spawner], for itself.
//
// Caller: owner.
func (l *local) Local() waker.Local { return l }

func newLocal(rt *Runtime, w *workers.Worker) *local {
	l := &local{rt: rt, w: w}
	l.newContext()
	return l
}

// newContext gives the party a fresh context for its polls.
func (l *local) newContext() {
	l.cx = waker.NewContext(waker.Noop())
	l.cx.DeferWakes() // a task that wakes itself costs no step on its word
	l.cx.Reset(waker.Noop(), l, pollBudget)
}

// workerLabels stands for the labels of the worker in [local.label].
var workerLabels context.Context

// label makes the labels of a named task, or those of the worker, the
// goroutine's.
func (l *local) label(labels context.Context) {
	if labels == workerLabels && l.labels == workerLabels {
		return // the worker's already
	}
	l.labels = labels
	if labels == workerLabels {
		labels = l.w.Labels()
	}
	pprof.SetGoroutineLabels(labels)
}

// stepAside keeps what belongs to the job that waits in a join, while others have
// its place. It returns what gives the place back to it.
func (l *local) stepAside() (back func()) {
	outer, labels := l.cx, l.labels
	l.newContext() // for the polls of other tasks
	l.label(workerLabels)
	l.rt.beginOutside() // the job is not in any queue
	rested := l.rt.rest(1)
	return func() {
		l.cx = outer
		l.label(labels)
		l.rt.awake(1, rested)
		l.rt.doneOutside()
	}
}

// push queues a task that was spawned by the running one.
func (l *local) push(c *core, kind flags) {
	switch {
	case l.rr != nil:
		l.rr.push(c)
	case l.w == nil && l.gathers && !kind.has(ordered):
		l.woken = append(l.woken, &c.job)
	case l.w == nil || kind.has(timed):
		l.rt.submit(c, kind)
	default:
		l.w.PushAt(kind.level(), &c.job)
	}
}

// pushNext queues a task that the running one woke.
func (l *local) pushNext(c *core, kind flags) {
	if l.w != nil && !kind.has(ordered) {
		l.w.PushNext(&c.job)
		return
	}
	l.push(c, kind)
}

// pushYielded queues the task that has just been polled.
func (l *local) pushYielded(c *core, kind flags) {
	switch {
	case l.w != nil && !kind.has(ordered):
		l.w.PushYielded(&c.job)
	case l.w != nil && !kind.has(timed):
		l.w.PushYieldedAt(kind.level(), &c.job)
	default:
		l.push(c, kind)
	}
}

// owes notes that an ordinary goroutine was made runnable.
func (l *local) owes() {
	if l.w != nil {
		l.w.OweP()
	}
}
