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
	in *chunk[T] // nil if in no wheel

	// When is when the entry expires, in nanoseconds of the owner's clock, from 0
	// on. The owner sets it before Insert.
	When int64

	// Value is the owner's.
	Value T

	index uint16 // in the items of in
}

// Linked reports whether the entry is in a wheel.
func (e *Entry[T]) Linked() bool { return e.in != nil }

type level[T any] struct {
	occupied uint64 // a bit for each slot that is not empty
	slots    [slotCount]*list[T]

	// next holds the entries of slot number nextOf that were moved ahead, by the
	// digit below: what the level below is to be when the wheel comes there.
	next   [slotCount]*list[T]
	nextOf int
	moved  int // how many entries
}

// A Wheel holds entries until their time. The zero Wheel is empty and has ticks
// of one nanosecond.
type Wheel[T any] struct {
	shift   uint8  // a tick is 2^shift nanoseconds
	used    uint16 // a bit for each level that is not empty
	count   int
	elapsed uint64 // the tick that the wheel has come to
	pace    uint8  // 2^pace entries move ahead in a tick, if there are more
	crowded bool   // see Crowded

	// due holds the entries of the slot that the wheel has come to: they expire now
	// or move down, one a step, and after them those of rest. Each is nil if there
	// are none.
	due, rest *list[T]

	free free[T]

	levels [maxLevels]*level[T] // made when they are needed
}

// New returns an empty wheel with ticks of 2^shift nanoseconds.
func New[T any](shift uint8) Wheel[T] { return Wheel[T]{shift: shift, pace: aheadPace} }

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
		invariant.Check(e.in == nil, "wheel: entry inserted twice")
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
	if tick > w.elapsed && w.due == nil && (w.used == 0 || w.nextStart() > tick) {
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
	slot := l.slots[s]
	if slot == nil {
		slot = w.free.list()
		slot.level, slot.slot = uint8(n), uint8(s)
		l.slots[s] = slot
		l.occupied |= 1 << s
		w.used |= 1 << n
	}
	slot.add(&w.free, e, tick)
	if n > 0 && slot.count>>w.pace<<w.pace == slot.count {
		w.crowded = true
	}
}

// Remove takes e out, and reports whether it was in the wheel.
func (w *Wheel[T]) Remove(e *Entry[T]) bool {
	c := e.in
	if c == nil {
		return false
	}
	l := c.list
	l.remove(&w.free, e)
	w.count--
	n, s := int(l.level), int(l.slot)
	switch {
	case l.ahead:
		above := w.levels[n+1]
		above.moved--
		if l.count == 0 {
			above.next[s] = nil
			w.free.keepList(l)
		}
		if up := above.slots[above.nextOf]; above.moved == 0 && up.count == 0 {
			w.free.keepList(w.vacate(n+1, above.nextOf))
		}
	case l.count > 0:
	case l == w.due:
		w.dueDone()
	case l == w.rest:
		w.rest = nil
		w.free.keepList(l)
	case !w.levels[n].hasMoved(s):
		w.free.keepList(w.vacate(n, s))
	}
	return true
}

// hasMoved reports whether entries of the slot were moved ahead.
func (l *level[T]) hasMoved(s int) bool { return l.moved > 0 && l.nextOf == s }

// vacate takes the list of a slot out.
func (w *Wheel[T]) vacate(n, s int) *list[T] {
	l := w.levels[n]
	slot := l.slots[s]
	l.slots[s] = nil
	l.occupied &^= 1 << s
	if l.occupied == 0 {
		w.used &^= 1 << n
	}
	return slot
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
	case w.due != nil:
		return w.instant(w.elapsed)
	case w.used == 0:
		return Never
	}
	n, s := w.earliest()
	next := w.startOf(n, s)
	if tick, lone := w.levels[n].slots[s].lone(); lone && !w.levels[n].hasMoved(s) {
		next = tick
	}
	for used := w.used &^ 1; used != 0; used &= used - 1 {
		if slot, _, from := w.ahead(bits.TrailingZeros16(used)); slot.count>>w.pace > 0 && from < next {
			next = max(from, w.elapsed)
		}
	}
	return w.instant(next)
}

// Step takes the wheel one entry further toward now. It returns an entry that has
// expired, which is out of the wheel then, or nil if it moved one down; and
// whether it did either. So its owner decides how much is done at once.
//
// Entries expire in the order of their ticks, and those of one tick in the order
// in which they were inserted, save those that were inserted between two steps that
// returned true.
func (w *Wheel[T]) Step(now int64) (expired *Entry[T], more bool) {
	if limit := uint64(now) >> w.shift; w.due == nil && !w.turn(limit) {
		return nil, w.moveAhead(limit)
	}
	if w.due == nil {
		return nil, true // all had moved ahead
	}
	e, tick := w.due.take(&w.free)
	if w.due.count == 0 {
		w.dueDone()
	}
	if tick > w.elapsed {
		w.link(e, tick)
		return nil, true
	}
	e.in = nil
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
	w.elapsed = start
	moved := w.levels[n].hasMoved(s)
	w.due = w.vacate(n, s)
	if moved {
		w.enter(n)
	}
	return true
}

// dueDone goes on to the rest.
func (w *Wheel[T]) dueDone() {
	w.free.keepList(w.due)
	w.due, w.rest = w.rest, nil
}
