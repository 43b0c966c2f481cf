// SPDX-License-Identifier: Apache-2.0

package workers_test

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/pilfer-go/pilfer/workers"
)

func Example() {
	pool, err := workers.New(workers.Count(4))
	if err != nil {
		fmt.Println(err)
		return
	}
	var squares [5]int
	for i := range squares {
		pool.Submit(&workers.Job{Runner: workers.Func(func(*workers.Worker) {
			squares[i] = i * i
		})})
	}
	pool.Close() // runs all jobs first
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

// A tree sums its leaves: each node pushes its children on the worker that runs
// it, and idle workers steal them.
type node struct {
	job         workers.Job
	left, right *node
	value       int
	sum         *sum
}

type sum struct {
	mu    sync.Mutex
	value int
}

func (n *node) RunJob(w *workers.Worker) {
	for _, child := range []*node{n.left, n.right} {
		if child != nil {
			child.job.Runner = child
			w.Push(&child.job)
		}
	}
	n.sum.mu.Lock()
	n.sum.value += n.value
	n.sum.mu.Unlock()
}

func (n *node) JobCrashed(_ *workers.Worker, crash workers.Crash) {
	fmt.Println("node", n.value, "panicked:", crash.Value)
}

func tree(depth int, s *sum) *node {
	if depth == 0 {
		return nil
	}
	return &node{left: tree(depth-1, s), right: tree(depth-1, s), value: 1, sum: s}
}

func ExampleRunner() {
	pool, err := workers.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	var s sum
	root := tree(10, &s)
	root.job.Runner = root
	pool.Submit(&root.job)
	pool.Close()
	fmt.Println(s.value, "nodes")
	// Output: 1023 nodes
}

func ExampleWorker_Help() {
	pool, err := workers.New(workers.Count(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	pool.Submit(&workers.Job{Runner: workers.Func(func(w *workers.Worker) {
		wait := w.NewHold()
		w.Push(&workers.Job{Runner: workers.Func(func(*workers.Worker) {
			fmt.Println("the job that is waited for")
			wait.End()
		})})
		w.Help(wait) // the only worker runs it here
		fmt.Println("the job that waited")
	})})
	pool.Close()
	// Output:
	// the job that is waited for
	// the job that waited
}

func ExamplePool_Enter() {
	pool, err := workers.New(workers.Count(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	w, ok := pool.Enter()
	for !ok { // all workers are awake: in earnest, Submit instead
		runtime.Gosched()
		w, ok = pool.Enter()
	}
	defer w.Leave()
	w.Push(&workers.Job{Runner: workers.Func(func(*workers.Worker) {
		fmt.Println("run by the caller itself")
	})})
	for w.RunOne() {
	}
	// Output: run by the caller itself
}

// An expense has parts, which have parts.
type expense struct {
	amount int
	parts  []expense
}

// left are the parts of an expense from one on.
type left struct {
	of   *expense
	from int
}

// total adds up an expense, by a loop over its parts.
func total(w *workers.Worker, l left) int {
	sum := 0
	if l.from == 0 {
		sum = l.of.amount
	}
	for i := l.from; i < len(l.of.parts); i++ {
		part, rest, taken := workers.JoinRest(w, total, left{&l.of.parts[i], 0}, total, left{l.of, i + 1})
		sum += part
		if taken { // another worker has done the parts behind it
			return sum + rest
		}
	}
	return sum
}

func ExampleJoinRest() {
	trip := expense{parts: []expense{{amount: 300}, {amount: 20, parts: []expense{{amount: 4}, {amount: 5}}}, {amount: 70}}}
	pool, err := workers.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	pool.Submit(&workers.Job{Runner: workers.Func(func(w *workers.Worker) {
		fmt.Println(total(w, left{&trip, 0}))
	})})
	pool.Close()
	// Output: 399
}
