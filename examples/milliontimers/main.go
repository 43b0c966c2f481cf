// SPDX-License-Identifier: Apache-2.0

// Milliontimers has a million tasks sleep until random moments of one second, and says how
// late they woke and what they cost.
//
//	go run ./milliontimers
//	go run ./milliontimers -n 100000 -spread 200ms
//	go run ./milliontimers -go      # the same with goroutines and time.Sleep
//
// Each sleep is a task: a state machine in one piece of memory, with its timer inside,
// so that a million of them are a few hundred megabytes at most. They lie in a hierarchical
// timing wheel of each worker: to arm and to fire one costs the same however many there are.
//
// It checks that each woke exactly once, and none too early.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/pilfer-go/pilfer/examples/internal/program"
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

func main() { program.Main("milliontimers", run) }

// A sleep waits until due, and notes how late it woke. It is a state machine of one
// step: the direct style would need a stack for each.
type sleep struct {
	alarm future.Future[struct{}]
	due   time.Time
	late  *time.Duration
	again *bool
}

// Poll polls the timer.
func (s *sleep) Poll(cx *future.Context) future.Poll[struct{}] {
	p := s.alarm.Poll(cx)
	if p.Ready {
		*s.again = *s.late != unset
		*s.late = time.Since(s.due)
	}
	return p
}

// Drop gives the timer back.
func (s *sleep) Drop() { future.Drop(s.alarm) }

const unset = time.Duration(-1 << 62)

func run(ctx context.Context, out io.Writer, args []string) error {
	fs := flag.NewFlagSet("milliontimers", flag.ContinueOnError)
	n := fs.Int("n", 1_000_000, "timers")
	spread := fs.Duration("spread", time.Second, "they are due at random moments of this time")
	lead := fs.Duration("lead", time.Second, "time to start them all before the first is due")
	plain := fs.Bool("go", false, "goroutines and time.Sleep instead")
	if err := program.Parse(fs, out, args, 0); err != nil {
		return err
	}
	if *n < 1 || *spread <= 0 || *lead < 0 {
		return program.Usage("want a positive -n and -spread, and no negative -lead")
	}
	late := make([]time.Duration, *n)
	dues := make([]time.Time, *n)
	first := time.Now().Add(*lead)
	for i := range late {
		late[i] = unset
		dues[i] = first.Add(time.Duration(rand.Int64N(int64(*spread))))
	}
	sleepers := tasks
	if *plain {
		sleepers = goroutines
	}
	cost, err := sleepers(ctx, dues, late)
	if err != nil {
		return err
	}
	slices.Sort(late)
	switch {
	case late[0] == unset:
		return errors.New("a timer did not fire")
	case late[0] < 0:
		return fmt.Errorf("a timer fired %v too early", -late[0])
	}
	at := func(part float64) time.Duration { return late[int(part*float64(*n-1))].Round(time.Microsecond) }
	fmt.Fprintf(out, "%d timers started in %v, %d bytes each\n", *n, cost.start.Round(time.Millisecond), cost.bytes/int64(*n))
	fmt.Fprintf(out, "late: p50 %v, p99 %v, p99.9 %v, most %v\n", at(.5), at(.99), at(.999), at(1))
	return nil
}

// A cost is what it took to start all timers.
type cost struct {
	start time.Duration
	bytes int64
}

// goroutines sleeps in a goroutine for each timer.
func goroutines(ctx context.Context, dues []time.Time, late []time.Duration) (c cost, err error) {
	before, begin := memory(), time.Now()
	var wg sync.WaitGroup
	for i := range dues {
		wg.Go(func() {
			time.Sleep(time.Until(dues[i]))
			late[i] = time.Since(dues[i])
		})
	}
	c.start = time.Since(begin)
	c.bytes = memory() - before
	woken := make(chan struct{})
	go func() { wg.Wait(); close(woken) }()
	select {
	case <-woken:
		return c, nil
	case <-ctx.Done(): // they sleep on, as nobody can tell them
		return c, context.Cause(ctx)
	}
}

// tasks runs the timers as tasks of a runtime.
func tasks(ctx context.Context, dues []time.Time, late []time.Duration) (c cost, err error) {
	rt, err := sched.New()
	if err != nil {
		return c, err
	}
	defer rt.Shutdown(ctx)
	again := make([]bool, len(dues))
	before, begin := memory(), time.Now()
	// A spawn from inside needs no step that the other workers see: one task for each
	// worker starts its share.
	shares := rt.Workers()
	var all []sched.JoinHandle[struct{}]
	for k := range shares {
		all = append(all, sched.Go(rt, func(cx *sched.Context) (struct{}, error) {
			for i := k * len(dues) / shares; i < (k+1)*len(dues)/shares; i++ {
				sched.Spawn(cx, &sleep{timer.SleepUntil(dues[i]), dues[i], &late[i], &again[i]})
			}
			return struct{}{}, nil
		}))
	}
	for _, h := range all {
		if _, err := h.Wait(ctx); err != nil {
			return c, err
		}
	}
	c.start = time.Since(begin)
	c.bytes = memory() - before
	if err := rt.Shutdown(ctx); err != nil { // waits for all, unless ctx ends
		return c, err
	}
	if slices.Contains(again, true) {
		return c, errors.New("a timer fired twice")
	}
	return c, nil
}

// memory returns how much the program has from the system for its heap and stacks.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
