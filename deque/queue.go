// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Queue is the owner's end of a run queue: first in, first out, with a way to
// take the newest job too. One goroutine at a time may use it; thieves use the
// [QueueThief]. The zero Queue is empty and ready to use. It must not be copied;
// on 32-bit machines it must be allocated alone or be the first field.
//
// Slots are plain memory, and a place in the queue has one owner at a time: the
// queue's owner until a compare-and-swap of head passes the oldest places on, to
// the same owner by [Queue.Pop], or to the thief that has a session open. The
// thief gives the slots back, cleared, when it closes the session. So a job stays
// reachable from the queue exactly until it is taken.
//
// Refused:
//   - Atomic slots, as in [Deque]: a thief could then take without a session, but
//     each Push would pay a second locked instruction.
//   - A fixed ring, as in tokio: its overflow goes to the injector under a lock.
//   - Waiting for a thief in the middle of its copying: the system may have
//     stopped it. The owner takes a new ring instead; see queue_room.go.
//   - Giving up the newest job while a thief is at work: the owner would lose its
//     run-next order just when the machine is busy. It foils the thief instead;
//     see queue_newest.go.
type Queue[T any] struct {
	// head is a headWord: the place of the oldest job, and the session foiled last.
	// Writers: owner and the thief in session move the place on, owner sets the
	// mark, all by compare-and-swap. Invariant: the place never goes back.
	head point.Uint64

	// thief is a thiefWord.
	// Writers: any, by compare-and-swap, opens a session; who opened it closes it;
	// owner, for the move bit. Invariant: one session at most is open, and none
	// opens while the owner moves.
	thief point.Uint64

	_ cpu.CacheLinePad

	// tail is one past the place of the newest job.
	// Writers: owner. Invariant: behind head by one at most, and then the queue is
	// empty, or the owner in PopNewest.
	tail point.Uint64

	bottom place     // owner only: tail, without the load
	limit  place     // owner only: a slot may be written if its place is before limit
	moved  thiefWord // owner only: thief as it was when the jobs last moved
	slots  []*T      // owner only: those of ring, without the load

	// ring holds the jobs [head, tail) and those that the thief in session claimed.
	// Writers: owner. Invariant: changes only while nobody can claim jobs. A ring
	// that was replaced is not written by the owner again.
	ring point.Pointer[queueRing[T]]

	least int // owner only: the ring is not made smaller than this
	calm  int // owner only: how often the queue was found empty since its ring changed

	_ cpu.CacheLinePad
}

// A queueRing holds plain slots: who owns a place owns its slot.
type queueRing[T any] struct{ slots []*T }

// NewQueue returns an empty queue with room for capacity jobs before it has to
// grow; capacity is rounded up to a power of two.
func NewQueue[T any](capacity int) *Queue[T] {
	q := &Queue[T]{least: ringSize(capacity)}
	q.move(q.least)
	return q
}

// Push adds a job, which must not be nil, as the newest. It costs one locked
// instruction.
//
// Caller: owner.
func (q *Queue[T]) Push(job *T) {
	if invariant.Enabled {
		invariant.Check(job != nil, "push of a nil job")
	}
	b := q.bottom
	if b == q.limit {
		q.makeRoom(1)
	}
	if point.Explored {
		point.Writes(&q.slots[b.slot(len(q.slots))])
	}
	q.slots[b.slot(len(q.slots))] = job // [slot-reuse] R3 plain: the place is ours
	q.bottom = b + oneJob
	q.tail.Store(uint64(b + oneJob)) // publish: the slot; takes effect here
}

// PushBatch adds jobs, the first as the oldest of them, with one locked
// instruction for all.
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
// locked instruction, and one more each time that a thief was faster.
//
// Caller: owner.
func (q *Queue[T]) Pop() *T {
	for {
		h := headWord(q.head.Load())
		p := h.place()
		if p == q.bottom {
			q.foundEmpty()
			return nil
		}
		if q.head.CompareAndSwap(uint64(h), uint64(h.take(1))) { // elect; takes effect here
			return q.clearSlot(p)
		}
	}
}

// OwnerLen returns the number of jobs; thieves may make it smaller at any time.
// So 0 holds until the owner's next push.
//
// Caller: owner.
func (q *Queue[T]) OwnerLen() int {
	return q.bottom.past(headWord(q.head.Load()).place())
}

// Len returns about how many jobs there are. It is never negative, and 0 only if
// the queue was empty, or its last job about to be taken, at some moment during
// the call.
//
// Caller: any.
func (q *Queue[T]) Len() int {
	h := headWord(q.head.Load()) // before tail: see [newest-job]
	return max(0, place(q.tail.Load()).past(h.place()))
}

// Thief returns the thieves' end, to give to other workers.
//
// Caller: any.
func (q *Queue[T]) Thief() QueueThief[T] { return QueueThief[T]{q} }

// clearSlot returns the job at a place that the owner has taken, and forgets it.
//
// Caller: owner.
func (q *Queue[T]) clearSlot(p place) *T {
	slot := &q.slots[p.slot(len(q.slots))]
	if point.Explored {
		point.Writes(slot)
	}
	job := *slot
	*slot = nil
	if invariant.Enabled {
		invariant.Check(job != nil, "no job at %v", p)
	}
	return job
}

// reserve makes room for n jobs.
//
// Caller: owner.
func (q *Queue[T]) reserve(n int) {
	if q.limit.past(q.bottom) < n {
		q.makeRoom(n)
	}
}

// put writes the job that comes i places after the newest one, after reserve and
// before publish.
//
// Caller: owner.
func (q *Queue[T]) put(i int, job *T) {
	if invariant.Enabled {
		invariant.Check(job != nil, "push of a nil job")
	}
	if point.Explored {
		point.Writes(&q.slots[q.bottom.plus(i).slot(len(q.slots))])
	}
	q.slots[q.bottom.plus(i).slot(len(q.slots))] = job // [slot-reuse] R3 as in Push
}

// publish makes the n jobs visible that put has written.
//
// Caller: owner.
func (q *Queue[T]) publish(n int) {
	q.bottom = q.bottom.plus(n)
	q.tail.Store(uint64(q.bottom)) // publish: n slots; takes effect here
}
