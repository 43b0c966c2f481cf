// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"slices"
	"strings"
)

// byRank returns the indexes of the packages, highest rank first. The rank is the
// length, in bytes of text, of the longest chain of packages that wait for each
// other, from this one on: bytes stand for time, which nobody knows yet. A
// package's rank is above that of each that imports it, so imports come before
// importers. A cycle is an error that names its path.
func byRank(packages []pkg) ([]int, error) {
	r := &ranking{
		packages:  packages,
		importers: make([][]int, len(packages)),
		state:     make([]walkState, len(packages)),
		rank:      make([]int64, len(packages)),
	}
	for i, p := range packages {
		for _, imported := range p.Imports {
			r.importers[imported] = append(r.importers[imported], i)
		}
	}
	order := make([]int, len(packages))
	for i := range packages {
		if err := r.walk(i); err != nil {
			return nil, err
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.rank[b], r.rank[a]) })
	return order, nil
}

// A ranking is a depth-first walk from packages to their importers.
type ranking struct {
	packages  []pkg
	importers [][]int
	state     []walkState
	rank      []int64
	path      []int // the packages that are open
}

type walkState uint8

const (
	unseen walkState = iota
	open             // on the path that is being walked
	closed
)

func (r *ranking) walk(i int) error {
	switch r.state[i] {
	case closed:
		return nil
	case open:
		return r.cycleError(r.path[slices.Index(r.path, i):])
	}
	r.state[i] = open
	r.path = append(r.path, i)
	for _, j := range r.importers[i] {
		if err := r.walk(j); err != nil {
			return err
		}
		r.rank[i] = max(r.rank[i], r.rank[j])
	}
	r.path = r.path[:len(r.path)-1]
	r.state[i] = closed
	r.rank[i] += r.packages[i].bytes() + 1
	return nil
}

// cycleError names a cycle. The walk went from package to importer; people read
// it the other way.
func (r *ranking) cycleError(importers []int) error {
	var names []string
	for _, i := range slices.Backward(append(importers, importers[0])) {
		names = append(names, r.packages[i].Path)
	}
	return badInput("import cycle: %s", strings.Join(names, " -> "))
}
