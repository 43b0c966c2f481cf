// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/future"

// A Task is the memory of a task, for who keeps it in a field of the future that it
// polls: then both are one allocation, with the promises that are fields too. The zero
// Task is ready for one [SpawnInto]. It must not be copied.
//
// What holds a handle, a waker or the Task holds all that it lies in, also when the task is done.
type Task[T any] struct {
	_    noCopy
	task task[T]
}

// SpawnInto is [Spawn] with memory of the caller's: it allocates nothing. A second
// SpawnInto with the same memory panics, as handles and wakers of the first may be
// about.
//
// Caller: as [Spawn].
func SpawnInto[T any](at Spawner, into *Task[T], f future.Future[T]) JoinHandle[T] {
	if f == nil {
		refuseNil("SpawnInto")
	}
	t := &into.task
	if t.job.Runner != nil {
		panic("pilfer: SpawnInto with a Task that was spawned before")
	}
	t.future = f
	t.job.Runner = t
	start(at, &t.core, 0)
	return JoinHandle[T]{t}
}
