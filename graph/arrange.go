// SPDX-License-Identifier: Apache-2.0

package graph

import "slices"

// A graph is built in one order and run in another one, so that each node of a large
// graph costs a miss of the cache for its step, one for its successors, and more. A
// graph that has been run a few times gets a second plan, in which nodes lie in the
// order in which one worker runs them. It is the same graph: only where nodes lie in
// the arrays is different.

const (
	// arrangeAfter is after how many runs a plan is arranged. It costs about what it
	// saves in two to three runs, so the most that it can lose is what it cannot gain
	// before.
	arrangeAfter = 2

	// arrangeFrom is for how many nodes. Smaller graphs lie in a cache as a whole.
	// See BenchmarkGraph for both.
	arrangeFrom = 1 << 12
)

// arranged returns the plan to run: p, or another one that takes its place.
//
// Caller: any, while the graph does not change.
func (g *Graph) arranged(p *plan) *plan {
	if p.runs.Load() < arrangeAfter || p.numbers != nil || !p.plain || p.ordered || len(p.nodes) < arrangeFrom {
		return p
	}
	if !p.arranging.CompareAndSwap(false, true) {
		return p // another run does, or there is nothing to gain
	}
	if p.inOrder() {
		return p
	}
	q := p.arrange()
	if g.plan.CompareAndSwap(p, q) {
		q.takeOver(p)
	}
	return g.plan.Load()
}

// inOrder reports whether the nodes lie about as they run, by some of them: a chain or
// a grid that is built row by row does. Most then have a successor close behind.
func (p *plan) inOrder() bool {
	const some, near = 1024, 16
	all, close := 0, 0
	for i := 0; i < len(p.nodes); i += len(p.nodes)/some | 1 { // odd, so as not to stay in one column of a grid
		after := p.after(int32(i))
		if len(after) == 0 {
			continue
		}
		all++
		if slices.ContainsFunc(after, func(s int32) bool { return 0 < s-int32(i) && s-int32(i) <= near }) {
			close++
		}
	}
	return 4*close >= 3*all
}

// takeOver makes the executions of p that are not in use those of q.
func (q *plan) takeOver(p *plan) {
	p.mu.Lock()
	free := p.free
	p.free = nil
	p.mu.Unlock()
	for _, x := range free {
		x.plan, x.dirty = q, true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.free = append(q.free, free...)
}

// arrange returns a plan of the same nodes in the order in which they are run.
func (p *plan) arrange() *plan {
	order := p.runOrder()
	place := make([]int32, len(order)) // by node of p, where it lies in the other plan
	for at, i := range order {
		place[i] = int32(at)
	}
	q := &plan{
		graph: p.graph, version: p.version, plain: true,
		nodes: make([]*Node, len(order)), numbers: order,
		steps: make([]step, len(order)+1),
		next:  make([]int32, 0, len(p.next)),
		need:  make([]uint32, len(order)),
		roots: make([]int32, 0, len(p.roots)),
	}
	for at, i := range order {
		s := p.steps[i]
		q.nodes[at], q.need[at] = p.nodes[i], p.need[i]
		q.steps[at] = step{s.fn, uint32(len(q.next)), s.flags}
		for _, o := range p.after(i) {
			q.next = append(q.next, place[o])
		}
	}
	q.steps[len(order)].first = uint32(len(q.next))
	for _, i := range p.roots {
		q.roots = append(q.roots, place[i])
	}
	return q
}

// runOrder returns the nodes as [job.chain] runs them, if there is one worker.
func (p *plan) runOrder() []int32 {
	order := make([]int32, 0, len(p.nodes))
	left := append([]uint32(nil), p.need...)
	ready := append([]int32(nil), p.roots...)
	for len(ready) > 0 {
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		for i >= 0 {
			order = append(order, i)
			first := int32(-1)
			for _, s := range p.after(i) {
				if left[s]--; left[s] > 0 {
					continue
				}
				if first < 0 {
					first = s
				} else {
					ready = append(ready, s)
				}
			}
			i = first
		}
	}
	return order
}
