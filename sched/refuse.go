// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
)

// refuse finishes a task that was spawned too late; its future is dropped
// without a poll.
//
// Caller: who spawns it, owning it.
func (c *core) refuse() {
	c.job.Runner.(runner).refused()
}

// refused finishes the task with ErrClosed, and drops its future.
func (t *task[T]) refused() {
	f := t.future
	t.setErr(ErrClosed)
	t.state.finish()
	if t.waiters.Load() != nil {
		t.wakeWaiters(newLocal(t.rt, nil))
	}
	future.Drop(f)
}

// takeBack refuses a task that lies in a queue, unless somebody has polled it.
//
// Caller: who spawned it.
func (c *core) takeBack() {
	c.rt.beginOutside() // it may be in no queue meanwhile
	defer c.rt.doneOutside()
	if c.state.claimWaiting() == dropEntry { // [refuse-race] S3
		return
	}
	if point.Explored {
		point.Reads(&c.home)
	}
	if c.home.polled() { // it was in time, and waits for another poll
		c.state.giveBack()
		c.rt.submit(c, c.state.load())
		return
	}
	c.refuse()
}
