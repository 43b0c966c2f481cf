// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

// pilferTimes are our timers.
func pilferTimes(with func(body func(rt *sched.Runtime) Body) Open) map[string]Open {
	return map[string]Open{
		"timer-arm":    with(pilferArm),
		"timer-cancel": with(pilferCancel),
		"timer-fire":   with(pilferFire),
	}
}

// armSleeps makes timers that are due in hours, and polls each once.
func armSleeps(cx *sched.Context, sleeps []future.Future[none]) error {
	spans := timerSpans(len(sleeps))
	for i := range sleeps {
		sleeps[i] = timer.Sleep(timersFar + spans[i])
		if sleeps[i].Poll(cx).Ready {
			return fmt.Errorf("timer %d is due hours too early", i)
		}
	}
	return nil
}

func cancelSleeps(sleeps []future.Future[none]) {
	for _, f := range sleeps {
		future.Drop(f)
	}
}

func pilferArm(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		sleeps := make([]future.Future[none], units)
		timerSpans(units)
		return rt.Run(background, func(cx *sched.Context) error {
			err := s.Time(units, func() error { return armSleeps(cx, sleeps) })
			cancelSleeps(sleeps)
			return err
		})
	}
}

func pilferCancel(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		sleeps := make([]future.Future[none], units)
		return rt.Run(background, func(cx *sched.Context) error {
			if err := armSleeps(cx, sleeps); err != nil {
				return err
			}
			return s.Time(units, func() error {
				cancelSleeps(sleeps)
				return nil
			})
		})
	}
}

// A sleeper is a task that notes how late its timer is.
type sleeper struct {
	due   time.Time
	late  *time.Duration
	sleep future.Future[none]
	all   *countdown
}

// Poll is ready when the timer is due.
func (t *sleeper) Poll(cx *sched.Context) future.Poll[none] {
	if t.sleep == nil {
		t.sleep = timer.SleepUntil(t.due)
	}
	if !t.sleep.Poll(cx).Ready {
		return future.Wait[none]()
	}
	*t.late = time.Since(t.due)
	return t.all.Poll(cx)
}

func pilferFire(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		late, spans := make([]time.Duration, units), timerSpans(units)
		all := &countdown{done: future.NewPromise[none]()}
		all.left.Store(int64(units))
		err := s.Time(units, func() error {
			begin := timersBegin(units)
			for i := range units {
				due := begin.Add(spans[i])
				sched.Spawn(rt, future.Future[none](&sleeper{due: due, late: &late[i], all: all}))
			}
			_, err := sched.BlockOn(background, rt, all.done.Future())
			return err
		})
		if err := orLeft(err, all.left.Load()); err != nil {
			return err
		}
		return s.lateness(late)
	}
}
