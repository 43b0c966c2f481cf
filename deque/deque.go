// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Deque is the owner's end of a Chase-Lev deque: the owner pushes and pops the
// newest job, thieves take the oldest. One goroutine at a time may use it; thieves
// use the [Stealer]. The zero Deque is empty and ready to use. It must not be
// copied; on 32-bit machines it must be allocated alone or be the first field.
//
// Slots are atomic, because a thief looks at a slot before it knows whether the
// job is its own; the compare-and-swap of top decides. The owner keeps plain
// copies of what it alone writes, so that Push costs two locked instructions (one
// if the slot holds that job already, as with fork frames that come back to their
// level), and Pop costs one.
//
// A job that was taken may stay reachable from its slot until the owner sweeps it
// out. After a Pop that are at most 64 popped and 64 stolen ones, after a Pop that
// returned nil there is none. See [Deque.sweep].
type Deque[T any] struct {
	// top is the index of the oldest job. Indexes are compared by difference and
	// wrap after 584 years at 1e9 jobs a second.
	// Writers: any, by compare-and-swap to the next. Invariant: never goes back.
	top point.Int64

	_ cpu.CacheLinePad

	// bottom is one past the index of the newest job.
	// Writers: owner. Invariant: behind top by one at most, and then the deque is
	// empty, or the owner in Pop.
	bottom point.Int64

	next  int64 // owner only: bottom, without the load
	limit int64 // owner only: a slot may be written if its index is before limit
	swept int64 // owner only: stolen jobs before this index are out of their slots
	high  int64 // owner only: popped jobs from this index on are out of their slots

	// slots are those of ring, without the load.
	// Writers: owner. Invariant: as of dequeRing.
	slots []point.Pointer[T]

	_ cpu.CacheLinePad

	// ring holds the jobs [top, bottom).
	// Writers: owner. Invariant: a ring that was replaced is never written again,
	// so that a thief that still holds it reads whole jobs.
	ring point.Pointer[dequeRing[T]]

	least int // owner only: the ring is not made smaller than this
	calm  int // owner only: how often the deque was found empty since its ring changed

	_ cpu.CacheLinePad
}

// A dequeRing holds the slot of index i at i modulo its size, a power of two.
type dequeRing[T any] struct {
	// Writers: owner. Invariant: a slot of an index in [top, bottom) holds the job,
	// any other holds a job that was taken, or nil.
	slots []point.Pointer[T]
}

// ringSlot returns the slot of index i.
func ringSlot[T any](slots []point.Pointer[T], i int64) *point.Pointer[T] {
	return &slots[uint64(i)&uint64(len(slots)-1)]
}

// NewDeque returns an empty deque with room for capacity jobs before it has to
// grow; capacity is rounded up to a power of two.
func NewDeque[T any](capacity int) *Deque[T] {
	d := &Deque[T]{least: ringSize(capacity)}
	d.move(d.least)
	return d
}

// Push adds a job, which must not be nil, as the newest. It costs two locked
// instructions, or one if the job is in its slot already.
//
// Caller: owner.
func (d *Deque[T]) Push(job *T) {
	if invariant.Enabled {
		invariant.Check(job != nil, "push of a nil job")
	}
	b := d.next
	if b == d.limit {
		d.makeRoom()
	}
	slot := ringSlot(d.slots, b)
	if slot.Load() != job { // a load costs nothing beside a store
		slot.Store(job)
	}
	d.next = b + 1
	d.bottom.Store(b + 1) // publish: the slot; takes effect here
}

// Pop takes the newest job, or returns nil when the deque is empty. It costs one
// locked instruction, one more for each job that has to be swept out of its slot,
// and none if the deque is empty and swept.
//
// Caller: owner.
func (d *Deque[T]) Pop() *T {
	b := d.next - 1
	t := d.top.Load()
	if t-b >= 0 {
		return d.popLast(t, b)
	}
	d.next = b
	d.bottom.Store(b) // [last-job] O1
	t = d.top.Load()  // [last-job] O2
	if t-b >= 0 {
		return d.popRaced(t, b)
	}
	job := ringSlot(d.slots, b).Load() // took effect at O1
	if d.high-b <= 0 {
		d.high = b + 1
	}
	if d.high-b > slack || t-d.swept > slack {
		d.sweep(t)
	}
	return job
}

// OwnerLen returns the number of jobs; thieves may make it smaller at any time.
// So 0 holds until the owner's next push. It costs one load.
//
// Caller: owner.
func (d *Deque[T]) OwnerLen() int { return int(d.next - d.top.Load()) }

// Len returns about how many jobs there are. It is never negative, and 0 only if
// the deque was empty, or its last job about to be taken, at some moment during
// the call.
//
// Caller: any.
func (d *Deque[T]) Len() int {
	t := d.top.Load() // before bottom: see [last-job]
	return int(max(0, d.bottom.Load()-t))
}

// Stealer returns the thieves' end, to give to other workers.
//
// Caller: any.
func (d *Deque[T]) Stealer() Stealer[T] { return Stealer[T]{d} }
