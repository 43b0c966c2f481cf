// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"log/slog"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// A worker that is locked to its thread can resume only coroutines that it started
// itself, see [future.Async]; a guest in its place can resume none. So the task of
// such a coroutine is pinned: it lies in the queue of its worker alone, and whoever
// wakes or aborts it posts it there. See docs/decisions/0031-coroutines.md.

// coroutines is what a place knows of the coroutines that can go on only there.
type coroutines struct {
	set    future.Coroutines // the worker's
	thread self.Thread       // of the worker; what its goroutine has between two tasks

	mu    point.Mutex
	ended bool // holding mu: the worker takes no more messages
}

// begin prepares for a new goroutine in the place.
//
// Caller: the worker, first.
func (c *coroutines) begin() {
	self.Learn()
	c.thread = self.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = false
}

// Start makes the party a [future.Host].
//
// Caller: owner.
func (l *local) Start() bool {
	switch {
	case l.w == nil:
		return l.rr != nil
	case l.w.Guest():
		return false
	}
	l.checkThread("")
	return true
}

// afterTask looks at the worker's thread, for the sake of its coroutines.
//
// Caller: owner, after a poll.
func (l *local) afterTask(c *core) {
	if l.w != nil && !l.w.Guest() && self.Now() != l.coroutines.thread {
		l.checkThread(c.name())
	}
}

// checkThread puts right the thread locks of a worker that a task has changed. It is
// called before a coroutine goes on, and after each task while there are coroutines.
//
// Caller: the worker.
func (l *local) checkThread(task string) {
	c := &l.coroutines
	now := self.Now()
	if now == c.thread {
		return
	}
	back := c.thread.Mend()
	l.rt.log.logger().Error("pilfer: a task of the worker called runtime.LockOSThread or UnlockOSThread without the other",
		slog.Int("worker", l.w.Index()), slog.String("task", task), slog.Bool("thread lost", !back))
	if !back {
		c.thread = self.Now() // what was started before cannot go on
	}
}

// Sit makes the coroutine's goroutine that of the place.
//
// Caller: owner.
func (l *local) Sit(goroutine uintptr) {
	if l.w != nil {
		l.w.Sit(goroutine)
	}
}

// Keep tells of a coroutine that can go on only here.
//
// Caller: the worker.
func (l *local) Keep(y *future.Await) {
	l.coroutines.set.Add(y)
	if l.w != nil {
		l.w.Keep(1)
	}
}

// Release tells that it has ended.
//
// Caller: the worker.
func (l *local) Release(y *future.Await) {
	l.coroutines.set.Remove(y)
	if l.w != nil {
		l.w.Keep(-1)
	}
}

// Send calls f on the worker of the place.
//
// Caller: any.
func (l *local) Send(f func()) bool {
	if l.w == nil {
		return false
	}
	c := &l.coroutines
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	l.rt.beginOutside() // Close waits for it
	l.w.Post(&workers.Job{Runner: &message{l.rt, f}})
	return true
}

// A message is a call on another worker.
type message struct {
	rt *Runtime
	f  func()
}

// RunJob calls the function.
//
// Caller: the worker that it was sent to.
func (m *message) RunJob(*workers.Worker) {
	defer m.rt.doneOutside()
	m.f()
}

// JobCrashed reports the panic: nobody waits for a message.
//
// Caller: the worker whose RunJob crashed.
func (m *message) JobCrashed(_ *workers.Worker, crash workers.Crash) {
	m.rt.log.logger().Error("pilfer: the body of an Async crashed while it unwound",
		"error", crashError(crash, ""))
}

// endCoroutines lets all bodies unwind that still wait: they belong to no task.
//
// Caller: the worker, last.
func (l *local) endCoroutines() {
	c := &l.coroutines
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.set.AbortAll(func(panicked any) {
		l.rt.log.logger().Error("pilfer: the body of an Async crashed while it unwound", "panic", panicked)
	})
}

// isAt reports whether the party is where a poll has pinned its task.
//
// Caller: owner.
func (l *local) isAt(home waker.Local) bool {
	return home == waker.Local(l) && (l.w == nil || !l.w.Guest())
}

// elsewhere hands a future to a task of its own, which goes to where it can go on.
func elsewhere[T any](at Spawner, f future.Future[T]) future.Future[T] {
	return &abortOnDrop[T]{Spawn(at, f)}
}

// abortOnDrop is a handle that owns its task.
type abortOnDrop[T any] struct{ JoinHandle[T] }

// Drop aborts the task.
//
// Caller: owner.
func (a *abortOnDrop[T]) Drop() { a.Abort() }
