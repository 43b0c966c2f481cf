// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A Value is the output of a node, to be wired to inputs of others: the compiler
// checks that the types agree. It stands for one value in each run.
//
// A value with one taker is handed over: the graph keeps nothing of it once the
// taker has begun. Several takers share it, and must not change what it refers
// to.
type Value[T any] struct {
	node *Node
	cell int32
}

// Node returns the node that produces the value, to order others after it and to
// change its settings.
func (v Value[T]) Node() *Node { return v.node }

// A cell holds one value of an execution.
type cell interface{ reset() }

// A cellMaker makes cells of its type.
type cellMaker interface{ cell() cell }

type maker[T any] struct{}

func (maker[T]) cell() cell { return new(slot[T]) }

// A slot is a cell of its type. The node that produces the value writes it before
// any taker begins; the counts of the execution order them.
type slot[T any] struct {
	v    T
	full bool

	// left counts takers that have not begun.
	// Writers: who puts the value; then takers subtract, and the last clears.
	left point.Uint32
}

func (s *slot[T]) reset() { *s = slot[T]{} }

func (g *Graph) newCells() []cell {
	cells := make([]cell, len(g.cells))
	for i, m := range g.cells {
		cells[i] = m.cell()
	}
	return cells
}

func (x *exec) clearCells() {
	for _, c := range x.cells {
		c.reset()
	}
}

// output adds a value that node n produces.
func output[T any](n *Node) Value[T] {
	n.graph.cells = append(n.graph.cells, maker[T]{})
	return Value[T]{n, int32(len(n.graph.cells) - 1)}
}

// input makes n a taker of v, and returns the cell.
func input[T any](n *Node, v Value[T]) int32 {
	g := n.graph
	switch {
	case v.node == nil:
		g.mistake("%q: %w of type %T: wire it to a node's output, not to a zero Value", n.Name(), ErrUnwired, *new(T))
	case v.node.graph != g:
		g.mistake("%q takes a value of %q of graph %s: %w: use Input here, and give it the value in Run or in a Module", n.Name(), v.node.Name(), v.node.graph.name, ErrForeign)
	default:
		g.order(v.node, n)
		return v.cell
	}
	return -1
}

// put sets a value.
func put[T any](x *exec, cell int32, v T) {
	s := x.cells[cell].(*slot[T])
	s.v, s.full = v, true
	s.left.Store(x.plan.readers[cell])
}

// take gets a value for a taker. The last one leaves nothing behind.
func take[T any](x *exec, cell int32) (v T, err error) {
	s := x.cells[cell].(*slot[T])
	if !s.full {
		return v, fmt.Errorf("input of type %T: %w: the node before it failed, or no branch led to it", v, ErrNoValue)
	}
	v = s.v
	if x.keeps(cell) {
		return v, nil
	}
	if x.plan.readers[cell] == 1 || s.left.Dec() == 0 {
		var none T
		s.v, s.full = none, false
	}
	return v, nil
}

// keeps reports whether a value stays until the end of the run: somebody wants it
// then, or a taker may run more than once.
func (x *exec) keeps(cell int32) bool {
	return x.plan.branches || x.plan.kept[cell] || x.marks != nil || x.kept != nil && x.kept[cell]
}

// keep makes a value stay until the end of the run.
func (x *exec) keep(cell int32) {
	if x.kept == nil {
		x.kept = make([]bool, len(x.cells))
	}
	x.kept[cell] = true
}

// Source adds a node that produces a value from nothing.
func Source[T any](g *Graph, name string, f func(ctx context.Context) (T, error)) Value[T] {
	k := &source[T]{f: f}
	v := output[T](g.addKind(name, k, f == nil))
	k.out = v.cell
	return v
}

type source[T any] struct {
	f   func(context.Context) (T, error)
	out int32
}

func (k *source[T]) begin(c *call) (bool, error) {
	v, err := k.f(c.ctx)
	if err == nil {
		put(c.x, k.out, v)
	}
	return false, err
}

// Apply adds a node that makes a value of another one.
func Apply[A, T any](g *Graph, name string, f func(ctx context.Context, a A) (T, error), a Value[A]) Value[T] {
	k := &apply[A, T]{f: f}
	n := g.addKind(name, k, f == nil)
	k.in[0] = input(n, a)
	v := output[T](n)
	k.out = v.cell
	return v
}

type apply[A, T any] struct {
	f   func(context.Context, A) (T, error)
	in  [1]int32
	out int32
}

func (k *apply[A, T]) reads() []int32 { return k.in[:] }

func (k *apply[A, T]) begin(c *call) (bool, error) {
	a, err := take[A](c.x, k.in[0])
	if err != nil {
		return false, err
	}
	v, err := k.f(c.ctx, a)
	if err == nil {
		put(c.x, k.out, v)
	}
	return false, err
}

// Sink adds a node that takes a value and produces none.
func Sink[A any](g *Graph, name string, f func(ctx context.Context, a A) error, a Value[A]) *Node {
	k := &sink[A]{f: f}
	n := g.addKind(name, k, f == nil)
	k.in[0] = input(n, a)
	return n
}

type sink[A any] struct {
	f  func(context.Context, A) error
	in [1]int32
}

func (k *sink[A]) reads() []int32 { return k.in[:] }

func (k *sink[A]) begin(c *call) (bool, error) {
	a, err := take[A](c.x, k.in[0])
	if err != nil {
		return false, err
	}
	return false, k.f(c.ctx, a)
}

// addKind adds a node of a kind.
func (g *Graph) addKind(name string, k kind, nilFunc bool) *Node {
	if nilFunc {
		g.mistake("%q: nil function", name)
	}
	return g.add(name, k, nodeKind)
}
