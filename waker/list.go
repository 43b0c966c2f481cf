// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// wakeBatch is how many wakers WakeAll takes out for each time it locks. They
// lie on its stack, at 16 bytes each.
const wakeBatch = 32

// A List holds the wakers of many waiters, first come, first woken. As with a
// [Cell], a waiter registers and then looks at what it waits for, and the other
// side changes that and then wakes; what is looked at must be atomic or under a
// lock of its own.
//
// Each waiter has an [Entry]. Wakers are called with no lock held, so they may
// use the List. The zero List is empty. It must not be copied.
type List struct {
	_ noCopy

	// waiting is how many entries are linked.
	// Writers: holding mu. Invariant: as the chain from oldest, whenever mu is
	// free.
	waiting point.Uint32

	mu      point.Mutex
	oldest  *Entry // holding mu
	newest  *Entry // holding mu
	arrived uint64 // holding mu: how many registrations there were
}

// Proof [list-race]: a waiter that misses the change is among those that the wake
// after it chooses from.
//
//	waiter                              who changes it
//	  R1  link the entry, count it        W1  change the condition
//	  R2  look at the condition           W2  read the count, lock, choose
//
// W1 before R2 in S: the waiter sees the change. Otherwise R1 is before W2, so W2
// reads a count that includes the entry, unless another wake has chosen it in
// between; then its waker is called after it was chosen, and if that was before
// W1, the waiter has a wake in hand that it answers by R1 and R2 again, or by
// Cancel, which hands it on. (cross)
//
// Checked by: TestStressListNoLostWake, FuzzListAgainstTwin, TestLinearList.

// Add registers cx's waker as the newest, in an [Entry] of its own. A future that
// has room for an Entry uses [List.Register] and saves the allocation.
//
// Caller: the waiter.
func (l *List) Add(cx *Context) *Entry {
	e := new(Entry)
	l.Register(cx, e)
	return e
}

// Register makes cx's waker the one to call when e is chosen. An entry that waits
// already keeps its place; one that was woken, or never registered, becomes the
// newest, and a wake that it had counts as used. An entry belongs to one List
// until it is removed.
//
// Caller: the waiter of e.
func (l *List) Register(cx *Context, e *Entry) {
	w := cx.Waker() // user code: before the lock
	l.mu.Lock()
	if e.state == waiting {
		if invariant.Enabled {
			invariant.Check(e.list == l, "waker: entry registered in two lists")
		}
		if !e.waker.WillWake(w) {
			e.waker, w = w, e.waker
		}
	} else {
		e.list = l
		e.waker, w = w, Waker{}
		l.link(e) // [list-race] R1
	}
	l.mu.Unlock() // takes effect here
	w.Drop()
}

// WakeOne wakes the oldest waiter. It reports false if nobody waits.
//
// Caller: any.
func (l *List) WakeOne() bool { return l.wakeOne(nil) }

// WakeOneIn is [List.WakeOne] from inside the poll that cx belongs to; see
// [Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (l *List) WakeOneIn(cx *Context) bool { return l.wakeOne(cx.Local()) }

// WakeAll wakes everybody who waits, oldest first, and returns how many that
// were. Who registers meanwhile is left waiting.
//
// Caller: any.
func (l *List) WakeAll() int { return l.wakeAll(nil) }

// WakeAllIn is [List.WakeAll] from inside the poll that cx belongs to; see
// [Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (l *List) WakeAllIn(cx *Context) int { return l.wakeAll(cx.Local()) }

// Len returns how many wait.
//
// Caller: any.
func (l *List) Len() int { return int(l.waiting.Load()) }

func (l *List) wakeOne(from Local) bool {
	if l.waiting.Load() == 0 { // [list-race] W2 takes effect here, if nobody waits
		return false
	}
	l.mu.Lock()
	e := l.oldest
	if e == nil {
		l.mu.Unlock()
		return false
	}
	l.unlink(e)
	w := e.take(wokenAlone)
	l.mu.Unlock() // takes effect here
	w.consume(from)
	return true
}

func (l *List) wakeAll(from Local) (woken int) {
	if l.waiting.Load() == 0 { // [list-race] W2 takes effect here, if nobody waits
		return 0
	}
	var batch [wakeBatch]Waker
	l.mu.Lock()
	last := l.arrived // who comes later waits for something else
	for {
		n := 0
		for ; n < len(batch) && l.oldest != nil && l.oldest.arrival <= last; n++ {
			e := l.oldest
			l.unlink(e)
			batch[n] = e.take(wokenWithAll)
		}
		l.mu.Unlock()
		for i := range batch[:n] {
			batch[i].consume(from)
		}
		woken += n
		if n < len(batch) {
			return woken
		}
		l.mu.Lock()
	}
}

// link puts e behind the newest.
//
// Caller: holding mu.
func (l *List) link(e *Entry) {
	l.arrived++
	e.arrival = l.arrived
	e.state = waiting
	e.older = l.newest
	if l.newest != nil {
		l.newest.newer = e
	} else {
		l.oldest = e
	}
	l.newest = e
	l.waiting.Store(l.waiting.Load() + 1)
}

// unlink takes e out, wherever it is, and leaves its waker to the caller.
//
// Caller: holding mu.
func (l *List) unlink(e *Entry) {
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		l.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		l.newest = e.older
	}
	e.older, e.newer = nil, nil
	l.waiting.Store(l.waiting.Load() - 1)
}
