// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"iter"
	"runtime"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// The rows of this file are straight-line code that waits: a task of ours that is a
// coroutine, where a goroutine just waits.

func directWorkloads() []Workload {
	return []Workload{
		{
			Name: "await-ready", Unit: "await", Size: 5_000_000, Small: 5_000,
			Why:     "a task in direct style waits again and again for what is there already, as a goroutine that receives from a closed channel",
			Targets: append(against("ns", 5, nil), Target{Metric: "allocs", Max: 0.001}),
		},
		{
			Name: "await-suspend", Unit: "await", Size: 1_000_000, Small: 5_000,
			Why:     "a task in direct style gives way at each await, and is polled again: two switches of a coroutine, and the way through the queue; yield is the same without a coroutine",
			Targets: append(against("ns", 150, nil), Target{Metric: "allocs", Max: 0.001}),
		},
	}
}

// A ticket is a future that can be awaited again and again: it is ready with the next
// number, at once or after one poll that is not.
type ticket struct {
	suspends, asked bool
	n               int
}

// Poll counts.
func (t *ticket) Poll(cx *sched.Context) future.Poll[int] {
	if t.suspends {
		if t.asked = !t.asked; t.asked {
			cx.Wake()
			return future.Wait[int]()
		}
	}
	t.n++
	return future.Of(t.n)
}

// pilferDirect awaits a ticket units times, and counts the right numbers.
func pilferDirect(suspends bool) func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
	return func(rt *sched.Runtime, units int) sched.JoinHandle[int] {
		return sched.Spawn(rt, future.Async(func(y *future.Await) (got int, err error) {
			t := future.Future[int](&ticket{suspends: suspends})
			for want := 1; want <= units; want++ {
				n, err := future.Get(y, t)
				if err != nil {
					return 0, err
				}
				if n == want {
					got++
				}
			}
			return got, nil
		}))
	}
}

// plainAwait receives from a channel that is closed: it says for good that something
// has happened.
func plainAwait(s *Sample, units int) error {
	done, got := make(chan none), 0
	err := s.Time(units, func() error {
		close(done)
		for range units {
			if _, open := <-done; !open {
				got++
			}
		}
		return nil
	})
	return orLeft(err, int64(units-got))
}

func plainGiveWay(s *Sample, units int) error {
	got := 0
	err := s.Time(units, func() error {
		done := make(chan none)
		go func() {
			for range units {
				runtime.Gosched()
				got++
			}
			close(done)
		}()
		<-done
		return nil
	})
	return orLeft(err, int64(units-got))
}

// coroutines returns the switches of await-suspend alone.
func coroutines() Runtime {
	return Runtime{
		Name: "iter-pull", How: "iter.Pull: next, and yield in the coroutine",
		Open: map[string]Open{"await-suspend": plain(func(s *Sample, units int) error {
			got := 0
			err := s.Time(units, func() error {
				next, stop := iter.Pull(func(yield func(int) bool) {
					for n := 1; yield(n); n++ {
					}
				})
				defer stop()
				for want := 1; want <= units; want++ {
					if n, ok := next(); ok && n == want {
						got++
					}
				}
				return nil
			})
			return orLeft(err, int64(units-got))
		})},
		Notes: map[string]string{"await-suspend": LessWork + "the two switches alone: there is no task, and no queue"},
	}
}
