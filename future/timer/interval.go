// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/future"
)

// Missed says what an [Interval] does with ticks that nobody waited for in time.
type Missed uint8

const (
	// Burst gives the missed ticks at once, one after the other, until the
	// rhythm is caught up with: for what must happen as often as time says.
	Burst Missed = iota

	// Delay starts the rhythm anew: the next tick comes a period after the late
	// one was taken. For what needs a rest in between.
	Delay

	// Skip forgets the missed ticks and keeps the rhythm: the next tick comes at
	// the next multiple of the period. As time.Ticker does; for a look at the clock.
	Skip
)

// An Interval gives ticks in a rhythm. One task at a time may use it.
//
//	every := timer.Every(time.Second)
//	// in a state machine: tick = every.Tick(), then poll tick
type Interval struct {
	alarm
	period time.Duration
	missed Missed
	begun  bool
	open   bool    // a Tick waits to be taken
	next   Instant // of the real clock: the next tick
}

// Every returns an interval whose first tick comes a period after that tick was
// first polled. Missed ticks come in a [Burst]; see [Interval.OnMissed]. It panics if
// the period is not positive.
//
// Caller: any.
func Every(period time.Duration) *Interval {
	return newInterval(period, "Every")
}

// EveryFrom is [Every] with the time of the first tick.
//
// Caller: any.
func EveryFrom(first time.Time, period time.Duration) *Interval {
	i := newInterval(period, "EveryFrom")
	i.begun = true
	i.next = instantOf(first)
	return i
}

func newInterval(period time.Duration, who string) *Interval {
	if period <= 0 {
		panic(fmt.Sprintf("timer: period %v given to %s: want a positive one", period, who))
	}
	i := &Interval{period: period}
	i.entry.Value.state.Store(over)
	return i
}

// OnMissed sets what is done with missed ticks, and returns i. It panics if m is none
// of [Burst], [Delay] and [Skip].
//
// Caller: owner.
func (i *Interval) OnMissed(m Missed) *Interval {
	if m > Skip {
		panic(fmt.Sprintf("timer: unknown Missed %d given to OnMissed", m))
	}
	i.missed = m
	return i
}

// Tick returns a future of the next tick: of the time at which it was to come. It
// costs no allocation: every Tick is the interval itself, so finish or drop one
// before the next. To drop one does not change the rhythm.
//
// Caller: owner.
func (i *Interval) Tick() future.Future[time.Time] {
	i.open = true
	return (*tick)(i)
}

// Reset lets the rhythm begin anew, at the first poll of the next [Interval.Tick].
//
// Caller: owner, with no Tick open.
func (i *Interval) Reset() { i.begun = false }

type tick Interval

// Poll waits for the time of the tick.
//
// Caller: owner.
func (t *tick) Poll(cx *future.Context) future.Poll[time.Time] {
	i := (*Interval)(t)
	if !i.open {
		ended("Interval's Tick")
	}
	clock := hostOf(cx, "Interval's Tick").clock
	if !i.begun {
		i.begun = true
		i.next = clock.instant().plus(-clock.offset).plus(int64(i.period))
	}
	if i.entry.Value.state.Load() == over {
		i.setAt(i.next)
	}
	if !i.poll(cx, "Interval's Tick") || !cx.Spend() {
		return future.Poll[time.Time]{} // without a budget it is over, and set again
	}
	i.open = false
	at := i.next
	i.next = i.following(at, clock.instant().plus(-clock.offset))
	return future.Of(clock.Time(at.plus(clock.offset)))
}

// following returns the time of the tick after at, which was taken at now.
func (i *Interval) following(at, now Instant) Instant {
	period := int64(i.period)
	next := at.plus(period)
	if next > now {
		return next
	}
	switch i.missed {
	case Delay:
		return now.plus(period)
	case Skip:
		return at.plus((int64(now-at)/period + 1) * period)
	default:
		return next
	}
}

// Drop takes the timer back.
//
// Caller: owner.
func (t *tick) Drop() {
	t.open = false
	t.cancel()
}
