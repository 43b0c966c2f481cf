// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"time"
)

// A criticalPath is the longest chain of nodes that wait for each other: no
// number of workers is faster.
type criticalPath struct {
	nodes  []int // in the order in which they run
	length time.Duration
	work   time.Duration // of all nodes
}

// parallelism is how many workers the graph could keep busy on average.
func (c criticalPath) parallelism() float64 {
	if c.length == 0 {
		return 1
	}
	return float64(c.work) / float64(c.length)
}

// longest finds the critical path of the plan, given how long each node took.
func (p *plan) longest(spans []span) criticalPath {
	var c criticalPath
	until := make([]time.Duration, len(p.nodes)) // end of the longest chain to each node
	via := make([]int, len(p.nodes))             // the node before it there, or -1
	last := -1
	for i, n := range p.nodes { // before comes before after in a plan
		via[i] = -1
		for _, b := range n.before {
			if via[i] < 0 || until[b] > until[via[i]] {
				via[i] = b
			}
		}
		if via[i] >= 0 {
			until[i] = until[via[i]]
		}
		took := spans[i].End - spans[i].Start
		until[i] += took
		c.work += took
		if last < 0 || until[i] > until[last] {
			last = i
		}
	}
	for i := last; i >= 0; i = via[i] {
		c.nodes = append(c.nodes, i)
	}
	slices.Reverse(c.nodes)
	if last >= 0 {
		c.length = until[last]
	}
	return c
}
