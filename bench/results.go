// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// The rows of this file ask each task for a result that its spawner receives: the
// work that a handle is for. In spawn-inside and submit-1 functions count up, and a
// pool that has nothing else to give does less.

func resultWorkloads() []Workload {
	return []Workload{
		{
			Name: "spawn-result", Unit: "task", Size: 500_000, Small: 5_000, Warm: 50_000,
			Why: "batches of 1000 tasks from inside a task, and a result from each to the one that spawned it",
		},
		{
			Name: "submit-result", Unit: "task", Size: 500_000, Small: 2_000, Warm: 50_000,
			Why: "batches of 1000 tasks from one ordinary goroutine, which receives a result from each",
		},
	}
}

// checkSum returns an error unless the results of all tasks were added up.
func checkSum(err error, sum, units int) error {
	// On 32 bits the sum wraps, and so does this.
	if want := int(int64(units) * int64(units-1) / 2); err == nil && sum != want {
		err = fmt.Errorf("the results add up to %d, want %d", sum, want)
	}
	return err
}

// A gatherer spawns batches and adds up their results.
type gatherer struct {
	next, until int
	handles     []sched.JoinHandle[int] // of the last batch
	seen        int                     // of those
	sum         int
}

// Poll goes on where a result was missing.
func (g *gatherer) Poll(cx *sched.Context) future.Poll[int] {
	for {
		for ; g.seen < len(g.handles); g.seen++ {
			p := g.handles[g.seen].Poll(cx)
			if !p.Ready || p.Err != nil {
				return p
			}
			g.sum += p.Value
		}
		if g.next == g.until {
			return future.Of(g.sum)
		}
		g.handles, g.seen = g.handles[:0], 0
		for end := min(g.next+spawnBatch, g.until); g.next < end; g.next++ {
			g.handles = append(g.handles, sched.Spawn(cx, future.Future[int](answer(g.next))))
		}
	}
}

func pilferSpawnResult(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		sum := 0
		err := s.Time(units, func() (err error) {
			g := &gatherer{until: units, handles: make([]sched.JoinHandle[int], 0, spawnBatch)}
			sum, err = sched.Spawn(rt, future.Future[int](g)).Wait(background)
			return err
		})
		return checkSum(err, sum, units)
	}
}

func pilferSubmitResult(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		sum := 0
		handles := make([]sched.JoinHandle[int], 0, spawnBatch)
		err := s.Time(units, func() error {
			for next := 0; next < units; {
				handles = handles[:0]
				for end := min(next+spawnBatch, units); next < end; next++ {
					handles = append(handles, sched.Spawn(rt, future.Future[int](answer(next))))
				}
				for _, h := range handles {
					v, err := h.Wait(background)
					if err != nil {
						return err
					}
					sum += v
				}
			}
			return nil
		})
		return checkSum(err, sum, units)
	}
}

// poolResults has batches started, by a function of the pool or by the caller, each
// function with a channel for its result: what Go programs do where there is no
// handle.
func poolResults(s *Sample, units int, inside bool, start func(func()) error) error {
	sum := 0
	err := s.Time(units, func() error {
		results := make([]chan int, spawnBatch)
		for next := 0; next < units; {
			first, n := next, min(spawnBatch, units-next)
			next += n
			batch := func() error {
				for i := range n {
					result := make(chan int, 1)
					results[i] = result
					if err := start(func() { result <- first + i }); err != nil {
						return err
					}
				}
				return nil
			}
			if err := calledBy(inside, start, batch); err != nil {
				return err
			}
			for _, result := range results[:n] {
				sum += <-result
			}
		}
		return nil
	})
	return checkSum(err, sum, units)
}

// calledBy calls f in a function of the pool or here. The caller waits outside of
// the pool: with one worker a function would wait for itself.
func calledBy(inside bool, start func(func()) error, f func() error) error {
	if !inside {
		return f()
	}
	done := make(chan error, 1)
	if err := start(func() { done <- f() }); err != nil {
		return err
	}
	return <-done
}
