// SPDX-License-Identifier: Apache-2.0

package deque

import "fmt"

// A place is the index of a job in the life of its queue, times oneJob. Places
// wrap at 64 bits and are compared by their difference only. The index has 56
// bits and wraps after two years at 1e9 jobs a second: that long a thief would
// have to stand still to take one job for another.
type place uint64

const (
	markBits       = 8             // bits below the index that a headWord uses for its mark
	oneJob   place = 1 << markBits // from one place to the next
	markMask       = 1<<markBits - 1
)

// past returns by how many jobs p is past from; it is negative before from.
func (p place) past(from place) int { return int(int64(p-from) >> markBits) }

// plus returns the place n jobs further.
func (p place) plus(n int) place { return p + place(n)*oneJob }

// slot returns the slot of p in a ring of size slots, a power of two.
func (p place) slot(size int) uint64 { return uint64(p) >> markBits & uint64(size-1) }

func (p place) String() string { return fmt.Sprintf("place %d", p/oneJob) }

// A headWord holds the place of the oldest job and the mark of the session that
// the owner foiled last. They share a word so that one compare-and-swap both
// takes jobs and finds out that the taker was foiled.
//
//	63                            8 7       0
//	+------------------------------+---------+
//	|     index of oldest job      |  mark   |
//	+------------------------------+---------+
type headWord uint64

func (w headWord) place() place { return place(w &^ markMask) }
func (w headWord) mark() uint8  { return uint8(w & markMask) }

// take returns w with the n oldest jobs taken.
func (w headWord) take(n int) headWord { return w + headWord(place(n)*oneJob) }

// foiling returns w with the mark m.
func (w headWord) foiling(m uint8) headWord { return w&^markMask | headWord(m) }

func (w headWord) String() string { return fmt.Sprintf("%v mark=%d", w.place(), w.mark()) }

// A thiefWord is a lock that nobody waits for. It numbers the sessions of the
// thieves: one thief at a time works on a queue, another finds it busy and goes
// elsewhere.
//
//	63                            2   1      0
//	+------------------------------+------+------+
//	|       number of session      | move | open |
//	+------------------------------+------+------+
type thiefWord uint64

const (
	sessionOpen thiefWord = 1 << 0 // a thief is at work
	ownerMoves  thiefWord = 1 << 1 // the owner moves the jobs to another ring
	oneSession  thiefWord = 1 << 2
)

// open says whether a thief is at work.
func (w thiefWord) open() bool { return w&sessionOpen != 0 }

// busy says whether no session may open.
func (w thiefWord) busy() bool { return w&(sessionOpen|ownerMoves) != 0 }

// mark returns the mark that foils the session in w: its number plus one, cut to
// eight bits, so that the zero headWord does not foil the first session. That a
// later session has the same mark is harmless: it takes itself for foiled, and
// the next one has another mark.
func (w thiefWord) mark() uint8 { return uint8(w/oneSession + 1) }

func (w thiefWord) String() string {
	return fmt.Sprintf("session=%d open=%t moves=%t", w/oneSession, w.open(), w&ownerMoves != 0)
}
