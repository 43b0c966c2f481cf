// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// A core is the part of a task that does not depend on its result's type.
//
//	field            who may touch it
//	job              set before the first push, read by workers
//	state            any, see taskState
//	rt               set before the first push
//	home             who owns the task (running)
//	waiters          any, see [done-race]
//	future, value    who owns the task; anybody reads them after done
type core struct {
	job   workers.Job
	state taskState

	rt *Runtime

	// waiters is told when the task is done; newest first.
	// Writers: any, by compare-and-swap; who finishes the task takes them all.
	waiters point.Pointer[waiter]

	home slot // where a registry keeps the task while it waits
}

// A task is one allocation that holds header, future and result.
type task[T any] struct {
	core
	value  T                // before future: a last field without size would take a word
	future future.Future[T] // once the task is done nil, or the *failed that holds its error
}

// failed is what takes the place of a task's future when the task ends with an error:
// most do not, and a field of its own would be a fifth of each task.
type failed[T any] struct{ err error }

// Poll is ready with the error.
func (f *failed[T]) Poll(*Context) future.Poll[T] { return future.Fail[T](f.err) }

// setErr ends the future, and keeps err if it is not nil.
//
// Caller: who owns the task, before finish.
func (t *task[T]) setErr(err error) {
	t.future = nil
	if err != nil {
		t.future = &failed[T]{err}
	}
}

// err returns the error that the task ended with.
//
// Caller: any, once the task is done.
func (t *task[T]) err() error {
	if t.future == nil {
		return nil
	}
	return t.future.(*failed[T]).err
}

// A runner is a task whatever its result.
type runner interface {
	workers.Runner
	begin() claim
	run(l *local, c claim)
	fail(l *local, err error)
	refused()
	name() string
	kindOf() string
	track(tr *trace)
}

// RunJob polls the task once.
//
// Caller: the worker that took the task's entry.
func (t *task[T]) RunJob(w *workers.Worker) { t.run(w.Local().(*local), takeEntry) }

// JobCrashed ends the task with the error that its crash makes.
//
// Caller: the worker whose RunJob crashed.
func (t *task[T]) JobCrashed(w *workers.Worker, crash workers.Crash) {
	t.fail(w.Local().(*local), crashError(crash, t.name()))
}

// begin takes the task for the party that took its entry.
func (c *core) begin() claim { return c.state.beginPoll() }

// run does with the task what the claim says.
//
// Caller: who made the claim.
func (t *task[T]) run(l *local, c claim) {
	if c == takeEntry {
		c = pollTask
		if t.state.load()&^ordered != running { // else spawned inside or yielded: the entry owns it
			c = t.state.beginPoll()
		}
	}
	switch {
	case c == dropEntry:
		return
	case c == cancelTask:
		t.tearDown(l, ErrCanceled)
		return
	case t.rt.ending.any(): // [refuse-race] W2, after W1 in begin
		if err := t.endsNow(); err != nil {
			t.tearDown(l, err)
			return
		}
	}
	if l.polls++; l.polls%fireEvery == 0 && l.w != nil {
		l.fireDue()
	}
	if !t.home.polled() {
		if point.Explored {
			point.Writes(&t.home)
		}
		t.home |= polledBit
		l.started++
	}
	cx := l.cx
	cx.Next(waker.New(&t.core), pollBudget)
	p := t.future.Poll(cx)
	if l.coroutines.set.Len() > 0 && !cx.Pinned() { // else the coroutine has looked
		l.afterTask(&t.core)
	}
	if p.Ready {
		t.value = p.Value
		t.setErr(p.Err)
		t.finish(l)
		return
	}
	cx.SetWaker(waker.Noop()) // what runs here next is no poll of this task; see isPolled
	if cx.Pinned() && t.pin(l, cx.TakePin()) {
		return
	}
	again := cx.Again()
	if again {
		if s := t.state.load(); s&^ordered == running {
			l.pushYielded(&t.core, s) // as endPoll would say: the entry owns the task
			return
		}
	}
	if cx.Taken() {
		t.home |= heldBit
	}
	t.wait(l, again)
}

// wait is what follows a poll that returned Pending.
//
// Caller: who owns the task.
func (t *task[T]) wait(l *local, again bool) {
	if !again {
		if !t.home.held() {
			t.strand()
		}
		if !t.registered() {
			t.enterPlace(l) // before anybody else can own the task
		}
	}
	switch t.state.endPoll(again) {
	case queueAgain:
		s := t.state.load()
		if s.has(pinned) {
			l.w.PostOwn(&t.job)
			return
		}
		l.pushYielded(&t.core, s)
	case tearDown:
		t.tearDown(l, ErrCanceled)
	case dropUntilWoken:
		if t.rt.tracker != nil {
			t.rt.tracker.of(&t.core).strand() // by now the task may be another's
		}
	}
}

// strand reports that the task is about to wait though nobody ever had its waker.
//
// Caller: who owns the task.
func (t *task[T]) strand() {
	place := ""
	if tr := t.rt.tracker.of(&t.core); tr != nil {
		tr.setTold()
		place = tr.spawned()
	}
	t.rt.log.strand(neverTaken, t.name(), t.kindOf(), place)
}

// pollsItself reports that the task polls its own handle. That may be one of several
// futures, of which another will be ready: so it goes on.
//
// Caller: who owns the task.
func (t *task[T]) pollsItself() {
	place := ""
	if tr := t.rt.tracker.of(&t.core); tr != nil {
		place = tr.spawned()
	}
	t.rt.log.report(pollsItself, t.name(), t.kindOf(), place)
}

// endsNow says why a task of a runtime that ends must not be polled, or nil.
//
// Caller: who owns the task.
func (c *core) endsNow() error {
	switch {
	case c.rt.ending.canceled():
		return ErrCanceled
	case !c.home.polled() && c.rt.ending.sealed():
		return ErrClosed // it came after all others were done
	}
	return nil
}

// tearDown drops the future of a task that is not to be polled again, and
// finishes the task.
//
// Caller: who owns the task.
func (t *task[T]) tearDown(l *local, err error) {
	f := t.future
	t.future = nil // gone, also if Drop panics
	future.Drop(f)
	t.setErr(err)
	t.finish(l)
}

// fail drops what is left of the future and finishes the task with an error,
// unless its code had returned before something else failed: then the crash came
// from a waker, and is not its own. A second crash, in Drop, adds nothing to the
// error.
//
// Caller: who owns the task.
func (t *task[T]) fail(l *local, err error) {
	if t.state.isDone() {
		return
	}
	f := t.future
	t.setErr(err)
	defer t.finish(l) // whatever Drop does
	defer func() { _ = recover() }()
	future.Drop(f)
}

// Proof [done-race]: whoever waits for a task learns that it is done.
//
//	finish                       wait
//	  D1  state.finish()           J1  push a waiter
//	  D2  take the waiters         J2  state.isDone()
//
// D1 before J2 in S: J2 sees the task done. Otherwise J1, J2, D1, D2: D2 takes
// the waiter and wakes it. (cross) A waiter that saw done by J2 may be woken all
// the same; every waiter looks again after a wake.
//
// Checked by: TestStressSpawnWakeAbortClose, TestWaitersRaceWithFinish.

// finish makes the result visible and tells who waits.
//
// Caller: who owns the task.
func (c *core) finish(l *local) {
	c.leavePlace(l)
	l.completed++
	c.state.finish()             // [done-race] D1
	if c.waiters.Load() != nil { // [done-race] D2
		c.wakeWaiters(l)
	}
}

// WakeBy queues the task for another poll: locally if it is called from inside
// a poll of the same runtime, else through the injector.
//
// Caller: any.
func (c *core) WakeBy(from waker.Local) {
	if l, ok := from.(*local); ok && l.w != nil && l.rt == c.rt {
		if s, push := c.state.wakeInside(); push {
			l.pushNext(c, s)
			return
		}
	}
	if c.state.wake() { // [nudge-race] N1
		c.pushBy(from)
	}
}

// abort cancels the task. It reports whether it is the first to do so.
func (c *core) abort() bool {
	first, push := c.state.cancel()
	if push {
		c.pushBy(nil)
	}
	return first
}

// pushBy pushes an entry for a task that was idle.
func (c *core) pushBy(from waker.Local) {
	s := c.state.load() // before the task can end; of what is read here, nothing changes
	l, ok := from.(*local)
	switch {
	case s.has(pinned):
		c.pushPinned(l)
	case ok && l.rt == c.rt:
		l.pushNext(c, s)
	default:
		c.rt.submit(c, s)
	}
	if s.has(anywhere) {
		c.nudgeCaller(from)
	}
}

// kindOf says what the task's future is.
//
// Caller: who owns the task.
func (t *task[T]) kindOf() string {
	f := t.future
	if k, ok := f.(*trackedFuture[T]); ok {
		return k.tr.kind
	}
	return kindOf(f)
}

// name returns the name that the task was spawned with, or "".
func (c *core) name() string {
	if n, ok := c.job.Runner.(interface{ taskName() string }); ok {
		return n.taskName()
	}
	return ""
}
