// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"math/bits"

	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Waking workers.
//
// A job should start soon after it is pushed, without a futex call on every
// push. No worker sees all queues at once, so a push cannot know whether
// somebody will find its job.
//
// Refused:
//   - Wake one worker per push: bursts wake all of them to find nothing.
//   - Hand the job to a parked worker: it leaves the pusher's warm cache.
//   - One lock around queues and counts: every push would contend on it.
//   - A linked stack of parked workers in the idle word: it needs a generation
//     against reuse, and a worker cannot leave it from the middle.
//
// Chosen: a push wakes a worker only when nobody is searching. In return the
// last searcher to find work wakes the next one if more is in sight. The
// delicate step is parking; see parking.go, and [wake-race] for the proof.

// An idleWord counts workers without work in one word, so that one atomic step
// moves a worker from one count to another. The epoch counts the places that
// stopped to be parked: two equal words with all places parked mean that nobody
// was awake in between. It wraps after 4e9 of them; see [Pool.Asleep].
//
//	63         32 31         16 15          0
//	+------------+-------------+------------+
//	|   epoch    |  searching  |   parked   |
//	+------------+-------------+------------+
type idleWord uint64

const (
	oneParked    idleWord = 1
	oneSearching idleWord = 1 << 16
	oneEpoch     idleWord = 1 << 32
)

func (w idleWord) parked() int    { return int(uint16(w)) }
func (w idleWord) searching() int { return int(uint16(w >> 16)) }

// quiet says that a worker sleeps and nobody searches: a push must wake one.
func (w idleWord) quiet() bool { return uint32(w) != 0 && uint32(w) < uint32(oneSearching) }

// busy says that nobody is parked and nobody searches.
func (w idleWord) busy() bool { return uint32(w) == 0 }

func (w idleWord) String() string {
	return fmt.Sprintf("epoch=%d searching=%d parked=%d", w>>32, w.searching(), w.parked())
}

// maxWorkers bounds the number of places in a pool: it fixes the size of the
// idle set, so that the set never moves while somebody reads it.
const maxWorkers = 4096

// idleSet knows which places are parked. A place that is parked can be woken,
// or borrowed by a guest.
//
// The set of bits and the count are two words, taken in this order: whoever
// wants a parked place first reserves one by subtracting from the count, then
// takes any set bit. Parking sets the bit first and adds to the count after.
// So there are never fewer bits than reservations, and choose always succeeds.
type idleSet struct {
	_ cpu.CacheLinePad

	// word counts searching and parked places.
	// Writers: any. Invariant: parked is at most the number of bits set, less
	// the reservations that have not chosen their bit yet.
	word point.Uint64
	_    cpu.CacheLinePad

	// mask has a bit for each parked place, by its index.
	// Writers: a parking place sets its own bit; who reserved clears any.
	mask [maxWorkers / 64]point.Uint64
}

// load reads the counts.
//
// Caller: any.
func (s *idleSet) load() idleWord { return idleWord(s.word.Load()) }

// tryBeginSearch counts the caller as searching, unless half of the workers
// that are awake search already.
//
// Caller: the worker of an awake place.
func (s *idleSet) tryBeginSearch(workers int) bool {
	for {
		old := s.load()
		if 2*old.searching() >= workers-old.parked() {
			return false
		}
		if s.word.CompareAndSwap(uint64(old), uint64(old+oneSearching)) {
			return true
		}
	}
}

// endSearch ends the caller's search with work in hand. It reports whether
// this was the last search: then the caller must wake another worker if more
// work is in sight. [wake-race]
//
// Caller: the searcher.
func (s *idleSet) endSearch() (last bool) {
	after := idleWord(s.word.Sub(uint64(oneSearching)))
	return after.searching() == 0
}

// announcePark makes place i available, and ends its search if it was
// searching. [wake-race]
//
// Caller: the worker or guest that leaves place i.
func (s *idleSet) announcePark(i int, searching bool) idleWord {
	s.setBit(i)
	if searching {
		return idleWord(s.word.Sub(uint64(oneSearching - oneParked)))
	}
	return idleWord(s.word.Add(uint64(oneParked)))
}

// reserveToWake takes one parked place out of the count and counts it as
// searching, if a worker is parked and nobody searches.
//
// Caller: any. Who gets true must choose a place and unpark it.
func (s *idleSet) reserveToWake() bool {
	for {
		old := s.load()
		if !old.quiet() {
			return false
		}
		if s.word.CompareAndSwap(uint64(old), uint64(old-oneParked+oneSearching+oneEpoch)) {
			return true
		}
	}
}

// reserve takes one parked place out of the count and adds then to it.
//
// Caller: any. Who gets true must choose a place.
func (s *idleSet) reserve(then idleWord) bool {
	for {
		old := s.load()
		if old.parked() == 0 {
			return false
		}
		if s.word.CompareAndSwap(uint64(old), uint64(old-oneParked+then+oneEpoch)) {
			return true
		}
	}
}

// choose takes the lowest parked place, so that the same few workers stay warm.
//
// Caller: any, with a reservation.
func (s *idleSet) choose(p *Pool) *Worker {
	for {
		for n := range (len(p.places()) + 63) / 64 {
			if m := s.mask[n].Load(); m != 0 {
				b := bits.TrailingZeros64(m)
				if s.mask[n].CompareAndSwap(m, m&^(1<<b)) { // elect
					return p.places()[n*64+b]
				}
			}
		}
	}
}

// take takes place i if it is parked.
//
// Caller: any, with a reservation.
func (s *idleSet) take(i int) bool {
	word, bit := &s.mask[i/64], uint64(1)<<(i%64)
	for {
		m := word.Load()
		if m&bit == 0 {
			return false
		}
		if word.CompareAndSwap(m, m&^bit) { // elect
			return true
		}
	}
}

func (s *idleSet) setBit(i int) {
	word, bit := &s.mask[i/64], uint64(1)<<(i%64)
	for {
		m := word.Load()
		if word.CompareAndSwap(m, m|bit) {
			return
		}
	}
}

// giveBack undoes a reservation. then is what reserve was told.
//
// Caller: [Pool.giveBack], which looks once more.
func (s *idleSet) giveBack(then idleWord) idleWord {
	return idleWord(s.word.Sub(uint64(then - oneParked)))
}

// isParked reports whether place i is parked; a hint.
//
// Caller: any.
func (s *idleSet) isParked(i int) bool {
	return s.mask[i/64].Load()&(1<<(i%64)) != 0
}
