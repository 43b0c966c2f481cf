// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"fmt"
	"math"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// An Instant is a moment of a [Clock], in nanoseconds. Those of two clocks do not
// compare.
type Instant int64

const (
	// Never is the moment that does not come: 146 years from the clock's start.
	Never Instant = math.MaxInt64

	// zero is the instant of a clock's start, in the middle of the positive ones:
	// in a testing/synctest bubble it is the year 2000.
	zero Instant = 1 << 62
)

// plus adds d, and stays within 0 and Never.
func (i Instant) plus(d int64) Instant {
	switch sum := int64(i) + d; {
	case d > 0 && sum < int64(i):
		return Never
	case sum < 0:
		return 0
	default:
		return Instant(sum)
	}
}

// started is the start of the real clock.
var started = time.Now()

// instantOf returns the moment of the real clock.
func instantOf(t time.Time) Instant { return zero.plus(int64(t.Sub(started))) }

// tickShift makes a tick of the real clock of 2^18 ns, 0.26 ms;
// see docs/decisions/0019-timers.md. A clock of [NewClock] is exact.
const tickShift = 18

// A Clock says what time it is for the timers of an executor. [Real] is that of
// the system; one of [NewClock] is set by tests. There are no others: the zero Clock
// does not work.
type Clock struct {
	// hand is where the clock stands, or how it runs.
	// Writers: holding mu. Invariant: the time that it gives never decreases, save
	// for who reads while Pause is about to stop it.
	hand point.Pointer[hand]

	start  time.Time // set once: when it is zero
	offset int64     // set once: from an instant of the real clock to one of this
	shift  uint8     // set once: of the ticks

	mu       point.Mutex
	auto     bool      // holding mu
	watchers []*func() // holding mu; replaced, not written
}

// A hand is a reading of the clock. It is not written once it is published.
type hand struct {
	at    Instant
	runs  bool
	since time.Time // since when it runs from at
}

func (h *hand) now() Instant {
	if h.runs {
		return h.at.plus(int64(time.Since(h.since)))
	}
	return h.at
}

// when is now at t.
func (h *hand) when(t time.Time) Instant {
	if h.runs {
		return h.at.plus(int64(t.Sub(h.since)))
	}
	return h.at
}

var realClock = func() *Clock {
	c := &Clock{start: started, shift: tickShift}
	c.hand.Store(&hand{at: zero, runs: true, since: started})
	return c
}()

// Real returns the system's clock. Inside a testing/synctest bubble it is the
// bubble's.
//
// Caller: any.
func Real() *Clock { return realClock }

// NewClock returns a clock that stands still at start, until it is told to go on by
// [Clock.Advance], [Clock.AutoAdvance] or [Clock.Resume]. Its timers are exact.
//
// Caller: any.
func NewClock(start time.Time) *Clock {
	c := &Clock{start: start, offset: int64(started.Sub(start))}
	c.hand.Store(&hand{at: zero})
	return c
}

func (c *Clock) instant() Instant { return c.hand.Load().now() }

// Now returns the time.
//
// Caller: any.
func (c *Clock) Now() time.Time { return c.Time(c.instant()) }

// Instant returns the time in the clock's own terms.
//
// Caller: any.
func (c *Clock) Instant() Instant { return c.instant() }

// Time returns the time of an instant.
//
// Caller: any.
func (c *Clock) Time(i Instant) time.Time { return c.start.Add(time.Duration(i - zero)) }

// Until returns how long it takes until at has come. It reports false if the clock
// stands still, and at has not come.
//
// Caller: any.
func (c *Clock) Until(at Instant) (d time.Duration, runs bool) {
	h := c.hand.Load()
	d = time.Duration(max(at-h.now(), 0))
	return d, h.runs || d == 0
}

// Virtual reports whether the clock is one of [NewClock].
//
// Caller: any.
func (c *Clock) Virtual() bool { return c != realClock }

// Advance moves the clock on by d. Timers whose time has come by then are fired, in
// order, and read the later time. It panics if d is negative.
//
// Caller: any.
func (c *Clock) Advance(d time.Duration) {
	c.setByHand("Advance")
	if d < 0 {
		panic(fmt.Sprintf("timer: Clock.Advance by %v: a clock does not go back", d))
	}
	c.move(func(now Instant) Instant { return now.plus(int64(d)) })
}

// AdvanceTo moves the clock on to t. It panics if t is before [Clock.Now].
//
// Caller: any.
func (c *Clock) AdvanceTo(t time.Time) {
	c.setByHand("AdvanceTo")
	c.move(func(now Instant) Instant {
		at := zero.plus(int64(t.Sub(c.start)))
		if at < now {
			panic(fmt.Sprintf("timer: Clock.AdvanceTo %v, before %v: a clock does not go back", t, c.Time(now)))
		}
		return at
	})
}

// Resume lets the clock run with the system's, from where it stands.
//
// Caller: any.
func (c *Clock) Resume() { c.setByHand("Resume"); c.run(true) }

// Pause lets the clock stand still.
//
// Caller: any.
func (c *Clock) Pause() { c.setByHand("Pause"); c.run(false) }

// setByHand panics if the clock is the system's.
func (c *Clock) setByHand(method string) {
	if !c.Virtual() {
		panic("timer: Clock." + method + " of the system's clock; use one of NewClock")
	}
}

// move sets the clock to what to returns.
func (c *Clock) move(to func(now Instant) Instant) {
	c.mu.Lock()
	func() {
		defer c.mu.Unlock()
		c.set(to)
	}()
	c.tell()
}

// set moves the hand.
//
// Caller: holding mu.
func (c *Clock) set(to func(now Instant) Instant) {
	h, t := *c.hand.Load(), time.Now() // one t: what runs between two would be lost
	h.at = to(h.when(t))
	h.since = t
	c.hand.Store(&h)
}

func (c *Clock) run(on bool) {
	c.mu.Lock()
	t := time.Now()
	c.hand.Store(&hand{at: c.hand.Load().when(t), runs: on, since: t})
	c.mu.Unlock()
	c.tell()
}

// AutoAdvance says whether the clock jumps to the next timer by itself whenever
// all tasks of its executor wait. It then serves one executor only, and panics if
// it serves more already.
//
// Caller: any.
func (c *Clock) AutoAdvance(on bool) {
	c.setByHand("AutoAdvance")
	c.mu.Lock()
	several := len(c.watchers) > 1
	c.auto = on && !several
	c.mu.Unlock()
	if on && several {
		panic("timer: Clock.AutoAdvance of a clock that serves several executors")
	}
	c.tell()
}

// Auto reports whether the clock advances by itself.
//
// Caller: any.
func (c *Clock) Auto() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.auto
}

// Idle says that the executor has nothing to do until next. A clock that advances
// by itself then jumps there, and Idle reports true.
//
// Caller: the executor.
func (c *Clock) Idle(next Instant) bool {
	return c.IdleIf(func() Instant { return next })
}

// IdleIf is [Clock.Idle] for an executor of several goroutines: look says when the next
// timer is, or [Never] if somebody is awake. The clock stands still from before look is
// called until it has jumped. So look must not change it, and whoever comes awake makes
// that known, and calls [Clock.Settle].
//
// Caller: the executor.
func (c *Clock) IdleIf(look func() Instant) bool {
	jumped := c.Virtual() && c.jump(look)
	if jumped {
		c.tell()
	}
	return jumped
}

func (c *Clock) jump(look func() Instant) (jumped bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.auto {
		return false
	}
	next := look() // [jump-race] J1
	if next == Never || c.instant() > next {
		return false
	}
	c.set(func(now Instant) Instant { return max(now, next) }) // [jump-race] J2
	return true
}

// Settle waits until no jump of [Clock.IdleIf] is under way.
//
// Proof [jump-race]: time does not go on while something runs.
//
//	IdleIf, holding mu             who comes awake
//	  J1  look: nobody is awake      B1  say so where look sees it
//	  J2  move the hand              B2  take mu, and leave it
//	                                     read the clock
//
// B2 before J1: B1 is before B2, so J1 sees it, as long as it is not taken back, and
// there is no J2. Otherwise J2 is before B2: the time after the jump is the only one
// that is read. (cross)
//
// Checked by: TestExploreJump, TestSettleWaitsForAJump, and TestWhoBeginsWaitsForAJump,
// TestExploreJumpBesideComer and TestExploreJumpBesideWoken of sched.
//
// Caller: any, but not in look.
func (c *Clock) Settle() {
	c.mu.Lock() // [jump-race] B2
	defer c.mu.Unlock()
}

// Watch calls f after every change of a clock of [NewClock], on the goroutine that
// changed it, until stop is called. An executor that waits for a timer looks at
// the clock then.
//
// Caller: any.
func (c *Clock) Watch(f func()) (stop func()) {
	if !c.Virtual() {
		return func() {}
	}
	w := &f
	c.mu.Lock()
	tooMany := c.auto && len(c.watchers) > 0
	if !tooMany {
		c.watchers = append(c.watchers[:len(c.watchers):len(c.watchers)], w)
	}
	c.mu.Unlock()
	if tooMany {
		panic("timer: a clock with AutoAdvance serves one executor only")
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		var rest []*func()
		for _, o := range c.watchers {
			if o != w {
				rest = append(rest, o)
			}
		}
		c.watchers = rest
	}
}

// tell calls the watchers.
func (c *Clock) tell() {
	c.mu.Lock()
	watchers := c.watchers
	c.mu.Unlock()
	for _, f := range watchers {
		(*f)()
	}
}
