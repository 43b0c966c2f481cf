// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"
	"slices"
)

// check reports what is wrong with the plan.
func (p *plan) check() (errs []error) {
	g := p.graph
	if path := p.cycle(); path != nil {
		errs = append(errs, &CycleError{Graph: g.name, Path: path})
	} else if len(p.roots) == 0 && len(p.nodes) > 0 {
		errs = append(errs, fmt.Errorf("graph %s: no node can start: each is a target of a branch or after another: mark one with First", g.name))
	}
	if p.plain {
		return errs
	}
	for _, n := range p.nodes {
		if n.more != nil {
			for _, u := range n.more.uses {
				if u.weight > u.sem.size {
					errs = append(errs, &NeverError{Graph: g.name, Node: n.Name(), Semaphore: u.sem.name, Want: u.weight, Size: u.sem.size})
				}
			}
		}
		if n.flags&nodeKind == 0 {
			continue
		}
		if c, ok := n.fn.(interface{ check(n *Node) []error }); ok {
			errs = append(errs, c.check(n)...)
		}
	}
	return errs
}

// cycle returns the names along a cycle, or nil. What branches pick is no part
// of one: loops are made so.
func (p *plan) cycle() []string {
	if p.forward {
		return nil
	}
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
	if len(queue) == len(p.nodes) {
		return nil
	}
	return p.walkBack(left)
}

// walkBack finds a cycle among the nodes that wait for others for ever. Each has
// a predecessor that does too, so a walk back comes to one of them twice.
func (p *plan) walkBack(left []uint32) []string {
	before := make([]int32, len(left)) // a predecessor that waits for ever, plus one
	at := int32(-1)
	for i := range p.nodes {
		if left[i] == 0 {
			continue
		}
		at = int32(i)
		for _, s := range p.after(int32(i)) {
			before[s] = int32(i) + 1
		}
	}
	seen := make(map[int32]int)
	var back []int32
	for {
		if from, ok := seen[at]; ok {
			return p.namesBack(append(back[from:], at))
		}
		seen[at] = len(back)
		back = append(back, at)
		at = before[at] - 1
	}
}

// namesBack returns the names of a cycle that was walked backwards, forwards, from
// the node that was added first.
func (p *plan) namesBack(back []int32) []string {
	back = back[1:] // the first is the last again
	at := slices.Index(back, slices.Min(back))
	var path []string
	for i := range back {
		path = append(path, p.nodes[back[(at-i+len(back))%len(back)]].Name())
	}
	return append(path, path[0])
}
