// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"sync"
	"time"
)

func timerWorkloads() []Workload {
	return []Workload{
		{
			Name: "timer-arm", Unit: "timer", Size: 1_000_000, Small: 2_000,
			Why:     "start timers that are due in hours: what a timeout costs that is set for every request",
			Targets: append(against("ns", 50, map[string]float64{"afterfunc": 176}), Target{Metric: "bytes", Max: 64}),
		},
		{
			Name: "timer-cancel", Unit: "timer", Size: 1_000_000, Small: 2_000,
			Why:     "stop them again: what happens to nearly every timeout",
			Targets: against("ns", 25, map[string]float64{"afterfunc": 42}),
		},
		{
			Name: "timer-fire", Unit: "timer", Size: 1_000_000, Small: 2_000, Warm: 10_000,
			Why:     "a million timers that come due within one second: how late each is",
			Targets: against("p99-ns", 5e6, map[string]float64{"afterfunc": 435e6}),
		},
	}
}

const (
	timersFar   = time.Hour        // when the timers of timer-arm are due at the earliest
	timersApart = time.Microsecond // how far timers are apart on average: a million in one second
	timersArm   = time.Microsecond // to arm each timer of timer-fire before the first is due
)

// afterFuncs returns the timers of the standard library.
func afterFuncs() Runtime {
	return NewTimers("afterfunc", "time.AfterFunc, Timer.Stop", 0, func() (AfterFunc, func()) {
		return func(d time.Duration, f func()) Stopper { return time.AfterFunc(d, f) }, func() {}
	})
}

// An AfterFunc has f called once, after d.
type AfterFunc func(d time.Duration, f func()) Stopper

// A Stopper is a timer that has been started. Stop reports whether it was in time.
type Stopper interface{ Stop() bool }

// NewTimers returns a runtime of timers that call a function. open also returns
// what ends it. slack is by how much it may be early; it is asked for that much more.
func NewTimers(name, how string, slack time.Duration, open func() (after AfterFunc, shut func())) Runtime {
	with := func(body func(after AfterFunc) Body) Open {
		return func(int) (Body, func() error, error) {
			after, shut := open()
			return body(after), func() error { shut(); return nil }, nil
		}
	}
	return Runtime{Name: name, How: how, Open: map[string]Open{
		"timer-arm": with(func(after AfterFunc) Body {
			return func(s *Sample, units int) error {
				var timers []Stopper
				timerSpans(units)
				if err := s.Time(units, func() error { timers = armFar(after, units); return nil }); err != nil {
					return err
				}
				return stopAll(timers)
			}
		}),
		"timer-cancel": with(func(after AfterFunc) Body {
			return func(s *Sample, units int) error {
				timers := armFar(after, units)
				return s.Time(units, func() error { return stopAll(timers) })
			}
		}),
		"timer-fire": with(func(after AfterFunc) Body {
			return func(s *Sample, units int) error { return fireAll(s, units, slack, after) }
		}),
	}}
}

// armFar starts timers that are due in hours.
func armFar(after AfterFunc, units int) []Stopper {
	timers, spans := make([]Stopper, units), timerSpans(units)
	for i := range timers {
		timers[i] = after(timersFar+spans[i], func() { panic("a timer is due hours too early") })
	}
	return timers
}

func stopAll(timers []Stopper) error {
	for i, t := range timers {
		if !t.Stop() {
			return fmt.Errorf("timer %d was not there to be stopped", i)
		}
	}
	return nil
}

// fireAll notes for each timer how late its function runs.
func fireAll(s *Sample, units int, slack time.Duration, after AfterFunc) error {
	late := make([]time.Duration, units) // a timer writes its own
	spans := timerSpans(units)
	var fired sync.WaitGroup
	fired.Add(units)
	err := s.Time(units, func() error {
		begin := timersBegin(units)
		for i := range units {
			due := begin.Add(spans[i])
			after(time.Until(due)+slack, func() {
				late[i] = time.Since(due)
				fired.Done()
			})
		}
		fired.Wait()
		return nil
	})
	if err != nil {
		return err
	}
	return s.lateness(late)
}

// timerSpans returns when each timer is due, from the first on, in no order. They
// are made once for each size, outside of what is measured.
func timerSpans(units int) []time.Duration {
	if all, ok := madeSpans.Load(units); ok {
		return all.([]time.Duration)
	}
	var rng splitMix
	all := make([]time.Duration, units)
	for i := range all {
		all[i] = time.Duration(rng.below(units)) * timersApart
	}
	madeSpans.Store(units, all)
	return all
}

var madeSpans sync.Map // of []time.Duration, by units

// timersBegin is when the first of so many timers is due: later than all are armed.
func timersBegin(units int) time.Time { return time.Now().Add(time.Duration(units) * timersArm) }

// lateness notes how late timers were. None may be early.
func (s *Sample) lateness(late []time.Duration) error {
	if s.Latencies == nil {
		s.Latencies = &Histogram{}
	}
	for i, d := range late {
		if d < 0 {
			return fmt.Errorf("timer %d was %v early", i, -d)
		}
		s.Latencies.Add(d)
	}
	return nil
}
