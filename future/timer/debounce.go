// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Debounce gives the latest of values that come in bursts, once none came for a
// while: what a user has typed when he pauses. Anybody pushes, and mostly one task
// takes; of several that wait each value goes to one. While a value waits, a push
// wakes nobody. Make one with [NewDebounce].
type Debounce[T any] struct {
	waiting waker.List    // those that wait for a value
	clock   *Clock        // set once
	quiet   time.Duration // set once

	mu     point.Mutex
	value  T       // holding mu
	waits  bool    // holding mu: there is a value
	latest Instant // holding mu: when it came
}

// NewDebounce returns a Debounce that waits for quiet, by the clock of the executor
// on which [Debounce.Next] is polled: [Real] in most programs. With a quiet of zero or
// less a value is ready at once.
//
// Caller: any.
func NewDebounce[T any](clock *Clock, quiet time.Duration) *Debounce[T] {
	refuseNoClock(clock, "NewDebounce")
	return &Debounce[T]{clock: clock, quiet: quiet}
}

// Push replaces the value that waits, and begins to wait anew.
//
// Caller: any.
func (d *Debounce[T]) Push(v T) {
	d.mu.Lock()
	first := !d.waits
	d.value, d.waits, d.latest = v, true, d.clock.instant()
	d.mu.Unlock()
	if first {
		d.waiting.WakeOne()
	}
}

// Next returns a future of the next value that was followed by quiet.
//
// Caller: any.
func (d *Debounce[T]) Next() future.Future[T] {
	s := &settling[T]{d: d}
	s.cancel() // not set
	return s
}

type settling[T any] struct {
	alarm
	place waker.Entry  // among those that wait
	d     *Debounce[T] // nil once it was ready or dropped
}

// Poll takes the value if it has waited long enough.
//
// Caller: owner.
func (s *settling[T]) Poll(cx *future.Context) future.Poll[T] {
	const who = "Debounce's Next"
	d := s.d
	if d == nil {
		ended(who)
	}
	sameClock(cx, d.clock, who)
	d.waiting.Register(cx, &s.place) // before the look: the first value wakes
	for {
		v, o, due := d.look(cx.Budget() != 0)
		switch o {
		case taken:
			cx.Spend()
			s.Drop()
			return future.Of(v)
		case nothing:
			s.cancel()
			return future.Poll[T]{}
		case unaffordable:
			cx.Wake()
			return future.Poll[T]{}
		}
		if s.entry.Value.state.Load() == over {
			s.setAt(due.plus(-d.clock.offset))
		}
		if !s.poll(cx, who) {
			return future.Poll[T]{} // perhaps for an earlier push: then it is set again
		}
	}
}

// look takes the value if it is due and there is a budget for it.
func (d *Debounce[T]) look(afford bool) (v T, o outcome, due Instant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	due = d.latest.plus(int64(max(d.quiet, 0)))
	switch {
	case !d.waits:
		return v, nothing, Never
	case due > d.clock.instant(): // read once: between two looks it may come
		return v, later, due
	case !afford:
		return v, unaffordable, due
	}
	v, d.value = d.value, v
	d.waits = false
	return v, taken, due
}

// Drop takes the timer back. A value that waits stays, for another who waits.
//
// Caller: owner.
func (s *settling[T]) Drop() {
	d := s.d
	s.d = nil
	if d == nil {
		return
	}
	s.cancel()
	s.place.Remove()
	d.waiting.WakeOne() // it may wait for a push that woke this one
}

// An outcome is what a look at values that come by time finds.
type outcome uint8

const (
	taken        outcome = iota + 1 // a value, and took it
	later                           // one that is not due
	unaffordable                    // one that is due, without a budget for it
	nothing
)
