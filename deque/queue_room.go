// SPDX-License-Identifier: Apache-2.0

package deque

// makeRoom makes room for n more jobs.
//
// Caller: owner.
//
//go:noinline
func (q *Queue[T]) makeRoom(n int) {
	size := len(q.slots)
	h := headWord(q.head.Load()).place()                           // [slot-reuse] R1
	if w := thiefWord(q.thief.Load()); !w.open() || w == q.moved { // [slot-reuse] R2
		q.limit = h.plus(size)
	}
	live := q.bottom.past(h)
	switch {
	case q.limit.past(q.bottom) < n:
		size = max(size, q.least, minRing)
		for size-live-n < size/4 {
			size *= 2
		}
		q.move(size)
	case size > q.least && live+n < size/8:
		q.move(size / 2)
	}
}

// move puts the jobs into a ring of size slots.
//
// Caller: owner.
func (q *Queue[T]) move(size int) {
	w := thiefWord(q.thief.Add(uint64(ownerMoves))) // [ring-move] M1 no session opens from here on
	if w.open() {
		q.foil(w) // [ring-move] M2 the open one claims nothing from here on
	}
	h := headWord(q.head.Load()).place()
	next := &queueRing[T]{slots: make([]*T, size)}
	for p := h; p != q.bottom; p += oneJob {
		next.slots[p.slot(size)] = q.slots[p.slot(len(q.slots))]
	}
	q.slots = next.slots
	q.limit = h.plus(size)
	q.ring.Store(next) // publish: the slots
	q.moved = w &^ ownerMoves
	q.thief.Add(^uint64(ownerMoves) + 1) // [ring-move] M3
}

// foil makes sure that the session in w claims nothing from here on: its claim
// came before, or will fail.
//
// Caller: owner, while that session is open or just closed.
//
//go:noinline
func (q *Queue[T]) foil(w thiefWord) {
	for {
		h := headWord(q.head.Load())
		if h.mark() == w.mark() {
			return
		}
		if q.head.CompareAndSwap(uint64(h), uint64(h.foiling(w.mark()))) {
			return
		}
	}
}
