// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"hash/maphash"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A plan is a validated graph in the form in which it is run: flat arrays,
// nodes by their place. Apart from the list of executions it does not change.
type plan struct {
	graph   *Graph
	version int // of the graph
	nodes   []*Node
	numbers []int32  // of the nodes, by place; nil if they lie in the order of their numbers
	steps   []step   // one for each node, and one more
	next    []int32  // successors, by node
	need    []uint32 // predecessors of each node

	roots    []int32 // nodes that start by themselves, the last first
	branches bool    // has nodes that pick
	loops    *loops  // with branches
	ordered  bool    // has priorities
	plain    bool    // no node is more than a function
	forward  bool    // each edge leads to a node of a higher number, so there is no cycle
	rank     []int32 // by node, 0 is the most urgent; nil unless ordered
	byRank   []int32
	uses     []*Semaphore
	readers  []uint32 // by cell: how many nodes take the value
	kept     []bool   // by cell: a taker may be run again
	waits    int32    // nodes that wait for futures, each with a number

	// runs counts executions that have ended.
	// Writers: who ends one adds one. Invariant: never decreases.
	runs point.Uint32

	// arranging says that a run makes the plan that takes this one's place, or that none is
	// wanted.
	// Writers: the run that sets it, by compare-and-swap. Invariant: stays set.
	arranging point.Bool

	mu   point.Mutex
	free []*exec // holding mu: executions that are not in use
}

// A step is a node on the way of a run. It is small, as a run reads all of them.
type step struct {
	fn    any
	first uint32 // where its successors begin in next; they end where the next step's begin
	flags nodeFlags
}

// Validate reports what would keep the graph from running: a [*CycleError],
// nodes of other graphs, second nodes of one name, inputs that are not wired. Run
// does the same first.
func (g *Graph) Validate() error {
	_, err := g.compile()
	return err
}

// compile returns the plan of the graph as it is.
func (g *Graph) compile() (*plan, error) {
	if p := g.plan.Load(); p != nil {
		return g.arranged(p), nil
	}
	errs := slices.Concat(g.errs, g.duplicates())
	p := g.flatten()
	errs = append(errs, p.check()...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if !g.plan.CompareAndSwap(nil, p) { // elect: two first runs at once
		return g.plan.Load(), nil
	}
	return p, nil
}

// flatten turns the list of edges into arrays of successors.
func (g *Graph) flatten() *plan {
	n := len(g.nodes)
	p := &plan{
		graph:   g,
		version: g.version,
		waits:   g.waits,
		forward: !g.back,
		plain:   true,
		nodes:   g.nodes[:n:n],
		steps:   make([]step, n+1),
		next:    make([]int32, g.edges.len),
		need:    make([]uint32, n),
		readers: make([]uint32, len(g.cells)),
		kept:    make([]bool, len(g.cells)),
	}
	free := make([]uint32, n) // where the next successor of each node goes
	end := uint32(0)
	var picked []bool // by node: a target of a branch
	for i, node := range p.nodes {
		p.steps[i] = step{node.fn, end, node.flags}
		p.need[i], free[i] = node.need, end
		end += node.next
		if node.more != nil || node.flags != 0 {
			p.plain = false
			picked = p.settle(node, picked)
		}
	}
	p.steps[n].first = end
	for e := range g.edges.all() {
		p.next[free[e.from]] = e.to
		free[e.from]++
	}
	for i := n - 1; i >= 0; i-- {
		if p.need[i] == 0 && (picked == nil || !picked[i] || g.nodes[i].flags&nodeFirst != 0) {
			p.roots = append(p.roots, int32(i))
		}
	}
	p.rankNodes()
	if p.branches {
		p.loops = p.findLoops()
	}
	return p
}

// settle notes what a node that is more than a function means for the plan.
func (p *plan) settle(n *Node, picked []bool) []bool {
	m := n.more
	if r, ok := n.fn.(reader); ok {
		for _, c := range r.reads() {
			if c >= 0 {
				p.readers[c]++
				p.kept[c] = p.kept[c] || m != nil && m.retry.times > 0
			}
		}
	}
	if m == nil {
		return picked
	}
	if m.priority != 0 {
		p.ordered = true
	}
	for _, u := range m.uses {
		if !slices.Contains(p.uses, u.sem) {
			p.uses = append(p.uses, u.sem)
		}
	}
	if len(m.targets) > 0 {
		p.branches = true
		if picked == nil {
			picked = make([]bool, len(p.nodes))
		}
		for _, t := range m.targets {
			picked[t] = true
		}
	}
	return picked
}

// number returns the number of the node at place i.
func (p *plan) number(i int32) int {
	if p.numbers != nil {
		i = p.numbers[i]
	}
	return int(i)
}

// after returns the successors of node i.
func (p *plan) after(i int32) []int32 { return p.next[p.steps[i].first:p.steps[i+1].first] }

// duplicates finds nodes that share a name. The table holds numbers of nodes, not
// names, so that it costs little beside the nodes.
func (g *Graph) duplicates() (errs []error) {
	if g.named < 2 {
		return nil
	}
	size := 16
	for size < 2*g.named {
		size *= 2
	}
	table := make([]int32, size) // number plus one
	seed := maphash.MakeSeed()
	for i, n := range g.nodes {
		if n.name == "" {
			continue
		}
		at := int(maphash.String(seed, n.name)) & (size - 1)
		for table[at] != 0 && g.nodes[table[at]-1].name != n.name {
			at = (at + 1) & (size - 1)
		}
		if table[at] != 0 {
			errs = append(errs, &DuplicateError{Graph: g.name, Node: n.name, First: int(table[at] - 1), Second: i})
			continue
		}
		table[at] = int32(i + 1)
	}
	return errs
}
