// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Workload is one thing to do, the same for every runtime.
type Workload struct {
	Name    string        // as in every table and JSON file
	Why     string        // what it isolates
	Unit    string        // what one unit is
	Size    int           // units in a round of a measurement
	Small   int           // units in a round of a test
	Warm    int           // units in the round before a measurement; Size if 0
	Takes   time.Duration // about how long one run takes on two CPUs, if it is longer than what is asked for
	Targets []Target
}

// forkJoin are the workloads whose figure is time x workers: equal figures mean
// perfect scaling.
var forkJoin = []string{
	"fib", "skynet", "nqueens", "matmul", "integrate", "cilksort", "uts-t1", "uts-t3",
	"mandelbrot", "primes", "coarse", "sum", "map", "scan",
}

// ForkJoin reports whether the figure is time x workers.
func (w Workload) ForkJoin() bool { return slices.Contains(forkJoin, w.Name) }

// Computes reports whether the workload keeps its workers busy and nobody else:
// every runtime is measured with each number of workers, on as many CPUs.
func (w Workload) Computes() bool {
	return w.ForkJoin() || strings.HasPrefix(w.Name, "sort-") || slices.Contains(graphNames(), w.Name)
}

// A Target is a bound that pilfer should stay below.
type Target struct {
	Of     string  // the runtime of ours that it is for; all if empty
	Metric string  // ns, allocs, bytes, p50-ns, p99-ns, or one that the body sets
	Max    float64 // on the machine of the figures below; 0 if only the ratio counts
	// Peer is a runtime of the same run, and Ratio the bound for our figure over
	// its figure: on a machine of another speed only the ratio counts.
	Peer  string
	Ratio float64
	Minus bool // the figure is what we need above the peer, not the ratio
}

// against returns targets for a figure max, relative to peers whose figures were
// measured together with the bound.
func against(metric string, max float64, peers map[string]float64) []Target {
	targets := []Target{{Metric: metric, Max: max}}
	for _, p := range sortedKeys(peers) {
		targets = append(targets, Target{Metric: metric, Peer: p, Ratio: max / peers[p]})
	}
	return targets
}

// noWorse returns the targets of a row that must not lose to a peer.
func noWorse(peer string) []Target {
	return []Target{
		{Metric: "p50-ns", Peer: peer, Ratio: 1},
		{Metric: "p99-ns", Peer: peer, Ratio: 1},
	}
}

const (
	submitters   = 8    // goroutines of submit-8
	spawnBatch   = 1000 // tasks that spawn-inside and pending spawn at once
	chainLength  = 1000 // links of chained-spawn
	pingPairs    = 1000 // pairs of ping-pong at once
	yieldTasks   = 200
	pendingTasks = 1_000_000

	// goroutinesPending is a tenth: a million goroutines take 2.7 GB.
	goroutinesPending = pendingTasks / 10
)

// takes is about how long one run of a row takes, in ms, if that is more than the
// 200 ms that make compare asks for.
var takes = map[string]time.Duration{
	"fib": 800, "nqueens": 500, "uts-t1": 450, "uts-t3": 400, "sort-int": 900, "sort-struct": 1800,
	"sort-stable": 3500, "cilksort": 1300, "coarse": 1200, "spawn-inside": 400, "submit-1": 400,
	"submit-8": 600, "spawn-result": 300, "submit-result": 300, "run-empty": 300, "pending": 600,
	"pending-recv": 800, "pending-sleep": 800, "graph-pending": 2000, "chain-1m": 400, "wavefront-2048": 2000,
	"timer-arm": 650, "timer-cancel": 600, "timer-fire": 2400, "wake": 530, "wake-request": 530,
	"wake-beside-1": 530, "wake-beside-2": 1220, "wake-busy": 1000, "wake-busy-woken": 1000, "idle": 1150,
	"static": 500, "graph-build": 400, "mutex-1000": 400, "scan": 300, "primes": 300,
}

// Workloads returns the table, in the order in which it is shown.
func Workloads() []Workload {
	all := workloads()
	for i := range all {
		all[i].Takes = takes[all[i].Name] * time.Millisecond
	}
	return all
}

func workloads() []Workload {
	return slices.Concat(treeWorkloads(), loopWorkloads(), sortWorkloads(), []Workload{
		coarseWorkload(),
		{
			Name: "spawn-inside", Unit: "task", Size: 1_000_000, Small: 5_000, Warm: 100_000,
			Why: "spawn a task from inside a task, run it, see that it is done; no hand-over to another thread is needed",
			Targets: []Target{
				{Metric: "allocs", Max: 1.01}, {Metric: "bytes", Max: 97},
				{Metric: "ns", Peer: "alloc", Max: 25, Minus: true},
				{Metric: "ns", Peer: "goroutine", Ratio: 0.15},
			},
		},
		{
			Name: "submit-1", Unit: "task", Size: 1_000_000, Small: 2_000, Warm: 100_000,
			Why:     "spawn from one ordinary goroutine until all have run: the way in from outside",
			Targets: against("ns", 80, map[string]float64{"ants": 536, "pond": 140, "gopool": 127}),
		},
		{
			Name: "submit-8", Unit: "task", Size: 1_000_000, Small: 2_000, Warm: 100_000,
			Why:     "the same from eight goroutines at once: contention on the way in",
			Targets: against("ns", 80, map[string]float64{"ants": 598, "pond": 147, "gopool": 163}),
		},
		{
			Name: "yield", Unit: "yield", Size: yieldTasks * 1000, Small: yieldTasks * 5,
			Why:     "200 tasks that let the others go first, 1000 times each: the queue and the poll, no allocation",
			Targets: against("ns", 20, map[string]float64{"goroutine": 138}),
		},
		{
			Name: "ping-pong", Unit: "pair", Size: 100 * pingPairs, Small: pingPairs,
			Why:     "1000 pairs at once, as in Tokio's benchmarks: two spawns and two one-shot promises each, so wakes from inside a poll",
			Targets: against("ns", 200, nil),
		},
		{
			Name: "chained-spawn", Unit: "task", Size: 200 * chainLength, Small: chainLength,
			Why:     "a chain of 1000 tasks, as in Tokio's benchmarks, each spawns the next: nothing to run in parallel, and 1000 links pay for one way in and out",
			Targets: against("ns", 60, nil),
		},
		{
			Name: "pending", Unit: "task", Size: pendingTasks, Small: 2_000, Warm: 20_000,
			Why: "tasks that wait, each on a promise of its own: memory; beyond-bytes is without the promise",
			Targets: []Target{
				{Metric: "beyond-bytes", Max: 128},
				{Metric: "beyond-bytes", Peer: "goroutine", Ratio: 128.0 / 2748},
			},
		},
		{
			Name: "run-empty", Unit: "call", Size: 1_000_000, Small: 1_000,
			Why:     "an ordinary goroutine has an empty function run and waits: what a call into the runtime costs at least",
			Targets: against("ns", 100, nil),
		},
	}, resultWorkloads(), pendingWorkloads(), graphWorkloads(), messageWorkloads(), directWorkloads(), executorWorkloads(), timerWorkloads(), wakes(), idleWorkloads())
}

// Find returns the workload with that name, or an error that lists all names.
func Find(name string) (Workload, error) {
	var names []string
	for _, w := range Workloads() {
		if w.Name == name {
			return w, nil
		}
		names = append(names, w.Name)
	}
	return Workload{}, fmt.Errorf("bench: unknown workload %q; known are %s", name, strings.Join(names, " "))
}
