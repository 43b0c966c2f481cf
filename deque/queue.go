// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Queue is the owner's end of a run queue: first in, first out, with a way to
// take the newest job too. One goroutine at a time may use it; thieves use the
// [QueueThief]. The zero Queue is empty and ready to use; it must not be copied.
type Queue[T any] struct {
	// head is a headWord: the place of the oldest job, and the session foiled last.
	// Writers: any, by compare-and-swap; owner moves the place on by Pop and sets
	// the mark, the thief in session moves the place on.
	// Invariant: the place never goes back.
	head point.Uint64

	// thief is a thiefWord.
	// Writers: any, by compare-and-swap from a word that is not busy, to open a
	// session; the thief in session, to close it; owner, for the move bit.
	// Invariant: at most one session is open, and none opens while the owner moves.
	thief point.Uint64

	_ cpu.CacheLinePad

	// tail is one past the place of the newest job.
	// Writers: owner. Invariant: never behind head, except inside PopNewest, by one.
	tail point.Uint64

	bottom place // owner only: tail, without the atomic load
	limit  place // owner only: where the ring is full; slots of places before it may be written
	moved  thiefWord
	slots  []*T // owner only: the slots of ring, without the atomic load

	// ring holds the slots of all jobs, and those of a thief in session.
	// Writers: owner. Invariant: changes only while no thief can open a session
	// or claim jobs.
	ring point.Pointer[queueRing[T]]

	_ cpu.CacheLinePad

	least int // set before use: the ring never has fewer slots
}

// A queueRing holds plain slots: who owns the place owns the slot.
type queueRing[T any] struct{ slots []*T }

// minRing is the least number of slots, and that of a zero Queue or Deque.
const minRing = 2

// NewQueue returns an empty queue with room for capacity jobs before it has to
// grow; capacity is rounded up to a power of two.
func NewQueue[T any](capacity int) *Queue[T] {
	q := &Queue[T]{least: ringSize(capacity)}
	q.move(q.least)
	return q
}

// ringSize returns the power of two for at least n slots.
func ringSize(n int) int {
	size := minRing
	for size < n {
		size *= 2
	}
	return size
}

// Push adds a job, which must not be nil, as the newest. It costs one locked
// instruction.
//
// Caller: owner.
func (q *Queue[T]) Push(job *T) {
	b := q.bottom
	if b == q.limit {
		q.makeRoom(1)
	}
	q.slots[b.slot(len(q.slots))] = job
	q.bottom = b + oneJob
	q.tail.Store(uint64(b + oneJob)) // publish: the slot; takes effect here
}

// PushBatch adds jobs, the first as the oldest of them, with one locked
// instruction.
//
// Caller: owner.
func (q *Queue[T]) PushBatch(jobs []*T) {
	if len(jobs) == 0 {
		return
	}
	q.reserve(len(jobs))
	for i, job := range jobs {
		q.put(i, job)
	}
	q.publish(len(jobs))
}

// Pop takes the oldest job, or returns nil when the queue is empty. It costs one
// locked instruction, and another each time a thief was faster.
//
// Caller: owner.
func (q *Queue[T]) Pop() *T {
	for {
		h := headWord(q.head.Load())
		p := h.place()
		if p == q.bottom {
			return nil
		}
		if q.head.CompareAndSwap(uint64(h), uint64(h.take(1))) { // elect; takes effect here
			return q.clearSlot(p)
		}
	}
}

// PopNewest takes the newest job, or returns nil when the queue is empty. It
// costs one locked instruction, and another when a thief is in session.
//
// Caller: owner.
func (q *Queue[T]) PopNewest() *T {
	b := q.bottom
	if headWord(q.head.Load()).place() == b {
		return nil // and no word written that thieves look at
	}
	b -= oneJob
	q.tail.Store(uint64(b))                       // [newest-job] N1 hide it from thieves that come later
	if w := thiefWord(q.thief.Load()); w.open() { // [newest-job] N2 is one here already?
		q.foil(w)
	}
	if headWord(q.head.Load()).place() == b+oneJob { // [newest-job] N3
		q.tail.Store(uint64(b + oneJob))
		return nil
	}
	q.bottom = b
	return q.clearSlot(b)
}

// clearSlot returns the job at a place that the caller owns, and forgets it.
func (q *Queue[T]) clearSlot(p place) *T {
	slot := &q.slots[p.slot(len(q.slots))]
	job := *slot
	*slot = nil // a plain store: nobody else owns this slot
	if invariant.Enabled {
		invariant.Check(job != nil, "no job at place %d", p>>markBits)
	}
	return job
}

// reserve makes room for n jobs.
func (q *Queue[T]) reserve(n int) {
	if q.limit.past(q.bottom) < n {
		q.makeRoom(n)
	}
}

// put writes the job that comes i places after the newest one; publish makes
// it visible.
func (q *Queue[T]) put(i int, job *T) {
	q.slots[q.bottom.plus(i).slot(len(q.slots))] = job
}

// publish makes n jobs visible.
func (q *Queue[T]) publish(n int) {
	q.bottom = q.bottom.plus(n)
	q.tail.Store(uint64(q.bottom)) // publish: n slots; takes effect here
}

// OwnerLen returns the number of jobs, and thieves may make it fewer at any
// time. So 0 is exact until the owner's next push.
//
// Caller: owner.
func (q *Queue[T]) OwnerLen() int {
	return q.bottom.past(headWord(q.head.Load()).place())
}

// Len returns about how many jobs there are; it is never negative.
//
// Caller: any.
func (q *Queue[T]) Len() int {
	h := headWord(q.head.Load())
	return max(0, place(q.tail.Load()).past(h.place()))
}

// Thief returns the thieves' end, to give to other workers.
//
// Caller: any.
func (q *Queue[T]) Thief() QueueThief[T] { return QueueThief[T]{q} }
