// SPDX-License-Identifier: Apache-2.0

package workers_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/workers"
)

// inJob calls f in a job of a pool of two, and waits for it: what sched.Call does on a
// runtime.
func inJob(f func(w *workers.Worker)) {
	pool, err := workers.New(workers.Count(2))
	if err != nil {
		panic(err)
	}
	pool.Submit(&workers.Job{Runner: workers.Func(f)})
	pool.Close()
}

// addUp adds up numbers, halves at the same time. What is short is not worth a fork.
func addUp(w *workers.Worker, of []int) (total int) {
	if len(of) <= 1000 {
		for _, n := range of {
			total += n
		}
		return total
	}
	half := len(of) / 2
	a, b := workers.Join(w, addUp, of[:half], addUp, of[half:])
	return a + b
}

func ExampleJoin() {
	numbers := make([]int, 100_000)
	for i := range numbers {
		numbers[i] = i % 100
	}
	inJob(func(w *workers.Worker) { fmt.Println(addUp(w, numbers)) })
	// Output: 4950000
}

// Closures see what is around them; each call of JoinFunc costs an allocation.
func ExampleJoinFunc() {
	name, age := "Ann", 30
	inJob(func(w *workers.Worker) {
		who, next := workers.JoinFunc(w,
			func(*workers.Worker) string { return "it is " + name },
			func(*workers.Worker) int { return age + 1 })
		fmt.Println(who, next)
	})
	// Output: it is Ann 31
}

func ExampleJoinN() {
	var squares [6]int
	inJob(func(w *workers.Worker) {
		workers.JoinN(w, len(squares), func(_ *workers.Worker, i int) { squares[i] = i * i })
	})
	fmt.Println(squares)
	// Output: [0 1 4 9 16 25]
}

// find looks for a number below a range, and fails to be done when it has it.
func find(w *workers.Worker, in [2]int) (struct{}, error) {
	lo, hi := in[0], in[1]
	if hi-lo == 1 {
		if lo == 77 {
			return struct{}{}, errors.New("found 77")
		}
		return struct{}{}, nil
	}
	mid := (lo + hi) / 2
	_, _, err := workers.JoinErr(w, find, [2]int{lo, mid}, find, [2]int{mid, hi})
	return struct{}{}, err
}

// In a Try the first error cancels what has not begun.
func ExampleTry() {
	inJob(func(w *workers.Worker) {
		fmt.Println(workers.Try(context.Background(), w, func(w *workers.Worker) error {
			_, err := find(w, [2]int{0, 1 << 20})
			return err
		}))
	})
	// Output: found 77
}

var depths *workers.Recursive[int, int]

func init() { depths = workers.NewRecursive(depth) }

func depth(w *workers.Worker, n int) int {
	if n == 0 {
		return 0
	}
	a, b := depths.Join(w, n/2, n-1-n/2)
	return 1 + max(a, b)
}

func ExampleRecursive() {
	inJob(func(w *workers.Worker) { fmt.Println(depth(w, 1000)) })
	// Output: 10
}

// JoinSafe runs both halves to their end before a panic goes on, so that who recovers
// may use what they share.
func ExampleJoinSafe() {
	inJob(func(w *workers.Worker) {
		tidied := false
		defer func() { fmt.Println("recovered:", recover(), "- tidied:", tidied) }()
		workers.JoinSafe(w,
			func(*workers.Worker, string) int { panic("no luck") }, "left",
			func(*workers.Worker, string) int { tidied = true; return 1 }, "right")
	})
	// Output: recovered: no luck - tidied: true
}
