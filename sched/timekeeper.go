// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"math"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// What a timekeeper's word says besides the time at which it will look again.
const (
	keeperNone   int64 = -1 - iota // there is none yet
	keeperLooks                    // it looks for the next timer
	keeperAgain                    // it must look again
	keeperClosed                   // it ended, or is about to
)

// A timekeeper is the goroutine that waits for the next timer of a runtime and
// fires what is due. Each place has timers of its own, and fires them itself: between
// its tasks, and as its worker sleeps no longer than until the next. So the timekeeper
// is for timers that come late, for a place whose worker is in a long job or has lost
// it to a guest, and for timers without a place. It starts with the first timer, sleeps
// as long as there is none, and ends with the runtime.
//
// It is an ordinary goroutine that waits for a Go timer: it gives up its P at once,
// and works inside a testing/synctest bubble. See docs/decisions/0019-timers.md.
type timekeeper struct {
	// word is when it looks again, or one of the above.
	// Writers: any, by compare-and-swap; its end by a swap. Invariant: once
	// closed, stays closed.
	word point.Int64 // first: it needs 64-bit alignment

	// sleeps counts how often it went to sleep.
	// Writers: the timekeeper. Invariant: never decreases.
	sleeps point.Uint32

	told park.Bell       // who moves word from a time rings
	done point.WaitGroup // one until it has ended, or can no longer begin
}

func (k *timekeeper) init() {
	k.word.Store(keeperNone)
	k.told.Init()
	k.done.Add(1)
}

// Proof [keep-race]: no timer is left without somebody who waits for it.
//
//	arm, or a change of the clock    timekeeper
//	  A1  write the queue's Next       D1  word to keeperLooks
//	  A2  read word; if it is later,   D2  read every Next
//	      or looks: tell it            D3  word from keeperLooks to the earliest
//
// A1 before D2 in S: D2 sees it. Otherwise D1, D2, A1, A2: A2 reads keeperLooks, and
// then D3 fails, as A2 moved the word to keeperAgain; or it reads what D3 wrote, and
// tells the keeper if that is later. (cross) Who moves the word away from a time
// is one, and rings. (elect)
//
// Checked by: TestStressTimers, TestEarlierTimerIsSeen.

// look makes the timekeeper look again if it means to sleep beyond at.
//
// Caller: any, after it changed what the timekeeper looks at.
func (rt *Runtime) look(at timer.Instant) {
	k := &rt.keeper
	for {
		old := k.word.Load() // [keep-race] A2
		next := keeperAgain
		switch {
		case old == keeperAgain, old == keeperClosed, old >= 0 && old <= int64(at):
			return
		case old == keeperNone:
			next = keeperLooks
		}
		if !k.word.CompareAndSwap(old, next) { // elect
			continue
		}
		switch {
		case old == keeperNone:
			point.Go(rt.keepTime)
		case old >= 0:
			k.told.Ring()
		}
		return
	}
}

// keepTime is the timekeeper's goroutine.
func (rt *Runtime) keepTime() {
	k := &rt.keeper
	defer k.done.Done()
	pprof.SetGoroutineLabels(context.Background()) // not those of the task that armed first
	alarm := time.NewTimer(math.MaxInt64)
	defer alarm.Stop()
	round := &local{rt: rt, gathers: true}
	for {
		next := rt.fireAll(round) // [keep-race] D2
		d, runs := rt.clock.Until(next)
		if runs && d == 0 {
			continue
		}
		if k.word.CompareAndSwap(keeperLooks, int64(next)) { // [keep-race] D3
			if runs && next != timer.Never {
				alarm.Reset(d)
			} else {
				alarm.Stop()
			}
			k.sleeps.Inc()
			if !k.told.Wait(alarm.C, nil) && !k.word.CompareAndSwap(int64(next), keeperLooks) { // [keep-race] D1
				k.told.Wait(nil, nil) // somebody has moved the word, and rings
			}
		}
		if k.word.Load() == keeperClosed {
			return
		}
		k.word.CompareAndSwap(keeperAgain, keeperLooks) // [keep-race] D1
	}
}

// end ends the timekeeper and waits until it has ended.
//
// Caller: any.
func (k *timekeeper) end() {
	switch old := k.word.Swap(keeperClosed); {
	case old == keeperNone:
		k.done.Done()
	case old >= 0:
		k.told.Ring()
	}
	k.done.Wait()
}

// fireSteps bounds how many timers are fired before the tasks that they wake are
// queued, and before a worker goes on with its tasks.
const fireSteps = 1024

// watchGrace is how much later than the worker of a place, which sleeps until its next
// timer, the timekeeper looks: that worker comes in time, unless a guest has taken
// its place.
const watchGrace = timer.Instant(2 * time.Millisecond)

// watchMost is the longest sleep that ends by a worker's own time. For what comes
// later, the timekeeper's Go timer is as exact.
const watchMost = time.Second

// watchLeast is the shortest such sleep: the next timer is due while another goroutine
// fires those of the place.
const watchLeast = 100 * time.Microsecond

// looks returns when the timekeeper is to look at the timers of a registry.
//
// Caller: any.
func (r *registry) looks() timer.Instant {
	next := r.timers.Next()
	if next < timer.Never-watchGrace && r.watched.Load() {
		next += watchGrace
	}
	return next
}

// fireAll fires all timers that are due, of every place, and returns when the
// next is. round gathers the tasks.
//
// Caller: any.
func (rt *Runtime) fireAll(round *local) (next timer.Instant) {
	next = timer.Never
	for _, r := range rt.registries() {
		next = min(next, rt.fireOutside(round, r))
	}
	return next
}

// fireOutside fires timers of a registry for its place, and returns when the next is. A
// clock that advances by itself must not go on before the tasks are queued that the timers
// wake: no place is awake for them.
//
// Caller: any.
func (rt *Runtime) fireOutside(round *local, r *registry) (next timer.Instant) {
	next = r.looks()
	if next > rt.clock.Instant() {
		return next
	}
	if rt.clock.Virtual() {
		rt.beginOutside()
		defer rt.doneOutside()
	}
	for now := rt.clock.Instant(); next <= now; now, next = rt.clock.Instant(), r.looks() {
		if _, busy := round.fire(r, nil); !busy {
			continue
		}
		if !rt.clock.Virtual() {
			return now + timer.Instant(time.Millisecond) // its place fires; see whether it still does
		}
		point.YieldTurn()
	}
	return next
}

// fire fires timers of a registry that are due, and queues the tasks that these
// wake, together: in a place, or for all. It reports whether a task was queued, or
// whether there was nothing to do as somebody else fires them.
//
// Caller: who made l to gather, with a nil place; else that place's owner.
func (l *local) fire(r *registry, place *workers.Worker) (queued, busy bool) {
	busy = l.gather(r)
	if len(l.woken) == 0 {
		return false, busy
	}
	if place == nil {
		l.rt.pool.SubmitBatch(l.woken)
	} else {
		place.PushBatch(l.woken)
	}
	clear(l.woken)
	l.woken = l.woken[:0]
	return true, false
}

// gather fires timers of r that are due. A waker that panics, which it must not,
// keeps no other waiting.
func (l *local) gather(r *registry) (busy bool) {
	defer func() {
		if v := recover(); v != nil {
			l.rt.log.logger().Error("pilfer: a waker panicked", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	n, _ := r.timers.Fire(l.rt.clock.Instant(), l, fireSteps)
	return n < 0
}

// timeChanged looks at the timers after a clock of tests was set.
//
// Caller: any.
func (rt *Runtime) timeChanged() {
	rt.fireAll(&local{rt: rt, gathers: true})
	if rt.keeper.word.Load() != keeperNone {
		rt.look(-1)
	}
	if rt.clock.Auto() {
		rt.pool.Nudge() // a place comes by, and lets the clock go on
	}
}

// fireEvery is how many polls a place makes before it looks whether timers are due:
// reading the clock takes 20 to 40 ns.
const fireEvery = 64

// fireDue fires timers of the own place, if they are due. It reports whether there
// is a task to run for it.
//
// Caller: the owner of a place.
func (l *local) fireDue() bool {
	if l.reg.watched.Load() {
		l.reg.watched.Store(false)
	}
	for next := l.reg.timers.Next(); next != timer.Never && next <= l.rt.clock.Instant(); next = l.reg.timers.Next() {
		if l.firing == nil {
			l.firing = &local{rt: l.rt, gathers: true}
		}
		if queued, busy := l.firing.fire(l.reg, l.w); queued || busy {
			return queued
		}
	}
	return false
}

// idle fires timers that are due. If that brought no task, and the worker can sleep
// until the next timer, it returns how long.
//
// Caller: the owner of a place.
func (l *local) idle() (queued bool, again time.Duration) {
	if l.fireDue() {
		return true, 0
	}
	next := l.reg.timers.Next()
	if next == timer.Never || l.rt.clock.Virtual() {
		return false, 0
	}
	again, _ = l.rt.clock.Until(next)
	if again > watchMost {
		return false, 0
	}
	l.reg.watched.Store(true)
	return false, max(again, watchLeast)
}

// Timers returns the timers of the party that polls. It makes l a [timer.Host].
//
// Caller: owner.
func (l *local) Timers() *timer.Queue {
	if l.reg == nil { // a caller that polls a task without a place
		return &l.rt.outsideRegistry.timers
	}
	return &l.reg.timers
}
