// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"fmt"
	"math/bits"

	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// The ring of a bounded channel. Positions are handed out in order, to senders by
// one word and to receivers by another; position p lies in slot p modulo the size.
// A slot's turn says whose it is:
//
//	turn          the slot belongs to
//	p             the sender that is given position p
//	p + 1         the receiver that is given position p
//	p + size      as p, one round later
//
// The number of slots is a power of two, and the capacity may be less: then room
// for position p means that position p - capacity has been received.
//
// Room can be reserved, without a position: a reservation holds up nobody who
// sends without one, nor who receives.

// A sendWord is the senders' side.
//
//	63                 24   23     22                0
//	+--------------------+--------+------------------+
//	|        tail        | closed |     reserved     |
//	+--------------------+--------+------------------+
//
// The tail is the next position modulo 2^40. It wraps: a sender that stops between
// its load and its swap would have to stop for exactly 2^40 messages.
type sendWord uint64

const (
	oneReserved sendWord = 1
	closedBit   sendWord = 1 << 23
	onePosition sendWord = 1 << 24

	// MaxCapacity is the largest capacity of a bounded channel.
	MaxCapacity = 1 << 22
)

func (s sendWord) tail() uint64     { return uint64(s >> 24) }
func (s sendWord) closed() bool     { return s&closedBit != 0 }
func (s sendWord) reserved() uint64 { return uint64(s & (closedBit - 1)) }

// tailMask is the bits of a position that a sendWord keeps.
const tailMask = 1<<40 - 1

// A slot holds one message. Its turn is the low bits of a position.
type slot[T any] struct {
	// turn says whose the slot is.
	// Writers: whose it is. Invariant: value belongs to the one it names.
	turn  point.Uint32
	value T
}

// A pad keeps words of several parties apart: by two lines, as processors fetch the line
// beside the one that was asked for.
type pad struct{ _, _ cpu.CacheLinePad }

type ring[T any] struct {
	// word is the senders' side.
	// Writers: any, by compare-and-swap. Invariant: tail plus reserved is at most
	// capacity beyond what has been received; closed is never cleared.
	word point.Uint64
	_    pad

	// head is the next position to receive, if there are many receivers; in the debug
	// build it also tells two receivers of one.
	// Writers: receivers, by compare-and-swap. Invariant: never decreases.
	head point.Uint64
	next uint64 // the same, if there is one receiver; its own
	_    pad

	// Set once, before the ring is shared.
	slots    []slot[T]
	mask     uint64
	capacity uint64
	single   bool // one receiver
}

// slot returns the slot of position p.
func (r *ring[T]) slot(p uint64) *slot[T] {
	i := p & r.mask
	if i >= uint64(len(r.slots)) { // instead of the compiler's check
		notMade()
	}
	return &r.slots[i]
}

//go:noinline
func notMade() { panic("chans: use of a Chan that was not made by MPSC or MPMC") }

// An outcome says what came of an attempt.
type outcome uint8

const (
	took     outcome = iota + 1 // it was done
	noRoom                      // the ring is full
	nothing                     // the ring is empty
	busy                        // the other side is in the middle of it
	finished                    // closed, and for a receiver also empty
)

func (r *ring[T]) init(capacity int, single bool, who string) {
	if capacity < 1 || capacity > MaxCapacity {
		panic(fmt.Sprintf("chans: %s with capacity %d; want 1 to %d", who, capacity, MaxCapacity))
	}
	size := uint64(1) << bits.Len(uint(capacity-1))
	if size == 1 {
		size = 2 // or the turns of a full slot and of one that is free again are equal
	}
	r.slots = make([]slot[T], size)
	for i := range r.slots {
		r.slots[i].turn = point.Uint32Of(uint32(i))
	}
	r.mask, r.capacity, r.single = size-1, uint64(capacity), single
}

// Proof [slot-turn]: a position is written once, then read once, whole.
//
//	sender                            receiver
//	  S1  the turn of its slot: free    R1  the turn of its slot: full
//	  S2  swap the tail: p is mine      R2  swap the head: p is mine
//	  S3  write the value               R3  read the value, clear it
//	  S4  turn to p + 1                 R4  turn to p + size
//
// One sender gets p by S2 and one receiver by R2, or there is one only. (elect)
// R1 reads p + 1, so S4 is before it and the value is visible. (publish)
//
// Whoever makes tail + reserved grow from n to n + 1 has read by S1 that position
// n - capacity was through R4, and none goes back. (monotone) As it grows by one at a
// time, that holds for all positions before, so for p - size too, which is p - capacity
// or before it, when p is handed out: the slot is free, also for a sender that has had a
// reservation, and no S1, and though receivers overtake each other on the way from R2 to
// R4. That p is ours S2 says: the tail has not moved since S1's load.
//
// Checked by: TestLinearChan, TestStressChan, FuzzChanAgainstTwin.

// room says whether position tail + reserved of s is free: busy if the receiver
// before is in the middle of it.
func (r *ring[T]) room(s sendWord) outcome {
	far := s.tail() + s.reserved() - r.capacity
	if r.slot(far).turn.Load() != uint32(far+r.mask+1) { // [slot-turn] S1
		if !r.single && (r.head.Load()-1-far)&tailMask < r.capacity {
			return busy // received already, by one that has not come to R4
		}
		return noRoom
	}
	return took
}

// claim moves the word by step if there is room. If the answer is busy, patient
// waits for another.
func (r *ring[T]) claim(step sendWord, patient bool) (at uint64, o outcome) {
	for spins := 0; ; {
		s := sendWord(r.word.Load())
		if s.closed() {
			return 0, finished
		}
		switch o := r.room(s); {
		case o == took:
			if r.word.CompareAndSwap(uint64(s), uint64(s+step)) { // [slot-turn] S2 elect; takes effect here
				return s.tail(), took
			}
		case sendWord(r.word.Load()) != s: // the answer is about another tail
		case o == busy && patient:
			relax(&spins)
		default:
			return 0, o // takes effect at the load
		}
	}
}

// spinsBeforeYield is how many looks, at some nanoseconds each, the few steps of
// another goroutine may take; to yield costs more on a worker's thread.
const spinsBeforeYield = min(200, point.Most-1)

// relax waits for another goroutine that is between two steps.
func relax(spins *int) {
	*spins++
	if *spins%spinsBeforeYield == 0 {
		point.YieldTurn() // it may have lost its processor
	}
}

// push sends v.
//
// Caller: any.
func (r *ring[T]) push(v T, patient bool) outcome {
	at, o := r.claim(onePosition, patient)
	if o == took {
		r.put(at, v)
	}
	return o
}

// reserve makes sure of room for one message.
//
// Caller: any.
func (r *ring[T]) reserve(patient bool) outcome {
	_, o := r.claim(oneReserved, patient)
	return o
}

// pushReserved sends v in the room that was reserved.
//
// Caller: who reserved it, once.
func (r *ring[T]) pushReserved(v T) {
	for {
		s := r.word.Load()
		if !r.word.CompareAndSwap(s, s+uint64(onePosition-oneReserved)) { // [slot-turn] S2 takes effect here
			continue
		}
		r.put(sendWord(s).tail(), v)
		return
	}
}

// unreserve gives reserved room back. It reports whether that was the last thing
// that a closed ring waited for.
//
// Caller: who reserved it, once.
func (r *ring[T]) unreserve() (last bool) {
	s := sendWord(r.word.Sub(uint64(oneReserved)))
	return s.closed() && s.reserved() == 0
}

// put fills position at.
//
// Caller: the sender that was given it.
func (r *ring[T]) put(at uint64, v T) {
	sl := r.slot(at)
	if invariant.Enabled {
		invariant.Check(sl.turn.Load() == uint32(at), "chans: position %d is handed out while its slot has turn %d", at, sl.turn.Load())
	}
	if point.Explored {
		point.Writes(&sl.value)
	}
	sl.value = v                  // [slot-turn] S3
	sl.turn.Store(uint32(at + 1)) // [slot-turn] S4 publish: value
}

// pop receives.
//
// Caller: a receiver; the one receiver, if single.
func (r *ring[T]) pop() (v T, o outcome) {
	if r.single {
		h := r.next
		sl := r.slot(h)
		if sl.turn.Load() != uint32(h+1) { // [slot-turn] R1
			return v, r.why(h)
		}
		r.next = h + 1 // [slot-turn] R2 takes effect here
		if invariant.Enabled && !r.head.CompareAndSwap(h, h+1) {
			panic("chans: two receivers at once of a channel of MPSC; use MPMC")
		}
		return r.take(sl, h), took
	}
	for {
		h := r.head.Load()
		sl := r.slot(h)
		switch {
		case sl.turn.Load() == uint32(h+1): // [slot-turn] R1
			if r.head.CompareAndSwap(h, h+1) { // [slot-turn] R2 elect; takes effect here
				return r.take(sl, h), took
			}
		case r.head.Load() == h:
			return v, r.why(h)
		}
	}
}

// take empties the slot of position h.
func (r *ring[T]) take(sl *slot[T], h uint64) T {
	var none T
	if point.Explored {
		point.Writes(&sl.value)
	}
	v := sl.value // [slot-turn] R3
	sl.value = none
	sl.turn.Store(uint32(h + r.mask + 1)) // [slot-turn] R4 publish: the slot is free
	return v
}

// why says why there is nothing at position h.
func (r *ring[T]) why(h uint64) outcome {
	s := sendWord(r.word.Load())
	switch {
	case s.tail() != h&tailMask:
		return busy // a sender is between S2 and S4, or it has just done S4
	case s.closed() && s.reserved() == 0:
		return finished
	default:
		return nothing // takes effect at the load
	}
}

// ready reports whether there is something to receive at once.
//
// Caller: a receiver.
func (r *ring[T]) ready() bool {
	h := r.next
	if !r.single {
		h = r.head.Load()
	}
	return r.slot(h).turn.Load() == uint32(h+1)
}

// close ends sending, and reports whether it is the first to do so.
//
// Caller: any.
func (r *ring[T]) close() bool {
	for {
		s := sendWord(r.word.Load())
		if s.closed() {
			return false
		}
		if r.word.CompareAndSwap(uint64(s), uint64(s|closedBit)) { // takes effect here
			return true
		}
	}
}

// length returns how many messages are in the ring, at some moment of the call.
//
// Caller: any.
func (r *ring[T]) length() int {
	head := r.head.Load() // before the tail, which is then not behind it
	tail := sendWord(r.word.Load()).tail()
	if !r.single {
		return int(min((tail-head)&tailMask, r.capacity))
	}
	// The one receiver keeps its position to itself. It frees slots in order, so
	// the first that is not free is where it stands.
	low, high := tail-r.capacity, tail
	for low != high {
		mid := low + (high-low)/2
		if int32(r.slot(mid).turn.Load()-uint32(mid+r.mask+1)) >= 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return int(tail - low)
}
