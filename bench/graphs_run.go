// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"sync"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// pilferGraphs returns how our graphs run the shapes.
func pilferGraphs(locked bool) map[string]Open {
	open := map[string]Open{}
	for _, s := range shapes() {
		open[s.name] = withRuntime(locked, func(rt *sched.Runtime) Body {
			g := newGraphRun(s)
			var built *graph.Graph
			return func(sample *Sample, units int) error {
				if g.ready(units); built == nil || built.Len() != g.len() {
					built = g.build()
				}
				return g.body(func() error { return built.Run(background, rt) })(sample, units)
			}
		})
	}
	return open
}

// build returns the plan as a graph of ours, whose nodes share a function, as the
// hand-written ones do.
func (g *graphRun) build() *graph.Graph {
	built := graph.New("bench")
	nodes := built.DoN(g.len(), func(i int) { g.visit(int32(i)) })
	for i, n := range nodes {
		for _, j := range g.beforeOf(int32(i)) {
			n.After(nodes[j])
		}
	}
	return built
}

// pilferBuild builds a graph again and again, and runs each once to check it.
func pilferBuild(s *Sample, units int) error {
	rt, err := sched.New(sched.Workers(1))
	if err != nil {
		return err
	}
	defer rt.Close()
	return buildOnly(s, units, func(nodes Nodes) func() error {
		built := nodes.g.build()
		if err := built.Validate(); err != nil {
			return func() error { return err }
		}
		return func() error { return built.Run(background, rt) }
	})
}

// buildOnly measures build, and what is kept of it.
func buildOnly(s *Sample, units int, build func(nodes Nodes) (run func() error)) error {
	g := newGraphRun(shape{build: buildRandom})
	g.ready(units)
	before := live()
	var run func() error
	if err := s.Time(g.len(), func() error { run = build(Nodes{g}); return nil }); err != nil {
		return err
	}
	s.set("kept-bytes", float64(int64(live()-before))/float64(g.len()))
	return g.body(run)(new(Sample), units)
}

// openGraph opens a way to run a plan that needs no preparation but counters.
func openGraph(s shape, run func(g *graphRun, c *counters)) Open {
	return func(int) (Body, func() error, error) {
		g, c := newGraphRun(s), &counters{}
		body := g.body(func() error {
			c.reset(g.plan)
			run(g, c)
			return nil
		})
		return body, func() error { return nil }, nil
	}
}

// counters are what hand-written runners keep for each run.
type counters struct {
	// left is how many predecessors of each node are not done.
	// Writers: who ends a predecessor, by one. Who makes it zero runs the node.
	left []point.Int32
	done sync.WaitGroup // nodes
}

func (c *counters) reset(p *plan) {
	if len(c.left) != p.len() {
		c.left = make([]point.Int32, p.len())
	}
	for i := range c.left {
		c.left[i].Store(p.first[i+1] - p.first[i])
	}
	c.done.Add(p.len())
}

// roots calls f for every node without predecessors.
func (p *plan) roots(f func(i int32)) {
	for i := range int32(p.len()) {
		if p.first[i] == p.first[i+1] {
			f(i)
		}
	}
}

// runNodes starts a goroutine for each node that is ready: the plain Go way.
func (g *graphRun) runNodes(c *counters) {
	var run func(i int32)
	run = func(i int32) {
		g.visit(i)
		for _, s := range g.afterOf(i) {
			if c.left[s].Dec() == 0 {
				go run(s)
			}
		}
		c.done.Done()
	}
	g.roots(func(i int32) { go run(i) })
	c.done.Wait()
}

// runInline does the same, but a goroutine goes on with the first successor that
// became ready: what somebody writes who has measured the plain way.
func (g *graphRun) runInline(c *counters) {
	var run func(i int32)
	run = func(i int32) {
		ran := 0
		for next := i; next >= 0; ran++ {
			i, next = next, -1
			g.visit(i)
			for _, s := range g.afterOf(i) {
				switch {
				case c.left[s].Dec() != 0:
				case next < 0:
					next = s
				default:
					go run(s)
				}
			}
		}
		c.done.Add(-ran)
	}
	g.roots(func(i int32) { go run(i) })
	c.done.Wait()
}

// runChannel has workers take ready nodes from a channel that has room for all.
func (g *graphRun) runChannel(workers int) {
	c := &counters{}
	c.reset(g.plan)
	ready := make(chan int32, g.len())
	g.roots(func(i int32) { ready <- i })
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := range ready {
				g.visit(i)
				for _, s := range g.afterOf(i) {
					if c.left[s].Dec() == 0 {
						ready <- s
					}
				}
				c.done.Done()
			}
		})
	}
	c.done.Wait()
	close(ready)
	all.Wait()
}

// Nodes is a graph for a peer to build in its own form. The nodes are numbered, and
// each has a higher number than those before it.
type Nodes struct{ g *graphRun }

// Len returns how many there are.
func (n Nodes) Len() int { return n.g.len() }

// Before returns the nodes that node i comes after.
func (n Nodes) Before(i int) []int32 { return n.g.beforeOf(int32(i)) }

// Visit is the function of node i.
func (n Nodes) Visit(i int) { n.g.visit(int32(i)) }

// mostBuilt is how many nodes a peer gets that may take microseconds for each.
const mostBuilt = 1 << 18

// NewGrapher returns a runtime that runs graphs. build is called once for a graph,
// and what it returns for each run.
func NewGrapher(name, how string, build func(nodes Nodes) (run func() error)) Runtime {
	rt := Runtime{Name: name, How: how, Open: map[string]Open{}, Cannot: map[string]string{}}
	for _, s := range shapes() {
		if s.size > mostBuilt {
			rt.Cannot[s.name] = fmt.Sprintf("not run: it would take most of the comparison's time; see %s", s.like)
			continue
		}
		rt.Open[s.name] = plain(builtGraph(s, build))
	}
	rt.Open["graph-build"] = plain(func(s *Sample, units int) error { return buildOnly(s, units, build) })
	rt.Fixed = map[string]int{"graph-build": 1}
	return rt
}

func builtGraph(s shape, build func(nodes Nodes) (run func() error)) Body {
	g := newGraphRun(s)
	var run func() error
	built := 0
	return func(sample *Sample, units int) error {
		if g.ready(units); run == nil || built != g.len() {
			run, built = build(Nodes{g}), g.len()
		}
		return g.body(run)(sample, units)
	}
}

// inlineGraphs returns the runtime of hand-written goroutines.
func inlineGraphs() Runtime {
	rt := Runtime{
		Name: "goroutine-inline", Open: map[string]Open{},
		How: "hand-written: counters, a goroutine for each ready node but the first, which its predecessor's goroutine goes on with",
	}
	for _, s := range shapes() {
		rt.Open[s.name] = openGraph(s, (*graphRun).runInline)
	}
	return rt
}

// serialGraphs returns the topological order, and the leaves of coarse, one after
// the other.
func serialGraphs() Runtime {
	rt := Runtime{
		How:   "graphs in topological order, by one",
		Open:  map[string]Open{"coarse": serialCoarse},
		Fixed: map[string]int{"coarse": 1},
	}
	for _, s := range shapes() {
		rt.Fixed[s.name] = 1
		rt.Open[s.name] = openGraph(s, func(g *graphRun, c *counters) {
			for i := range int32(g.len()) {
				g.visit(i)
			}
			c.done.Add(-g.len())
		})
	}
	return rt
}
