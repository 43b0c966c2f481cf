// SPDX-License-Identifier: Apache-2.0

package instructions

import (
	"fmt"
	"strings"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/deque"
)

// An Op is something to count.
type Op struct {
	Name string // of the operation
	How  string // it is done
	few  int    // times
	many int    // times
	do   func(times int) (done int, err error)
}

// Ops returns what can be counted.
func Ops() []Op {
	return []Op{
		{"fork", "a fork of fib and its join, nothing stolen", 75_024, 1_346_268, workload("fib")},
		{"spawn", "a task spawned in a task, run, seen done", 20_000, 120_000, workload("spawn-inside")},
		{"poll", "a task wakes itself, goes to the end of the queue and is polled", 40_000, 240_000, workload("yield")},
		{"wake", "a pair of ping-pong: two spawns, two promises, two wakes", 10_000, 50_000, workload("ping-pong")},
		{"steal", "a push by the owner and a steal, nobody in the way", 50_000, 450_000, steal},
	}
}

// Find returns the operation of that name, or an error that lists all.
func Find(name string) (Op, error) {
	var names []string
	for _, op := range Ops() {
		if op.Name == name {
			return op, nil
		}
		names = append(names, op.Name)
	}
	return Op{}, fmt.Errorf("instructions: unknown operation %q; known are %s", name, strings.Join(names, " "))
}

// Do does it so often and returns how often it was: a workload has its own sizes.
func (op Op) Do(times int) (done int, err error) { return op.do(times) }

// workload does a round of a workload on one worker of ours.
func workload(name string) func(int) (int, error) {
	return func(units int) (done int, err error) {
		rt, err := bench.FindRuntime(bench.Runtimes(), "pilfer")
		if err != nil {
			return 0, err
		}
		run, shut, err := rt.Open[name](1)
		if err != nil {
			return 0, err
		}
		var s bench.Sample
		if err := run(&s, units); err != nil {
			return 0, err
		}
		return s.Units, shut()
	}
}

// steal pushes to a deque and takes from its other end, in batches so that the
// deque does not grow.
func steal(times int) (int, error) {
	const batch = 50
	d := deque.NewDeque[int](2 * batch)
	thief := d.Stealer()
	jobs := make([]int, batch)
	done := 0
	for range times / batch {
		for i := range jobs {
			d.Push(&jobs[i])
		}
		for i := range jobs {
			got, outcome := thief.Steal()
			if outcome != deque.Taken || got != &jobs[i] {
				return done, fmt.Errorf("steal %d of a batch: %v", i, outcome)
			}
			done++
		}
	}
	return done, nil
}
