// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"slices"
)

// A shape is a task graph whose nodes do next to nothing: what is measured is the
// order between them. It is built once and run again and again.
type shape struct {
	name, why   string
	like        string // the small one of its kind, if this one is large
	size, small int
	targets     []Target
	build       func(units int) *plan
	work        func(units int) work // what nodes do beside; nil if nothing
}

// A plan is a graph in flat arrays. Every node has a higher number than those
// that it comes after, so counting up is a topological order.
type plan struct {
	first  []int32 // where the predecessors of each node begin in before
	before []int32
	from   []int32 // where the successors of each node begin in after
	after  []int32
}

func shapes() []shape {
	return append([]shape{
		{
			name: "chain", size: 100_000, small: 1_000, build: buildChain,
			why:     "a graph of 100,000 nodes, each after the one before: nothing to run in parallel, the cost of the hand-over",
			targets: graphTargets("ns", 0.35, 0.1),
		},
		{
			name: "wavefront", size: wavefrontSide * wavefrontSide, small: 256, build: buildWavefront(wavefrontSide),
			why:     "a grid of 256 x 256, each node after its left and its upper neighbour: little parallelism at any time, one ready successor in two",
			targets: graphTargets("ns", 0.56, 0.21),
		},
		{
			name: "dag", size: 100_000, small: 1_000, build: buildRandom,
			why:     "100,000 nodes, each after one to four random earlier ones: cache misses and shared successors",
			targets: graphTargets("ns", 0.48, 0.18),
		},
		{
			name: "tree", size: 1<<17 - 1, small: 1<<10 - 1, build: buildTree,
			why:     "a binary tree of 2^17 - 1 nodes from the root down: as wide as it can be",
			targets: graphTargets("ns", 0.18, 0.1),
		},
		{
			name: "chain-1m", like: "chain", size: 1_000_000, small: 1_000, build: buildChain,
			why:     "a million nodes, each after the one before: what the caches do not hold",
			targets: graphTargets("ns", 10/19.9, 0.1),
		},
		{
			name: "wavefront-2048", like: "wavefront", size: 2048 * 2048, small: 256, build: buildWavefront(2048),
			why:     "a grid of 2048 x 2048: what the caches do not hold",
			targets: graphTargets("ns", 25.0/27, 0.21),
		},
		{
			name: "order-matmul", size: 4*1024 + 1, small: 4*16 + 1, build: buildMatmul,
			why: "the graph of graph-matmul for 1024 rows without the arithmetic: what the order alone costs",
		},
		{
			name: "order-mnist", size: 5000 * mnistNodes, small: 10 * mnistNodes, build: buildMnist,
			why: "the graph of graph-mnist for 5000 steps without the arithmetic",
		},
		{
			name: "order-blackscholes", size: 500 * (blackBlocks + 1), small: 5 * (blackBlocks + 1), build: buildBlack,
			why: "the graph of graph-blackscholes for 500 rounds without the arithmetic",
		},
	}, realShapes()...)
}

// graphTargets bounds a graph row by plain goroutines, and by those that run the
// first successor themselves: ratios of the project's first measurements.
func graphTargets(metric string, inline, each float64) []Target {
	return []Target{
		{Metric: metric, Peer: "goroutine-inline", Ratio: inline},
		{Metric: metric, Peer: "goroutine", Ratio: each},
	}
}

const wavefrontSide = 256

func graphNames() (names []string) {
	for _, s := range shapes() {
		names = append(names, s.name)
	}
	return names
}

func graphWorkloads() (rows []Workload) {
	for _, s := range shapes() {
		rows = append(rows, Workload{Name: s.name, Why: s.why, Unit: "node", Size: s.size, Small: s.small, Targets: s.targets})
	}
	return append(rows, Workload{
		Name: "graph-build", Unit: "node", Size: 100_000, Small: 1_000,
		Why:     "the graph of dag is built, and checked for cycles where a library does that; kept-bytes stay",
		Targets: []Target{{Metric: "ns", Max: 100}, {Metric: "kept-bytes", Max: 128 + 2.5*16}},
	})
}

// newPlan returns the plan of n nodes whose predecessors are given by before.
func newPlan(n int, before func(i int, add func(j int))) *plan {
	p := &plan{first: make([]int32, 1, n+1), from: make([]int32, n+1)}
	for i := range n {
		before(i, func(j int) {
			p.before = append(p.before, int32(j))
			p.from[j+1]++
		})
		p.first = append(p.first, int32(len(p.before)))
	}
	for i := range n {
		p.from[i+1] += p.from[i]
	}
	p.after = make([]int32, len(p.before))
	fill := append([]int32(nil), p.from...)
	for i := range n {
		for _, j := range p.beforeOf(int32(i)) {
			p.after[fill[j]] = int32(i)
			fill[j]++
		}
	}
	return p
}

func (p *plan) len() int                 { return len(p.first) - 1 }
func (p *plan) beforeOf(i int32) []int32 { return p.before[p.first[i]:p.first[i+1]] }
func (p *plan) afterOf(i int32) []int32  { return p.after[p.from[i]:p.from[i+1]] }

func buildChain(n int) *plan {
	return newPlan(n, func(i int, add func(int)) {
		if i > 0 {
			add(i - 1)
		}
	})
}

func buildWavefront(most int) func(units int) *plan {
	return func(units int) *plan {
		side := most
		for side*side > units {
			side /= 2
		}
		return newPlan(side*side, func(i int, add func(int)) {
			if i >= side {
				add(i - side)
			}
			if i%side > 0 {
				add(i - 1)
			}
		})
	}
}

// mostBefore is how many predecessors a node of the random graph has at most.
const mostBefore = 4

func buildRandom(n int) *plan {
	var rng splitMix
	return newPlan(n, func(i int, add func(int)) {
		if i == 0 {
			return
		}
		seen := make([]int, 0, mostBefore)
		for range 1 + rng.below(mostBefore) {
			if j := rng.below(i); !slices.Contains(seen, j) {
				seen = append(seen, j)
				add(j)
			}
		}
	})
}

// A splitMix is Vigna's generator, so small that natives draw the same graph.
type splitMix uint64

func (s *splitMix) below(n int) int {
	*s += 0x9e3779b97f4a7c15
	z := uint64(*s)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

func buildTree(n int) *plan {
	return newPlan(n, func(i int, add func(int)) {
		if i > 0 {
			add((i - 1) / 2)
		}
	})
}

// A graphRun is a plan with the values of its nodes. Each node adds up its
// predecessors, its number, and, at the roots, the round: a node that runs too
// early adds a value of the round before, and the sum is wrong.
type graphRun struct {
	*plan
	round uint64
	value []uint64 // by node; who runs the node writes it, its successors read it
	want  []uint64 // the same, computed one after the other
	work  work     // nil if there is none
	more  waits
}

// newGraphRun is called when the size is known, which is in the first round.
func newGraphRun(s shape) *graphRun {
	return &graphRun{more: waits{shape: s}}
}

// waits is what a graphRun keeps for its first round.
type waits struct {
	shape shape
	units int
}

// visit runs node i.
func (g *graphRun) visit(i int32) {
	g.value[i] = g.add(i, g.value)
	if g.work != nil {
		g.work.visit(i)
	}
}

func (g *graphRun) add(i int32, value []uint64) uint64 {
	sum := uint64(i)
	before := g.beforeOf(i)
	if len(before) == 0 {
		sum += g.round
	}
	for _, j := range before {
		sum += value[j]
	}
	return sum
}

// ready builds the plan for a round of units nodes, if it is not there.
func (g *graphRun) ready(units int) {
	if g.plan == nil || g.more.units != units {
		g.plan, g.more.units = g.more.shape.build(units), units
		if g.more.shape.work != nil {
			g.work = g.more.shape.work(units)
		}
		g.value, g.want = make([]uint64, g.len()), make([]uint64, g.len())
	}
}

// body returns the body that has every node visited by run.
func (g *graphRun) body(run func() error) Body {
	return func(s *Sample, units int) error {
		g.ready(units)
		g.round++
		if err := s.Time(g.len(), run); err != nil {
			return err
		}
		return g.check()
	}
}

func (g *graphRun) check() error {
	for i := range int32(g.len()) {
		g.want[i] = g.add(i, g.want)
		if g.value[i] != g.want[i] {
			return fmt.Errorf("node %d has %d, want %d: not run, or before those that it comes after", i, g.value[i], g.want[i])
		}
	}
	if g.work != nil {
		return g.work.check()
	}
	return nil
}
