// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// Jobs of one worker: what must run on the goroutine, and thread, of one worker and
// of nobody else. No thief sees them, and no guest runs them.

// An ownQueue holds jobs of one worker, the oldest first.
type ownQueue struct {
	jobs []*Job
	head int
}

func (q *ownQueue) len() int { return len(q.jobs) - q.head }

func (q *ownQueue) push(j *Job) { q.jobs = append(q.jobs, j) }

// pop takes the oldest job; there must be one. It moves the others to the front when
// as many places are empty, so that a queue that is never empty does not grow.
func (q *ownQueue) pop() *Job {
	j := q.jobs[q.head]
	q.jobs[q.head] = nil
	if q.head++; q.head*2 >= len(q.jobs) {
		n := copy(q.jobs, q.jobs[q.head:])
		clear(q.jobs[n:])
		q.jobs, q.head = q.jobs[:n], 0
	}
	return j
}

// Post queues j for the worker of this place, and wakes it if it sleeps. No other
// worker and no guest runs j: while a guest sits in the place, j waits, unless the guest
// sleeps in a join. It must not be called after Close.
//
// Proof [post-race]: the worker sees a posted job.
//
//	Post                       the worker of the place, or a guest in it
//	  O1  add the job            B1  announcePark sets the place's bit
//	  O2  attention |= posted    B2  read attention, as wakePlace there
//	  O3  wakePlace looks at the bit
//
// B1 before O3 in S: O3 finds the bit and wakes the worker, or another waker took it
// and does. Otherwise O1 is before O2, before O3, before B1, before B2, which sees the
// request and wakes the worker. (cross) A worker that is awake reads attention before
// each job. It clears the request before it takes the jobs, holding mu: a job that is
// added later has its O2 still before it.
//
// Checked by: TestPostWakes, TestStressPost.
//
// Caller: any.
func (w *Worker) Post(j *Job) {
	checkJob(j, "Post")
	w.mu.Lock()
	if point.Explored {
		point.Writes(&w.posted)
	}
	w.posted = append(w.posted, j) // [post-race] O1
	w.mu.Unlock()
	w.setAttention(attendPosted) // [post-race] O2; [aside-race] W1
	if !w.pool.wakePlace(w) {    // [post-race] O3
		w.rouseJoiner()
	}
}

// PostOwn is Post for the worker itself, without a locked instruction.
//
// Caller: owner, not a guest.
func (w *Worker) PostOwn(j *Job) {
	if invariant.Enabled {
		w.checkSitter()
		checkJob(j, "PostOwn")
		invariant.Check(!w.guest, "a guest posted a job as the worker")
	}
	w.pushOwn(j)
}

// pushOwn queues a job of the worker alone, and makes nextJob look for it.
//
// Caller: the worker.
func (w *Worker) pushOwn(j *Job) {
	w.own.push(j)
	w.lookAt = 0
}

// takePosted moves the posted jobs to where the worker takes them.
//
// Caller: the worker.
func (w *Worker) takePosted() {
	w.clearAttention(attendPosted)
	w.mu.Lock()
	defer w.mu.Unlock()
	if point.Explored {
		point.Writes(&w.posted)
	}
	for i, j := range w.posted {
		w.posted[i] = nil
		w.pushOwn(j)
	}
	w.posted = w.posted[:0]
}

// hasPosted reports whether there are posted jobs that the worker has not taken.
//
// Caller: any.
func (w *Worker) hasPosted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.posted) > 0
}

// nextOwned returns the oldest job of the worker alone, or nil if it is the turn of
// the others.
//
// Caller: the worker, with such a job.
func (w *Worker) nextOwned() *Job {
	w.othersTurn = !w.othersTurn
	if w.othersTurn || w.queue.OwnerLen() == 0 {
		return w.own.pop()
	}
	return nil
}

// Keep says that n more things, or fewer, can go on only on this worker's goroutine.
// While there are any, the worker does not end by Resize, and no other goroutine
// succeeds it after many jobs that called runtime.Goexit.
//
// Caller: owner, not a guest.
func (w *Worker) Keep(n int) {
	w.kept += n
	if w.kept == 0 && w.retires {
		w.retires = false
		w.setAttention(attendRetire)
	}
}

// Sit says that goroutine runs the job from here on: a coroutine that it has switched
// to, or its own again.
//
// Caller: owner.
func (w *Worker) Sit(goroutine uintptr) { w.sitter.Store(uint64(goroutine)) }
