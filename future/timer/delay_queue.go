// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/wheel"
	"github.com/pilfer-go/pilfer/waker"
)

// A DelayQueue holds values until their time: for entries of a cache that expire,
// say. Anybody inserts, moves and removes them. Mostly one task takes what has expired,
// and arms one timer for all; of several that wait each value goes to one.
// Make one with [NewDelayQueue].
type DelayQueue[T any] struct {
	waiting waker.List // those that wait for a value
	clock   *Clock     // set once

	mu    point.Mutex
	wheel wheel.Wheel[T] // holding mu

	// until is when somebody who waits will look again, if anybody waits.
	until Instant // holding mu
}

// A Delayed is a value in a [DelayQueue], to be named in Reset and Remove.
type Delayed[T any] struct {
	entry wheel.Entry[T]
	in    *DelayQueue[T] // set once
}

// NewDelayQueue returns an empty queue by that clock: the one of the executor on
// which [DelayQueue.Next] is polled, [Real] in most programs.
//
// Caller: any.
func NewDelayQueue[T any](clock *Clock) *DelayQueue[T] {
	refuseNoClock(clock, "NewDelayQueue")
	return &DelayQueue[T]{clock: clock, wheel: wheel.New[T](clock.shift), until: Never}
}

// Insert puts v into the queue, to expire after d. A d of zero or less is the
// shortest: v expires as soon as time goes on.
//
// Caller: any.
func (q *DelayQueue[T]) Insert(v T, d time.Duration) *Delayed[T] {
	k := &Delayed[T]{in: q}
	k.entry.Value = v
	q.mu.Lock()
	first := q.insert(k, d)
	q.mu.Unlock()
	if first {
		q.waiting.WakeOne()
	}
	return k
}

// insert reports whether the task that waits looks too late.
//
// Caller: holding mu.
func (q *DelayQueue[T]) insert(k *Delayed[T], d time.Duration) bool {
	now := q.clock.instant()
	k.entry.When = int64(now.plus(max(int64(d), 1)))
	for !q.wheel.Insert(&k.entry, int64(now)) {
		k.entry.When += 1 << q.clock.shift // the clock stands in a tick that is over
	}
	if Instant(k.entry.When) >= q.until {
		return false
	}
	q.until = Instant(k.entry.When)
	return true
}

// Reset lets the value of k expire d from now. It reports false if it is not in the
// queue any more, and panics if it was put into another one.
//
// Caller: any.
func (q *DelayQueue[T]) Reset(k *Delayed[T], d time.Duration) bool {
	q.own(k, "Reset")
	q.mu.Lock()
	in := q.wheel.Remove(&k.entry)
	first := in && q.insert(k, d)
	q.mu.Unlock()
	if first {
		q.waiting.WakeOne()
	}
	return in
}

// Remove takes the value of k out. It reports false if it is not in the queue any
// more, and panics if it was put into another one.
//
// Caller: any.
func (q *DelayQueue[T]) Remove(k *Delayed[T]) (v T, in bool) {
	q.own(k, "Remove")
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.wheel.Remove(&k.entry) {
		return v, false
	}
	v, k.entry.Value = k.entry.Value, v
	return v, true
}

// own panics if k is of another queue.
func (q *DelayQueue[T]) own(k *Delayed[T], who string) {
	if k == nil || k.in != q {
		panic("timer: " + who + " of a value that was not put into this DelayQueue")
	}
}

// Len returns how many values wait.
//
// Caller: any.
func (q *DelayQueue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.wheel.Len()
}

// Next returns a future of the value that expires next. It waits for one while the
// queue is empty.
//
// Caller: any.
func (q *DelayQueue[T]) Next() future.Future[T] {
	x := &expiring[T]{q: q}
	x.cancel() // not set
	return x
}

type expiring[T any] struct {
	alarm
	set   Instant        // what the alarm is set to
	place waker.Entry    // among those that wait
	q     *DelayQueue[T] // nil once it was ready or dropped
}

// Poll takes what has expired, or sets the alarm to when something will.
//
// Caller: owner.
func (x *expiring[T]) Poll(cx *future.Context) future.Poll[T] {
	const who = "DelayQueue's Next"
	q := x.q
	if q == nil {
		ended(who)
	}
	sameClock(cx, q.clock, who)
	q.waiting.Register(cx, &x.place) // before the look: an earlier value wakes
	for {
		v, o, next := q.look(cx.Budget() != 0)
		switch o {
		case taken:
			cx.Spend()
			x.Drop()
			return future.Of(v)
		case nothing:
			x.cancel()
			return future.Poll[T]{}
		case unaffordable:
			cx.Wake()
			return future.Poll[T]{}
		}
		if x.entry.Value.state.Load() == over || x.set != next {
			x.cancel()
			x.setAt(next.plus(-q.clock.offset))
			x.set = next
		}
		if !x.poll(cx, who) {
			return future.Poll[T]{}
		}
	}
}

// look takes a value that has expired, if there is a budget for it, or says when it is
// to look again.
func (q *DelayQueue[T]) look(afford bool) (v T, o outcome, next Instant) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.instant()
	if !afford && Instant(q.wheel.Next()) <= now {
		return v, unaffordable, now
	}
	for e, more := q.wheel.Step(int64(now)); more; e, more = q.wheel.Step(int64(now)) {
		if e != nil {
			v, e.Value = e.Value, v
			return v, taken, now
		}
	}
	q.until = Instant(q.wheel.Next())
	if q.until == Never {
		return v, nothing, Never
	}
	return v, later, q.until
}

// Drop takes the timer back. The values stay, for another who waits: it may wait
// beyond what this one had set its timer to, or had been woken for.
//
// Caller: owner.
func (x *expiring[T]) Drop() {
	q := x.q
	x.q = nil
	if q == nil {
		return
	}
	x.cancel()
	x.place.Remove()
	q.waiting.WakeOne()
}

// refuseNoClock panics if who was given no clock.
func refuseNoClock(clock *Clock, who string) {
	if clock == nil {
		panic("timer: nil clock given to " + who + "; use Real, or the clock of the executor")
	}
}

// sameClock panics if who is polled by an executor with another clock.
func sameClock(cx *future.Context, c *Clock, who string) {
	if hostOf(cx, who).clock != c {
		panic("timer: " + who + " polled by an executor with another clock")
	}
}
