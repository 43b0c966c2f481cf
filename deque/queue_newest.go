// SPDX-License-Identifier: Apache-2.0

package deque

import "github.com/pilfer-go/pilfer/internal/invariant"

// PopNewest takes the newest job, or returns nil when the queue is empty. It
// costs one locked instruction, and a second one if a thief is in session and the
// owner has not foiled it yet; that thief then tries again or comes home with
// [Lost].
//
// Caller: owner.
func (q *Queue[T]) PopNewest() *T {
	b := q.bottom
	if headWord(q.head.Load()).place() == b {
		q.foundEmpty()
		return nil // and no word written that thieves read
	}
	b -= oneJob
	q.tail.Store(uint64(b)) // [newest-job] N1 hide it from thieves that come later; takes effect here
	if w := thiefWord(q.thief.Load()); w.open() {
		q.foil(w) // [newest-job] N2 a thief that was here before N1 gets nothing more
	}
	h := headWord(q.head.Load()).place() // [newest-job] N3
	if invariant.Enabled {
		invariant.Check(b.past(h) >= -1, "oldest job at %v, newest at %v", h, b)
	}
	if h == b+oneJob {
		// Claimed before N2: nothing is left. Tail stays one behind head until the
		// next push, and thieves see less than no job.
		return nil
	}
	q.bottom = b
	return q.clearSlot(b)
}

// foil makes sure that the session in w claims nothing from here on: its claim
// came before, or fails. It costs one compare-and-swap, and a second one only if
// the claim came in between.
//
// Caller: owner, while that session is open or later.
//
//go:noinline
func (q *Queue[T]) foil(w thiefWord) {
	for {
		h := headWord(q.head.Load())
		if h.mark() == w.mark() || q.head.CompareAndSwap(uint64(h), uint64(h.foiling(w.mark()))) {
			return
		}
	}
}

// Proof [newest-job]: PopNewest and a thief never both take the job at place b,
// and no thief finds the queue empty while an untaken job is in it.
//
//	PopNewest (owner)                   claim (thief)
//	  N1  tail.Store(b)                   T1  open session s
//	  N2  s open: put its mark in head    T2  h = head.Load(); foiled if s is its mark
//	  N3  head.Load(): b is not claimed   T3  tail.Load()
//	                                      T4  head.CompareAndSwap(h, h + n jobs)
//
// A claim of b before N3 shows at N3, because head never goes back. (monotone)
// Let T4 come after N3. If s was not open when N2 looked, T1 is after N2, so T3
// is after N1 and reads a tail that is not past b. (cross) If it reads more, the
// owner has pushed again, and b holds another job. If s was open, head holds the
// mark of s from N2 until s closes, since the owner sets no other mark in that
// time. T2 after N2: s gives up. T2 before N2: h has another mark than head has at
// T4, which fails. (elect) That two sessions 256 apart have one mark can only foil
// a session that need not be.
//
// PopNewest takes effect at N1, so that a thief or a Len that reads the lower
// tail is right to find one job less. If N3 finds b claimed, the claimer read tail
// before N1; if it claimed after N1, it takes effect at N1 in the owner's stead.
// The loads go head first, then tail: the difference was true, or too great, when
// tail was read.
//
// Checked by: TestNewestAgainstOpenSession, TestStressLastJob, TestLinearQueue.
