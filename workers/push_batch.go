// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// PushBatch queues jobs as [Worker.Push] does, in order, with one step that others
// see and one wake-up for all of them.
//
// Caller: owner.
func (w *Worker) PushBatch(jobs []*Job) {
	if invariant.Enabled {
		for _, j := range jobs {
			checkJob(j, "PushBatch")
		}
	}
	if len(jobs) == 0 {
		return
	}
	w.hasNext = w.afterPush
	w.queue.PushBatch(jobs)         // [wake-race] P1 publish the jobs
	if w.pool.idle.load().quiet() { // [wake-race] P2 read the idle word
		w.pool.wakeOne(w)
	}
}

// Answer queues jobs as [Worker.PushBatch] does, for code that keeps its work to
// itself until [Worker.Hungry] says that it is wanted. Hungry is false then until
// another worker asks, or stays true if more workers have no work than jobs lie
// in this queue.
//
// Caller: owner, inside a job.
func (w *Worker) Answer(jobs []*Job) {
	// As offer does for forks: who asks after O1 is heard, and who asked before finds
	// the jobs, or is counted by hungry. [offer-race]
	w.PushBatch(jobs)
	w.demand.Store(0) // [offer-race] O1
	if w.queue.OwnerLen() < w.pool.hungry() {
		w.demand.Store(1)
	}
}
