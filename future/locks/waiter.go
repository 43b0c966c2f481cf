// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// noCopy makes go vet report copies of the struct that has it as a field.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Where a [Waiter] stands.
//
//	        line up                  chosen, by who holds mu
//	idle ─────────────► waiting ─────────────────────────────► granted
//	 ▲ ▲      Cancel     │                                       │
//	 │ └─────────────────┘                                       │
//	 └───────────────────────────────────────────────────────────┘
//	         its poll takes what was granted; Cancel passes it on
const (
	idle       uint32 = iota // in no line
	waiting                  // linked
	granted                  // chosen, and what it waited for is its own
	grantedAll               // chosen together with all others: nothing to pass on
)

// A Waiter is a place in the line of a lock. The zero Waiter is in no line. A
// state machine that polls a lock holds one, uses it for one lock at a time, and
// calls [Waiter.Cancel] when it is dropped. It must not be copied.
type Waiter struct {
	_ noCopy

	// at is the lock, from the first poll until Cancel. Plain: the waiter's own.
	at passer

	// Plain, guarded by the mu of the line while waiting; else the waiter's own.
	older, newer *Waiter
	need, limit  uint32 // see gate

	// waker is the one to call when chosen. Plain: written by the waiter, holding
	// mu while it is in a line; read by who chooses it, before granted. The waiter
	// may read it any time.
	waker waker.Waker

	// state is one of the four above.
	// Writers: the waiter, while idle or granted; who chooses it, from waiting to
	// granted, as its last access.
	state point.Uint32

	// waited says that the last thing that it took was granted: a hint to look at the
	// word of a Mutex before it tries. Plain: the waiter's own.
	waited bool
}

// A passer is what a waiter can leave: it takes a waiter out of its line, or
// passes on what that was granted.
type passer interface{ leave(w *Waiter) }

// Cancel gives up: the waiter leaves the line, and what it was granted meanwhile
// goes on to the next. What a poll has taken already is not given back. Cancel of
// an idle waiter does nothing.
//
// Caller: the waiter.
func (w *Waiter) Cancel() {
	if at := w.at; at != nil {
		w.at = nil
		at.leave(w)
	}
}

// enter makes w a waiter of at.
//
// Caller: the waiter.
func (w *Waiter) enter(at passer) {
	if w.at != nil && w.at != at {
		panic("locks: a Waiter was polled at a second lock before it was through with the first; Cancel it, or use one for each")
	}
	w.at = at
}

// reset makes w idle.
//
// Caller: the waiter, when it is in no line.
func (w *Waiter) reset() {
	w.at = nil
	w.waker = waker.Waker{} // dropped, or consumed by who granted
	w.state = point.Uint32Of(idle)
}

// A line is the waiters of a lock, first come, first served.
type line struct {
	mu             point.Mutex
	oldest, newest *Waiter // holding mu
}

// link puts w behind the newest.
//
// Caller: holding mu.
func (l *line) link(w *Waiter) {
	if point.Explored {
		point.Writes(&l.oldest)
	}
	w.older = l.newest
	if l.newest != nil {
		l.newest.newer = w
	} else {
		l.oldest = w
	}
	l.newest = w
}

// unlink takes w out, wherever it is.
//
// Caller: holding mu.
func (l *line) unlink(w *Waiter) {
	if point.Explored {
		point.Writes(&l.oldest)
	}
	if w.older != nil {
		w.older.newer = w.newer
	} else {
		l.oldest = w.newer
	}
	if w.newer != nil {
		w.newer.older = w.older
	} else {
		l.newest = w.older
	}
	w.older, w.newer = nil, nil
}

// has reports whether w is in the line.
//
// Caller: holding mu.
func (l *line) has(w *Waiter) bool { return w.older != nil || l.oldest == w }

// choose takes w out, grants it what it waits for, and returns its waker, to be
// called after mu was unlocked.
//
// Caller: holding mu.
func (l *line) choose(w *Waiter, as uint32) waker.Waker {
	l.unlink(w)
	wk := w.waker
	w.state.Store(as) // [hand-over] G2 publish: all that the lock guards; our last access
	return wk
}

// again is a poll of a waiter that is in line: it replaces the waker if that has
// changed.
//
// Caller: the waiter.
func (l *line) again(cx *future.Context, w *Waiter) {
	wk := cx.Waker()
	if !w.waker.WillWake(wk) {
		l.mu.Lock()
		if w.state.Load() == waiting {
			w.waker, wk = wk, w.waker
		} else {
			cx.Wake() // chosen meanwhile, and the old waker was called
		}
		l.mu.Unlock()
	}
	wk.Drop()
}

// A batch is wakers to call once no lock is held. The first needs no allocation.
type batch struct {
	first waker.Waker
	more  []waker.Waker
}

func (b *batch) add(w waker.Waker) {
	if b.first.IsZero() {
		b.first = w
		return
	}
	b.more = append(b.more, w)
}

// wake calls them, the first to come first, on behalf of the poll whose Local is
// from.
func (b *batch) wake(from waker.Local) {
	call(b.first, from)
	for _, w := range b.more {
		call(w, from)
	}
}

// call wakes and drops.
func call(w waker.Waker, from waker.Local) {
	w.WakeBy(from)
	w.Drop()
}
