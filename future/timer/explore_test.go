// SPDX-License-Identifier: Apache-2.0

//go:build explore

package timer

import (
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A place is a party that polls, with its queue of timers.
type place struct{ q Queue }

func (p *place) Local() waker.Local { return p }
func (p *place) Timers() *Queue     { return &p.q }

// until polls with the contexts of a place.
func (p *place) until(ready func(cx *waker.Context) bool) {
	me := poller.New()
	cx := me.Context()
	cx.Reset(waker.New(me), p, -1)
	for !ready(cx) {
		me.Sleep()
		cx.Reset(waker.New(me), p, -1)
	}
}

// timerModel has owners wait for timers of one queue, and others move the clock on and
// fire. One owner cancels after two polls.
func timerModel(firers int, cancels bool) func(x *explore.X) {
	return func(x *explore.X) {
		clock := NewClock(time.Unix(0, 0))
		p := &place{}
		p.q.Init(clock, nil)
		var armed point.Bool
		x.Go("sleeper", func() {
			s := Sleep(time.Second)
			before := poller.New().Context() // the waker of a poll that is not the last
			before.Reset(waker.New(poller.New()), p, -1)
			if s.Poll(before).Ready {
				return
			}
			p.until(func(cx *waker.Context) bool {
				got := s.Poll(cx)
				armed.Store(true)
				x.Check(!got.Ready || clock.Instant() >= zero.plus(int64(time.Second)), "ready before its time")
				return got.Ready
			})
		})
		if cancels {
			x.Go("canceler", func() {
				s := Sleep(time.Second)
				for range 2 {
					me := poller.New()
					cx := me.Context()
					cx.Reset(waker.New(me), p, -1)
					if s.Poll(cx).Ready {
						return
					}
				}
				s.(*sleep).Drop()
			})
		}
		for range firers {
			x.Go("firer", func() {
				for !armed.Load() {
					explore.Spin()
				}
				clock.Advance(time.Second)
				for p.q.Next() <= clock.Instant() {
					if n, _ := p.q.Fire(clock.Instant(), nil, fireBatch); n < 0 {
						explore.Spin() // another one fires
					}
				}
			})
		}
		x.Wait()
		x.Check(p.q.Len() == 0, "%d timers are left", p.q.Len())
	}
}

func TestExploreTimer(t *testing.T) {
	explore.Model{
		Structure: "timers", Operations: "a sleeper; 2 advance the clock and fire",
		Options: explore.Options{Preemptions: 3},
		Run:     timerModel(2, false),
	}.Check(t)
}

func TestExploreTimerCancel(t *testing.T) {
	explore.Model{
		Structure: "timers against cancel", Operations: "a sleeper; one that cancels after 2 polls; one advances the clock and fires",
		Options: explore.Options{Preemptions: 3},
		Run:     timerModel(1, true),
	}.Check(t)
}

// TestExploreJump: time stands still while somebody runs who has made that known and
// settled.
func TestExploreJump(t *testing.T) {
	explore.Model{
		Structure: "a clock that jumps", Operations: "2 run; 2 let it jump if nobody does",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			clock := NewClock(time.Unix(0, 0))
			clock.AutoAdvance(true)
			var running point.Int32
			jump := func() bool {
				return clock.IdleIf(func() Instant {
					if running.Load() != 0 {
						return Never
					}
					return clock.Instant() + 1
				})
			}
			for range 2 {
				x.Go("runner", func() {
					running.Add(1)
					clock.Settle()
					begin := clock.Instant()
					x.Check(clock.Instant() == begin, "time went on")
					running.Sub(1)
				})
				x.Go("sleeper", func() { jump() })
			}
			x.Wait()
			before := clock.Instant()
			x.Check(jump() && clock.Instant() == before+1, "the clock does not jump")
		},
	}.Check(t)
}
