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
// say. Anybody inserts, moves and removes them; one task at a time takes what has
// expired, and arms one timer for all.
type DelayQueue[T any] struct {
	cell  waker.Cell // of the task that waits
	clock *Clock     // set once
	alarm alarm      // of the future of Next, as is set
	set   Instant

	mu    point.Mutex
	wheel wheel.Wheel[T] // holding mu
	until Instant        // holding mu: when the task will look again
	spare *T             // holding mu: expired, and not taken for want of a budget
}

// A Delayed is a value in a [DelayQueue], to be named in Reset and Remove.
type Delayed[T any] struct{ entry wheel.Entry[T] }

// NewDelayQueue returns an empty queue by that clock: the one of the executor on
// which [DelayQueue.Next] is polled, [Real] in most programs.
//
// Caller: any.
func NewDelayQueue[T any](clock *Clock) *DelayQueue[T] {
	q := &DelayQueue[T]{clock: clock, wheel: wheel.New[T](clock.shift), until: Never}
	q.alarm.cancel()
	return q
}

// Insert puts v into the queue, to expire after d. A d of zero or less is the
// shortest: v expires as soon as time goes on.
//
// Caller: any.
func (q *DelayQueue[T]) Insert(v T, d time.Duration) *Delayed[T] {
	k := new(Delayed[T])
	k.entry.Value = v
	q.mu.Lock()
	first := q.insert(k, d)
	q.mu.Unlock()
	if first {
		q.cell.Wake()
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
// queue any more.
//
// Caller: any.
func (q *DelayQueue[T]) Reset(k *Delayed[T], d time.Duration) bool {
	q.mu.Lock()
	in := q.wheel.Remove(&k.entry)
	first := in && q.insert(k, d)
	q.mu.Unlock()
	if first {
		q.cell.Wake()
	}
	return in
}

// Remove takes the value of k out. It reports false if it is not in the queue any
// more.
//
// Caller: any.
func (q *DelayQueue[T]) Remove(k *Delayed[T]) (v T, in bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.wheel.Remove(&k.entry) {
		return v, false
	}
	v, k.entry.Value = k.entry.Value, v
	return v, true
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
// queue is empty. One at a time may be polled.
//
// Caller: the task that takes.
func (q *DelayQueue[T]) Next() future.Future[T] { return &expiring[T]{q} }

type expiring[T any] struct{ q *DelayQueue[T] } // nil once it was ready or dropped

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
	q.cell.Register(cx) // before the look: an earlier value wakes
	for {
		v, expired, next := q.look()
		if expired {
			if !cx.Spend() {
				q.mu.Lock()
				q.spare = &v
				q.mu.Unlock()
				return future.Poll[T]{}
			}
			x.Drop()
			return future.Of(v)
		}
		if next == Never {
			q.alarm.cancel()
			return future.Poll[T]{}
		}
		if q.alarm.entry.Value.state.Load() == over || q.set != next {
			q.alarm.cancel()
			q.alarm.setAt(next.plus(-q.clock.offset))
			q.set = next
		}
		if !q.alarm.poll(cx, who) {
			return future.Poll[T]{}
		}
	}
}

// look returns a value that has expired, or when it is to look again.
func (q *DelayQueue[T]) look() (v T, expired bool, next Instant) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if spare := q.spare; spare != nil {
		q.spare = nil
		return *spare, true, 0
	}
	now := int64(q.clock.instant())
	for e, more := q.wheel.Step(now); more; e, more = q.wheel.Step(now) {
		if e != nil {
			v, e.Value = e.Value, v
			return v, true, 0
		}
	}
	q.until = Instant(q.wheel.Next())
	return v, false, q.until
}

// Drop takes the timer back. The values stay.
//
// Caller: owner.
func (x *expiring[T]) Drop() {
	q := x.q
	x.q = nil
	if q == nil {
		return
	}
	q.alarm.cancel()
	w := q.cell.Take()
	w.Drop()
}

// sameClock panics if who is polled by an executor with another clock.
func sameClock(cx *future.Context, c *Clock, who string) {
	if hostOf(cx, who).clock != c {
		panic("timer: " + who + " polled by an executor with another clock")
	}
}
