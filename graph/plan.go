// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"fmt"
	"strings"
)

// A plan is a validated graph in the form in which it is run: flat arrays,
// nodes by index.
type plan struct {
	nodes []*Node
	need  []int32 // predecessors of each node
	first []int32 // where the successors of each node begin in next
	next  []int32 // successors, by node
	roots []int32 // nodes without predecessors
	sinks int32   // nodes without successors
}

// A CycleError names nodes that each come after the one before, and the first
// after the last.
type CycleError struct {
	Graph string   // the graph's name
	Path  []string // the first name again at the end
}

func (e *CycleError) Error() string {
	return fmt.Sprintf("graph %s: cycle: %s", e.Graph, strings.Join(e.Path, " -> "))
}

// Validate reports what would keep the graph from running: a [*CycleError],
// nodes of other graphs, nil nodes. Run does the same first.
func (g *Graph) Validate() error {
	_, err := g.compile()
	return err
}

// compile returns the plan of the graph as it is.
func (g *Graph) compile() (*plan, error) {
	if p := g.plan.Load(); p != nil {
		return p, nil
	}
	if len(g.errs) > 0 {
		return nil, errors.Join(g.errs...)
	}
	p := g.flatten()
	if path := p.cycle(); path != nil {
		return nil, &CycleError{Graph: g.name, Path: path}
	}
	g.plan.Store(p)
	return p, nil
}

// flatten turns the lists of predecessors into arrays of successors.
func (g *Graph) flatten() *plan {
	n := len(g.nodes)
	p := &plan{nodes: g.nodes[:n:n], need: make([]int32, n), first: make([]int32, n+1)}
	for i, node := range g.nodes {
		p.need[i] = int32(len(node.after))
		if len(node.after) == 0 {
			p.roots = append(p.roots, int32(i))
		}
		for _, o := range node.after {
			p.first[o.index+1]++
		}
	}
	for i := range n {
		if p.first[i+1] == 0 {
			p.sinks++
		}
		p.first[i+1] += p.first[i]
	}
	p.next = make([]int32, p.first[n])
	fill := append([]int32(nil), p.first[:n]...)
	for i, node := range g.nodes {
		for _, o := range node.after {
			p.next[fill[o.index]] = int32(i)
			fill[o.index]++
		}
	}
	return p
}

// after returns the successors of node i.
func (p *plan) after(i int32) []int32 { return p.next[p.first[i]:p.first[i+1]] }

// cycle returns the names along a cycle, or nil.
func (p *plan) cycle() []string {
	left := append([]int32(nil), p.need...)
	queue := append([]int32(nil), p.roots...)
	for at := 0; at < len(queue); at++ {
		for _, s := range p.after(queue[at]) {
			if left[s]--; left[s] == 0 {
				queue = append(queue, s)
			}
		}
	}
	if len(queue) == len(p.nodes) {
		return nil
	}
	// Every node that is left has a predecessor that is left: walking back from
	// any of them must come to one twice.
	at := p.nodes[firstPositive(left)]
	seen := make(map[*Node]int)
	var back []*Node
	for {
		if from, ok := seen[at]; ok {
			return names(append(back[from:], at))
		}
		seen[at] = len(back)
		back = append(back, at)
		for _, o := range at.after {
			if left[o.index] > 0 {
				at = o
				break
			}
		}
	}
}

func firstPositive(of []int32) int {
	for i, v := range of {
		if v > 0 {
			return i
		}
	}
	return 0
}

// names returns the names of a walk backwards, forwards.
func names(back []*Node) []string {
	path := make([]string, len(back))
	for i, n := range back {
		path[len(back)-1-i] = n.name
	}
	return path
}
