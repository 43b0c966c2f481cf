// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/sched"
)

// A task and a goroutine on one channel: neither needs to know what the other is.
func ExampleMPMC() {
	ctx := context.Background()
	jobs := chans.MPMC[string](2)
	r := sched.NewRoundRobin()
	task := sched.Spawn(r, jobs.RecvFuture())
	if err := jobs.Send(ctx, "first"); err != nil {
		fmt.Println(err)
	}
	r.Run()
	fmt.Println(task.Wait(ctx))
	fmt.Println(jobs.TryRecv())
	jobs.Close()
	fmt.Println(jobs.Recv(ctx))
	// Output:
	// first <nil>
	//  chans: empty
	//  chans: closed
}

func ExampleChan_All() {
	c := chans.MPSC[int](3)
	for n := range 3 {
		if err := c.TrySend(n); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(c.TrySend(3))
	c.Close()
	for n := range c.All(context.Background()) {
		fmt.Println(n)
	}
	// Output:
	// chans: full
	// 0
	// 1
	// 2
}

// What is costly to make is begun when there is room for it.
func ExampleChan_Reserve() {
	c := chans.MPMC[string](1)
	room, err := c.Reserve(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer room.Drop() // if it is not used
	_, err = c.TryReserve()
	fmt.Println(errors.Is(err, chans.ErrFull))
	room.Send("worth it")
	fmt.Println(c.TryRecv())
	// Output:
	// true
	// worth it <nil>
}

// The latest value counts; those in between are skipped.
func ExampleWatch() {
	level := chans.NewWatch("info")
	changes := level.Watcher()
	defer changes.Drop()
	for _, l := range []string{"warn", "debug"} {
		if err := level.Set(l); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println(changes.Next(context.Background()))
	fmt.Println(changes.Changed())
	// Output:
	// debug <nil>
	// false
}

func ExampleUnbounded() {
	var log chans.Unbounded[string]
	for _, line := range []string{"one", "two"} {
		if err := log.Send(line); err != nil { // never waits
			fmt.Println(err)
		}
	}
	log.Close()
	for line := range log.All(context.Background()) {
		fmt.Println(line)
	}
	// Output:
	// one
	// two
}
