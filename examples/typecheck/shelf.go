// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/types"
)

// A shelf holds what nodes make for those that take it, for runners that do not hand
// it over themselves. A node writes its own place, and those after it read it: the
// runner keeps the order.
type shelf struct {
	*job
	trees [][]*ast.File // by node
}

func newShelf(j *job) *shelf { return &shelf{j, make([][]*ast.File, len(j.plan.nodes))} }

// do runs node i with what lies on the shelf. Syntax trees are dropped when they
// are checked.
func (s *shelf) do(i int) {
	n := &s.plan.nodes[i]
	if n.kind == parse {
		s.trees[i] = s.steps.parse(i)
		return
	}
	var trees [][]*ast.File
	var imported []*types.Package
	for _, b := range n.before {
		if s.plan.nodes[b].kind == parse {
			trees = append(trees, s.trees[b])
		} else {
			imported = append(imported, s.types[s.plan.nodes[b].pkg])
		}
	}
	s.types[n.pkg] = s.steps.check(i, trees, imported)
	for _, b := range n.before {
		if s.plan.nodes[b].kind == parse { // else others may be doing the same
			s.trees[b] = nil
		}
	}
}
