// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/point"
)

// An Injector is a queue for many producers and many consumers, first in, first
// out. It must be made with [NewInjector] and not be copied.
type Injector[T any] struct {
	// head is the oldest segment that may hold a job.
	// Writers: consumers, by compare-and-swap, to the next segment.
	// Invariant: all slots of the segments before it are claimed.
	head point.Pointer[segment[T]]

	_ cpu.CacheLinePad

	// tail is a segment near the end: the last one or one before it.
	// Writers: producers, by compare-and-swap, to the next segment.
	tail point.Pointer[segment[T]]

	_ cpu.CacheLinePad

	// gone marks a slot that a consumer gave up; it is no job.
	gone *T // set by NewInjector
}

// segmentSize is the number of slots of a segment.
const segmentSize = 256

// A segment is a part of the queue. Each slot is used once.
type segment[T any] struct {
	// claimed is the number of slots that consumers have claimed.
	// Writers: consumers, by compare-and-swap. Invariant: grows only, never
	// beyond reserved or segmentSize.
	claimed point.Uint64

	_ cpu.CacheLinePad

	// reserved is the number of slots that producers have reserved; what goes
	// beyond segmentSize counts for nothing.
	// Writers: producers, by addition.
	reserved point.Uint64

	// next is the segment after this one.
	// Writers: producers, by compare-and-swap from nil, once all slots are reserved.
	next point.Pointer[segment[T]]

	first uint64 // how many slots there are in all segments before this one
	_     cpu.CacheLinePad

	slots [segmentSize]point.Pointer[T]
}

// full returns how many slots are reserved.
func (s *segment[T]) full() uint64 { return min(s.reserved.Load(), segmentSize) }

// NewInjector returns an empty injector.
func NewInjector[T any]() *Injector[T] {
	q := new(Injector[T])
	// An address that no job can have, also when T has no size.
	unique := new(struct {
		job T
		_   byte
	})
	q.gone = &unique.job
	s := new(segment[T])
	q.head.Store(s)
	q.tail.Store(s)
	return q
}

// Push adds a job, which must not be nil.
//
// Caller: any.
func (q *Injector[T]) Push(job *T) {
	for {
		s := q.tail.Load()
		if i := s.reserved.Add(1) - 1; i < segmentSize {
			if s.slots[i].CompareAndSwap(nil, job) { // takes effect here
				return
			}
			continue
		}
		if q.extend(s, []*T{job}) == 1 {
			return
		}
	}
}

// PushBatch adds jobs in their order, with one reservation for all that fit into
// a segment.
//
// Caller: any.
func (q *Injector[T]) PushBatch(jobs []*T) {
	for len(jobs) > 0 {
		s := q.tail.Load()
		n := uint64(len(jobs))
		i := s.reserved.Add(n) - n
		if i >= segmentSize {
			jobs = jobs[q.extend(s, jobs):]
			continue
		}
		for end := min(i+n, segmentSize); i < end; i++ {
			if s.slots[i].CompareAndSwap(nil, jobs[0]) {
				jobs = jobs[1:]
			}
		}
	}
}

// extend links a segment with the first of jobs after s, unless another producer
// did so first, and returns how many jobs it placed.
func (q *Injector[T]) extend(s *segment[T], jobs []*T) int {
	next, n := s.next.Load(), 0
	if next == nil {
		n = min(len(jobs), segmentSize)
		fresh := &segment[T]{first: s.first + segmentSize}
		for i, job := range jobs[:n] {
			fresh.slots[i].Store(job)
		}
		fresh.reserved.Store(uint64(n))
		if s.next.CompareAndSwap(nil, fresh) {
			next = fresh
		} else {
			next, n = s.next.Load(), 0
		}
	}
	q.tail.CompareAndSwap(s, next)
	return n
}

// Pop takes the oldest job.
//
// Caller: any.
func (q *Injector[T]) Pop() (*T, Outcome) {
	job, _, got := q.take(nil, 1)
	return job, got
}

// PopBatch takes up to max of the oldest jobs. It returns the first to be run at
// once, pushes the others to into, and returns how many it took in all.
//
// Caller: any; the owner of into.
func (q *Injector[T]) PopBatch(into *Queue[T], most int) (first *T, n int, got Outcome) {
	return q.take(into, most)
}

const takeTries = 8

func (q *Injector[T]) take(into *Queue[T], most int) (*T, int, Outcome) {
	for range takeTries {
		s := q.head.Load()
		c := s.claimed.Load()
		end := s.full()
		if c >= end {
			if c < segmentSize { // then there was no next segment either when end was read
				return nil, 0, Empty
			}
			next := s.next.Load()
			if next == nil {
				return nil, 0, Empty
			}
			q.head.CompareAndSwap(s, next)
			continue
		}
		n := min(end-c, uint64(max(most, 1)))
		if n > 1 {
			into.reserve(int(n - 1))
		}
		if !s.claimed.CompareAndSwap(c, c+n) {
			continue
		}
		var first *T
		got := 0
		for i := c; i < c+n; i++ {
			job := s.slots[i].Load()
			for spin := 0; job == nil && spin < patience; spin++ {
				job = s.slots[i].Load()
			}
			if job == nil {
				if job = s.slots[i].Swap(q.gone); job == nil {
					continue
				}
			}
			s.slots[i].Store(nil)
			if got == 0 {
				first = job
			} else {
				into.put(got-1, job)
			}
			got++
		}
		if got > 1 {
			into.publish(got - 1)
		}
		if got > 0 {
			return first, got, Taken
		}
	}
	return nil, 0, Lost
}

const patience = 64

// Len returns about how many jobs there are; it is never negative.
//
// Caller: any.
func (q *Injector[T]) Len() int {
	h := q.head.Load()
	taken := h.first + h.claimed.Load()
	t := q.tail.Load()
	return max(0, int(t.first+t.full()-taken))
}

// Empty says whether there was no job at some moment during the call. Once Push
// has returned, it says false until the job is claimed.
//
// Caller: any.
func (q *Injector[T]) Empty() bool {
	for s := q.head.Load(); s != nil; s = s.next.Load() {
		c := s.claimed.Load()
		if c < s.full() {
			return false
		}
		if c < segmentSize {
			return true
		}
	}
	return true
}
