// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

func ExamplePriorities() {
	rt, err := sched.New(sched.Workers(1), sched.Priorities(sched.DefaultAge))
	if err != nil {
		fmt.Println(err)
		return
	}
	print := func(what string) func(*sched.Context) (int, error) {
		return func(*sched.Context) (int, error) { fmt.Println(what); return 0, nil }
	}
	sched.Go(rt, func(cx *sched.Context) (int, error) {
		sched.GoWith(cx, print("clean up"), sched.Priority(sched.Low))
		sched.Go(cx, print("work"))
		sched.GoWith(cx, print("due later"), sched.Due(time.Unix(20, 0)))
		sched.GoWith(cx, print("due sooner"), sched.Due(time.Unix(10, 0)))
		sched.GoWith(cx, print("answer"), sched.Priority(sched.Urgent))
		return 0, nil
	})
	rt.Close()
	// Output:
	// answer
	// due sooner
	// due later
	// work
	// clean up
}

func ExampleInOrder() {
	rt, err := sched.New(sched.Workers(1), sched.InOrder(sched.LIFO))
	if err != nil {
		fmt.Println(err)
		return
	}
	sched.Go(rt, func(cx *sched.Context) (int, error) {
		for i := range 3 {
			sched.Go(cx, func(*sched.Context) (int, error) { fmt.Println(i); return 0, nil })
		}
		return 0, nil
	})
	rt.Close()
	// Output:
	// 2
	// 1
	// 0
}

// Tasks that stay with one worker need no lock for what they share.
func ExampleHere() {
	rt, err := sched.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	sum := 0
	sched.GoWith(rt, func(cx *sched.Context) (int, error) {
		for i := range 100 {
			sched.GoWith(cx, func(*sched.Context) (int, error) { sum += i; return 0, nil }, sched.Here())
		}
		return 0, nil
	}, sched.Stay())
	rt.Close()
	fmt.Println(sum)
	// Output: 4950
}

func ExampleBorrow() {
	reports, err := sched.New(sched.Workers(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer reports.Close()
	requests, err := sched.New(sched.Workers(1), sched.Borrow(reports, 1))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer requests.Close()
	n, err := sched.Go(requests, func(*sched.Context) (int, error) { return 42, nil }).Wait(context.Background())
	fmt.Println(n, err)
	// Output: 42 <nil>
}

func ExampleStatic() {
	exec, err := sched.NewStatic[string](2)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer exec.Close()
	door := future.NewPromise[string]()
	waits, _ := exec.Spawn(door.Future())
	ready, _ := exec.Spawn(future.Ready("lamp"))
	_, err = exec.Spawn(future.Ready("bell"))
	fmt.Println(err)

	exec.Run()
	fmt.Println(ready.Take().Value)
	door.Resolve("door")
	exec.Run()
	fmt.Println(waits.Take().Value)
	// Output:
	// pilfer: static executor is full
	// lamp
	// door
}

func ExampleRoundRobin_Dump() {
	r := sched.NewRoundRobin()
	sched.SpawnWith(r, future.NewPromise[int]().Future(), sched.Named("reader"))
	r.Run()
	r.Dump(os.Stdout)
	// Output:
	// task "reader": waits
	// waiting: 1; the option Track tells more
}
