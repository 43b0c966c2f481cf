// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Debounce gives the latest of values that come in bursts, once none came for a
// while: what a user has typed when he pauses. Anybody pushes; one task at a time
// takes. While a value waits, a push wakes nobody.
type Debounce[T any] struct {
	cell  waker.Cell    // of the task that waits
	clock *Clock        // set once
	quiet time.Duration // set once
	alarm alarm         // of the future of Next

	mu     point.Mutex
	value  T       // holding mu
	waits  bool    // holding mu: there is a value
	latest Instant // holding mu: when it came
}

// NewDebounce returns a Debounce that waits for quiet, by the clock of the executor
// on which [Debounce.Next] is polled: [Real] in most programs.
//
// Caller: any.
func NewDebounce[T any](clock *Clock, quiet time.Duration) *Debounce[T] {
	d := &Debounce[T]{clock: clock, quiet: quiet}
	d.alarm.cancel()
	return d
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
		d.cell.Wake()
	}
}

// Next returns a future of the next value that was followed by quiet. One at a time
// may be polled.
//
// Caller: the task that takes.
func (d *Debounce[T]) Next() future.Future[T] { return &settling[T]{d} }

type settling[T any] struct{ d *Debounce[T] } // nil once it was ready or dropped

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
	d.cell.Register(cx) // before the look: the first value wakes
	for {
		d.mu.Lock()
		waits, due := d.waits, d.latest.plus(int64(d.quiet))
		if waits && due <= d.clock.instant() && cx.Spend() {
			v := d.value
			var none T
			d.value, d.waits = none, false
			d.mu.Unlock()
			s.Drop()
			return future.Of(v)
		}
		d.mu.Unlock()
		if !waits || due <= d.clock.instant() && cx.Budget() == 0 {
			return future.Poll[T]{}
		}
		if d.alarm.entry.Value.state.Load() == over {
			d.alarm.setAt(due.plus(-d.clock.offset))
		}
		if !d.alarm.poll(cx, who) {
			return future.Poll[T]{} // perhaps for an earlier push: then it is set again
		}
	}
}

// Drop takes the timer back. A value that waits stays.
//
// Caller: owner.
func (s *settling[T]) Drop() {
	d := s.d
	s.d = nil
	if d == nil {
		return
	}
	d.alarm.cancel()
	w := d.cell.Take()
	w.Drop()
}
