// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// ErrFull is returned by [Static.Spawn] when all slots are taken.
var ErrFull = errors.New("pilfer: static executor is full")

// A Static is an executor for small or steady programs, whose memory is reserved when
// it is made: it has a fixed number of slots for tasks, and allocates nothing after
// [NewStatic], whatever is spawned, woken and done. It runs on the goroutine that calls
// its methods and has none of its own, as a [RoundRobin]; wakes come from anywhere.
//
// What must not allocate is made before: futures are pointers into memory of the
// caller's, which may be polled again after [StaticTask.Take]. All tasks that are ready
// are polled in turn, in the order of their slots.
//
// One goroutine at a time may use it and its tasks' handles.
type Static[T any] struct {
	slots []staticSlot[T]
	free  []uint32 // the slots that are free, the next one last
	live  int      // tasks that are not done

	// ready has a bit for each slot whose task is to be polled.
	// Writers: any sets bits; the owner takes all of a word. Invariant: none, a bit
	// of a slot that is free says nothing.
	ready []point.Uint64

	turn int    // the word of ready that is being served
	due  uint64 // what is left of it

	local *staticLocal
	cx    *waker.Context
	alarm *time.Timer
	bell  park.Bell // who moves asleep to false rings, unless it is the owner

	// asleep says that the owner waits for bell.
	// Writers: owner, to true; any, to false by compare-and-swap. Invariant: see
	// [static-race].
	asleep point.Bool

	log     strandedLog
	unwatch func() // set once: the clock forgets the executor
	closed  bool
}

// A staticLocal is what the polls of a Static find in their Context.
type staticLocal struct{ timers timer.Queue }

// Timers returns the executor's timers.
//
// Caller: owner.
func (l *staticLocal) Timers() *timer.Queue { return &l.timers }

// A staticSlot holds one task after another.
type staticSlot[T any] struct {
	s      *Static[T]
	index  uint32
	turn   uint32 // how many tasks it has held
	future future.Future[T]
	result future.Poll[T] // ready once the task is done
	taken  bool           // held by a task, done or not
	alone  bool           // nobody will take the result
	held   bool           // somebody has had the waker
}

// maxStatic bounds the slots; more would be no small program.
const maxStatic = 1 << 20

// NewStatic returns an executor with that many slots, 1 to 1048576. Of the options
// it heeds [Clock], [Watchdog] for the logger, and [ReportEvery].
func NewStatic[T any](slots int, opts ...Option) (*Static[T], error) {
	if slots < 1 || slots > maxStatic {
		return nil, &workers.OptionError{Option: "NewStatic", Value: slots, Want: fmt.Sprintf("1 to %d slots", maxStatic)}
	}
	c := defaults()
	if err := c.apply(opts); err != nil {
		return nil, err
	}
	s := &Static[T]{
		slots: make([]staticSlot[T], slots),
		free:  make([]uint32, slots),
		ready: make([]point.Uint64, (slots+63)/64),
		local: &staticLocal{},
		cx:    waker.NewContext(waker.Noop()),
		alarm: time.NewTimer(time.Hour),
	}
	s.alarm.Stop()
	s.bell.Init()
	s.turn = len(s.ready) - 1 // the first to be served is the one after it
	s.log.to, s.log.every = c.log, c.every
	s.local.timers.Init(c.clock, nil)
	s.unwatch = c.clock.Watch(s.rouse)
	s.cx.DeferWakes()
	s.cx.Reset(waker.Noop(), s.local, pollBudget)
	for i := range s.slots {
		s.slots[i].s, s.slots[i].index = s, uint32(i)
		s.free[i] = uint32(slots - 1 - i)
	}
	return s, nil
}

// Spawn starts a task that polls f to its end. The slot is free again when the task
// is done and its result was taken; see [StaticTask.Release]. It returns [ErrFull] if
// no slot is free, and [ErrClosed] after Close; f is the caller's then.
//
// Caller: owner, inside its tasks too.
func (s *Static[T]) Spawn(f future.Future[T]) (StaticTask[T], error) {
	if f == nil {
		refuseNil("Static.Spawn")
	}
	if s.closed {
		return StaticTask[T]{}, ErrClosed
	}
	last := len(s.free) - 1
	if last < 0 {
		return StaticTask[T]{}, ErrFull
	}
	at := &s.slots[s.free[last]]
	s.free = s.free[:last]
	s.live++
	at.future, at.taken, at.alone, at.held = f, true, false, false
	s.mark(at.index)
	return StaticTask[T]{at, at.turn}, nil
}

// Len returns how many slots are taken, by tasks that are done too.
//
// Caller: owner.
func (s *Static[T]) Len() int { return len(s.slots) - len(s.free) }

// Cap returns how many slots there are.
//
// Caller: any.
func (s *Static[T]) Cap() int { return len(s.slots) }

// Run polls tasks until none can go on, and returns how many polls that took. Those
// that wait stay.
//
// Caller: owner, outside of its tasks.
func (s *Static[T]) Run() (polls int) {
	for s.Step() {
		polls++
	}
	return polls
}

// Serve runs tasks until all are done, and sleeps while all of them wait. It returns
// nil, or the cause why ctx ended.
//
// Caller: owner, outside of its tasks.
func (s *Static[T]) Serve(ctx context.Context) error {
	for s.live > 0 {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !s.Step() {
			s.sleep(ctx)
		}
	}
	return nil
}

// Step polls one task, and reports whether there was one to poll. If the task calls
// runtime.Goexit, the caller's goroutine ends.
//
// Caller: owner, outside of its tasks.
func (s *Static[T]) Step() (polled bool) {
	s.fire()
	at := s.next()
	for at == nil {
		if !s.local.timers.Clock().Idle(s.local.timers.Next()) {
			return false
		}
		s.fire()
		at = s.next()
	}
	at.poll()
	return true
}

// fire wakes the tasks whose timers are due.
func (s *Static[T]) fire() {
	q := &s.local.timers
	for next := q.Next(); next != timer.Never && next <= q.Clock().Instant(); next = q.Next() {
		q.Fire(q.Clock().Instant(), s.local, fireSteps)
	}
}

// next finds the slot whose turn it is. Who is woken while a word is served has its
// turn when that word comes again: so each ready task has one turn in each round.
func (s *Static[T]) next() *staticSlot[T] {
	for looked := 0; ; looked++ {
		for s.due != 0 {
			bit := bits.TrailingZeros64(s.due)
			s.due &= s.due - 1
			if at := &s.slots[s.turn*64+bit]; at.future != nil {
				return at
			}
		}
		if looked == len(s.ready) {
			return nil // and due is empty: nobody else would look there
		}
		if s.turn++; s.turn >= len(s.ready) {
			s.turn = 0
		}
		if s.ready[s.turn].Load() != 0 {
			s.due = s.ready[s.turn].Swap(0) // [static-race] S2 in the owner's next look
		}
	}
}

// mark sets the bit of a slot.
//
// Caller: any.
func (s *Static[T]) mark(index uint32) {
	word, bit := &s.ready[index/64], uint64(1)<<(index%64)
	for {
		old := word.Load()
		if old&bit != 0 || word.CompareAndSwap(old, old|bit) { // [static-race] W1
			return
		}
	}
}

// WakeBy lets the slot's task be polled again; if the waker is that of a task which
// the slot held before, one poll too many.
//
// Caller: any.
func (at *staticSlot[T]) WakeBy(waker.Local) {
	at.s.mark(at.index)
	at.s.rouse() // [static-race] W2
}

// rouse ends the owner's sleep.
//
// Caller: any.
func (s *Static[T]) rouse() {
	if s.asleep.Load() && s.asleep.CompareAndSwap(true, false) { // elect
		s.bell.Ring()
	}
}

// Proof [static-race]: the owner does not sleep on while a task is to be polled.
//
//	wake                   sleep
//	  W1  set the bit        S1  asleep.Store(true)
//	  W2  read asleep        S2  look at all bits; none: wait for the bell
//
// W1 before S2 in S: the owner sees the bit. Otherwise S1, S2, W1, W2: W2 sees that
// the owner sleeps, and rings, or another one does. (cross) The owner that does not sleep,
// or no longer, takes asleep back, or else waits for the ring that is on its way. (elect)
//
// Checked by: TestStaticStressWakes.

// sleep waits for a wake, the next timer, or the end of ctx.
func (s *Static[T]) sleep(ctx context.Context) {
	s.asleep.Store(true) // [static-race] S1
	if !s.anyReady() {   // [static-race] S2
		next := s.local.timers.Next()
		if d, runs := s.local.timers.Clock().Until(next); runs && next != timer.Never {
			s.alarm.Reset(d)
			defer s.alarm.Stop()
		}
		if s.bell.Wait(s.alarm.C, ctx.Done()) {
			return
		}
	}
	if !s.asleep.CompareAndSwap(true, false) {
		s.bell.Wait(nil, nil)
	}
}

// anyReady reports whether a task is to be polled.
//
// Caller: owner.
func (s *Static[T]) anyReady() bool {
	for i := range s.ready {
		if s.ready[i].Load() != 0 {
			return true
		}
	}
	return false
}

// poll polls the slot's task once.
func (at *staticSlot[T]) poll() {
	s := at.s
	s.cx.Next(waker.New(at), pollBudget)
	turn, returned := at.turn, false
	defer func() {
		if returned {
			return
		}
		if c := recovered(recover()); at.turn == turn {
			at.crash(c)
		}
	}()
	p := at.future.Poll(s.cx)
	returned = true
	switch again, taken := s.cx.Again(), s.cx.Taken(); {
	case at.turn != turn, at.future == nil: // it has aborted itself
	case p.Ready:
		at.future = nil
		at.finish(p)
	case again:
		s.mark(at.index)
	case !at.held && !taken:
		s.log.strand(neverTaken, fmt.Sprintf("slot %d", at.index), kindOf(at.future), "")
		at.held = true // once is enough
	default:
		at.held = true
	}
}

// crash ends the task of which no code is left to run.
func (at *staticSlot[T]) crash(c workers.Crash) {
	f := at.future
	at.future = nil
	if f == nil {
		return
	}
	defer at.finish(future.Poll[T]{Err: crashError(c, fmt.Sprintf("slot %d", at.index)), Ready: true})
	defer func() { _ = recover() }()
	future.Drop(f)
}

func (at *staticSlot[T]) finish(p future.Poll[T]) {
	at.result = p
	at.s.live--
	if at.alone {
		at.empty()
	}
}

// empty makes the slot free.
func (at *staticSlot[T]) empty() {
	at.result = future.Poll[T]{}
	at.taken = false
	at.turn++
	at.s.free = append(at.s.free, at.index) // has room
}

// Close aborts all tasks. Nothing can be spawned afterwards.
//
// Caller: owner, outside of its tasks.
func (s *Static[T]) Close() {
	s.closed = true
	s.unwatch()
	for i := range s.slots {
		if at := &s.slots[i]; at.future != nil {
			StaticTask[T]{at, at.turn}.Abort()
		}
	}
}
