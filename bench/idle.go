// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

func idleWorkloads() []Workload {
	return []Workload{{
		Name: "idle", Unit: "ms", Size: 1000, Small: 10, Warm: 100,
		Why: "CPU time of a pool that has worked and has nothing to do, over one second: 1,000,000 ns in each ms would be a busy CPU. " +
			"The figure of goroutine is what Go's own runtime takes",
		Targets: []Target{{Metric: "ns", Peer: "goroutine", Ratio: 2}},
	}}
}

const (
	idleTasks  = 100                   // that make the workers work before
	idleSettle = 20 * time.Millisecond // until they have gone to sleep
)

// idle has work done, and then measures the CPU time of units milliseconds in
// which there is none.
func (s *Sample) idle(units int, work func() error) error {
	if err := work(); err != nil {
		return err
	}
	time.Sleep(idleSettle)
	err := s.Time(units, func() error {
		time.Sleep(time.Duration(units) * time.Millisecond)
		return nil
	})
	s.Elapsed = max(s.CPU, 1) // the clock on the wall says nothing here
	return err
}

func pilferIdle(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		return s.idle(units, func() error {
			for range idleTasks {
				if _, err := sched.Spawn(rt, future.Future[none](&mark{})).Wait(background); err != nil {
					return err
				}
			}
			return nil
		})
	}
}
