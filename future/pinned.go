// SPDX-License-Identifier: Apache-2.0

package future

import (
	"fmt"
	"runtime"
)

// noCopy makes go vet report copies of the struct that has it as a field: it
// looks for these two methods.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Pinned makes copies of a future an error. Embed it in a state machine that
// somebody may hold by value, and begin its Poll with Pin:
//
//	type download struct {
//		future.Pinned
//		...
//	}
//
//	func (d *download) Poll(cx *future.Context) future.Poll[int] {
//		d.Pin()
//		...
//	}
//
// go vet reports copies, as it does for a sync.Mutex. What it does not see, Pin
// does: a copy that was made after the first poll panics at its own.
type Pinned struct {
	_    noCopy
	self *Pinned    // where the first poll was; nil before it
	at   [2]uintptr // who called Pin in it, and who called that
}

// Pin fixes the address of its future at the first call, and panics in a copy.
//
// Caller: owner.
func (p *Pinned) Pin() {
	if p.self != p {
		p.pin()
	}
}

// pin is out of line, so that Pin inlines.
func (p *Pinned) pin() {
	if p.self == nil {
		p.self = p
		runtime.Callers(3, p.at[:]) // above Callers, pin and Pin
		return
	}
	panic("future: a copy of a future was polled; the original was first polled " + p.firstPoll())
}

// firstPoll names the place of the first poll.
func (p *Pinned) firstPoll() string {
	frames := runtime.CallersFrames(p.at[:])
	poll, more := frames.Next()
	place := fmt.Sprintf("in %s (%s:%d)", poll.Function, poll.File, poll.Line)
	if more {
		from, _ := frames.Next()
		place += fmt.Sprintf(", called by %s (%s:%d)", from.Function, from.File, from.Line)
	}
	return place
}
