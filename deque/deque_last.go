// SPDX-License-Identifier: Apache-2.0

package deque

// popLast takes the job at b, if it is the only one, as a thief would: one
// compare-and-swap, where the textbook also lowers bottom and raises it again.
//
// Caller: owner.
//
//go:noinline
func (d *Deque[T]) popLast(t, b int64) *T {
	if t != b { // none
		d.foundEmpty(t)
		return nil
	}
	slot := ringSlot(d.slots, b)
	job := slot.Load()
	if !d.top.CompareAndSwap(t, t+1) { // [last-job] O3 elect; takes effect here
		d.foundEmpty(t + 1)
		return nil
	}
	slot.Store(nil)
	if d.swept == t {
		d.swept++
	} else if t-d.swept > slack {
		d.sweep(t + 1)
	}
	return job
}

// popRaced settles who takes the job at b, which became the oldest one while the
// owner lowered bottom to it.
//
// Caller: owner.
//
//go:noinline
func (d *Deque[T]) popRaced(t, b int64) *T {
	var job *T
	if t == b {
		job = ringSlot(d.slots, b).Load()
		if !d.top.CompareAndSwap(t, t+1) { // [last-job] O3 elect
			job = nil
		}
	}
	// Top is at b+1, whoever took the job. Bottom stays one behind it until the
	// next push, and thieves see less than no job.
	d.next = b + 1
	d.sweep(b + 1)
	return job
}

// Proof [last-job]: Pop and Steal never both return the job at index b, and
// Steal does not find the deque empty while an untaken job is in it.
//
//	Pop (owner)                           Steal (thief)
//	  O1  bottom.Store(b)                   T1  t = top.Load()
//	  O2  t = top.Load()                    T2  bottom.Load()
//	  O3  t == b: top.CompareAndSwap        T3  top.CompareAndSwap(t, t+1)
//
// Pop takes b without O3 only if O2 read top < b. A thief can claim b only after
// T1 read top == b. Top never goes back, so T1 is after O2, T2 is after O1, and
// T2 reads a bottom <= b: the thief sees Empty. (monotone) If it reads more,
// the owner has pushed again, and index b holds another job. In all other cases
// both try the same compare-and-swap, and one wins. (elect)
//
// Pop takes effect at O1 if it gets b, so that a thief or a Len that reads the
// lower bottom is right. If a thief gets b instead, it read bottom before O1, or
// its T3 could not follow, so it takes effect at O1 in its stead. The loads go
// top first, then bottom: the difference was true, or too great, when bottom
// was read.
//
// Checked by: TestStressLastJob, TestStressDeque, TestLinearDeque.
