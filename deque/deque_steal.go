// SPDX-License-Identifier: Apache-2.0

package deque

import "github.com/pilfer-go/pilfer/internal/invariant"

// A Stealer is the thieves' end of a [Deque]. It is a small value to copy and
// hand out; the zero Stealer is always empty.
type Stealer[T any] struct{ d *Deque[T] }

// A Sink is where a batch of stolen jobs goes: the thief's own end of a [Deque]
// or a [Queue], or a slice in a test.
type Sink[T any] interface {
	Push(job *T)
}

// Steal takes the oldest job. It costs one locked instruction, and none if there
// is no job. Lost means that the owner or another thief took the job first.
//
// Caller: any.
func (s Stealer[T]) Steal() (*T, Outcome) { return s.steal(nil) }

// StealIf is [Stealer.Steal] for a thief that may take jobs only under a
// condition, which ok reports. If ok returns true, the job that is then taken was
// the oldest one from before the call of ok until it was taken. If ok returns
// false, StealIf returns Lost. ok is not called if there is no job.
//
// Caller: any.
func (s Stealer[T]) StealIf(ok func() bool) (*T, Outcome) { return s.steal(ok) }

func (s Stealer[T]) steal(ok func() bool) (*T, Outcome) {
	d := s.d
	if d == nil {
		return nil, Empty
	}
	// top, then bottom, then ring: each load must not be older than the one
	// before it. [last-job] needs top before bottom. Ring comes last because a
	// ring loaded early may have been replaced before job t was pushed, and its
	// slot for t would hold something else while the claim still succeeds.
	t := d.top.Load()           // [last-job] T1
	if d.bottom.Load()-t <= 0 { // [last-job] T2
		return nil, Empty
	}
	if ok != nil && !ok() {
		return nil, Lost
	}
	job := ringSlot(d.ring.Load().slots, t).Load() // a guess: the slot may be reused meanwhile
	if !d.top.CompareAndSwap(t, t+1) {             // [last-job] T3 elect; takes effect here
		return nil, Lost
	}
	// The slot is not cleared, though it keeps the job reachable: see Deque.sweep.
	if invariant.Enabled {
		invariant.Check(job != nil, "no job at index %d", t)
	}
	return job, Taken
}

// StealHalf takes the oldest half of the jobs, rounded up and 128 at most, one
// after the other: the owner may pop any job that is not yet taken, so each one
// needs its own compare-and-swap. It returns the first to be run at once, pushes
// the others to into in their order, and returns how many it took in all.
//
// into must not be the deque itself.
//
// Caller: the owner of into.
func (s Stealer[T]) StealHalf(into Sink[T]) (first *T, n int, got Outcome) {
	half := min((s.Len()+1)/2, maxBatch)
	first, got = s.Steal()
	if got != Taken {
		return nil, 0, got
	}
	for n = 1; n < half; n++ {
		job, got := s.Steal()
		if got != Taken {
			break // somebody else is here: leave the rest to them
		}
		into.Push(job)
	}
	return first, n, Taken
}

// Len returns about how many jobs there are, as [Deque.Len].
//
// Caller: any.
func (s Stealer[T]) Len() int {
	if s.d == nil {
		return 0
	}
	return s.d.Len()
}
