// SPDX-License-Identifier: Apache-2.0

// Cache keeps what was slow to load, for a while: a cache with timeouts.
//
//	go run ./cache
//
// It has three: a load that takes too long fails; a value is forgotten a while after it was
// loaded; and who asks may give up earlier than the load, which goes on for the next. All
// that ask for the same key at the same time wait for one load.
//
//	one load at a time for each key   a task, whose handle is a future for any number
//	a load that takes too long        timer.Timeout around the load
//	a client that gives up            timer.Timeout around the handle: to drop that
//	                                  leaves the task alone
//	values that grow old              timer.DelayQueue, emptied by one task
//
// The program tells a story on a clock that jumps from timer to timer. The executor is
// a RoundRobin, so it tells the same story each time, and the cache needs no lock: all
// its tasks run on one goroutine. On a Runtime it would be guarded by a sync.Mutex, which
// no task holds while it waits.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/pilfer-go/pilfer/examples/internal/program"
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

func main() {
	program.Main("cache", func(_ context.Context, out io.Writer, args []string) error {
		if err := program.Parse(flag.NewFlagSet("cache", flag.ContinueOnError), out, args, 0); err != nil {
			return err
		}
		return run(out)
	})
}

// A cache holds values for a time.
type cache[V any] struct {
	at      sched.Spawner
	load    func(key string) future.Future[V]
	patient time.Duration // how long a load may take
	fresh   time.Duration // how long a value is kept

	values  map[string]V
	loading map[string]sched.JoinHandle[V]
	old     *timer.DelayQueue[string]
}

func newCache[V any](at sched.Spawner, clock *timer.Clock, load func(string) future.Future[V], patient, fresh time.Duration) *cache[V] {
	return &cache[V]{
		at: at, load: load, patient: patient, fresh: fresh,
		values: map[string]V{}, loading: map[string]sched.JoinHandle[V]{},
		old: timer.NewDelayQueue[string](clock),
	}
}

// get returns a future of the value of key: the one that is there, or that comes.
func (c *cache[V]) get(key string) future.Future[V] {
	if v, ok := c.values[key]; ok {
		return future.Ready(v)
	}
	h, ok := c.loading[key]
	if !ok {
		h = sched.Spawn(c.at, future.Inspect(timer.Timeout(c.load(key), c.patient), func(v V, err error) {
			delete(c.loading, key)
			if err == nil { // an error is not kept: the next who asks tries again
				c.values[key] = v
				c.old.Insert(key, c.fresh)
			}
		}))
		c.loading[key] = h
	}
	return h
}

// forget is the future of a task that forgets what is old, for ever.
func (c *cache[V]) forget() future.Future[struct{}] {
	return future.Async(func(y *future.Await) (struct{}, error) {
		for {
			key, err := future.Get(y, c.old.Next())
			if err != nil {
				return struct{}{}, err
			}
			delete(c.values, key)
		}
	})
}

// run tells the story.
func run(out io.Writer) error {
	begin := time.Date(2000, 1, 1, 9, 0, 0, 0, time.UTC)
	clock := timer.NewClock(begin)
	clock.AutoAdvance(true)
	r := sched.NewRoundRobin(sched.Clock(clock))
	say := func(format string, args ...any) {
		fmt.Fprintf(out, "%s  "+format+"\n", append([]any{clock.Now().Format(time.TimeOnly)}, args...)...)
	}

	loads := 0
	c := newCache(r, clock, func(key string) future.Future[string] {
		loads++
		say("load %s", key)
		took := 2 * time.Second
		if key == "slow" {
			took = time.Hour
		}
		return future.Map(timer.Sleep(took), func(struct{}) string { return key + "!" })
	}, 10*time.Second, time.Minute)
	forget := sched.Spawn(r, c.forget())

	client := func(name, key string, after, patience time.Duration) sched.JoinHandle[string] {
		return sched.Spawn(r, future.Async(func(y *future.Await) (string, error) {
			if _, err := future.Get(y, timer.Sleep(after)); err != nil {
				return "", err
			}
			v, err := future.Get(y, timer.Timeout(c.get(key), patience))
			say("%s asked for %s: %q, %v", name, key, v, err)
			return v, err
		}))
	}
	clients := []sched.JoinHandle[string]{
		client("Ann", "a", 0, time.Minute),
		client("Bob", "a", time.Second, time.Minute),             // shares Ann's load
		client("Cy", "a", 30*time.Second, 0),                     // has it at once
		client("Dan", "a", 2*time.Minute, time.Second),           // it is old; the load takes longer
		client("Eve", "a", 2*time.Minute+time.Second, time.Hour), // shares what Dan has begun
		client("Flo", "slow", 3*time.Minute, time.Hour),          // the load itself is given up
	}
	r.Run()
	for _, h := range clients {
		if !h.IsFinished() {
			return errors.New("a client still waits")
		}
	}
	forget.Abort()
	r.Run()
	if loads != 3 || len(c.values) != 0 || len(c.loading) != 0 {
		return fmt.Errorf("%d loads, %d values and %d loads left", loads, len(c.values), len(c.loading))
	}
	return nil
}
