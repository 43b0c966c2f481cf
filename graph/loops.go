// SPDX-License-Identifier: Apache-2.0

package graph

import "slices"

// In a graph with branches a node may be reached again, and some of those that it
// comes after may not have run meanwhile. So not the number of arrivals counts, as
// in other graphs, but which edges they came by: a predecessor that is done twice
// stands for itself, not for another one.
//
// When a node starts, its edges are open again, but for those from before the loop
// that it is in: what lies there was done once, and that counts for all rounds.
// When a branch leads back, another round begins, and what the last one left
// half done is forgotten: the edges from all nodes of the loop are open again.
//
// Two nodes are in one loop if there is a way from each to the other, by edges and
// by targets of branches: they are in one strongly connected part. A branch leads
// back if its target is on the way on which the branch was reached first; what the
// round consists of are the nodes on the ways from the target to the branch.

// loops are what a plan with branches needs beside the successors.
type loops struct {
	into  [][]inEdge        // by node
	kept  []bool            // by edge: stays closed when the node starts again
	reset map[back][]inEdge // what is forgotten when a branch leads back
}

// A back is the way from a branch to a target that begins another round.
type back struct{ from, to int32 }

// An inEdge is an edge as the node sees that it leads to.
type inEdge struct {
	edge uint32 // in plan.next
	from int32
	to   int32
}

// findLoops finds the loops of a plan with branches.
func (p *plan) findLoops() *loops {
	l := &loops{into: make([][]inEdge, len(p.nodes)), kept: make([]bool, len(p.next)), reset: map[back][]inEdge{}}
	part, backs := p.parts()
	inside := make([]bool, len(p.nodes)) // has a predecessor in its loop
	for i := range int32(len(p.nodes)) {
		for k, s := range p.after(i) {
			l.into[s] = append(l.into[s], inEdge{p.steps[i].first + uint32(k), i, s})
			inside[s] = inside[s] || part[i] == part[s]
		}
	}
	for s, in := range l.into {
		for _, e := range in {
			l.kept[e.edge] = inside[s] && part[e.from] != part[s]
		}
	}
	pickers := make(map[int32][]int32) // branches, by target
	for b, n := range p.nodes {
		if n.more != nil {
			for _, t := range n.more.targets {
				pickers[t] = append(pickers[t], int32(b))
			}
		}
	}
	for _, b := range backs {
		l.reset[b] = p.edgesOf(b.round(l.into, pickers, part))
	}
	return l
}

// round returns the nodes of the loop that b closes: those that lead to the branch
// without passing the target, and both.
func (b back) round(into [][]inEdge, pickers map[int32][]int32, part []int32) []int32 {
	seen := map[int32]bool{b.to: true, b.from: true}
	nodes := []int32{b.to}
	if b.from != b.to {
		nodes = append(nodes, b.from)
	}
	add := func(i int32) {
		if !seen[i] && part[i] == part[b.to] {
			seen[i] = true
			nodes = append(nodes, i)
		}
	}
	for at := 1; at < len(nodes); at++ {
		for _, e := range into[nodes[at]] {
			add(e.from)
		}
		for _, picker := range pickers[nodes[at]] {
			add(picker)
		}
	}
	return nodes
}

// edgesOf returns the edges from the nodes, to those that wait for several.
func (p *plan) edgesOf(nodes []int32) (edges []inEdge) {
	for _, i := range nodes {
		for k, s := range p.after(i) {
			if p.need[s] > 1 {
				edges = append(edges, inEdge{p.steps[i].first + uint32(k), i, s})
			}
		}
	}
	return edges
}

// reach closes an edge to node s, and reports whether that was the last one open.
func (x *exec) reach(edge uint32, s int32) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seen[edge] {
		return false
	}
	x.seen[edge] = true
	if x.got[s]++; x.got[s] < x.plan.need[s] {
		return false
	}
	for _, e := range x.plan.loops.into[s] {
		if !x.plan.loops.kept[e.edge] {
			x.openEdge(e)
		}
	}
	return true
}

// newRound opens the edges of a loop, if that is what it means that branch i has
// picked t.
func (x *exec) newRound(i, t int32) {
	edges := x.plan.loops.reset[back{i, t}]
	if len(edges) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range edges {
		x.openEdge(e)
	}
}

// openEdge opens an edge.
//
// Caller: holding mu.
func (x *exec) openEdge(e inEdge) {
	if x.seen[e.edge] {
		x.seen[e.edge] = false
		x.got[e.to]--
	}
}

// parts returns for each node the number of its strongly connected part, and the
// targets that lead back, found as Tarjan did, without recursion: a chain may be
// long. The search begins where the run does.
func (p *plan) parts() (part []int32, backs []back) {
	const unseen = 0
	n := len(p.nodes)
	order := make([]int32, n) // when it was seen, from 1
	low := make([]int32, n)   // the earliest that it leads to and that is on the stack
	part = make([]int32, n)   // number plus one, 0 while on the stack
	at := make([]int, n)      // the next of its edges to look at
	on := make([]bool, n)     // in walk
	var stack, walk []int32
	seen, parts := int32(0), int32(0)
	open := func(i int32) {
		seen++
		order[i], low[i], on[i] = seen, seen, true
		stack, walk = append(stack, i), append(walk, i)
	}
	starts := slices.Clone(p.roots)
	for i := range int32(n) {
		starts = append(starts, i)
	}
	for _, root := range starts {
		if order[root] != unseen {
			continue
		}
		for open(root); len(walk) > 0; {
			i := walk[len(walk)-1]
			if to, target, ok := p.edge(i, at[i]); ok {
				at[i]++
				if target && on[to] {
					backs = append(backs, back{i, to})
				}
				switch {
				case order[to] == unseen:
					open(to)
				case part[to] == 0:
					low[i] = min(low[i], order[to])
				}
				continue
			}
			walk = walk[:len(walk)-1]
			on[i] = false
			if len(walk) > 0 {
				up := walk[len(walk)-1]
				low[up] = min(low[up], low[i])
			}
			if low[i] != order[i] {
				continue
			}
			for parts++; ; {
				top := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				part[top] = parts
				if top == i {
					break
				}
			}
		}
	}
	return part, backs
}

// edge returns where the k-th edge of node i leads: to successors first, then to
// targets.
func (p *plan) edge(i int32, k int) (to int32, target, ok bool) {
	after := p.after(i)
	if k < len(after) {
		return after[k], false, true
	}
	if m := p.nodes[i].more; m != nil && k-len(after) < len(m.targets) {
		return m.targets[k-len(after)], true, true
	}
	return 0, false, false
}
