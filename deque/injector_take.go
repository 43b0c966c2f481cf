// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// takeTries is how often a consumer tries again because others were faster, or
// because it gave up a slot, before it says Lost.
const takeTries = min(8, point.Most)

// patience is how often a consumer looks at a reserved, empty slot before it
// gives it up. The producer is between two neighbouring instructions, some ns
// apart unless it was stopped.
const patience = min(64, point.Most-1)

// Pop takes the oldest job. It costs two locked instructions, and none if there
// is no job. Lost means that other consumers were faster, or that producers were
// stopped in the middle of a push, several times.
//
// Caller: any.
func (q *Injector[T]) Pop() (*T, Outcome) {
	job, _, got := q.take(nil, 1)
	return job, got
}

// PopBatch takes up to most of the oldest jobs, one at least. It returns the
// first to be run at once, pushes the others to into in their order, and returns
// how many it took in all. In between they are in sight of nobody, so that a
// consumer that is stopped there delays them. It costs one locked instruction per
// job, and two more.
//
// Caller: the owner of into.
func (q *Injector[T]) PopBatch(into *Queue[T], most int) (first *T, n int, got Outcome) {
	return q.take(into, max(most, 1))
}

// take takes up to most jobs.
//
// Caller: the owner of into; any, if most is 1.
func (q *Injector[T]) take(into *Queue[T], most int) (*T, int, Outcome) {
	for range takeTries {
		s := q.head.Load()
		c := s.claimed.Load() // [inject-seen] E2
		if c == segmentSize {
			next := s.next.Load()
			if next == nil {
				return nil, 0, Empty
			}
			q.head.CompareAndSwap(s, next) // whoever comes first helps
			continue
		}
		if !s.written(c) {
			if c >= s.reserved.Load() { // [inject-seen] E3
				return nil, 0, Empty
			}
			if job := q.giveUp(s, c); job != nil {
				return job, 1, Taken
			}
			continue
		}
		// Only slots that are written are claimed here, so that one stopped
		// producer costs one slot given up, and a batch never waits.
		n := 1
		for n < most && c+uint64(n) < segmentSize && s.written(c+uint64(n)) {
			n++
		}
		if n > 1 {
			into.reserve(n - 1)
		}
		if !s.claimed.CompareAndSwap(c, c+uint64(n)) { // elect; takes effect here
			continue
		}
		first := q.clear(s, c)
		for i := 1; i < n; i++ {
			into.put(i-1, q.clear(s, c+uint64(i)))
		}
		if n > 1 {
			into.publish(n - 1)
		}
		return first, n, Taken
	}
	return nil, 0, Lost
}

// clear returns the job in slot i, and forgets it.
//
// Caller: the consumer that claimed the slot and saw it written.
func (q *Injector[T]) clear(s *segment[T], i uint64) *T {
	job := s.slots[i].Load()
	if invariant.Enabled {
		invariant.Check(job != nil && job != q.gone, "no job in slot %d", i)
	}
	// Not a plain store: a consumer with an old count may look at the slot.
	s.slots[i].Store(nil)
	return job
}

// giveUp waits a little for the job of slot c, which is reserved. If the job does
// not come, it claims the slot, so that the others can go on to the next one, and
// lets the producer know. It returns the job if that came at the last moment.
//
// Caller: any.
//
//go:noinline
func (q *Injector[T]) giveUp(s *segment[T], c uint64) *T {
	for range patience {
		if s.written(c) || s.claimed.Load() != c {
			return nil // to be looked at again
		}
	}
	if !s.claimed.CompareAndSwap(c, c+1) { // [given-up] C1 elect
		return nil
	}
	return s.slots[c].Swap(q.gone) // [given-up] C2 elect; takes effect here
}

// written says whether a job, or a mark, is in slot i. What it says counts only
// for the consumer whose claim of the slot succeeds afterwards.
//
// Caller: any.
func (s *segment[T]) written(i uint64) bool { return s.slots[i].Load() != nil }

// Proof [given-up]: each job is taken exactly once, also when its producer is
// stopped between P1 and P2.
//
//	Push                                giveUp
//	  P1  reserve slot i                  C1  claim slot i
//	  P2  CompareAndSwap(nil, job)        C2  Swap(mark)
//
// P1 is an addition, so each slot has one producer; claims are made by
// compare-and-swap, so each slot has one consumer. (elect) P2 and C2 both take the
// slot away from nil, and one of them comes first. If it is P2, C2 gets the job. If
// it is C2, P2 fails, and the producer takes another slot, for which the same
// holds. A consumer that claims a written slot has seen P2 before its claim, and
// nobody but itself clears the slot. After P2 the producer does not come back.
//
// Checked by: TestStoppedProducerStopsNobody, TestStressInjector.

// Proof [inject-seen]: from the return of Push until the claim of its slot,
// Empty and Pop do not say that there is nothing.
//
//	Push                                Empty, Pop
//	  P1  reserve slot i of segment s     E1  head.Load(), and on along next
//	  P2  the job is in the slot          E2  claimed.Load()
//	                                      E3  reserved.Load()
//
// Head leaves a segment only when all its slots are claimed, so while slot i is
// not claimed head is at s or before it. (monotone) Say E1 comes after P2. A
// segment before s has a next one and all its slots reserved: E2 either finds all
// claimed, and the walk goes on, or fewer, and E3 reads more than E2 did. At s, E2
// reads at most i, and E3, which is after P1, more than i. Either way it is not
// empty.
//
// And what is said to be empty is so: E2 is before E3, and claimed never
// decreases, so at E3 all reserved slots were claimed; and with a slot still to
// reserve there is no next segment.
//
// Checked by: TestInjectorSeenAfterPush, TestLinearInjector.
