// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// An ordinary goroutine polls a future itself, on a runtime that has timers.
func ExampleBlockOn() {
	rt := start()
	defer rt.Close()
	_, err := sched.BlockOn(context.Background(), rt, timer.Timeout(future.Pending[int](), time.Millisecond))
	fmt.Println(err)
	// Output: timer: the time is over
}

// The way into fork-join, from anywhere.
func ExampleCall() {
	rt := start()
	defer rt.Close()
	n, err := sched.Call(context.Background(), rt, func(w *workers.Worker) (int, error) {
		a, b := workers.JoinFunc(w,
			func(*workers.Worker) int { return fib(10) },
			func(*workers.Worker) int { return fib(11) })
		return a + b, nil
	})
	fmt.Println(n, err)
	// Output: 144 <nil>
}

// Abort drops the future of a task that waits.
func ExampleJoinHandle_Abort() {
	rt := start()
	defer rt.Close()
	h := sched.Spawn(rt, future.FromChan(make(chan int)))
	fmt.Println(h.Abort())
	_, err := h.Wait(context.Background())
	fmt.Println(errors.Is(err, sched.ErrCanceled), errors.Is(err, context.Canceled))
	// Output:
	// true
	// true true
}

// A panic is the task's error, with value, stack and name.
func ExamplePanicError() {
	rt := start()
	defer rt.Close()
	h := sched.GoWith(rt, func(*sched.Context) (int, error) { panic("oh dear") }, sched.Named("parser"))
	_, err := h.Wait(context.Background())
	var crash *sched.PanicError
	fmt.Println(errors.As(err, &crash), crash.Task, crash.Value, len(crash.Stack) > 0)
	// Output: true parser oh dear true
}

// Close would wait for ever for a task that waits for ever; Shutdown cancels it.
func ExampleRuntime_Shutdown() {
	rt := start()
	h := sched.Spawn(rt, future.FromChan(make(chan int)))
	soon, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(rt.Shutdown(soon))
	_, err := h.Wait(context.Background())
	fmt.Println(errors.Is(err, sched.ErrCanceled))
	// Output:
	// context deadline exceeded
	// true
}
