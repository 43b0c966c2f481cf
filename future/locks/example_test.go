// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/sched"
)

// A semaphore limits how many requests are under way. Those beyond wait as tasks:
// a struct each, and no worker.
func Example_limiter() {
	limit := locks.NewSemaphore(2)
	underWay, most := 0, 0
	request := func(n int) future.Future[int] {
		begin := future.Lazy(func() (int, error) {
			underWay++
			most = max(most, underWay)
			return n, nil
		})
		wait := future.Then(begin, func(n int) future.Future[int] {
			return future.Map(future.YieldNow(), func(struct{}) int { return n * n })
		})
		return locks.With(limit.Permits(1), future.Map(wait, func(n int) int {
			underWay--
			return n
		}))
	}

	r := sched.NewRoundRobin() // one thread, so that plain counters do
	var all []sched.JoinHandle[int]
	for n := range 6 {
		all = append(all, sched.Spawn(r, request(n)))
	}
	r.Run()
	sum := 0
	for _, h := range all {
		n, err := h.Wait(context.Background())
		if err != nil {
			panic(err)
		}
		sum += n
	}
	fmt.Println("sum", sum, "at most", most, "at once")
	// Output: sum 55 at most 2 at once
}

// A mutex that is held while a task waits for something else.
func ExampleWith() {
	var m locks.Mutex
	log := ""
	step := func(name string) future.Future[struct{}] {
		return locks.With(&m, future.Map(future.YieldNow(), func(v struct{}) struct{} {
			log += name
			return v
		}))
	}
	r := sched.NewRoundRobin()
	for _, name := range []string{"a", "b", "c"} {
		sched.Spawn(r, step(name))
	}
	r.Run()
	fmt.Println(log)
	// Output: abc
}

// Notify tells a waiter that there is something to do, without saying what.
func ExampleNotify() {
	var n locks.Notify
	n.One()
	n.One() // remembered once
	fmt.Println(n.Wait(context.Background()))

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(n.Wait(ended))
	// Output:
	// <nil>
	// context canceled
}
