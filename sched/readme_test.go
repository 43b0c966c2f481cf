// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"fmt"
	"strconv"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

// The examples of the README.
func Example_spawnAndWait() {
	ctx := context.Background()
	rt, err := sched.New() // GOMAXPROCS workers
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		return fib(20), nil
	})
	fmt.Println(h.Wait(ctx))
	// Output: 6765 <nil>
}

func Example_spawnFromInside() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		left := sched.Go(cx, func(*sched.Context) (int, error) { return fib(19), nil })
		right := fib(18)
		l, err := sched.Await(cx, left) // runs other tasks meanwhile
		return l + right, err
	})
	fmt.Println(h.Wait(ctx))
	// Output: 6765 <nil>
}

func parallelFib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.Join(w, parallelFib, n-1, parallelFib, n-2)
	return a + b
}

func Example_forkAndJoin() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	n, err := sched.Call(ctx, rt, func(w *workers.Worker) (int, error) {
		return parallelFib(w, 20), nil // the calling goroutine takes part
	})
	fmt.Println(n, err)
	// Output: 6765 <nil>
}

func Example_fromErrgroup() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	files := []string{"a.go", "b.go", ""}
	parse := func(_ context.Context, file string) error {
		if file == "" {
			return fmt.Errorf("no name")
		}
		return nil
	}
	g, ctx := rt.WithContext(context.Background()) // was: errgroup.WithContext
	for _, file := range files {
		g.Go(func() error { return parse(ctx, file) })
	}
	fmt.Println(g.Wait())
	// Output: no name
}

func Example_future() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	p := future.NewPromise[int]()
	h := sched.Spawn(rt, future.Map(p.Future(), func(n int) string {
		return strconv.Itoa(n)
	}))
	p.Resolve(42)
	fmt.Println(h.Wait(ctx))
	// Output: 42 <nil>
}

func Example_whoGoesFirst() {
	ctx := context.Background()
	answer := func(*sched.Context) (int, error) { return 42, nil }
	rt, err := sched.New(sched.Priorities(sched.DefaultAge))
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	h := sched.GoWith(rt, answer, sched.Priority(sched.Urgent)) // before what fills the machine
	fmt.Println(h.Wait(ctx))
	// Output: 42 <nil>
}
