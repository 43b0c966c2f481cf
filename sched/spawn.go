// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

// Context is what a poll is given; see [waker.Context]. Inside a task it is the
// place to spawn at.
type Context = waker.Context

// A Spawner is where a task can be spawned: a [*Runtime] (from outside), a
// [*workers.Worker], the poll [*Context] of a task, or a [*RoundRobin]. A spawn
// at a worker or a Context stays in that worker's queue until somebody steals
// it, and costs no step that other cores see at once.
type Spawner interface {
	Local() waker.Local
}

// Spawn starts a task that polls f to its end, and hands f over to it: from
// here on only the task may touch f. The task may be polled before Spawn
// returns. After Close the handle's error is [ErrClosed], and f is never polled.
//
// One allocation: 64 bytes for no result, 80 for one of up to 16 bytes.
//
// Caller: any for a Runtime; for a Context or worker, the job that it was
// handed to.
func Spawn[T any](at Spawner, f future.Future[T]) JoinHandle[T] {
	if f == nil {
		refuseNil("Spawn")
	}
	t := &task[T]{future: f}
	t.job.Runner = t
	start(at, &t.core, 0)
	return JoinHandle[T]{t}
}

// Go starts a task that calls f once. f gets the Context of its poll, to spawn
// at. It holds its worker until it returns: what waits belongs in a future, or
// in [SpawnBlocking].
//
// Caller: as [Spawn].
func Go[T any](at Spawner, f func(*Context) (T, error)) JoinHandle[T] {
	if f == nil {
		refuseNil("Go")
	}
	return Spawn(at, future.Future[T](call[T](f)))
}

// call is the future of a plain function.
type call[T any] func(*Context) (T, error)

// Poll calls the function.
func (f call[T]) Poll(cx *Context) future.Poll[T] {
	v, err := f(cx)
	return future.Poll[T]{Value: v, Err: err, Ready: true}
}

// refuseNil panics because who was given no future or function: where it was called,
// and not in the task.
func refuseNil(who string) {
	panic("pilfer: nil future or function given to " + who)
}

// start puts a new task into a queue. A task spawned from inside belongs to its
// queue entry; one from outside, or Anywhere, is queued, so that it can be
// claimed.
func start(at Spawner, c *core, kind flags) {
	switch from := at.Local().(type) {
	case *local:
		c.rt = from.rt
		if c.rt.ending.any() {
			if c.rt.ending.refuses() {
				c.refuse()
				return
			}
			c.rt.tracker.born(c)
		}
		if from.w == nil || kind != 0 {
			c.startAs(from, c.rt.heeded(kind))
			return
		}
		c.state.init(running)
		from.w.Push(&c.job)
	case *Runtime:
		c.rt = from
		c.startOutside(kind)
	default:
		panic(notASpawner(at))
	}
}

// startAs queues a task from inside that is not like all others.
func (c *core) startAs(from *local, kind flags) {
	if from.w == nil || kind.has(anywhere) {
		c.state.init(queued | kind)
	} else {
		c.state.init(running | kind)
	}
	from.push(c, kind)
}

// notASpawner says what is wrong with a Spawner.
func notASpawner(at Spawner) string {
	return fmt.Sprintf("pilfer: spawn at a %T whose Local is %T: want a runtime, or the worker or Context of a running task", at, at.Local())
}

// startOutside queues a task for any worker.
func (c *core) startOutside(kind flags) {
	if c.rt.closing.Load() {
		c.refuse()
		return
	}
	if c.rt.tracker != nil {
		c.rt.tracker.born(c)
	}
	kind = c.rt.heeded(kind)
	c.state.init(queued | kind)
	c.rt.submit(c, kind)     // [refuse-race] S1
	if c.rt.closing.Load() { // [refuse-race] S2
		c.takeBack()
	}
}

// Proof [refuse-race]: a task from outside is either refused and never polled, or
// run to its end before Close ends the workers.
//
//	spawn                    Close                           a worker
//	  S1  push the entry       E1  closing.Store(true)         W1  claim the task
//	  S2  read closing         E2  found nothing left: seal    W2  read the seal
//	  S3  if set: claim it     E3  nothing left: end               set: refuse it
//
// S2 reads no closing: S1 is before E1, so E3 finds the task, wherever it is, and
// Close goes on to wait. S2 reads closing: S3 and W1 claim the task by one
// compare-and-swap. (elect) If S3 wins, the task is refused; unless it was polled
// before and woken again, then S3 gives it back. If W1 wins and W2 sees the seal,
// it is refused too. Otherwise W2 is before E2, and the worker polls the task; E3,
// which is after E2, finds the worker awake or the task where it left it. (cross)
//
// Checked by: TestSpawnRacesWithClose.
