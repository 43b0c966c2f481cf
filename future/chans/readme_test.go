// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

// The example of the README.
func Example_timeAndChannels() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	jobs := chans.MPMC[string](16)
	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		name, err := sched.Await(cx, timer.Timeout(jobs.RecvFuture(), time.Minute))
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, nil // the worker ran other tasks for that minute
		}
		return len(name), err
	})
	if err := jobs.Send(ctx, "first"); err != nil { // from an ordinary goroutine
		panic(err)
	}
	fmt.Println(h.Wait(ctx))
	// Output: 5 <nil>
}

// The example of the README.
func Example_straightLine() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	numbers := chans.MPSC[int](16)
	h := sched.Spawn(rt, future.Async(func(y *future.Await) (int, error) {
		sum := 0
		for range 3 {
			n, err := future.Get(y, numbers.RecvFuture()) // holds no worker while it waits
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}))
	for i := range 3 {
		if err := numbers.Send(ctx, i); err != nil {
			panic(err)
		}
	}
	fmt.Println(h.Wait(ctx))
	// Output: 3 <nil>
}
