// SPDX-License-Identifier: Apache-2.0

package deque

// A place is the index of a job, times one job. It counts through the whole life
// of the queue and wraps at 64 bits, so places are compared by difference only.
// The 56 bits of the index wrap after two years at 1e9 jobs a second; a thief
// would have to sit between two loads that long to take one place for another.
type place uint64

// oneJob is the distance of two neighbouring places. The bits below it are free
// for the mark of a headWord.
const (
	oneJob   place = 1 << markBits
	markBits       = 8
	markMask       = 1<<markBits - 1
)

// past returns by how many jobs p is past from; it is negative before from.
func (p place) past(from place) int { return int(int64(p-from) >> markBits) }

// plus returns the place n jobs further.
func (p place) plus(n int) place { return p + place(n)*oneJob }

// slot returns the slot of p in a ring of size slots, a power of two.
func (p place) slot(size int) uint64 { return uint64(p) >> markBits & uint64(size-1) }

// A headWord holds the place of the oldest job and the mark of the session that
// the owner foiled last, in one word, so that one compare-and-swap both takes
// jobs and finds out whether the taker was foiled.
//
//	63                            8 7       0
//	+------------------------------+---------+
//	|        index of oldest       |  mark   |
//	+------------------------------+---------+
type headWord uint64

func (w headWord) place() place { return place(w &^ markMask) }
func (w headWord) mark() uint8  { return uint8(w & markMask) }

// take returns w with n jobs fewer; the mark stays.
func (w headWord) take(n int) headWord { return w + headWord(n)<<markBits }

// foiling returns w with the mark m.
func (w headWord) foiling(m uint8) headWord { return w&^markMask | headWord(m) }

// A thiefWord is a lock that nobody ever waits for. It numbers the sessions of
// the thieves: only one thief at a time works on a queue, the others find it
// busy and go elsewhere.
//
//	63                            2   1      0
//	+------------------------------+------+------+
//	|           session            | move | open |
//	+------------------------------+------+------+
type thiefWord uint64

const (
	sessionOpen thiefWord = 1 << 0 // a thief is at work
	ownerMoves  thiefWord = 1 << 1 // the owner moves the jobs to another ring
	oneSession  thiefWord = 1 << 2
)

// open says whether a thief is at work.
func (w thiefWord) open() bool { return w&sessionOpen != 0 }

// busy says whether no session may begin.
func (w thiefWord) busy() bool { return w&(sessionOpen|ownerMoves) != 0 }

// mark returns the mark that foils the session in w. Neighbouring sessions have
// different marks, and the first one differs from the zero mark.
func (w thiefWord) mark() uint8 { return uint8(w/oneSession + 1) }
