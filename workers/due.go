// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"github.com/pilfer-go/pilfer/internal/point"
)

// A dueQueue holds jobs with a deadline, the earliest first. One for the pool, with
// a lock: a queue for each worker would run the earliest of each, which is not the
// earliest. So it is for jobs of some microseconds and more.
type dueQueue struct {
	// count is the number of jobs.
	// Writers: holding mu. Invariant: the length of heap when mu is free.
	count point.Int32

	mu   point.Mutex
	heap []dueJob // holding mu; a binary heap, by deadline, then order of submit
	seq  uint64   // holding mu
}

type dueJob struct {
	at  int64
	seq uint64
	job *Job
}

func (a dueJob) before(b dueJob) bool {
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

// SubmitDue queues j for any worker. In a pool with [Levels] jobs with deadlines are
// run after those of level High and before those of level Normal, the earliest
// deadline first, of all in the pool; at is any clock's. Without, it is
// [Pool.Submit].
//
// Caller: any.
func (p *Pool) SubmitDue(at int64, j *Job) {
	checkJob(j, "SubmitDue")
	ls := p.levels
	if ls == nil {
		p.Submit(j)
		return
	}
	ls.putDue(at, j)           // [wake-race] P1 publish the job
	if p.idle.load().quiet() { // [wake-race] P2 read the idle word
		p.wakeOne(nil)
	}
}

// len returns how many jobs there are.
//
// Caller: any.
func (q *dueQueue) len() int { return int(q.count.Load()) }

// putDue adds a job.
//
// Caller: any.
func (ls *leveled) putDue(at int64, j *Job) {
	q := &ls.due
	q.mu.Lock()
	q.seq++
	q.push(dueJob{at, q.seq, j})
	q.recount() // [raise-race] S1
	q.mu.Unlock()
	ls.raise(bitDue) // [raise-race] S2
}

// takeDue takes the job that is due first, or returns nil.
//
// Caller: any.
func (ls *leveled) takeDue() *Job {
	q := &ls.due
	if q.len() == 0 {
		ls.lowerDue()
		return nil
	}
	q.mu.Lock()
	j := q.pop()
	q.recount()
	q.mu.Unlock()
	return j
}

// lowerDue clears the bit, as [leveled.lower] does.
//
// Caller: any.
func (ls *leveled) lowerDue() {
	for old := ls.raised.Load(); old&bitDue != 0; old = ls.raised.Load() {
		if ls.raised.CompareAndSwap(old, old&^bitDue) { // [raise-race] L1
			break
		}
	}
	if ls.due.len() > 0 { // [raise-race] L2
		ls.raise(bitDue)
	}
}

// recount publishes the number of jobs.
//
// Caller: holding mu.
func (q *dueQueue) recount() {
	if point.Explored {
		point.Reads(&q.heap)
	}
	q.count.Store(int32(len(q.heap)))
}

// push adds an entry to the heap.
//
// Caller: holding mu.
func (q *dueQueue) push(e dueJob) {
	if point.Explored {
		point.Writes(&q.heap)
	}
	q.heap = append(q.heap, e)
	h, i := q.heap, len(q.heap)-1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = e
}

// pop takes the first entry's job, or returns nil.
//
// Caller: holding mu.
func (q *dueQueue) pop() *Job {
	if point.Explored {
		point.Writes(&q.heap)
	}
	last := len(q.heap) - 1
	if last < 0 {
		return nil
	}
	j, e := q.heap[0].job, q.heap[last]
	q.heap[last] = dueJob{}
	q.heap = q.heap[:last]
	if last == 0 {
		return j
	}
	h, i := q.heap, 0
	for {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h[down+1].before(h[down]) {
			down++
		}
		if !h[down].before(e) {
			break
		}
		h[i] = h[down]
		i = down
	}
	h[i] = e
	return j
}
