// SPDX-License-Identifier: Apache-2.0

//go:build explore

package sched

import (
	"context"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/explore"
)

// watched polls the future in it, and looks whether time goes on meanwhile.
type watched struct {
	future.Future[struct{}]
	clock *timer.Clock
	x     *explore.X
}

func (f *watched) Poll(cx *Context) future.Poll[struct{}] {
	begin := f.clock.Instant()
	p := f.Future.Poll(cx)
	f.x.Check(f.clock.Instant() == begin, "time went on during a poll")
	return p
}

// A caller polls a future while the clock of its runtime may jump to a later timer: it
// does so before the caller begins or while it sleeps, and not while it runs.
func TestExploreJumpBesideCaller(t *testing.T) {
	explore.Model{
		Structure: "a clock that jumps", Operations: "1 worker; a task sleeps; a caller begins, sleeps, and is woken",
		Options: explore.Options{Preemptions: 1},
		Run: func(x *explore.X) {
			clock := timer.NewClock(time.Unix(0, 0))
			clock.AutoAdvance(true)
			rt := startedWith(1, Clock(clock))
			h := Spawn(rt, timer.Sleep(2*time.Hour))
			_, err := BlockOn(context.Background(), rt, &watched{timer.Sleep(time.Hour), clock, x})
			x.Check(err == nil, "the caller: %v", err)
			_, err = h.Wait(context.Background())
			x.Check(err == nil, "the task: %v", err)
			closed(x, rt)
		},
	}.Check(t)
}

// jumpModel has one thread begin while another lets the clock jump, in a runtime without
// a pool: all that counts is who is awake outside.
func jumpModel(prepare, begin func(rt *Runtime, c *caller)) func(x *explore.X) {
	return func(x *explore.X) {
		clock := timer.NewClock(time.Unix(0, 0))
		clock.AutoAdvance(true)
		rt := &Runtime{}
		rt.clock = clock
		c := &caller{rt: rt}
		prepare(rt, c)
		x.Go("jumper", func() {
			clock.IdleIf(func() timer.Instant {
				if rt.busyOutside.load().count() != int(rt.resting.Load()) {
					return timer.Never
				}
				return clock.Instant() + 1
			})
		})
		begin(rt, c)
		now := clock.Instant()
		clock.Settle() // lets a jump end that is under way
		x.Check(clock.Instant() == now, "time went on beside who is awake")
		x.Wait()
	}
}

// Somebody comes from outside, on a goroutine that has not been counted.
func TestExploreJumpBesideComer(t *testing.T) {
	explore.Model{
		Structure: "a clock that jumps", Operations: "one thread lets it jump if nobody is awake; one comes from outside",
		Run: jumpModel(
			func(*Runtime, *caller) {},
			func(rt *Runtime, _ *caller) { rt.comeOutside() }),
	}.Check(t)
}

// A caller that sleeps is woken by somebody whom nobody counts.
func TestExploreJumpBesideWoken(t *testing.T) {
	explore.Model{
		Structure: "a clock that jumps", Operations: "one thread lets it jump if nobody is awake; one wakes a caller",
		Run: jumpModel(
			func(rt *Runtime, c *caller) {
				rt.comeOutside()
				c.rested = rt.rest(0)
				c.resting.Store(true)
			},
			func(_ *Runtime, c *caller) { c.wokenUp() }),
	}.Check(t)
}
