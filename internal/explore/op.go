// SPDX-License-Identifier: Apache-2.0

package explore

// A kind is what a step does to its word.
type kind uint8

const (
	kindLoad kind = iota
	kindStore
	kindAdd
	kindSwap
	kindCAS
	kindLock
	kindTryLock
	kindUnlock
	kindFutexWait
	kindFutexWake
	kindGroupAdd
	kindGroupWait
	kindSend
	kindReceive

	// The rest touches no word. What they wait for cannot be undone by anybody, so
	// they are never the second half of a race.

	kindResume // after a futex wait that slept
	kindJoin   // until a thread has ended
	kindSpin   // a round of a loop that waits for somebody to write
)

var kindNames = [...]string{
	"load", "store", "add", "swap", "compare-and-swap", "lock", "try-lock", "unlock",
	"futex-wait", "futex-wake", "group-add", "group-wait", "send", "receive",
	"woken", "join", "spin",
}

func (k kind) String() string { return kindNames[k] }

// mayWrite says whether a step of this kind can change its word. A
// compare-and-swap counts as a write until it is known to have failed.
func (k kind) mayWrite() bool { return k != kindLoad && k != kindGroupWait }

// A guard says in which state of its word a step can be taken. Words have one bit
// of such state: locked, not zero, full.
type guard uint8

const (
	always guard = iota
	whenClear
	whenSet
)

var guards = [...]guard{
	kindLock: whenClear, kindGroupWait: whenClear, kindSend: whenClear, kindReceive: whenSet,
	kindSpin: always,
}

func (g guard) open(bit bool) bool { return g == always || (g == whenSet) == bit }

// noWord is the index of no word.
const noWord int32 = -1

// An op is the next step of a thread.
type op struct {
	kind   kind
	word   int32 // index in engine.words, or noWord
	target *vthread
}

// maxThreads bounds the threads of a model: their sets are bits of a word, and a
// clock has an entry for each.
const maxThreads = 16

// A clock counts, for each thread, how many of its events happen before.
type clock [maxThreads]uint16

func (c *clock) join(o *clock) {
	for i, n := range o {
		if n > c[i] {
			c[i] = n
		}
	}
}

// An event is a step that was taken in the current run.
type event struct {
	tid   uint8
	kind  kind
	write bool   // it changed the word, or may have
	bit   bool   // the word's bit before
	seq   uint16 // of its thread, from 1
	word  int32
	clock clock // of the thread after the event, itself included
}

// before says whether e happens before f, or is f.
func (e *event) before(f *event) bool { return e.seenBy(&f.clock) }

// seenBy says whether e happens before what has this clock.
func (e *event) seenBy(c *clock) bool { return c[e.tid] >= e.seq }

// A word is what the engine knows of an atomic word or lock in the current run.
type word struct {
	hist   []int32    // the events on it, in order
	writes int32      // how many of them wrote
	bit    bool       // see guard
	stored clock      // joined over the writes
	read   clock      // joined over the reads since the last write
	sleep  []*vthread // in a futex wait, first come first
}

// A mark is the explorer's part of each word: which run saw it first, and its
// index there. So words need no names, and are told apart although the collector
// may use an address twice.
type mark struct {
	run uint64
	id  int32
}

// A spin is an event of that kind, with what let it through.
type spin struct {
	at    int32   // the event
	first int32   // the write that ended the wait, or -1
	seen  []sight // the words whose change it waited for
}

// waitedFor says whether a write to the word would have let the spin through.
func (s *spin) waitedFor(word int32) bool {
	for _, v := range s.seen {
		if v.word == word {
			return true
		}
	}
	return false
}
