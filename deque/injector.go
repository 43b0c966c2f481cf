// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// An Injector is the queue through which jobs come in from outside: any number of
// producers and consumers, first in, first out. Make it with [NewInjector]; it
// must not be copied.
//
// Producers are ordinary goroutines, which the Go scheduler or the system stops
// at any instruction, for 10 ms or more. Consumers are workers with nothing
// better to do. So a stopped producer must not keep them from the jobs of the
// others, nor must a stopped consumer.
//
// Refused, with the time per job of BenchmarkInject for 1 and 8 producers, median
// of three turns on two cores busy with other work, where the chosen design takes
// 60 and 77 ns, with outliers to 270:
//   - A mutex around a list (tokio): 165 and 293 ns, and who holds it may be stopped.
//   - Some short locks, of which producers and consumers try another if one is
//     taken: 313 and 311 ns, and the jobs of one producer overtake each other.
//   - A channel: 68 and 153 ns, but it is bounded, and a full one blocks.
//   - A list of blocks in which a consumer waits for the slot that its producer
//     has reserved and not yet written (crossbeam): it may wait for 10 ms.
//
// Chosen: a list of segments. A producer reserves a slot by an addition and puts
// the job there by a compare-and-swap. A consumer that meets a reserved, empty
// slot waits for some ten ns, then gives the slot up: it writes a mark into it,
// the producer finds that and takes another slot. The delicate steps are this,
// see [given-up], and saying that nothing is there, see [inject-seen].
//
// A job is not reachable from the injector once it has been taken. Make one with
// [NewInjector].
type Injector[T any] struct {
	// head is a segment at or before the oldest job.
	// Writers: consumers, by compare-and-swap to the next segment. Invariant: all
	// slots of the segments before it are claimed.
	head point.Pointer[segment[T]]

	_ cpu.CacheLinePad

	// tail is the last segment, or one before it.
	// Writers: producers, by compare-and-swap to the next segment. Invariant: all
	// slots of the segments before it are reserved.
	tail point.Pointer[segment[T]]

	_ cpu.CacheLinePad

	gone *T // the mark of a slot that was given up; set once
}

// NewInjector returns an empty injector.
func NewInjector[T any]() *Injector[T] {
	q := new(Injector[T])
	// An address that no job has, also if T has no size.
	own := new(struct {
		job T
		_   byte
	})
	q.gone = &own.job
	first := new(segment[T])
	q.head.Store(first)
	q.tail.Store(first)
	return q
}

// Push adds a job, which must not be nil. It costs two locked instructions, and
// two more each time that it was stopped for so long that a consumer gave its
// slot up. One push in 256 makes a segment.
//
// Caller: any.
func (q *Injector[T]) Push(job *T) {
	if invariant.Enabled {
		invariant.Check(job != nil, "push of a nil job")
	}
	for {
		s := q.tail.Load()
		i := s.reserved.Add(1) - 1 // [given-up] P1 [inject-seen] P1
		if i >= segmentSize {
			if q.extend(s, []*T{job}) == 1 {
				return
			}
			continue
		}
		if s.slots[i].CompareAndSwap(nil, job) { // [given-up] P2 [inject-seen] P2 elect; takes effect here
			return
		}
	}
}

// PushBatch adds jobs, none of them nil, which stay in their order; jobs of other
// producers may come to lie between them. It reserves slots for all of them, or
// for as many as fit into the segment, at once: it costs about one locked
// instruction per job.
//
// Caller: any.
func (q *Injector[T]) PushBatch(jobs []*T) {
	for len(jobs) > 0 {
		s := q.tail.Load()
		n := uint64(len(jobs))
		i := s.reserved.Add(n) - n // [given-up] P1 [inject-seen] P1
		if i >= segmentSize {
			jobs = jobs[q.extend(s, jobs):]
			continue
		}
		for end := min(i+n, segmentSize); i < end; i++ {
			if invariant.Enabled {
				invariant.Check(jobs[0] != nil, "push of a nil job")
			}
			// A slot that was given up is passed over, so that the order stays.
			if s.slots[i].CompareAndSwap(nil, jobs[0]) { // [given-up] P2 [inject-seen] P2 elect; takes effect here
				jobs = jobs[1:]
			}
		}
	}
}

// Empty says whether there was no job at some moment during the call. Once a
// Push has returned, Empty says false until that job is claimed. It may also say
// false while a push has begun and not ended; a [Injector.Pop] then settles it.
// It writes nothing.
//
// Caller: any.
func (q *Injector[T]) Empty() bool {
	for s := q.head.Load(); s != nil; s = s.next.Load() { // [inject-seen] E1
		c := s.claimed.Load() // [inject-seen] E2
		if c < segmentSize {
			return c >= s.reserved.Load() // [inject-seen] E3 then there was no next segment either
		}
	}
	return true
}

// Len returns about how many jobs there are. It is never negative, and 0 only if
// there was none at some moment during the call.
//
// Caller: any.
func (q *Injector[T]) Len() int {
	first := q.head.Load()
	taken := first.before + first.claimed.Load()
	last := q.tail.Load() // near the end, however long the list is
	for next := last.next.Load(); next != nil; next = last.next.Load() {
		last = next
	}
	return max(0, int(last.before+last.full()-taken))
}
