// SPDX-License-Identifier: Apache-2.0

package wheel

import (
	"math"
	"math/bits"

	"github.com/pilfer-go/pilfer/internal/invariant"
)

const (
	digit     = 6 // bits
	slotCount = 1 << digit
	maxLevels = (63 + digit - 1) / digit

	// Never is the time that does not come.
	Never int64 = math.MaxInt64
)

// An Entry is one timer. The zero Entry is in no wheel. It must not be copied
// while it is in one.
type Entry[T any] struct {
	next, prev *Entry[T]

	// When is when the entry expires, in nanoseconds of the owner's clock, from 0
	// on. The owner sets it before Insert.
	When int64

	// Value is the owner's.
	Value T

	at uint16 // where: level and slot, plus one; 0: in no wheel
}

// Linked reports whether the entry is in a wheel.
func (e *Entry[T]) Linked() bool { return e.at != 0 }

// A list holds entries in the order in which they came.
type list[T any] struct{ first, last *Entry[T] }

type level[T any] struct {
	occupied uint64 // a bit for each slot that is not empty
	slots    [slotCount]list[T]
}

// A Wheel holds entries until their time. The zero Wheel is empty and has ticks
// of one nanosecond.
type Wheel[T any] struct {
	shift   uint8  // a tick is 2^shift nanoseconds
	used    uint16 // a bit for each level that is not empty
	count   int
	elapsed uint64 // the tick that the wheel has come to

	// due are the entries of the slot that the wheel has come to: they expire now
	// or move down, one a step.
	due list[T]

	levels [maxLevels]*level[T] // made when they are needed
}

// New returns an empty wheel with ticks of 2^shift nanoseconds.
func New[T any](shift uint8) Wheel[T] { return Wheel[T]{shift: shift} }

// Len returns how many entries there are.
func (w *Wheel[T]) Len() int { return w.count }

// Expiry returns when the wheel lets an entry of that time expire: at the end of
// its tick.
func (w *Wheel[T]) Expiry(when int64) int64 { return w.instant(w.tickOf(when)) }

// tickOf rounds up.
func (w *Wheel[T]) tickOf(when int64) uint64 {
	return (uint64(when) + 1<<w.shift - 1) >> w.shift
}

// instant is when a tick begins.
func (w *Wheel[T]) instant(tick uint64) int64 {
	return int64(min(tick<<w.shift, math.MaxInt64))
}

// Insert puts e into the wheel. It reports false if e's time is over: then e is
// not in the wheel. now is what the owner's clock says; it may be late.
func (w *Wheel[T]) Insert(e *Entry[T], now int64) bool {
	if invariant.Enabled {
		invariant.Check(e.at == 0, "wheel: entry inserted twice")
		invariant.Check(e.When >= 0 && now >= 0, "wheel: time before zero")
	}
	w.catchUp(uint64(now) >> w.shift)
	tick := w.tickOf(e.When)
	if tick <= w.elapsed {
		return false
	}
	w.link(e, tick)
	w.count++
	return true
}

// catchUp moves the wheel to a tick, if nothing is to be done before it. An entry
// for soon then takes a low level, though the wheel has not turned for long.
func (w *Wheel[T]) catchUp(tick uint64) {
	if tick > w.elapsed && w.due.first == nil && (w.used == 0 || w.nextStart() > tick) {
		w.elapsed = tick
	}
}

// link puts e behind the others of its slot. tick is after elapsed.
func (w *Wheel[T]) link(e *Entry[T], tick uint64) {
	n := (bits.Len64(tick^w.elapsed) - 1) / digit
	l := w.levels[n]
	if l == nil {
		l = new(level[T])
		w.levels[n] = l
	}
	s := tick >> (n * digit) % slotCount
	e.at = uint16(n*slotCount) + uint16(s) + 1
	slot := &l.slots[s]
	e.prev = slot.last
	if slot.last != nil {
		slot.last.next = e
	} else {
		slot.first = e
		l.occupied |= 1 << s
		w.used |= 1 << n
	}
	slot.last = e
}

// Remove takes e out, and reports whether it was in the wheel.
func (w *Wheel[T]) Remove(e *Entry[T]) bool {
	if e.at == 0 {
		return false
	}
	from := &w.due
	if e.prev == nil && e != w.due.first || e.next == nil && e != w.due.last {
		n, s := w.place(e)
		l := w.levels[n]
		from = &l.slots[s]
		if from.first == from.last {
			w.vacate(n, s)
		}
	}
	from.unlink(e)
	e.at = 0
	w.count--
	return true
}

// place returns level and slot of e.
func (w *Wheel[T]) place(e *Entry[T]) (n, s int) {
	return int(e.at-1) / slotCount, int(e.at-1) % slotCount
}

// vacate says that a slot is empty, or about to be.
func (w *Wheel[T]) vacate(n, s int) {
	l := w.levels[n]
	l.occupied &^= 1 << s
	if l.occupied == 0 {
		w.used &^= 1 << n
	}
}

// unlink takes e out of the list. If e has a neighbor on both sides, any list
// will do.
func (l *list[T]) unlink(e *Entry[T]) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		l.first = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		l.last = e.prev
	}
	e.next, e.prev = nil, nil
}

// earliest returns the slot that the wheel comes to next. There is one.
func (w *Wheel[T]) earliest() (n, s int) {
	n = bits.TrailingZeros16(w.used)
	return n, bits.TrailingZeros64(w.levels[n].occupied)
}

// nextStart returns the first tick of the slot that the wheel comes to next.
func (w *Wheel[T]) nextStart() uint64 {
	n, s := w.earliest()
	return w.startOf(n, s)
}

func (w *Wheel[T]) startOf(n, s int) uint64 {
	below := uint64(1)<<(n*digit+digit) - 1 // the digits up to level n; all at the highest
	return w.elapsed&^below | uint64(s)<<(n*digit)
}

// Next returns when there is something to do next, for Step: an entry expires, or
// entries of a later time move down. It is Never if the wheel is empty. For a lone
// entry it is when that expires.
func (w *Wheel[T]) Next() int64 {
	switch {
	case w.due.first != nil:
		return w.instant(w.elapsed)
	case w.used == 0:
		return Never
	}
	n, s := w.earliest()
	if slot := &w.levels[n].slots[s]; slot.first == slot.last {
		return w.instant(w.tickOf(slot.first.When))
	}
	return w.instant(w.startOf(n, s))
}

// Step takes the wheel one entry further toward now. It returns an entry that has
// expired, which is out of the wheel then, or nil if it moved one down; and
// whether it did either. So its owner decides how much is done at once.
//
// Entries expire in the order of their ticks, and those of one tick in the order
// in which they were inserted, save those that were inserted between two steps that
// returned true.
func (w *Wheel[T]) Step(now int64) (expired *Entry[T], more bool) {
	if w.due.first == nil && !w.turn(uint64(now)>>w.shift) {
		return nil, false
	}
	e := w.due.first
	w.due.unlink(e)
	if tick := w.tickOf(e.When); tick > w.elapsed {
		w.link(e, tick)
		return nil, true
	}
	e.at = 0
	w.count--
	return e, true
}

// turn moves the wheel to the next slot that is not empty, and takes the slot's
// entries. It reports false if that slot begins after limit.
func (w *Wheel[T]) turn(limit uint64) bool {
	if w.used == 0 {
		return false
	}
	n, s := w.earliest()
	start := w.startOf(n, s)
	if start > limit {
		w.elapsed = max(w.elapsed, limit)
		return false
	}
	slot := &w.levels[n].slots[s]
	w.due, *slot = *slot, list[T]{}
	w.vacate(n, s)
	w.elapsed = start
	return true
}
