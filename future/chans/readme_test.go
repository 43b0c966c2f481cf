// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"errors"
	"fmt"
	"time"

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
