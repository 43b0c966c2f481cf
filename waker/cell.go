// SPDX-License-Identifier: Apache-2.0

package waker

import "github.com/pilfer-go/pilfer/internal/point"

// The life of a Cell.
//
//	          Register               the waker is written
//	empty ──────────────► claimed ───────────────────────► set
//	  ▲                   │  ▲                              │ │
//	  │                   │  └──────────────────────────────┘ │
//	  │              Wake │           Register again          │ Wake, Take
//	  │                   ▼                                   ▼
//	  ├───────────── overtaken                             emptying
//	  │  who registers wakes itself                           │
//	  └───────────────────────────────────────────────────────┘
//	                     the waker is out, and is called
//
// Who holds claimed, overtaken or emptying owns the waker field. All three last
// a few instructions, and no user code runs inside.
//
//	from       event              to         by whom      order to the caller
//	empty      Register           claimed    waiter       write the waker
//	set        Register           claimed    waiter       replace the waker
//	claimed    written            set        waiter       go and look
//	overtaken  written            empty      waiter       wake yourself
//	emptying   Register           same       waiter       wake yourself
//	empty      Wake, Take         same       any          nothing
//	set        Wake, Take         emptying   any          take the waker out
//	claimed    Wake, Take         overtaken  any          nothing: the waiter wakes itself
//	overtaken  Wake, Take         same       any          nothing
//	emptying   Wake, Take         same       any          nothing: its owner wakes
//	emptying   taken out          empty      its owner    call the waker
const (
	empty     uint32 = iota // no waker is registered
	claimed                 // the waiter is writing the waker
	set                     // a waker is registered
	overtaken               // a wake came while the waiter was writing
	emptying                // a wake is taking the waker out
)

// A Cell holds the waker of one waiter. The waiter registers and then looks at
// what it waits for; the other side changes that and then wakes:
//
//	waiter                        anybody
//	  cell.Register(cx)             ready.Store(true)
//	  if !ready.Load() {            cell.Wake()
//	    return Pending
//	  }
//
// What the waiter looks at must be atomic or under a lock. A Cell remembers no
// wake: one that comes while nobody is registered is answered by the look.
//
// The zero Cell is empty. It must not be copied.
type Cell struct {
	_ noCopy

	// waker is the registered waker. Plain: owned by who holds claimed,
	// overtaken or emptying, and passed on by the next step on state (publish).
	waker Waker

	// state is one of the five above.
	// Writers: any, by compare-and-swap out of empty, set and claimed; who holds
	// overtaken or emptying, by a store. Invariant: empty only if waker is the
	// zero Waker.
	state point.Uint32
}

// Proof [cell-race]: a waiter that misses the change is woken after it.
//
//	waiter                          who changes it
//	  R1  state: to claimed           W1  change the condition
//	  R2  state: claimed to set       W2  read state, act on it
//	  R3  look at the condition
//
// W1 before R3 in S: the waiter sees the change. Otherwise R1, R2, R3, W1, W2:
// the registration stands before W2 reads the state. (cross) W2 finds
//
//	set        it elects itself by compare-and-swap, takes the waker out and
//	           calls it. (elect) If it loses, the state has changed: look again.
//	emptying   another wake has taken this waker, or a later one of the same
//	           waiter, out and calls it only after its step to empty, so after
//	           W2, so after W1: the poll that it causes sees the change.
//	claimed,   the waiter is in a later Register: the step to overtaken makes
//	overtaken  it wake itself, after W1.
//	empty      a wake came in between, after R2, and has called the waker or
//	           will: the waiter owes a poll that has its own R1 to R3. If that
//	           poll has not begun, its R3 is after W1; if it has, this proof
//	           holds for it.
//
// A Register that finds emptying does not wait: it wakes itself, after the step
// it found, so the next poll looks again.
//
// Checked by: TestStressCellNoLostWake, TestCellEveryState, FuzzCellAgainstTwin.

// Register makes cx's waker the one that the next wake calls. It replaces an
// earlier one. If a wake is under way, it wakes the task at once instead; so the
// caller always looks once more after it, and then may return Pending.
//
// Caller: the waiter.
func (c *Cell) Register(cx *Context) {
	w := cx.Waker()
	if !c.put(&w) {
		cx.Wake()
	}
	w.Drop()
}

// RegisterWaker is [Cell.Register] with a waker that the cell shall own.
//
// Caller: the waiter.
func (c *Cell) RegisterWaker(w Waker) {
	if !c.put(&w) {
		w.WakeByRef()
	}
	w.Drop()
}

// put registers *w and reports true, or reports false if the waiter must wake
// itself. Either way it leaves in *w a waker to drop.
//
// Caller: the waiter.
func (c *Cell) put(w *Waker) bool {
	return c.claim() && c.write(w)
}

// claim makes the waker field the waiter's, unless a wake is under way.
//
// Caller: the waiter.
func (c *Cell) claim() bool {
	for {
		s := c.state.Load()
		if s != empty && s != set {
			// emptying. Or there is a second waiter, which must not be; each
			// then wakes itself until the other is through, and none hangs.
			return false
		}
		if c.state.CompareAndSwap(s, claimed) { // [cell-race] R1
			return true
		}
	}
}

// write puts *w into the field, and what was there into *w. It reports false if
// a wake came since claim.
//
// Caller: the waiter, after claim.
func (c *Cell) write(w *Waker) bool {
	if !c.waker.WillWake(*w) {
		c.waker, *w = *w, c.waker
	}
	if c.state.CompareAndSwap(claimed, set) { // [cell-race] R2 publish: waker; takes effect here
		return true
	}
	// overtaken: the wake is ours to do. The replaced waker is dropped last, as
	// that may be user code.
	replaced := *w
	*w, c.waker = c.waker, Waker{}
	c.state.Store(empty)
	replaced.Drop()
	return false
}

// Wake calls the registered waker, if there is one, and empties the cell.
//
// Caller: any.
func (c *Cell) Wake() { c.WakeBy(nil) }

// WakeIn is Wake from inside the poll that cx belongs to; see [Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (c *Cell) WakeIn(cx *Context) { c.WakeBy(cx.Local()) }

// WakeBy is Wake on behalf of a poll whose Local is from. It makes *Cell a
// [Target], for those that forward.
//
// Caller: any, with nil; else the goroutine that polls with that Local.
func (c *Cell) WakeBy(from Local) {
	if c.state.Load() == empty { // [cell-race] W2 nobody waits
		return
	}
	w := c.Take()
	w.consume(from)
}

// Take empties the cell and returns the waker that was registered, for the caller
// to wake or drop; the zero Waker if there is none. A waiter that is registering
// meanwhile wakes itself.
//
// Caller: any.
func (c *Cell) Take() Waker {
	for {
		switch c.state.Load() { // [cell-race] W2
		case empty, overtaken, emptying:
			return Waker{} // takes effect at the load
		case claimed:
			if c.state.CompareAndSwap(claimed, overtaken) { // takes effect here
				return Waker{}
			}
		case set:
			if c.state.CompareAndSwap(set, emptying) { // elect; takes effect here
				w := c.waker
				c.waker = Waker{}
				c.state.Store(empty) // publish: the field is free
				return w
			}
		}
	}
}
