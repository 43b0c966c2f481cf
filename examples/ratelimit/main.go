// SPDX-License-Identifier: Apache-2.0

// Ratelimit lets many clients call something that allows only so many calls in any
// period, and shows that the limit holds and is used up.
//
//	go run ./ratelimit                        # a day of it, in no time
//	go run ./ratelimit -n 10 -per 2s -calls 500
//	go run ./ratelimit -real -per 100ms -calls 30
//
// The limiter is a semaphore of n permits, and a permit that was taken comes back one
// period later: so no window of that length sees more than n calls, which a counter that
// is set back at each full second does not give. A waiting client is a task in
// the semaphore's queue: first come, first served, and one that gives up (here those that
// have waited too long) leaves the queue without a permit lost.
//
// The clients are written in direct style, with future.Async: a call that waits looks
// like a call. The clock is one of tests that jumps to the next timer while all tasks
// wait; with -real it is the system's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/pilfer-go/pilfer/examples/internal/program"
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

func main() { program.Main("ratelimit", run) }

// A limiter lets n calls begin in any period.
type limiter struct {
	permits *locks.Semaphore
	per     time.Duration
}

func newLimiter(n int, per time.Duration) *limiter {
	return &limiter{locks.NewSemaphore(n), per}
}

// call calls f as soon as it may, or fails after patience. A permit's period begins
// after the call has: however late a thread is, the next call with it is a period later.
func (l *limiter) call(y *future.Await, patience time.Duration, f func()) error {
	if _, err := future.Get(y, timer.Timeout(l.permits.AcquireFuture(1), patience)); err != nil {
		return err
	}
	f()
	sched.Spawn(y, future.Map(timer.Sleep(l.per), func(struct{}) error {
		l.permits.Release(1)
		return nil
	}))
	return nil
}

func run(ctx context.Context, out io.Writer, args []string) error {
	fs := flag.NewFlagSet("ratelimit", flag.ContinueOnError)
	n := fs.Int("n", 5, "calls that may begin in any period")
	per := fs.Duration("per", time.Minute, "the period")
	calls := fs.Int("calls", 7200, "calls of all clients")
	clients := fs.Int("clients", 50, "clients that call at the same time")
	patience := fs.Duration("patience", time.Hour, "how long a client waits for one call")
	system := fs.Bool("real", false, "by the clock of the system")
	if err := program.Parse(fs, out, args, 0); err != nil {
		return err
	}
	if *n < 1 || *n > locks.MaxPermits || *per <= 0 || *calls < 0 || *clients < 1 {
		return program.Usage("want -n of 1 to %d, a positive -per and -clients, and no negative -calls", locks.MaxPermits)
	}
	clock := timer.Real()
	if !*system {
		clock = timer.NewClock(time.Unix(0, 0))
	}
	rt, err := sched.New(sched.Clock(clock))
	if err != nil {
		return err
	}
	defer func() {
		// What is left are permits on their way back, or clients after an error: nobody
		// waits for them.
		gone, cancel := context.WithCancel(ctx)
		cancel()
		_ = rt.Shutdown(gone)
	}()

	var (
		mu    sync.Mutex // held for an append only: no task waits with it
		times []time.Time
	)
	begins := func() {
		mu.Lock()
		defer mu.Unlock()
		times = append(times, clock.Now())
	}
	limit := newLimiter(*n, *per)
	client := func(calls int) future.Future[int] { // how many calls were given up
		return future.Async(func(y *future.Await) (late int, err error) {
			for range calls {
				switch err := limit.call(y, *patience, begins); {
				case errors.Is(err, timer.ErrTimeout):
					late++
				case err != nil:
					return late, err
				}
			}
			return late, nil
		})
	}
	begin := clock.Now()
	var all []sched.JoinHandle[int]
	for i := range *clients {
		share := *calls / *clients
		if i < *calls%*clients {
			share++
		}
		all = append(all, sched.Spawn(rt, client(share)))
	}
	if !*system {
		clock.AutoAdvance(true) // not before all clients are there: it does not wait for us
	}
	late := 0
	for _, h := range all {
		v, err := h.Wait(ctx)
		if err != nil {
			return err
		}
		late += v
	}
	busiest := busiestWindow(times, *per) // sorts them
	took := time.Duration(0)
	if len(times) > 0 {
		took = times[len(times)-1].Sub(begin).Round(time.Millisecond)
	}
	fmt.Fprintf(out, "%d calls by %d clients in %v, %d given up\n", len(times), *clients, took, late)
	fmt.Fprintf(out, "at most %d calls in any %v; allowed are %d\n", busiest, *per, *n)
	if busiest > *n || len(times)+late != *calls {
		return errors.New("the limit did not hold, or a call was lost")
	}
	return nil
}

// busiestWindow sorts times, and returns the most calls in any window of that length.
func busiestWindow(times []time.Time, per time.Duration) (most int) {
	slices.SortFunc(times, time.Time.Compare)
	first := 0
	for i, t := range times {
		for t.Sub(times[first]) >= per {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
