// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"fmt"
)

// Input adds a value that comes from outside: from [With] in a run, from [Bind]
// where the graph is a module, or from [Connect] to a node that is added later.
func Input[T any](g *Graph, name string) Value[T] {
	k := &entrance[T]{from: -1}
	n := g.addKind(name, k, false)
	v := output[T](n)
	k.out = v.cell
	g.inputs = append(g.inputs, n)
	return v
}

type entrance[T any] struct {
	from int32 // a cell of the same graph, or -1
	out  int32
}

func (k *entrance[T]) reads() []int32 { return []int32{k.from} }

func (k *entrance[T]) connected() bool { return k.from >= 0 }

func (k *entrance[T]) output() int32 { return k.out }

func (k *entrance[T]) begin(c *call) (bool, error) {
	if k.from < 0 {
		return false, nil // given before the start
	}
	v, err := take[T](c.x, k.from)
	if err == nil {
		put(c.x, k.out, v)
	}
	return false, err
}

// Connect wires an input to the output of another node of its graph.
func Connect[T any](in, from Value[T]) {
	if in.node == nil {
		panic("pilfer: Connect of a zero Value: want one that Input returned")
	}
	g := in.node.graph
	k, ok := in.node.fn.(*entrance[T])
	switch {
	case !ok:
		g.mistake("connect %q: not an input: only what Input returned can be wired later", in.node.Name())
	case k.from >= 0:
		g.mistake("connect %q: %w: it is wired already", in.node.Name(), ErrConflict)
	default:
		k.from = input(in.node, from)
	}
}

// A feed gives a value to an input of a run.
type feed struct {
	node *Node
	give func(*exec)
}

// With gives an input its value for one run. Each run has its own.
func With[T any](in Value[T], v T) RunOption {
	return func(r *run) {
		if in.node == nil || in.node.graph != r.graph {
			r.mistake("graph %s: With: %w: want an input of the graph that is run", r.graph.name, ErrForeign)
			return
		}
		r.feeds = append(r.feeds, feed{in.node, func(x *exec) { put(x, in.cell, v) }})
	}
}

// Into stores a value of the run in to, when all of the run has succeeded.
func Into[T any](v Value[T], to *T) RunOption {
	return func(r *run) {
		if v.node == nil || v.node.graph != r.graph {
			r.mistake("graph %s: Into: %w: want a value of the graph that is run", r.graph.name, ErrForeign)
			return
		}
		if to == nil {
			r.mistake("graph %s: Into(%q): nil pointer: give the address of a variable", r.graph.name, v.node.Name())
			return
		}
		r.keep = append(r.keep, v.cell)
		r.outs = append(r.outs, func(x *exec) {
			if s := x.cells[v.cell].(*slot[T]); s.full {
				*to = s.v
			}
		})
	}
}

// mistake notes a wrong option.
func (r *run) mistake(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// check finds what is wrong with the options, given the plan.
func (r *run) check(p *plan) error {
	given := map[*Node]bool{}
	for _, f := range r.feeds {
		if given[f.node] {
			r.mistake("graph %s: input %q: %w in one run: give it once; another run may have another value", r.graph.name, f.node.Name(), ErrConflict)
		}
		given[f.node] = true
		if k, ok := f.node.fn.(interface{ connected() bool }); !ok || k.connected() {
			r.mistake("graph %s: With(%q): %w: it gets its value from a node", r.graph.name, f.node.Name(), ErrConflict)
		}
	}
	for _, n := range p.graph.inputs {
		if !n.fn.(interface{ connected() bool }).connected() && !given[n] {
			r.mistake("graph %s: %q: %w: give it one by With, or wire it by Connect", r.graph.name, n.Name(), ErrUnwired)
		}
	}
	if r.marks != nil {
		r.errs = append(r.errs, r.marks.fits(p)...)
	}
	return errors.Join(r.errs...)
}

// prepare sets what the options ask for.
func (x *exec) prepare(r *run) {
	for _, c := range r.keep {
		x.keep(c)
	}
	if r.marks != nil {
		x.marks = r.marks.marks
	}
}
