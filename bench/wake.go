// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// A wakeCase is one of the wake workloads: the same request and answer, in other
// surroundings.
type wakeCase struct {
	name   string
	tight  bool // ask again at once, instead of after silence
	beside int  // busy ordinary goroutines
}

const (
	// silence before a request, long enough for every worker to be asleep.
	silence = 500 * time.Microsecond

	// wakeLimit ends a round of requests that take long: with busy goroutines
	// beside, each may wait for Go's scheduler, 10 ms and more.
	wakeLimit = 600 * time.Millisecond
)

func wakeCases() []wakeCase {
	return []wakeCase{
		{name: "wake"},
		{name: "wake-beside-1", beside: 1},
		{name: "wake-beside-2", beside: 2},
		{name: "wake-tight", tight: true},
		{name: "wake-tight-beside-1", tight: true, beside: 1},
		{name: "wake-tight-beside-2", tight: true, beside: 2},
	}
}

// requestCases are the same for somebody who is there and waits for requests.
func requestCases() []wakeCase {
	return []wakeCase{{name: "wake-request"}, {name: "wake-request-tight", tight: true}}
}

// wakes returns the rows of the table that are about latency.
func wakes() (rows []Workload) {
	for _, c := range wakeCases() {
		w := Workload{Name: c.name, Unit: "wait", Size: 400, Small: 20, Warm: 50, Why: "Spawn and Wait by an ordinary goroutine, from its side, "}
		w.Why += map[bool]string{false: "after 500 us of silence", true: "again at once"}[c.tight]
		switch {
		case c.beside > 0:
			w.Small = 3
			w.Why += fmt.Sprintf(", with busy ordinary goroutines beside it: %d", c.beside)
			w.Targets = noWorse("chan-locked")
		case c.tight:
			w.Targets = slices.Concat(against("p50-ns", 6e3, map[string]float64{"chan-locked": 17e3}),
				against("p99-ns", 20e3, map[string]float64{"chan-locked": 526e3}))
		default:
			w.Targets = slices.Concat(against("p50-ns", 12e3, map[string]float64{"chan-locked": 14e3}),
				against("p99-ns", 200e3, map[string]float64{"chan-locked": 166e3}))
		}
		rows = append(rows, w)
	}
	for _, c := range requestCases() {
		rows = append(rows, Workload{
			Name: c.name, Unit: "wait", Size: 400, Small: 20, Warm: 50, Targets: noWorse("chan-locked"),
			Why: "an ordinary goroutine sends a request to a task that waits for it, and waits for the answer, " +
				map[bool]string{false: "after 500 us of silence", true: "again at once"}[c.tight],
		})
	}
	return append(rows,
		Workload{
			Name: wakeBusy, Unit: "wait", Size: 400, Small: 5, Warm: 50,
			Why:     "Spawn and Wait while every worker runs a CPU job without end; the task needs no worker",
			Targets: []Target{{Metric: "p99-ns", Max: 1e6}},
		},
		Workload{
			Name: wakeBusyWoken, Unit: "wait", Size: 400, Small: 5, Warm: 50,
			Why:     "the same, and the task suspends and is woken from inside one of those jobs",
			Targets: []Target{{Metric: "p99-ns", Max: 25e6}},
		})
}

const (
	wakeBusy      = "wake-busy"
	wakeBusyWoken = "wake-busy-woken"
)

// wakeBody returns a body that asks and notes how long each answer takes. ask
// returns the number that it was given.
func wakeBody(c wakeCase, ask func(n int) (int, error)) Body {
	return func(s *Sample, units int) error {
		defer beside(c.beside)()
		return s.latencies(units, c.tight, ask)
	}
}

// latencies measures up to units requests one after the other.
func (s *Sample) latencies(units int, tight bool, ask func(n int) (int, error)) error {
	if s.Latencies == nil {
		s.Latencies = &Histogram{}
	}
	began := time.Now()
	for n := range units {
		if !tight {
			time.Sleep(silence)
		}
		asked := time.Now()
		got, err := ask(n)
		took := time.Since(asked)
		if err != nil {
			return err
		}
		if got != n {
			return fmt.Errorf("request %d was answered with %d", n, got)
		}
		s.Units++
		s.Elapsed += took
		s.Latencies.Add(took)
		if time.Since(began) > wakeLimit {
			break
		}
	}
	return nil
}

// beside starts n busy ordinary goroutines, and returns what ends them.
func beside(n int) (end func()) {
	stop := new(point.Bool)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for !stop.Load() {
				compute()
			}
		})
	}
	return func() {
		stop.Store(true)
		wg.Wait()
	}
}

// compute is about a microsecond of work that touches no memory.
//
//go:noinline
func compute() {
	x := uint64(1)
	for range 1000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	runtime.KeepAlive(x)
}

// A longJob occupies a worker until stop is set. In between it does what the
// mailbox asks for, as the end of a computation would wake somebody.
type longJob struct {
	// running is how many jobs have begun.
	// Writers: each job, once. Invariant: only grows.
	running point.Int32

	// stop ends the jobs.
	// Writers: the body, once. Invariant: never goes back.
	stop point.Bool

	// mail is what a job shall do in between.
	// Writers: the body sets it; the job that swaps it out does it.
	mail point.Pointer[func(*sched.Context)]
}

// run computes until the end. Each time it calls deliver with what lies in the
// mailbox.
func (j *longJob) run(deliver func(func(*sched.Context))) {
	j.running.Inc()
	for !j.stop.Load() {
		compute()
		if j.mail.Load() != nil {
			if f := j.mail.Swap(nil); f != nil {
				deliver(*f)
			}
		}
	}
}

// awaitRunning returns when n jobs run.
func (j *longJob) awaitRunning(n int) {
	for int(j.running.Load()) < n {
		runtime.Gosched()
	}
}
