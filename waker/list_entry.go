// SPDX-License-Identifier: Apache-2.0

package waker

// An entryState says where an [Entry] stands.
//
//	         Register              WakeOne, WakeAll
//	idle ─────────────► waiting ───────────────────► woken
//	 ▲ ▲   Remove, Cancel  │ ▲        Register         │ │
//	 │ └───────────────────┘ └─────────────────────────┘ │
//	 └───────────────────────────────────────────────────┘
//	                     Remove, Cancel
type entryState uint8

const (
	idle         entryState = iota // in no list
	waiting                        // linked
	wokenAlone                     // chosen by WakeOne: others still wait for a wake
	wokenWithAll                   // chosen by WakeAll
)

// An Entry is one waiter's place in a [List]. The zero Entry is in no list. It
// must not be copied, and whoever gives up waiting removes it.
type Entry struct {
	_ noCopy

	// list is where the entry is, or was chosen. Plain: the waiter's own.
	list *List

	// The rest is guarded by the mu of list.
	older, newer *Entry
	arrival      uint64 // its number in List.arrived
	waker        Waker
	state        entryState
}

// Register is [List.Register] for an entry that has a list.
//
// Caller: the waiter.
func (e *Entry) Register(cx *Context) {
	if e.list == nil {
		panic("waker: Entry.Register of an entry that is in no list; use List.Register")
	}
	e.list.Register(cx, e)
}

// Woken reports whether the entry was chosen since it registered.
//
// Caller: the waiter.
func (e *Entry) Woken() bool {
	l := e.list
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return e.state.woken()
}

// Remove takes the entry out of its list and reports whether it had been chosen
// by a wake since it registered. If so, that wake is now the caller's: it has
// either got what it waited for, or must wake another; [Entry.Cancel] does that.
//
// Caller: the waiter.
func (e *Entry) Remove() (woken bool) {
	return e.list != nil && e.remove().woken() // inlines: mostly there is nothing to remove
}

// Cancel is Remove for a waiter that gives up. If [List.WakeOne] had chosen the
// entry, the wake goes on to the next waiter, so that none is lost.
//
// Caller: the waiter.
func (e *Entry) Cancel() (woken bool) {
	l := e.list
	was := e.remove()
	if was == wokenAlone {
		l.WakeOne()
	}
	return was.woken()
}

// remove makes the entry idle and returns what it was.
func (e *Entry) remove() entryState {
	l := e.list
	if l == nil {
		return idle
	}
	l.mu.Lock()
	was := e.state
	if was == waiting {
		l.unlink(e)
	}
	w := e.take(idle)
	l.mu.Unlock() // takes effect here
	e.list = nil
	w.Drop()
	return was
}

// take moves the entry to a state without a waker, and returns the waker.
//
// Caller: holding mu.
func (e *Entry) take(next entryState) Waker {
	w := e.waker
	e.waker = Waker{}
	e.state = next
	return w
}

func (s entryState) woken() bool { return s == wokenAlone || s == wokenWithAll }
