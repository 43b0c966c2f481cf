// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/future"

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
	t.future = nil
	t.err = ErrClosed
	t.state.finish()
	if t.waiters.Load() != nil {
		t.wakeWaiters(newLocal(t.rt, nil))
	}
	future.Drop(f)
}

// takeBack claims a task that lies in a queue, for who has just put it there.
//
// Caller: any.
func (s *taskState) takeBack() bool {
	return s.claimWaiting() != dropEntry
}
