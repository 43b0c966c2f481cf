// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// start makes the runtime of an example.
func start() *sched.Runtime {
	rt, err := sched.New(sched.Workers(2))
	if err != nil {
		panic(err)
	}
	return rt
}

func ExampleSpawn() {
	rt := start()
	defer rt.Close()
	price := future.NewPromise[int]()
	h := sched.Spawn(rt, future.Map(price.Future(), func(p int) string { return fmt.Sprintf("%d pence", p) }))
	price.Resolve(250) // from anywhere
	fmt.Println(h.Wait(context.Background()))
	// Output: 250 pence <nil>
}

func ExampleGo() {
	rt := start()
	defer rt.Close()
	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		// At the Context a spawn stays in this worker's queue, until it is stolen.
		left := sched.Go(cx, func(*sched.Context) (int, error) { return 1, nil })
		right := sched.Go(cx, func(*sched.Context) (int, error) { return 2, nil })
		both, err := sched.Await(cx, future.Join(left, right))
		return both.First + both.Second, err
	})
	fmt.Println(h.Wait(context.Background()))
	// Output: 3 <nil>
}

func ExampleRuntime_Run() {
	rt := start()
	defer rt.Close()
	err := rt.Run(context.Background(), func(cx *sched.Context) error {
		h := sched.Go(cx, func(*sched.Context) (string, error) { return "a task", nil })
		s, err := h.Wait(context.Background())
		fmt.Println("waited for", s)
		return err
	})
	fmt.Println(err)
	// Output:
	// waited for a task
	// <nil>
}

func ExampleRuntime_WithContext() {
	rt := start()
	defer rt.Close()
	g, ctx := rt.WithContext(context.Background()) // was: errgroup.WithContext
	g.SetLimit(4)
	for _, word := range []string{"fine", "bad", "fine"} {
		g.Go(func() error {
			if word == "bad" {
				return errors.New("a bad word")
			}
			return nil
		})
	}
	fmt.Println(g.Wait())
	fmt.Println(context.Cause(ctx))
	// Output:
	// a bad word
	// a bad word
}

func ExampleJoinSet() {
	rt := start()
	defer rt.Close()
	ctx := context.Background()
	set := sched.NewJoinSet[int](rt)
	for n := range 5 {
		set.Go(rt, func(*sched.Context) (int, error) { return n * n, nil })
	}
	sum := 0
	for {
		h, err := set.Next(ctx) // in the order in which they end
		if errors.Is(err, sched.ErrEmpty) {
			break
		}
		n, _ := h.Wait(ctx)
		sum += n
	}
	fmt.Println(sum)
	// Output: 30
}

func ExampleScope() {
	rt := start()
	defer rt.Close()
	words := []string{"no", "task", "outlives", "the", "call"}
	err := sched.Scope(context.Background(), rt, func(s *sched.TaskScope) error {
		for i := range words {
			s.Go(func(*sched.Context) error {
				words[i] = strings.ToUpper(words[i]) // so this needs no copy
				return nil
			})
		}
		return nil
	})
	fmt.Println(strings.Join(words, " "), err)
	// Output: NO TASK OUTLIVES THE CALL <nil>
}

func ExampleSpawnBlocking() {
	rt := start()
	defer rt.Close()
	lines := make(chan string)
	h := sched.SpawnBlocking(rt, func(ctx context.Context) (string, error) {
		select {
		case s := <-lines: // a worker would be withheld
			return s, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	lines <- "a line"
	fmt.Println(h.Wait(context.Background()))
	// Output: a line <nil>
}

func ExampleRoundRobin() {
	r := sched.NewRoundRobin()
	for _, name := range []string{"a", "b"} {
		n := 0
		sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			fmt.Print(name, n, " ")
			if n++; n < 3 {
				cx.Wake() // once more, after the others
				return future.Wait[int]()
			}
			return future.Of(n)
		}))
	}
	fmt.Println("completed:", r.Run())
	// Output: a0 b0 a1 b1 a2 b2 completed: 2
}

func ExampleAwait() {
	rt := start()
	defer rt.Close()
	h := sched.Go(rt, func(cx *sched.Context) (string, error) {
		// The worker runs other tasks meanwhile.
		return sched.Await(cx, future.Race(
			future.Pending[string](),
			future.Lazy(func() (string, error) { return "the first that is ready", nil })))
	})
	fmt.Println(h.Wait(context.Background()))
	// Output: the first that is ready <nil>
}

func ExampleOwn() {
	rt := start()
	defer rt.Close()
	o := sched.Own([]int{3, 1, 2})
	h := sched.GoOwned(rt, o, func(_ *sched.Context, v []int) (int, error) { return len(v), nil })
	func() {
		defer func() { fmt.Println(strings.Contains(fmt.Sprint(recover()), "after it was moved at")) }()
		o.Value() // it is the task's now
	}()
	fmt.Println(h.Wait(context.Background()))
	// Output:
	// true
	// 3 <nil>
}
