// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// slack is how many popped and how many stolen jobs may stay in their slots. With
// none, every Pop would pay a second locked instruction to clear its slot; a
// fork-join owner goes up and down within this many levels and pays nothing.
const slack = min(64, point.Most)

// makeRoom makes room for one more job.
//
// Caller: owner.
//
//go:noinline
func (d *Deque[T]) makeRoom() {
	// Slots of indexes before top may be written over: a thief that still looks
	// at one of them reads some job, and fails at its compare-and-swap.
	d.limit = d.top.Load() + int64(len(d.slots))
	if d.next == d.limit {
		d.least = max(d.least, minRing)
		d.move(max(2*len(d.slots), d.least))
	}
}

// move puts the jobs into a new ring of size slots, which are enough.
//
// Caller: owner.
func (d *Deque[T]) move(size int) {
	t := d.top.Load()
	fresh := &dequeRing[T]{slots: make([]point.Pointer[T], size)}
	for i := t; i != d.next; i++ {
		ringSlot(fresh.slots, i).Store(ringSlot(d.slots, i).Load())
	}
	d.ring.Store(fresh) // publish: the slots
	d.slots, d.limit = fresh.slots, t+int64(size)
	d.swept, d.high, d.calm = t, d.next, 0
}

// foundEmpty sweeps, and makes the ring smaller once the deque was found empty
// often enough.
//
// Caller: owner.
func (d *Deque[T]) foundEmpty(top int64) {
	d.sweep(top)
	if len(d.slots) > d.least {
		if d.calm++; d.calm >= calmBeforeHalving {
			d.move(len(d.slots) / 2)
		}
	}
}

// sweep clears the slots of all jobs that were taken: those stolen, before top,
// and those popped, from next on.
//
// A thief cannot do it: once top has moved on, the owner may have put another job
// into the slot, and the thief would erase it. Nor does a thief mind that the
// owner does it: it may read nil for a guess, and then fails at its
// compare-and-swap, since the index was taken already.
//
// Caller: owner.
//
//go:noinline
func (d *Deque[T]) sweep(top int64) {
	size := int64(len(d.slots))
	if d.next-d.swept > size {
		d.swept = d.next - size // the slots of earlier indexes hold later jobs
	}
	for ; d.swept-top < 0; d.swept++ {
		ringSlot(d.slots, d.swept).Store(nil)
	}
	if invariant.Enabled {
		invariant.Check(d.next-top >= 0 && d.high-top <= size, "top %d, bottom %d, popped before %d, %d slots", top, d.next, d.high, size)
	}
	for i := d.next; i-d.high < 0; i++ {
		ringSlot(d.slots, i).Store(nil)
	}
	d.high = d.next
}
