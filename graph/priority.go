// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"cmp"
	"slices"
)

// Priority makes n run before nodes of lower priority that are ready at the same
// time, whichever worker made them ready, and returns n. The default is 0.
//
// With priorities, ready nodes go through one list with a lock: about 100 ns
// each. So it pays for nodes that take longer than that.
func (n *Node) Priority(p int) *Node {
	n.set().priority = int32(p)
	return n
}

// ByCriticalPath makes the graph run those ready nodes first on which most work
// waits: the cost of the node and of the longest chain after it. cost may be a
// guess, or come from a [Report]; nil counts each node as one. Among nodes of
// different priority that one counts.
func (g *Graph) ByCriticalPath(cost func(n *Node) float64) {
	g.change("order", "by critical path")
	if cost == nil {
		cost = func(*Node) float64 { return 1 }
	}
	g.rank = cost
}

// rankNodes gives each node its place in the order of urgency.
func (p *plan) rankNodes() {
	p.ordered = p.ordered || p.graph.rank != nil
	if !p.ordered {
		return
	}
	length := p.tails(p.graph.rank)
	p.byRank = make([]int32, len(p.nodes))
	for i := range p.byRank {
		p.byRank[i] = int32(i)
	}
	priority := func(i int32) int32 {
		if m := p.nodes[i].more; m != nil {
			return m.priority
		}
		return 0
	}
	slices.SortStableFunc(p.byRank, func(a, b int32) int {
		if c := cmp.Compare(priority(b), priority(a)); c != 0 {
			return c
		}
		return cmp.Compare(length[b], length[a])
	})
	p.rank = make([]int32, len(p.nodes))
	for r, i := range p.byRank {
		p.rank[i] = int32(r)
	}
}

// tails returns for each node the cost of the longest chain from it on, or zeros
// without a cost.
func (p *plan) tails(cost func(*Node) float64) []float64 {
	length := make([]float64, len(p.nodes))
	if cost == nil {
		return length
	}
	for _, i := range slices.Backward(p.topological()) {
		for _, s := range p.after(i) {
			length[i] = max(length[i], length[s])
		}
		length[i] += cost(p.nodes[i])
	}
	return length
}

// topological returns the nodes in an order in which they may run, without those
// that wait for a cycle.
func (p *plan) topological() []int32 {
	left := append([]uint32(nil), p.need...)
	queue := make([]int32, 0, len(left))
	for i, n := range left {
		if n == 0 {
			queue = append(queue, int32(i))
		}
	}
	for at := 0; at < len(queue); at++ {
		for _, s := range p.after(queue[at]) {
			if left[s]--; left[s] == 0 {
				queue = append(queue, s)
			}
		}
	}
	return queue
}

// addReady puts a node into the heap of ready nodes. Whoever does, gives
// mostUrgent to a job.
func (x *exec) addReady(i int32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	h := append(x.ready, x.plan.rank[i])
	for at := len(h) - 1; at > 0; {
		up := (at - 1) / 2
		if h[up] <= h[at] {
			break
		}
		h[up], h[at] = h[at], h[up]
		at = up
	}
	x.ready = h
}

// takeReady takes the most urgent node out of the heap. There is one for each
// mostUrgent.
func (x *exec) takeReady() int32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	h := x.ready
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	for at := 0; ; {
		least := at
		for _, down := range [2]int{2*at + 1, 2*at + 2} {
			if down < last && h[down] < h[least] {
				least = down
			}
		}
		if least == at {
			break
		}
		h[least], h[at] = h[at], h[least]
		at = least
	}
	x.ready = h
	return x.plan.byRank[top]
}
