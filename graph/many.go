// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"slices"
)

// A manyDo is what nodes of one function share. Their numbers begin with first.
type manyDo struct {
	run   func(i int)
	first int
}

// A manyAdd is a manyDo of a function that may fail.
type manyAdd struct {
	run   func(ctx context.Context, i int) error
	first int
}

// DoN adds n nodes, which call run(0) to run(n-1), and returns them. They have no
// names. As they share one function, they cost less than nodes with one each: to
// build, and to run, as a large graph's functions lie in no order in memory. Do not
// write to what it returns.
func (g *Graph) DoN(n int, run func(i int)) []*Node {
	if run == nil {
		g.mistake("DoN(%d): nil function", n)
	}
	return g.addMany("DoN", n, &manyDo{run, len(g.nodes)})
}

// AddN is [Graph.DoN] for a function that may fail.
func (g *Graph) AddN(n int, run func(ctx context.Context, i int) error) []*Node {
	if run == nil {
		g.mistake("AddN(%d): nil function", n)
	}
	return g.addMany("AddN", n, &manyAdd{run, len(g.nodes)})
}

// addMany adds n nodes that share fn.
func (g *Graph) addMany(what string, n int, fn any) []*Node {
	if n < 0 {
		g.mistake("%s(%d): want none or more", what, n)
		return nil
	}
	g.change("add", what)
	first := len(g.nodes)
	nodes := make([]Node, n)
	g.nodes = slices.Grow(g.nodes, n)
	for i := range nodes {
		nodes[i].graph, nodes[i].fn, nodes[i].index = g, fn, int32(first+i)
		g.nodes = append(g.nodes, &nodes[i])
	}
	return g.nodes[first:len(g.nodes):len(g.nodes)]
}

// callShared calls a function that nodes share, for node i. It is no part of the loop
// that calls it, which is slower with more in it.
//
//go:noinline
func (x *exec) callShared(fn any, i int32) error {
	switch m := fn.(type) {
	case *manyDo:
		m.run(x.plan.number(i) - m.first)
	case *manyAdd:
		return m.run(x.ctx, x.plan.number(i)-m.first)
	}
	return nil
}
