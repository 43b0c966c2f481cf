// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Deque is the owner's end of a Chase-Lev deque: the owner pushes and pops the
// newest job, thieves take the oldest. One goroutine at a time may use it. The
// zero Deque is empty and ready to use; it must not be copied.
type Deque[T any] struct {
	// top is the index of the oldest job.
	// Writers: any, by compare-and-swap. Invariant: never decreases; it grows by
	// one per job and wraps after 292 years at 1e9 jobs a second.
	top point.Int64

	_ cpu.CacheLinePad

	// bottom is one past the index of the newest job.
	// Writers: owner. Invariant: bottom >= top, except inside Pop, by one.
	bottom point.Int64

	next  int64 // owner only: bottom, without the atomic load
	limit int64 // owner only: where the ring is full, counted from a top seen earlier
	swept int64 // owner only: slots of indexes below it, back to next-size, hold no job
	high  int64 // owner only: slots of indexes from it up to top+size hold no job
	slots []point.Pointer[T]

	// ring holds the slots of the jobs [top, bottom).
	// Writers: owner. Invariant: a ring that was replaced is never written again.
	ring point.Pointer[dequeRing[T]]

	_ cpu.CacheLinePad

	least int // set before use: the ring never has fewer slots
}

// A dequeRing holds atomic slots: a thief looks at a slot before it knows whether
// the job is its own.
type dequeRing[T any] struct{ slots []point.Pointer[T] }

// slack is how many jobs that are taken may stay in their slots. With none, every
// Pop would pay a locked instruction to clear its slot; a fork-join owner goes up
// and down within this many levels and pays nothing.
const slack = 64

// NewDeque returns an empty deque with room for capacity jobs before it has to
// grow; capacity is rounded up to a power of two.
func NewDeque[T any](capacity int) *Deque[T] {
	d := &Deque[T]{least: ringSize(capacity)}
	d.move(d.least)
	return d
}

// slotOf returns the slot of index i in a ring of size slots.
func slotOf(i int64, size int) uint64 { return uint64(i) & uint64(size-1) }

// Push adds a job, which must not be nil, as the newest.
//
// Caller: owner.
func (d *Deque[T]) Push(job *T) {
	b := d.next
	if b == d.limit {
		d.makeRoom()
	}
	slot := &d.slots[slotOf(b, len(d.slots))]
	if slot.Load() != job { // a fork frame comes back to its slot: the load is cheap, the store is not
		slot.Store(job)
	}
	d.next = b + 1
	d.bottom.Store(b + 1) // publish: the slot; takes effect here
}

// Pop takes the newest job, or returns nil when the deque is empty.
//
// Caller: owner.
func (d *Deque[T]) Pop() *T {
	b := d.next - 1
	t := d.top.Load()
	if t >= b {
		return d.popLast(t, b)
	}
	d.next = b
	d.bottom.Store(b)             // [last-job] O1
	if t = d.top.Load(); t >= b { // [last-job] O2
		return d.popRaced(t, b)
	}
	job := d.slots[slotOf(b, len(d.slots))].Load()
	if d.high <= b {
		d.high = b + 1
	}
	if d.high-b > slack || t-d.swept > slack {
		d.sweep(t)
	}
	return job
}

// popLast takes the only job, at b, or finds that there is none.
//
//go:noinline
func (d *Deque[T]) popLast(t, b int64) *T {
	if t > b {
		d.sweep(t)
		return nil
	}
	slot := &d.slots[slotOf(b, len(d.slots))]
	job := slot.Load()
	if !d.top.CompareAndSwap(t, t+1) { // [last-job] O3 elect; takes effect here
		d.sweep(t + 1)
		return nil
	}
	slot.Store(nil)
	return job
}

// popRaced decides who takes the job at b, which became the last one while the
// owner lowered bottom.
//
//go:noinline
func (d *Deque[T]) popRaced(t, b int64) *T {
	job := (*T)(nil)
	if t == b {
		job = d.slots[slotOf(b, len(d.slots))].Load()
		if !d.top.CompareAndSwap(t, t+1) { // [last-job] O3 elect; takes effect here
			job = nil
		}
	}
	d.next = b + 1
	d.bottom.Store(b + 1)
	d.sweep(b + 1)
	return job
}

// OwnerLen returns the number of jobs; thieves may make it fewer at any time. So
// 0 is exact until the owner's next push.
//
// Caller: owner.
func (d *Deque[T]) OwnerLen() int { return int(d.next - d.top.Load()) }

// Len returns about how many jobs there are; it is never negative.
//
// Caller: any.
func (d *Deque[T]) Len() int {
	t := d.top.Load()
	return int(max(0, d.bottom.Load()-t))
}

// Stealer returns the thieves' end, to give to other workers.
//
// Caller: any.
func (d *Deque[T]) Stealer() Stealer[T] { return Stealer[T]{d} }

// makeRoom makes room for one more job.
//
//go:noinline
func (d *Deque[T]) makeRoom() {
	size := len(d.slots)
	t := d.top.Load()
	d.limit = t + int64(size)
	if d.next == d.limit {
		d.move(max(2*size, d.least, minRing))
	}
}

// move puts the jobs into a ring of size slots.
func (d *Deque[T]) move(size int) {
	t := d.top.Load()
	r := &dequeRing[T]{slots: make([]point.Pointer[T], size)}
	for i := t; i < d.next; i++ {
		r.slots[slotOf(i, size)].Store(d.slots[slotOf(i, len(d.slots))].Load())
	}
	d.slots = r.slots
	d.limit = t + int64(size)
	d.swept = t
	d.high = d.next
	d.ring.Store(r)
}

// sweep forgets the jobs in slots outside [t, next).
//
//go:noinline
func (d *Deque[T]) sweep(t int64) {
	size := int64(len(d.slots))
	for i := max(d.swept, d.next-size); i < t; i++ {
		d.slots[slotOf(i, len(d.slots))].Store(nil)
	}
	d.swept = t
	for i := d.next; i < d.high; i++ {
		d.slots[slotOf(i, len(d.slots))].Store(nil)
	}
	d.high = d.next
	if invariant.Enabled {
		invariant.Check(d.next >= t, "bottom %d below top %d", d.next, t)
	}
}
