// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// A RoundRobin is the simple executor of the textbook: it polls its tasks in
// the order in which they were spawned and woken, on the goroutine that calls
// [RoundRobin.Run], and has none of its own. The same program runs the same way
// every time, unless other goroutines wake its tasks. The futures are those of
// a [Runtime]; only where they are spawned differs.
//
// Spawn at it with [Spawn] and [Go]. One goroutine at a time may use it.
type RoundRobin struct {
	rt    Runtime
	local *local
	ready *deque.Queue[workers.Job]
	woken *deque.Injector[workers.Job] // by other goroutines
}

// NewRoundRobin returns an executor without tasks.
func NewRoundRobin() *RoundRobin {
	r := &RoundRobin{
		ready: deque.NewQueue[workers.Job](64),
		woken: deque.NewInjector[workers.Job](),
	}
	r.rt.init(defaults())
	r.rt.rr = r
	r.local = newLocal(&r.rt, nil)
	r.local.rr = r
	r.local.reg = r.rt.outsideRegistry
	return r
}

// Local makes the executor a [Spawner].
//
// Caller: owner.
func (r *RoundRobin) Local() waker.Local { return r.local }

// Run polls tasks until none can go on, and returns how many were completed.
// Tasks that wait for something stay; a later Run goes on with those that were
// woken meanwhile.
//
// Caller: owner, outside of its tasks.
func (r *RoundRobin) Run() (completed int) {
	before := r.local.completed
	for r.Step() {
	}
	return int(r.local.completed - before)
}

// Step polls one task, and reports whether there was one to poll. If the task
// calls runtime.Goexit, the caller's goroutine ends.
//
// Caller: owner, outside of its tasks.
func (r *RoundRobin) Step() (polled bool) {
	for {
		j, got := r.woken.Pop()
		if got != deque.Taken {
			break
		}
		r.ready.Push(j) // behind those that are there already
	}
	j := r.ready.Pop()
	if j == nil {
		return false
	}
	polled = true // after a panic too
	t := j.Runner.(runner)
	returned := false
	defer func() {
		if !returned {
			crash := recovered(recover())
			t.fail(r.local, crashError(crash, t.name()))
		}
	}()
	t.run(r.local, t.begin())
	returned = true
	return
}

// Waiting reports whether a task waits to be woken.
//
// Caller: owner.
func (r *RoundRobin) Waiting() bool { return r.rt.anyWaiting() }

// push queues a task that was spawned or woken from inside.
func (r *RoundRobin) push(c *core) { r.ready.Push(&c.job) }

// submit queues a task that was woken from anywhere.
func (r *RoundRobin) submit(c *core) { r.woken.Push(&c.job) }

// drive runs the executor until the task is done: whoever waits for a task of
// a single-threaded executor must run it.
//
// Caller: owner, inside its tasks too.
func (r *RoundRobin) drive(ctx context.Context, c *core) error {
	outer := r.local.cx
	r.local.newContext() // the task that waits may go on to use its own
	defer func() { r.local.cx = outer }()
	for !c.state.isDone() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if !r.Step() {
			return ErrStalled
		}
	}
	return nil
}
