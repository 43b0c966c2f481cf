// SPDX-License-Identifier: Apache-2.0

package deque

import "github.com/pilfer-go/pilfer/internal/invariant"

// A QueueThief is the thieves' end of a [Queue]. It is a small value to copy and
// hand out; the zero QueueThief is always empty.
type QueueThief[T any] struct{ q *Queue[T] }

// maxBatch is the most jobs that one StealHalf takes.
const maxBatch = 128

// claimTries is how often a thief in session tries again when the owner was
// faster.
const claimTries = 4

// Steal takes the oldest job.
//
// Caller: any.
func (t QueueThief[T]) Steal() (*T, Outcome) {
	job, _, got := t.steal(nil, 1, 1)
	return job, got
}

// StealHalf takes the oldest half of the jobs if there are at least min of them:
// half rounded up for a min of 1, rounded down for more. It returns the first to
// be run at once, pushes the others to into, and returns how many it took in all.
//
// Caller: any; the owner of into.
func (t QueueThief[T]) StealHalf(into *Queue[T], min int) (first *T, n int, got Outcome) {
	return t.steal(into, max(min, 1), maxBatch)
}

// Len returns about how many jobs there are.
//
// Caller: any.
func (t QueueThief[T]) Len() int {
	if t.q == nil {
		return 0
	}
	return t.q.Len()
}

func (t QueueThief[T]) steal(into *Queue[T], least, most int) (*T, int, Outcome) {
	q := t.q
	if q == nil {
		return nil, 0, Empty
	}
	if invariant.Enabled {
		invariant.Check(q != into, "a queue steals from itself")
	}
	// Look before touching a word that the owner would have to fetch back.
	k := q.Len()
	if k < least {
		return nil, 0, Empty
	}
	if most > 1 {
		most = min(most, (k+1)/2)
		into.reserve(most - 1) // here, not in the session: it may allocate
	}
	ring, from, n, got := q.claim(least, most)
	if got != Taken {
		return nil, 0, got
	}
	size := len(ring.slots)
	first := ring.slots[from.slot(size)]
	ring.slots[from.slot(size)] = nil
	for i := 1; i < n; i++ {
		slot := &ring.slots[from.plus(i).slot(size)]
		into.put(i-1, *slot)
		*slot = nil
	}
	q.closeSession()
	if n > 1 {
		into.publish(n - 1)
	}
	return first, n, Taken
}

// claim opens a session and takes up to most jobs. Unless it returns Taken, the
// session is closed again.
func (q *Queue[T]) claim(least, most int) (*queueRing[T], place, int, Outcome) {
	for range 2 {
		w := thiefWord(q.thief.Load())
		if w.busy() || !q.thief.CompareAndSwap(uint64(w), uint64(w|sessionOpen)) {
			return nil, 0, 0, Lost
		}
		for range claimTries {
			h := headWord(q.head.Load())
			if h.mark() == w.mark() {
				break
			}
			k := place(q.tail.Load()).past(h.place())
			if k < least {
				q.closeSession()
				return nil, 0, 0, Empty
			}
			n := k / 2
			if least == 1 {
				n = (k + 1) / 2
			}
			n = min(n, most)
			ring := q.ring.Load()
			if q.head.CompareAndSwap(uint64(h), uint64(h.take(n))) {
				return ring, h.place(), n, Taken
			}
		}
		q.closeSession()
	}
	return nil, 0, 0, Lost
}

// closeSession gives the slots of the session back to the owner.
func (q *Queue[T]) closeSession() {
	q.thief.Add(uint64(oneSession - sessionOpen))
}
