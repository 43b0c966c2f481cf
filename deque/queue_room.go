// SPDX-License-Identifier: Apache-2.0

package deque

import "github.com/pilfer-go/pilfer/internal/point"

// The ring is full when the next place would fall on a slot that may still be in
// use. The owner then has to find out which slots have come free, and never waits
// for a thief to free one: with a thief at work it takes a new ring, of the same
// size if the jobs fill less than three quarters of it.

// minRing is the least number of slots, and how many a zero Queue or Deque
// begins with.
const minRing = 2

// calmBeforeHalving is how often the owner finds its place for jobs empty before
// it halves a ring that has grown. A ring is made again in the time of as many
// pushes as it has slots, so the number matters little; what matters is that an
// idle worker gives the memory of a burst back.
const calmBeforeHalving = min(64, point.Most)

// ringSize returns the power of two for at least n slots.
func ringSize(n int) int {
	size := minRing
	for size < n {
		size *= 2
	}
	return size
}

// makeRoom makes room for n more jobs.
//
// Caller: owner.
//
//go:noinline
func (q *Queue[T]) makeRoom(n int) {
	size := len(q.slots)
	h := headWord(q.head.Load()).place()                           // [slot-reuse] R1 before R2
	if w := thiefWord(q.thief.Load()); !w.open() || w == q.moved { // [slot-reuse] R2
		q.limit = h.plus(size)
	}
	if q.limit.past(q.bottom) >= n {
		return
	}
	live := q.bottom.past(h)
	q.least = max(q.least, minRing)
	for size = max(size, q.least); size-live-n < size/4; {
		size *= 2
	}
	q.move(size)
}

// foundEmpty makes the ring smaller once the queue was found empty often enough.
//
// Caller: owner.
func (q *Queue[T]) foundEmpty() {
	if len(q.slots) > q.least {
		q.halve()
	}
}

// halve counts, and at last halves the ring.
//
// Caller: owner.
//
//go:noinline
func (q *Queue[T]) halve() {
	if q.calm++; q.calm >= calmBeforeHalving {
		q.move(len(q.slots) / 2)
	}
}

// move puts the jobs into a new ring of size slots, which are more than the jobs.
//
// Caller: owner.
//
//go:noinline
func (q *Queue[T]) move(size int) {
	fresh := &queueRing[T]{slots: make([]*T, size)}
	w := thiefWord(q.thief.Add(uint64(ownerMoves))) &^ ownerMoves // [ring-move] M1 no session opens from here on
	if w.open() {
		q.foil(w) // [ring-move] M2 and the open one claims nothing more
	}
	h := headWord(q.head.Load()).place()
	for p := h; p != q.bottom; p += oneJob {
		if point.Explored {
			point.Reads(&q.slots[p.slot(len(q.slots))])
			point.Writes(&fresh.slots[p.slot(size)])
		}
		fresh.slots[p.slot(size)] = q.slots[p.slot(len(q.slots))]
	}
	q.slots, q.limit, q.moved, q.calm = fresh.slots, h.plus(size), w, 0
	q.ring.Store(fresh)                  // [ring-move] M3 publish: the slots
	q.thief.Add(^uint64(ownerMoves) + 1) // [ring-move] M4 minus: sessions may open
}

// Proof [ring-move]: a thief finds each job that it claimed in the ring that it
// loaded, and the owner does not read a slot that a thief clears.
//
//	move (owner)                        claim (thief)
//	  M1  set the move bit                T1  open session s: fails if the bit is set
//	  M2  foil s, if it is open           L1  ring.Load()
//	  M3  copy [head, tail), ring.Store   T4  head.CompareAndSwap
//	  M4  clear the move bit              C1  read and clear the claimed slots
//
// Between M2 and M4 nobody claims: no session opens, and one that was open at M1
// is foiled, by [newest-job]. So the owner alone owns [head, tail) while it
// copies; a thief at C1 clears places before head only. And let s succeed at T4.
// No M2 lies between T1 and T4, or s were foiled; nor does an M3 without its M2,
// or s were opened inside a move. So the ring of L1 is the one that was in use
// from T1 to T4, and the owner wrote the claimed jobs into it. A move after T4
// leaves that ring to the thief: the owner writes the new one from then on.
//
// Checked by: TestMoveAgainstOpenSession, TestStressQueue.

// Proof [slot-reuse]: the owner does not write a slot that a thief still reads
// or clears.
//
//	Push (owner)                        StealHalf (thief)
//	  R1  h = head.Load()                 T4  head moves on: the claim
//	  R2  no session is open              C1  read and clear the claimed slots
//	  R3  write slots of places           C2  close the session
//	      before h + size
//
// R3 reuses slots of places before h. A thief claimed such a place at T4, before
// R1 read h. Its session was open then, so if R2 finds none open, C2 came
// before R2, and C1 before R3. (publish: the slots are given back) Loaded in
// the other order, a session could open, claim and be at C1 in between. If R2
// finds the session open that was so at the last move, then that one claimed
// before the move, by [ring-move], and reads another ring than R3 writes.
//
// Checked by: TestStalledThiefCostsOneRing, TestStressFullRing.
