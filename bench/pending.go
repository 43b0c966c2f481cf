// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// The rows of this file are a million waiting: memory first. Their time is that to
// spawn all and have them wait.

func pendingWorkloads() []Workload {
	bytes := []Target{{Metric: "beyond-bytes", Max: 200}, {Metric: "ns", Max: 250}}
	return []Workload{
		{
			Name: "pending-recv", Unit: "task", Size: pendingTasks, Small: 2_000, Warm: 20_000, Targets: bytes,
			Why: "tasks that wait at one channel",
		},
		{
			Name: "pending-sleep", Unit: "task", Size: pendingTasks, Small: 2_000, Warm: 20_000, Targets: bytes,
			Why: "tasks that sleep for hours, each with a timer of its own",
		},
		{
			Name: "graph-pending", Unit: "node", Size: pendingTasks, Small: 2_000, Warm: 20_000, Targets: bytes[:1],
			Why: "nodes of a graph that wait, each on a promise; beyond-bytes is without the promise, built-bytes is of the graph",
		},
	}
}

// waiting measures what a crowd takes that spawn makes wait.
func (s *Sample) waiting(units int, spawn func() error, settled func() bool) error {
	empty, emptyRSS := live()+liveStacks(), residentBytes()
	if err := s.Time(units, spawn); err != nil {
		return err
	}
	for !settled() {
		runtime.Gosched()
	}
	each := 1 / float64(units)
	s.set("beyond-bytes", float64(int64(live()+liveStacks()-empty))*each)
	s.set("rss-bytes", float64(int64(residentBytes()-emptyRSS))*each)
	return nil
}

// pilferWaiting has tasks wait for futures, until end.
func pilferWaiting[T any](s *Sample, rt *sched.Runtime, units int, wait func() future.Future[T], end func(h sched.JoinHandle[T])) error {
	handles := make([]sched.JoinHandle[T], units)
	spawn := func() error {
		_, err := sched.Spawn(rt, future.Future[none](&crowd[T]{handles: handles, wait: wait})).Wait(background)
		return err
	}
	if err := s.waiting(units, spawn, idleRuntime(rt)); err != nil {
		return err
	}
	for i, h := range handles {
		if h.IsFinished() {
			return fmt.Errorf("task %d did not wait", i)
		}
	}
	for _, h := range handles {
		end(h)
	}
	for i, h := range handles {
		if _, err := h.Wait(background); err == nil {
			return fmt.Errorf("task %d has received something", i)
		}
	}
	return nil
}

// idleRuntime reports whether there is no task to be polled.
func idleRuntime(rt *sched.Runtime) func() bool {
	return func() bool {
		m := rt.Metrics()
		return m.Queued+m.Injected == 0
	}
}

// A crowd is a task that spawns waiting tasks, in batches so that the queues stay
// short.
type crowd[T any] struct {
	handles []sched.JoinHandle[T]
	wait    func() future.Future[T]
	next    int
}

// Poll spawns a batch.
func (c *crowd[T]) Poll(cx *sched.Context) future.Poll[none] {
	for end := min(c.next+spawnBatch, len(c.handles)); c.next < end; c.next++ {
		c.handles[c.next] = sched.Spawn(cx, c.wait())
	}
	if c.next == len(c.handles) {
		return future.Of(none{})
	}
	cx.Wake()
	return future.Wait[none]()
}

func pilferReceivers(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		c := chans.MPMC[int](1)
		return pilferWaiting(s, rt, units, c.RecvFuture, func(sched.JoinHandle[int]) { c.Close() })
	}
}

func pilferSleepers(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		n := 0
		return pilferWaiting(s, rt, units, func() future.Future[none] {
			n++
			return timer.Sleep(timersFar + time.Duration(n)*time.Millisecond)
		}, func(h sched.JoinHandle[none]) { h.Abort() })
	}
}

// plainWaiting has goroutines wait, a tenth of the tasks, until end.
func plainWaiting(s *Sample, units int, wait func(i int), end func()) error {
	units = min(units, goroutinesPending)
	var wg sync.WaitGroup
	err := s.waiting(units, func() error {
		var begun sync.WaitGroup
		begun.Add(units)
		for i := range units {
			wg.Go(func() {
				begun.Done()
				wait(i)
			})
		}
		begun.Wait()
		return nil
	}, func() bool { return true })
	end()
	wg.Wait()
	return err
}

func plainReceivers(s *Sample, units int) error {
	c := make(chan int)
	return plainWaiting(s, units, func(int) { <-c }, func() { close(c) })
}

// plainSleepers can be told to end, as a task can be aborted.
func plainSleepers(s *Sample, units int) error {
	quit := make(chan none)
	return plainWaiting(s, units, func(i int) {
		t := time.NewTimer(timersFar + time.Duration(i)*time.Millisecond)
		defer t.Stop()
		select {
		case <-t.C:
		case <-quit:
		}
	}, func() { close(quit) })
}

// pilferAwaiting runs a graph all of whose nodes wait.
func pilferAwaiting(rt *sched.Runtime) Body {
	return func(s *Sample, units int) error {
		promises := make([]*future.Promise[int], units)
		for i := range promises {
			promises[i] = future.NewPromise[int]()
		}
		empty := live()
		// asked is how many nodes have asked for their future.
		// Writers: each node, by one. Invariant: only grows.
		var asked point.Int64
		g := graph.New("waiting")
		for range units {
			graph.Await(g, "", func(context.Context) future.Future[int] { return promises[asked.Inc()-1].Future() })
		}
		if err := g.Validate(); err != nil {
			return err
		}
		built := live() - empty
		ended := make(chan error, 1)
		err := s.waiting(units, func() error {
			go func() { ended <- g.Run(background, rt) }()
			for asked.Load() < int64(units) {
				time.Sleep(50 * time.Microsecond)
			}
			return nil
		}, idleRuntime(rt))
		s.set("built-bytes", float64(built)/float64(units))
		if len(ended) > 0 {
			return fmt.Errorf("the run has ended with %v before its nodes", <-ended)
		}
		for i, p := range promises {
			p.Resolve(i)
		}
		runtime.KeepAlive(g)
		if e := <-ended; err == nil {
			err = e
		}
		return err
	}
}
