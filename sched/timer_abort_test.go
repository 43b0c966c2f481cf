// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/aborttest"
	"github.com/pilfer-go/pilfer/sched"
)

// TestAbortTimersAtEachPoll: who waits for a value that comes by time is dropped at any
// point of its life. The others get theirs, and no timer stays behind.
func TestAbortTimersAtEachPoll(t *testing.T) {
	void := func(f future.Future[int]) future.Future[struct{}] {
		return future.Map(f, func(int) struct{} { return struct{}{} })
	}
	after := func(d time.Duration, f func()) future.Future[struct{}] {
		return future.Map(timer.Sleep(d), func(struct{}) struct{} { f(); return struct{}{} })
	}
	for _, c := range []struct {
		name  string
		start func(clock *timer.Clock) (victim future.Future[struct{}], others []future.Future[struct{}], left func() int)
	}{
		{"DelayQueue", func(clock *timer.Clock) (future.Future[struct{}], []future.Future[struct{}], func() int) {
			q := timer.NewDelayQueue[int](clock)
			insert := func(d time.Duration) func() { return func() { q.Insert(0, d) } }
			return void(q.Next()), []future.Future[struct{}]{
				void(q.Next()), void(q.Next()),
				after(1, insert(100)), after(2, insert(50)), after(3, insert(60)),
			}, q.Len
		}},
		{"DelayQueue, again and again", func(clock *timer.Clock) (future.Future[struct{}], []future.Future[struct{}], func() int) {
			q := timer.NewDelayQueue[int](clock)
			q.Insert(0, 1000)
			insert := func(d time.Duration) func() { return func() { q.Insert(0, d) } }
			victim := future.Then(q.Next(), func(int) future.Future[struct{}] { return void(q.Next()) })
			return victim, []future.Future[struct{}]{
				void(q.Next()), after(5, insert(10)), after(6, insert(20)),
			}, func() int { return min(q.Len(), 1) }
		}},
		{"Debounce", func(clock *timer.Clock) (future.Future[struct{}], []future.Future[struct{}], func() int) {
			d := timer.NewDebounce[int](clock, 10)
			push := func() { d.Push(0) }
			n := 0
			count := func(f future.Future[int]) future.Future[struct{}] {
				return future.Map(f, func(int) struct{} { n++; return struct{}{} })
			}
			return count(d.Next()), []future.Future[struct{}]{
				count(d.Next()), after(1, push), after(5, push), after(30, push),
			}, func() int { return 2 - n }
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			aborttest.Each(t, func(t *testing.T, a *aborttest.Abort) {
				clock := timer.NewClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
				clock.AutoAdvance(true)
				r := sched.NewRoundRobin(sched.Clock(clock))
				victim, others, left := c.start(clock)
				mine := sched.Spawn(r, aborttest.Victim(a, victim))
				var hs []sched.JoinHandle[struct{}]
				for _, f := range others {
					hs = append(hs, sched.Spawn(r, f))
				}
				r.Run()
				require.True(t, mine.IsFinished(), "the victim waits for ever")
				for i, h := range hs {
					require.True(t, h.IsFinished(), "other %d waits for ever", i)
				}
				require.Equal(t, map[bool]int{true: 1}[a.Hit()], left())
			})
		})
	}
}
