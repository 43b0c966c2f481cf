// SPDX-License-Identifier: Apache-2.0

package graph

// In a loop a node is run again when those of its predecessors that lie in the
// loop are done again. Those before the loop were done once, and that counts for
// all rounds. Two nodes are in one loop if there is a way from each to the other,
// by edges and by targets of branches: they are in one strongly connected part.

// loopCounts returns for each node with how many arrivals its next round begins:
// those from outside the loop that it is in.
func (p *plan) loopCounts() []uint32 {
	part := p.parts()
	again := make([]uint32, len(p.nodes))
	inside := make([]bool, len(p.nodes)) // has a predecessor in its loop
	for i := range p.nodes {
		for _, s := range p.after(int32(i)) {
			if part[i] == part[s] {
				inside[s] = true
			} else {
				again[s]++
			}
		}
	}
	for i := range again {
		if !inside[i] {
			again[i] = 0
		}
	}
	return again
}

// parts returns for each node the number of its strongly connected part, found as
// Tarjan did, without recursion: a chain may be long.
func (p *plan) parts() []int32 {
	const unseen = 0
	n := len(p.nodes)
	order := make([]int32, n) // when it was seen, from 1
	low := make([]int32, n)   // the earliest that it leads to and that is on the stack
	part := make([]int32, n)  // number plus one, 0 while on the stack
	at := make([]int, n)      // the next of its edges to look at
	var stack, walk []int32
	seen, parts := int32(0), int32(0)
	open := func(i int32) {
		seen++
		order[i], low[i] = seen, seen
		stack, walk = append(stack, i), append(walk, i)
	}
	for root := range int32(n) {
		if order[root] != unseen {
			continue
		}
		for open(root); len(walk) > 0; {
			i := walk[len(walk)-1]
			if to, ok := p.edge(i, at[i]); ok {
				at[i]++
				switch {
				case order[to] == unseen:
					open(to)
				case part[to] == 0:
					low[i] = min(low[i], order[to])
				}
				continue
			}
			walk = walk[:len(walk)-1]
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
	return part
}

// edge returns where the k-th edge of node i leads: to successors first, then to
// targets.
func (p *plan) edge(i int32, k int) (to int32, ok bool) {
	after := p.after(i)
	if k < len(after) {
		return after[k], true
	}
	if m := p.nodes[i].more; m != nil && k-len(after) < len(m.targets) {
		return m.targets[k-len(after)], true
	}
	return 0, false
}
