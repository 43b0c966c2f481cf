// SPDX-License-Identifier: Apache-2.0

package wheel

import "math/bits"

// Moving ahead.
//
// When the wheel comes to a slot of a higher level, all its entries move down before
// the first can expire. Half a million entries take 30 ms: as late are the first.
// So the entries of a crowded slot begin to move before the wheel comes there: as
// many as one tick can take for each tick that is left. They wait in a level of their
// own, which takes the place of the level below when the wheel comes to the slot;
// that is empty then.

// aheadPace says that 1,024 entries move ahead in a tick, and that a slot with fewer
// is not crowded: they take some 50 us.
const aheadPace = 10

// ahead returns the slot of level n that the wheel comes to next there, and the tick
// from which on its entries move ahead; the start of the slot if they do not.
func (w *Wheel[T]) ahead(n int) (slot *list[T], s int, from uint64) {
	l := w.levels[n]
	s = bits.TrailingZeros64(l.occupied)
	slot = l.slots[s]
	start := w.startOf(n, s)
	crowd := uint64(slot.count) >> w.pace
	if l.moved > 0 && l.nextOf != s || crowd > start {
		return slot, s, start
	}
	return slot, s, start - crowd
}

// moveAhead moves one entry ahead, and reports whether it did.
func (w *Wheel[T]) moveAhead(limit uint64) bool {
	for used := w.used &^ 1; used != 0; used &= used - 1 {
		n := bits.TrailingZeros16(used)
		slot, s, from := w.ahead(n)
		if slot.count>>w.pace == 0 || from > limit {
			continue
		}
		e, tick := slot.take(&w.free)
		l := w.levels[n]
		l.nextOf = s
		l.moved++
		d := tick >> ((n - 1) * digit) % slotCount
		if l.next[d] == nil {
			next := w.free.list()
			next.level, next.slot, next.ahead = uint8(n-1), uint8(d), true
			l.next[d] = next
		}
		l.next[d].add(&w.free, e, tick)
		return true
	}
	return false
}

// enter makes what was moved ahead from level n the level below, as the wheel comes
// to its slot. What is due at once is due before the entries that did not move.
func (w *Wheel[T]) enter(n int) {
	l := w.levels[n]
	l.moved = 0
	below := w.levels[n-1]
	if below == nil {
		below = new(level[T])
		w.levels[n-1] = below
	}
	below.slots, l.next = l.next, below.slots // those of an empty level
	for d, next := range below.slots {
		if next != nil {
			next.ahead = false
			below.occupied |= 1 << d
			w.used |= 1 << (n - 1)
		}
	}
	w.rest = w.due
	if w.rest.count == 0 {
		w.free.keepList(w.rest)
		w.rest = nil
	}
	if below.slots[0] != nil {
		w.due = w.vacate(n-1, 0)
	} else {
		w.due, w.rest = w.rest, nil
	}
}

// Crowded reports whether a slot has become so crowded since the last call that Next
// may be earlier than it was.
func (w *Wheel[T]) Crowded() bool {
	was := w.crowded
	w.crowded = false
	return was
}
