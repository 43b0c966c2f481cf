// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"strings"

	"github.com/pilfer-go/pilfer/internal/point"
)

// The life of a task.
//
//	spawn outside          spawn inside
//	    │                       │
//	    ▼        claim          ▼        ready, torn down
//	 queued ───────────────► running ────────────────────► done  (never left)
//	    ▲                     │   ▲
//	    │ wake, abort         │   │ next poll: a wake came meanwhile, or the
//	    │                     │   │ task yielded; it waits in a queue, running
//	    └──────── idle ◄──────┘───┘
//	               │  endPoll, not woken
//	               └────────► running, in a queue: a wake from inside
//
// Running means that one party owns the future: the worker that polls it, or
// the one queue entry that will bring it to a worker. A task spawned from
// inside starts that way, and one woken from inside goes on that way, so the
// poll that follows needs no step on the word at all.
//
// Queued means that an entry lies in a queue, and whoever clears the bit owns
// the future next: a worker that takes the entry, or a waiting caller that
// comes first and leaves a stale entry behind (shared).
type flags uint32

const (
	queued   flags = 1 << iota // who clears this by compare-and-swap runs the task
	running                    // one worker, or one queue entry, owns the future
	woken                      // while running: poll again
	canceled                   // tear down at the next chance; once set, stays set
	shared                     // stale entries may lie in queues; once set, stays set
	done                       // the result is set (publish); once set, nothing changes
	anywhere                   // needs no worker: a waiting caller may poll it; never changes
	timed                      // has a deadline; never changes
	pinned                     // only the worker in whose registry it is may poll it; once set, stays set

	// levelBits hold the task's level, in a runtime with priorities, so that 0 is
	// Normal; never change. ordered are those of tasks with a place of their own.
	levelBits = 3 * levelUnit
	levelUnit = 1 << 9
	ordered   = levelBits | timed
)

// levelFlags returns the flags of a level.
func levelFlags(l Level) flags { return (flags(l) ^ flags(Normal)) * levelUnit }

// level returns the level that the flags say.
func (f flags) level() Level { return Level(f&levelBits/levelUnit) ^ Normal }

func (f flags) has(bits flags) bool { return f&bits != 0 }

// idle says that the task waits to be woken.
func (f flags) idle() bool { return !f.has(queued | running | woken | canceled | done) }

func (f flags) String() string {
	if f == 0 {
		return "idle"
	}
	var names []string
	for i, name := range []string{"queued", "running", "woken", "canceled", "shared", "done", "anywhere", "timed", "pinned"} {
		if f.has(1 << i) {
			names = append(names, name)
		}
	}
	if f.has(levelBits) {
		names = append(names, f.level().String())
	}
	return strings.Join(names, "+")
}

// A taskState is the one word of a task's life. Every method is one transition
// and returns what the caller must do; nobody else reads bits.
type taskState struct {
	// word holds flags.
	// Writers: any, by compare-and-swap; finish by a store. Invariant: at most
	// one of queued, running, done.
	word point.Uint32
}

// init sets the first state, before anybody else knows the task.
func (s *taskState) init(f flags) { s.word = point.Uint32Of(uint32(f)) }

func (s *taskState) load() flags { return flags(s.word.Load()) }

func (s *taskState) swap(old, next flags) bool {
	return s.word.CompareAndSwap(uint32(old), uint32(next))
}

// A claim is what a worker must do with a queue entry that it took.
type claim uint8

const (
	dropEntry  claim = iota + 1 // the entry is stale: forget it
	pollTask                    // poll it
	cancelTask                  // tear it down
	takeEntry                   // find out: somebody took the entry
)

// beginPoll takes the task that a queue entry stands for.
//
// Caller: the worker that took the entry.
func (s *taskState) beginPoll() claim {
	for {
		old := s.load()
		switch {
		case old.has(queued):
			if !s.swap(old, old&^queued|running) { // elect
				continue
			}
		case old.has(shared) || !old.has(running):
			return dropEntry // somebody ran it before the entry came up
		case old.has(woken):
			// A wake came while the task waited in the queue: this poll is it.
			if !s.swap(old, old&^woken) {
				continue
			}
		}
		if old.has(canceled) {
			return cancelTask
		}
		return pollTask
	}
}

// claimWaiting takes a queued task out of turn, for a caller that waits for
// it; its queue entry becomes stale.
//
// Caller: any.
func (s *taskState) claimWaiting() claim {
	for {
		old := s.load()
		if !old.has(queued) || old.has(pinned) {
			return dropEntry
		}
		if s.swap(old, old&^queued|running|shared) { // elect
			if old.has(canceled) {
				return cancelTask
			}
			return pollTask
		}
	}
}

// giveBack undoes claimWaiting, for the entry that is to be pushed.
//
// Caller: who owns the task.
func (s *taskState) giveBack() {
	for {
		old := s.load()
		if s.swap(old, old&^(running|woken)|queued) {
			return
		}
	}
}

// pin leaves the task to one worker.
//
// Caller: who owns the task.
func (s *taskState) pin() {
	for {
		old := s.load()
		if old.has(pinned) || s.swap(old, old|pinned) {
			return
		}
	}
}

// An afterPoll is what a worker must do with a task that it polled.
type afterPoll uint8

const (
	dropUntilWoken afterPoll = iota + 1 // nothing: a wake will queue it
	queueAgain                          // push an entry for it
	tearDown                            // cancel it now, still owned
)

// endPoll leaves the running state, or keeps it for the queue entry that is to
// be pushed. again says that the task asked to be polled again.
//
// Caller: who owns the task.
func (s *taskState) endPoll(again bool) afterPoll {
	for {
		old := s.load()
		switch {
		case old.has(canceled):
			return tearDown
		case !again && !old.has(woken):
			if s.swap(old, old&^running) { // takes effect here
				return dropUntilWoken
			}
		case !old.has(shared | anywhere):
			return queueAgain // the entry owns it: still running
		default:
			if s.swap(old, old&^(running|woken)|queued) {
				return queueAgain
			}
		}
	}
}

// wake asks for another poll. It reports whether the caller must push an entry.
//
// Caller: any.
func (s *taskState) wake() (push bool) {
	for {
		old := s.load()
		switch {
		case old.has(queued | woken | done):
			return false
		case old.has(running):
			if s.swap(old, old|woken) { // endPoll will see it
				return false
			}
		default:
			if s.swap(old, old|queued) { // elect
				return true
			}
		}
	}
}

// wakeInside is a wake that leaves a task which waits to the entry that the caller
// pushes, as a spawn from inside does. It returns what the word was, and whether to
// push; if not, nothing has changed, and wake says what to do. So it is with tasks
// that a caller may claim out of turn, with those of which stale entries may lie in
// queues, and with those that one worker has.
//
// Caller: any, who looks at the word through this method or wake only.
func (s *taskState) wakeInside() (is flags, push bool) {
	old := s.load()
	return old, old&^ordered == 0 && s.swap(old, old|running) // elect
}

// cancel asks for the task to be torn down. It reports whether it is the first
// to ask while the task was not done, and whether the caller must push an entry.
//
// Caller: any.
func (s *taskState) cancel() (first, push bool) {
	for {
		old := s.load()
		if old.has(canceled | done) {
			return false, false
		}
		next := old | canceled
		if !old.has(queued | running) {
			next |= queued
		}
		if s.swap(old, next) {
			return true, next != old|canceled
		}
	}
}

// finish makes the result visible.
//
// Caller: who owns the task.
func (s *taskState) finish() { s.word.Store(uint32(done)) } // publish: the result

// isDone reports whether the result may be read.
//
// Caller: any.
func (s *taskState) isDone() bool { return s.load().has(done) }
