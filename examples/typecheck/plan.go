// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
)

// A kind says what a node does with its package.
type kind uint8

const (
	parse kind = iota // files to syntax trees; needs nothing
	check             // syntax trees to types; needs the types of all imports
	kinds
)

func (k kind) String() string { return [kinds]string{"parse", "check"}[k] }

// A node is one step of the job: a package to check, or some of its files to
// parse.
type node struct {
	pkg    int
	kind   kind
	lo, hi int   // parse: Files[lo:hi]
	base   int   // parse: the position in the file set where its files begin
	before []int // nodes that must be done first
	after  []int // nodes that wait for this one
}

// A plan is the graph that all three variants run: the nodes in an order that a
// serial run may take them in.
type plan struct {
	packages []pkg
	nodes    []node
}

// partBytes is how much text one parse node takes, if it is more than one file.
// The runtime, for which nearly everything waits, is parsed by several workers in
// this way; and a node is still long beside what it costs to schedule it.
const partBytes = 256 << 10

// A shape bounds how far parsing may run ahead of checking. It needs no other
// package, so without bounds all of it would be ready at the start.
type shape struct {
	// Parsers is how many parse nodes may be ready at once: each waits for the one
	// that comes so many before it. Without this bound a check on the critical path
	// would stand behind hundreds of them.
	Parsers int
	// Ahead is about how much text may be parsed and not checked: parse nodes wait
	// for the checks that come so many bytes before them. Without this bound the
	// syntax trees of everything could be in memory at once.
	Ahead int64
}

// shapeFor returns the shape for a number of workers. A simulation with the times
// of the standard library's nodes says how busy two workers can be: with one
// queue, first in, first out, 85 % without bounds and 99 % with these; with a
// queue for each worker, who goes on with what its last node made ready, 95 % and
// 98 %. Less than 16 MB ahead costs some of it: while one worker checks the
// runtime, for which nearly everything waits, the others soon may not go on
// parsing. All of the standard library is 18 MB.
func shapeFor(workers int) shape {
	return shape{Parsers: workers, Ahead: max(64<<20, int64(workers)*(4<<20))}
}

// newPlan makes the nodes of in and the edges between them. The packages come in
// the order of their rank, see [byRank], so that the queues take early what much
// hangs on.
func newPlan(in *input, bounds shape) (*plan, error) {
	order, err := byRank(in.Packages)
	if err != nil {
		return nil, err
	}
	p := &plan{packages: in.Packages}
	checks := make([]int, len(order)) // the check node of each package
	var parses []int                  // all parse nodes
	base := 2                         // see [session.parse]
	ahead, oldest := int64(0), 0      // text of order[oldest:] that may be parsed and not checked
	for at, i := range order {
		q := &in.Packages[i]
		var behind []int // checks that have fallen behind
		for ahead += q.bytes(); ahead > bounds.Ahead && oldest < at; oldest++ {
			ahead -= in.Packages[order[oldest]].bytes()
			behind = append(behind, checks[order[oldest]])
		}
		c := node{pkg: i, kind: check}
		for lo := 0; lo < len(q.Files); {
			n := node{pkg: i, kind: parse, lo: lo, base: base, before: slices.Clone(behind)}
			n.hi, base = part(q, lo, base)
			lo = n.hi
			if k := len(parses) - bounds.Parsers; k >= 0 {
				n.before = append(n.before, parses[k])
			}
			parsed := p.add(n)
			parses = append(parses, parsed)
			c.before = append(c.before, parsed)
		}
		for _, imported := range q.Imports {
			c.before = append(c.before, checks[imported])
		}
		checks[i] = p.add(c)
	}
	return p, nil
}

// part returns the end of the part of q's files that begins at lo, and the
// position after it. Each file takes its size and one position for its end.
func part(q *pkg, lo, base int) (hi, end int) {
	bytes := int64(0)
	for hi, end = lo, base; hi < len(q.Files); hi++ {
		if bytes += q.Sizes[hi]; bytes > partBytes && hi > lo {
			break
		}
		end += int(q.Sizes[hi]) + 1
	}
	return hi, end
}

// add adds a node after those that it waits for, and returns its index.
func (p *plan) add(n node) int {
	i := len(p.nodes)
	p.nodes = append(p.nodes, n)
	for _, b := range n.before {
		p.nodes[b].after = append(p.nodes[b].after, i)
	}
	return i
}

// name is the node's name in graphs, traces and pictures; no two have the same.
func (p *plan) name(i int) string {
	n := &p.nodes[i]
	q := &p.packages[n.pkg]
	if n.kind == parse && n.hi-n.lo < len(q.Files) {
		return fmt.Sprintf("parse %s (files %d to %d of %d)", q.Path, n.lo+1, n.hi, len(q.Files))
	}
	return n.kind.String() + " " + q.Path
}

// bytes is how much text node i works on.
func (p *plan) bytes(i int) (sum int64) {
	n := &p.nodes[i]
	q := &p.packages[n.pkg]
	if n.kind == check {
		return q.bytes()
	}
	for _, size := range q.Sizes[n.lo:n.hi] {
		sum += size
	}
	return sum
}
