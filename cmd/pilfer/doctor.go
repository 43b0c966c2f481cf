// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A probe measures one operation for about as long as it is told, and returns
// the time of one.
type probe struct {
	name string
	run  func(rt *sched.Runtime, long time.Duration) (time.Duration, error)
}

var probes = []probe{
	{"spawn and run a task, inside", spawnInside},
	{"spawn and run a task, outside", spawnOutside},
	{"yield", yield},
	{"fork and join, times workers", fork},
	{"Run of an empty function", runEmpty},
	{"Spawn and Wait, in a loop (median)", spawnWait},
	{"Spawn and Wait, after 1 ms of silence (median)", spawnWaitIdle},
}

// doctor prints a table of all probes with locked and unlocked workers.
func doctor(out io.Writer, long time.Duration) error {
	fmt.Fprintln(out, version())
	fmt.Fprintf(out, "%d CPUs, GOMAXPROCS %d\n\n", runtime.NumCPU(), runtime.GOMAXPROCS(0))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "operation\tlocked\tunlocked\t")
	for _, p := range probes {
		fmt.Fprintf(table, "%s\t", p.name)
		for _, lock := range []bool{true, false} {
			took, err := measure(p, lock, long)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			fmt.Fprintf(table, "%v\t", took)
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, "\nLocked workers own their threads; choose sched.LockThreads(false) if tasks use\nGo channels and mutexes a lot, or if the last two rows matter most.")
	return err
}

func measure(p probe, lock bool, long time.Duration) (time.Duration, error) {
	rt, err := sched.New(sched.LockThreads(lock))
	if err != nil {
		return 0, err
	}
	took, err := p.run(rt, long)
	if closed := rt.Close(); err == nil {
		err = closed
	}
	return took, err
}

// empty is the future that costs nothing.
var empty = future.FromFunc(func(*sched.Context) future.Poll[int] { return future.Of(0) })

// perOp calls batch, which does n operations, once at least and until the time is over.
func perOp(long time.Duration, n int, batch func() error) (time.Duration, error) {
	start := time.Now()
	for done := n; ; done += n {
		if err := batch(); err != nil {
			return 0, err
		}
		if took := time.Since(start); took >= long {
			return took / time.Duration(done), nil
		}
	}
}

func spawnInside(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	const n = 10_000
	return perOp(long, n, func() error {
		return rt.Run(context.Background(), func(cx *sched.Context) error {
			var last sched.JoinHandle[int]
			for range n {
				last = sched.Spawn(cx, empty)
			}
			_, err := sched.Await(cx, last)
			return err
		})
	})
}

func spawnOutside(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	const n = 10_000
	return perOp(long, n, func() error {
		var last sched.JoinHandle[int]
		for range n {
			last = sched.Spawn(rt, empty)
		}
		_, err := last.Wait(context.Background())
		return err
	})
}

func yield(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	const tasks, times = 200, 100
	return perOp(long, tasks*times, func() error {
		var all []sched.JoinHandle[int]
		for range tasks {
			left := times
			all = append(all, sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				if left--; left < 0 {
					return future.Of(0)
				}
				cx.Wake()
				return future.Wait[int]()
			})))
		}
		for _, h := range all {
			if _, err := h.Wait(context.Background()); err != nil {
				return err
			}
		}
		return nil
	})
}

func fib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.Join(w, fib, n-1, fib, n-2)
	return a + b
}

func fork(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	const forks = 1_346_268
	took, err := perOp(long, 1, func() error {
		_, err := sched.Call(context.Background(), rt, func(w *workers.Worker) (int, error) { return fib(w, 30), nil })
		return err
	})
	return took * time.Duration(rt.Workers()) / forks, err
}

func runEmpty(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	return perOp(long, 100, func() error {
		for range 100 {
			if err := rt.Run(context.Background(), func(*sched.Context) error { return nil }); err != nil {
				return err
			}
		}
		return nil
	})
}

func spawnWait(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	return median(long, 0, rt)
}

func spawnWaitIdle(rt *sched.Runtime, long time.Duration) (time.Duration, error) {
	return median(long, time.Millisecond, rt)
}

// median measures single round trips, one at least, with a pause before each.
func median(long, pause time.Duration, rt *sched.Runtime) (time.Duration, error) {
	var took []time.Duration
	for end := time.Now().Add(long); len(took) == 0 || time.Now().Before(end); {
		time.Sleep(pause)
		start := time.Now()
		if _, err := sched.Spawn(rt, empty).Wait(context.Background()); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
