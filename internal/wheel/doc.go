// SPDX-License-Identifier: Apache-2.0

// Package wheel is a hierarchical timing wheel: timers lie in slots by the digits of
// their time, so that inserting and removing one costs the same however many
// there are. It reads no clock, takes no lock and wakes nobody; who owns it does.
//
//	w := wheel.New[string](20) // ticks of 2^20 ns, about a millisecond
//	w.Insert(&e, now)          // e.When is when it expires
//	for e, more := w.Step(now); more; e, more = w.Step(now) {
//		if e != nil {
//			... // e expired
//		}
//	}
//
// # How it works
//
// Time is counted in ticks of a power of two nanoseconds; an entry's time is
// rounded up to a tick, so it never expires early. A tick is written with digits
// of six bits. An entry lies at the level of the highest digit in which its tick
// differs from the wheel's own, in the slot of that digit:
//
//	wheel at    0 1 7
//	entry for   0 1 9    level 0, slot 9
//	entry for   0 4 2    level 1, slot 4; at 0 4 0 it moves to level 0, slot 2
//
// So all entries of a level lie in slots after the wheel's own digit and expire
// before all of the next level, and the earliest slot is found by looking at two
// words of bits. When the wheel comes to a slot of a higher level, its entries move
// down, each at most once for each level. There are as many levels as the 63 bits
// of a time need, so no time is beyond the wheel; a level takes 1 KB from its first
// entry on.
//
// # Who may call what
//
// A Wheel and its entries belong to one goroutine at a time: guard them by a lock.
//
// # Mistakes
//
// An entry that is in a wheel must not be inserted again or have its When
// changed; the debug build panics.
package wheel
