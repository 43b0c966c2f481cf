// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A QueueThief is the thieves' end of a [Queue]. It is a small value to copy and
// hand out; the zero QueueThief is always empty.
type QueueThief[T any] struct{ q *Queue[T] }

// maxBatch is the most jobs that one call of StealHalf takes: while it moves them
// nobody else can run them, and no other thief can steal from the victim. 128 are
// copied well within a microsecond, see BenchmarkStealHalf. It is tokio's number
// too.
const maxBatch = 128

const (
	// claimTries is how often a thief in session tries again because the owner
	// popped in between. A busy owner pops every few ns, and the thief needs some
	// ten for its loads, so that it may lose several times in a row.
	claimTries = min(4, point.Most)

	// stealSessions is how many sessions a call opens if it is foiled. The second
	// is for the thief that only takes itself for foiled: see thiefWord.mark.
	stealSessions = 2
)

// Steal takes the oldest job.
//
// It costs a thief three locked instructions, and none if there is no job.
//
// Caller: any.
func (t QueueThief[T]) Steal() (*T, Outcome) {
	job, _, got := t.steal(nil, 1, 1)
	return job, got
}

// StealHalf takes the oldest half of the jobs, 128 at most, if there are at least
// min of them; else it says [Empty]. With a min of 1 half is rounded up, with
// more it is rounded down, so that the owner keeps the larger part. It returns
// the first to be run at once, pushes the others to into in their order, and
// returns how many it took in all; these may be fewer than half if the queue has
// grown in the meantime. Between the two queues they are in sight of nobody, so
// that a thief that is stopped there delays them.
//
// It costs three locked instructions for all jobs together, one more if into gets
// any, and none if there are too few. Lost means that another thief was at work,
// or that the owner was faster several times.
//
// into must not be the queue itself.
//
// Caller: the owner of into.
func (t QueueThief[T]) StealHalf(into *Queue[T], min int) (first *T, n int, got Outcome) {
	return t.steal(into, max(min, 1), maxBatch)
}

// Len returns about how many jobs there are, as [Queue.Len].
//
// Caller: any.
func (t QueueThief[T]) Len() int {
	if t.q == nil {
		return 0
	}
	return t.q.Len()
}

// Front returns a number that is another one after the oldest job was taken, by whoever
// it was. The same number twice tells that the queue has not moved in between.
//
// Caller: any.
func (t QueueThief[T]) Front() uint64 {
	if t.q == nil {
		return 0
	}
	return uint64(headWord(t.q.head.Load()).place())
}

// steal takes half of at least least jobs, and at most most.
//
// Caller: the owner of into; any, if most is 1.
func (t QueueThief[T]) steal(into *Queue[T], least, most int) (*T, int, Outcome) {
	// Look before touching a word that the owner would have to fetch back.
	k := t.Len()
	if k < least {
		return nil, 0, Empty
	}
	if invariant.Enabled {
		invariant.Check(t.q != into, "a queue steals from itself")
	}
	if most > 1 {
		most = min(most, (k+1)/2)
		into.reserve(most - 1) // before the session, because it may allocate
	}
	c, got := t.q.claim(least, most)
	if got != Taken {
		return nil, 0, got
	}
	first := c.clear(0)
	for i := 1; i < c.n; i++ {
		into.put(i-1, c.clear(i))
	}
	t.q.closeSession() // [slot-reuse] C2 the slots are the owner's again
	if c.n > 1 {
		into.publish(c.n - 1)
	}
	return first, c.n, Taken
}

// A claim is proof that a session is open and that the n jobs from a place on
// belong to the thief. closeSession ends it.
type claim[T any] struct {
	slots []*T
	from  place
	n     int
}

// clear returns the i-th job of the claim, and forgets it.
//
// Caller: the thief in session.
func (c *claim[T]) clear(i int) *T {
	slot := &c.slots[c.from.plus(i).slot(len(c.slots))]
	if point.Explored {
		point.Writes(slot)
	}
	job := *slot // [slot-reuse] C1 [ring-move] C1 plain: the place is ours until closeSession
	*slot = nil
	if invariant.Enabled {
		invariant.Check(job != nil, "no job at %v of a claim of %d from %v", c.from.plus(i), c.n, c.from)
	}
	return job
}

// claim opens a session and takes half of at least least jobs, and at most most.
// Unless it returns Taken, it has closed the session again.
//
// Caller: any.
func (q *Queue[T]) claim(least, most int) (claim[T], Outcome) {
	for range stealSessions {
		w := thiefWord(q.thief.Load())
		if w.busy() || !q.thief.CompareAndSwap(uint64(w), uint64(w|sessionOpen)) { // [newest-job] T1 [ring-move] T1
			return claim[T]{}, Lost
		}
		for range claimTries {
			h := headWord(q.head.Load()) // [newest-job] T2
			if h.mark() == w.mark() {
				break // foiled
			}
			k := place(q.tail.Load()).past(h.place()) // [newest-job] T3
			if k < least {
				q.closeSession()
				return claim[T]{}, Empty
			}
			n := k / 2
			if least == 1 {
				n = (k + 1) / 2
			}
			n = min(n, most)
			slots := q.ring.Load().slots                             // [ring-move] L1
			if q.head.CompareAndSwap(uint64(h), uint64(h.take(n))) { // [newest-job] T4 [ring-move] T4 [slot-reuse] T4 elect; takes effect here
				return claim[T]{slots, h.place(), n}, Taken
			}
		}
		q.closeSession()
	}
	return claim[T]{}, Lost
}

// closeSession lets the next session open.
//
// Caller: the thief in session.
func (q *Queue[T]) closeSession() {
	// An addition, because the owner may set its bit in the same word.
	q.thief.Add(uint64(oneSession - sessionOpen))
}
