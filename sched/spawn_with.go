// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"runtime/pprof"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/workers"
)

// A TaskOption changes how [SpawnWith] makes a task. It is a plain value, so that
// options cost no allocation.
type TaskOption struct {
	name string
	kind flags
	due  int64 // with timed
	stay stay
}

// Named gives the task a name, which panics, reports of the watchdog and CPU
// profiles show. A named task costs two allocations more, and about 10 ns a
// poll.
func Named(name string) TaskOption { return TaskOption{name: name} }

// Anywhere says that the task needs no worker: while all of them are busy, a
// caller in Wait may poll it on its own goroutine, beside the workers. So an
// answer need not wait for the end of long computations. If such a task calls
// runtime.Goexit, it may end the waiting caller.
func Anywhere() TaskOption { return TaskOption{kind: anywhere} }

// merge adds what another option says; of two names, levels or deadlines the last
// counts.
func (o *TaskOption) merge(with TaskOption) {
	if with.name != "" {
		o.name = with.name
	}
	if with.kind.has(timed) {
		o.due = with.due
	}
	if with.kind.has(levelBits) {
		o.kind &^= levelBits
	}
	o.kind |= with.kind
	o.stay = max(o.stay, with.stay)
}

// SpawnWith is [Spawn] with options.
//
// Caller: as [Spawn].
func SpawnWith[T any](at Spawner, f future.Future[T], opts ...TaskOption) JoinHandle[T] {
	if f == nil {
		refuseNil("SpawnWith")
	}
	var c TaskOption
	for _, o := range opts {
		c.merge(o)
	}
	if c.stay != moves {
		f = keepIn(at, c.stay, f)
	}
	if c.name == "" && !c.kind.has(timed) {
		t := &task[T]{future: f}
		t.job.Runner = t
		start(at, &t.core, c.kind)
		return JoinHandle[T]{t}
	}
	n := &namedTask[T]{label: c.name, due: c.due}
	n.future = f
	if c.name != "" {
		n.future = &labeled[T]{inner: f, name: c.name}
	}
	n.job.Runner = n
	start(at, &n.core, c.kind)
	return JoinHandle[T]{&n.task}
}

// GoWith is [Go] with options.
//
// Caller: as [Spawn].
func GoWith[T any](at Spawner, f func(*Context) (T, error), opts ...TaskOption) JoinHandle[T] {
	if f == nil {
		refuseNil("GoWith")
	}
	return SpawnWith(at, future.Future[T](call[T](f)), opts...)
}

// A namedTask is a task that knows its name, and when it is due.
type namedTask[T any] struct {
	task[T]
	label string
	due   int64
}

func (n *namedTask[T]) taskName() string { return n.label }
func (n *namedTask[T]) dueAt() int64     { return n.due }

// labeled sets the task's name as a profiler label for each poll.
type labeled[T any] struct {
	inner  future.Future[T]
	name   string
	on     *workers.Worker // for which labels is made
	labels context.Context
}

// Poll polls the future under the label.
func (f *labeled[T]) Poll(cx *Context) future.Poll[T] {
	l, ok := cx.Local().(*local)
	if !ok || l.w == nil || l.w.Guest() {
		return f.inner.Poll(cx)
	}
	if f.on != l.w {
		f.on = l.w
		f.labels = pprof.WithLabels(l.w.Labels(), pprof.Labels(workers.LabelTask, f.name))
	}
	l.label(f.labels)
	defer l.label(workerLabels)
	return f.inner.Poll(cx)
}

// Drop drops the future.
func (f *labeled[T]) Drop() { future.Drop(f.inner) }

func (f *labeled[T]) within() any { return f.inner }
