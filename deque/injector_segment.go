// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/point"
)

// segmentSize is the number of slots of a segment, which is garbage once it is
// used up: 9 bytes for each job. A tenth of these are the words around the slots;
// smaller segments would also bring producers together more often at the making
// of the next one. See the bytes per job of BenchmarkInjectAlone.
const segmentSize = min(256, point.Most)

// A segment is a stretch of the queue. Each of its slots is used once: empty,
// then a job or the mark of a slot given up, and a job is followed by empty again.
type segment[T any] struct {
	// claimed is the number of slots that consumers have claimed.
	// Writers: consumers, by compare-and-swap. Invariant: never decreases, and is
	// at most reserved and segmentSize.
	claimed point.Uint64

	_ cpu.CacheLinePad

	// reserved is the number of slots that producers have reserved; what is beyond
	// segmentSize has no slot.
	// Writers: producers, by addition. Invariant: never decreases.
	reserved point.Uint64

	// next is the segment after this one.
	// Writers: producers, once, by compare-and-swap from nil. Invariant: nil until
	// all slots are reserved.
	next point.Pointer[segment[T]]

	before uint64 // set once: how many slots the segments before this one have

	_ cpu.CacheLinePad

	// Writers: the producer that reserved a slot, from nil to its job; then the
	// consumer that claimed it. Invariant: see Proof [given-up].
	slots [segmentSize]point.Pointer[T]
}

// full returns how many slots are reserved.
//
// Caller: any.
func (s *segment[T]) full() uint64 { return min(s.reserved.Load(), segmentSize) }

// extend puts as many of jobs as fit into a new segment after s, unless another
// producer was faster, and returns how many it put there.
//
// Caller: any, after it found all slots of s reserved.
//
//go:noinline
func (q *Injector[T]) extend(s *segment[T], jobs []*T) int {
	n := 0
	next := s.next.Load()
	if next == nil {
		fresh := &segment[T]{before: s.before + segmentSize}
		n = min(len(jobs), segmentSize)
		for i, job := range jobs[:n] {
			fresh.slots[i].Store(job)
		}
		fresh.reserved.Store(uint64(n))
		if s.next.CompareAndSwap(nil, fresh) { // [inject-seen] P2 publish: the segment; takes effect here
			next = fresh
		} else {
			next, n = s.next.Load(), 0
		}
	}
	q.tail.CompareAndSwap(s, next) // whoever comes first helps
	return n
}
