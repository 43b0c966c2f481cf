// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/wheel"
	"github.com/pilfer-go/pilfer/waker"
)

// The life of an alarm.
//
//	setFor, setAt           poll                Fire
//	───────────► span, moment ───────► waiting ───────► rung
//	                  │   its time is over │  cancel      │ poll, cancel
//	                  └─────────┬──────────┴───────┬──────┘
//	                            └────► over ◄──────┘
const (
	span    uint32 = iota // entry.When is how long to wait
	moment                // entry.When is the time to wait for, by the real clock
	waiting               // the entry is in home's wheel
	rung                  // the time has come, and the waker was taken out to be called
	over                  // the owner knows
)

// An alarm is one timer, to be embedded in the future that waits for it: 64 bytes,
// and all there is for each. The zero alarm is set for at once. Its owner polls and
// cancels it.
type alarm struct {
	entry wheel.Entry[bell]
	home  *Queue // where it is or was armed
}

// Proof [alarm-race]: an owner that sees its alarm not rung is woken when it is.
//
//	poll (owner)                          Fire
//	  P1  put waker and entry in, or        W1  take entry and waker out, set rung
//	      replace the waker                 W2  call that waker
//	  P2  return Pending
//
// P1 and W1 hold the lock. P1 first: W1 takes the latest waker, and W2 calls it after
// rung is set: the poll that it causes sees rung. W1 first: then P1 either finds
// the time over, as the wheel has come past it, or sees rung under the lock, and
// the owner does not wait. (publish)
//
// Nobody waits for a wheel that is not looked at: see [Queue.Init] for who is told.
//
// Checked by: TestStressFireAgainstCancel, TestEveryAbort, TestLatestWakerCounts.

// setFor sets the alarm to a duration from its first poll on.
//
// Caller: owner, not waiting.
func (a *alarm) setFor(d time.Duration) {
	a.entry.When = int64(d)
	a.entry.Value.state = point.Uint32Of(span)
}

// setAt sets the alarm to a time.
//
// Caller: owner, not waiting.
func (a *alarm) setAt(at Instant) {
	a.entry.When = int64(at)
	a.entry.Value.state = point.Uint32Of(moment)
}

// poll reports whether the time has come, and sees to a wake if not. Afterwards
// the alarm is over.
//
// Caller: owner.
func (a *alarm) poll(cx *future.Context, who string) bool {
	switch a.entry.Value.state.Load() {
	case rung:
	case waiting:
		if !a.wait(cx) {
			return false
		}
	case over:
		return true
	default:
		if !a.arm(cx, who) {
			return false
		}
	}
	a.entry.Value.state = point.Uint32Of(over)
	return true
}

// arm puts the entry into the queue of the party that polls. It reports whether
// the time is over.
//
// Caller: owner.
func (a *alarm) arm(cx *future.Context, who string) (isOver bool) {
	q := hostOf(cx, who)
	now := q.clock.instant()
	when := Instant(a.entry.When)
	if a.entry.Value.state.Load() == span {
		if when <= 0 {
			return true
		}
		when = now.plus(int64(when))
	} else {
		when = when.plus(q.clock.offset)
	}
	if when <= now {
		return true
	}
	was, kind := a.entry.When, a.entry.Value.state
	a.entry.When = int64(when)
	a.entry.Value = bell{cx.Waker(), point.Uint32Of(waiting)}
	a.home = q
	q.mu.Lock()
	if !q.wheel.Insert(&a.entry, int64(now)) { // [alarm-race] P1
		q.mu.Unlock()
		a.entry.Value.waker.Drop()
		a.entry.When, a.entry.Value.state = was, kind
		return true
	}
	at := q.wheel.Expiry(int64(when))
	if q.wheel.Crowded() {
		at = min(at, q.wheel.Next())
	}
	first := at < q.next.Load()
	if first {
		q.next.Store(at)
	}
	q.mu.Unlock()
	if first && q.early != nil {
		q.early(Instant(at))
	}
	return false
}

// wait makes cx's waker the one to call. It reports whether the alarm has rung.
//
// Caller: owner.
func (a *alarm) wait(cx *future.Context) (hasRung bool) {
	w := cx.Waker() // user code: before the lock
	q := a.home
	q.mu.Lock()
	b := &a.entry.Value
	hasRung = b.state.Load() == rung
	if !hasRung && !b.waker.WillWake(w) { // [alarm-race] P1
		b.waker, w = w, b.waker
	}
	q.mu.Unlock()
	w.Drop()
	return hasRung
}

// cancel takes the alarm back: it will not wake, unless it is about to. Only the
// owner's next look at its Queue's wheel, not a wake, is saved: whoever waits for
// Next may look once for nothing.
//
// Caller: owner.
func (a *alarm) cancel() {
	b := &a.entry.Value
	if b.state.Load() == waiting {
		q := a.home
		q.mu.Lock()
		var w waker.Waker
		if q.wheel.Remove(&a.entry) {
			w, b.waker = b.waker, waker.Waker{}
		}
		q.mu.Unlock() // takes effect here
		w.Drop()
	}
	b.state = point.Uint32Of(over)
}
