// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"fmt"
)

// Module adds a node that runs another graph. The same graph may be a module in
// several places, and run by itself too. Its inputs are wired by [Bind], and its
// values made outputs of the node by [Export].
func (g *Graph) Module(name string, m *Graph) *Node {
	if m == nil {
		g.mistake("module %q: nil graph", name)
		m = New(name)
	}
	n := g.addKind(name, &module{graph: m}, false)
	n.flags |= nodeLong | nodeInner
	return n
}

type module struct {
	graph   *Graph
	binds   []transfer
	exports []transfer
}

func (k *module) reads() (cells []int32) {
	for _, b := range k.binds {
		outer, _ := b.cells()
		cells = append(cells, outer)
	}
	return cells
}

func (k *module) begin(c *call) (bool, error) {
	k.graph.running.Inc() // until childEnded
	p, err := k.graph.compile()
	if err != nil || len(p.nodes) == 0 {
		k.graph.running.Dec()
		return false, err
	}
	if err := c.launch(p, false, k); err != nil {
		k.graph.running.Dec()
		return false, err
	}
	return true, nil
}

// check finds what is wrong with the graph inside, and inputs that are not wired.
func (k *module) check(n *Node) (errs []error) {
	errs = noRetry(n)
	if path := n.graph.inside(k.graph, []string{n.graph.name, k.graph.name}, map[*Graph]bool{}); path != nil {
		return append(errs, &CycleError{Graph: n.graph.name, Path: path})
	}
	bound := map[int32]bool{}
	for _, b := range k.binds {
		_, inner := b.cells()
		bound[inner] = true
	}
	if err := errors.Join(k.graph.Validate(), unfed(k.graph, bound)); err != nil {
		errs = append(errs, fmt.Errorf("graph %s: module %s: %w", n.graph.name, n.Name(), err))
	}
	return errs
}

// inside returns the way on which m holds g, or nil. Graphs that were seen are left
// out: some may hold each other.
func (g *Graph) inside(m *Graph, path []string, seen map[*Graph]bool) []string {
	if m == g {
		return path
	}
	if seen[m] {
		return nil
	}
	seen[m] = true
	for _, n := range m.nodes {
		if k, ok := n.fn.(*module); ok {
			if found := g.inside(k.graph, append(path, k.graph.name), seen); found != nil {
				return found
			}
		}
	}
	return nil
}

// unfed reports the inputs of a graph inside another one that get no value.
func unfed(g *Graph, bound map[int32]bool) error {
	var errs []error
	for _, n := range g.inputs {
		in := n.fn.(anyEntrance)
		if !in.connected() && !bound[in.output()] {
			errs = append(errs, fmt.Errorf("graph %s: %q: %w: wire it by Bind, or by Connect inside", g.name, n.Name(), ErrUnwired))
		}
	}
	return errors.Join(errs...)
}

// anyEntrance is an entrance of any type.
type anyEntrance interface {
	connected() bool
	output() int32
}

// moduleOf returns what a node made by Module is, or notes a mistake.
func moduleOf(n *Node, what string) *module {
	k, ok := n.fn.(*module)
	if !ok {
		n.graph.mistake("%s of %q: not a module", what, n.Name())
	}
	return k
}

// Bind wires an input of the graph inside a module to a value outside.
func Bind[T any](n *Node, in, from Value[T]) {
	k := moduleOf(n, "Bind")
	if k == nil {
		return
	}
	if in.node == nil || in.node.graph != k.graph {
		n.graph.mistake("Bind of module %q: %w: want an input of graph %s", n.Name(), ErrForeign, k.graph.name)
		return
	}
	if e, ok := in.node.fn.(*entrance[T]); !ok || e.from >= 0 {
		n.graph.mistake("Bind of module %q: %q: %w: it gets its value from a node", n.Name(), in.node.Name(), ErrConflict)
		return
	}
	for _, b := range k.binds {
		if _, inner := b.cells(); inner == in.cell {
			n.graph.mistake("Bind of module %q: %q: %w: bind it once", n.Name(), in.node.Name(), ErrConflict)
			return
		}
	}
	if cell := input(n, from); cell >= 0 {
		k.binds = append(k.binds, bindIn[T]{cell, in.cell})
	}
}

// Export makes a value of the graph inside a module an output of the module.
func Export[T any](n *Node, inner Value[T]) Value[T] {
	n.graph.change("export of", n.name)
	v := output[T](n)
	k := moduleOf(n, "Export")
	if k == nil {
		return v
	}
	if inner.node == nil || inner.node.graph != k.graph {
		n.graph.mistake("Export of module %q: %w: want a value of graph %s", n.Name(), ErrForeign, k.graph.name)
		return v
	}
	k.exports = append(k.exports, bindOut[T]{v.cell, inner.cell})
	return v
}

type bindIn[T any] struct{ outer, inner int32 }

func (b bindIn[T]) cells() (outer, inner int32) { return b.outer, b.inner }

func (b bindIn[T]) move(outer, inner *exec) error {
	v, err := take[T](outer, b.outer)
	if err == nil {
		put(inner, b.inner, v)
	}
	return err
}

type bindOut[T any] struct{ outer, inner int32 }

func (b bindOut[T]) cells() (outer, inner int32) { return b.outer, b.inner }

func (b bindOut[T]) move(outer, inner *exec) error {
	s := inner.cells[b.inner].(*slot[T])
	if !s.full {
		return fmt.Errorf("output of type %T: %w: no branch led to it", s.v, ErrNoValue)
	}
	put(outer, b.outer, s.v)
	return nil
}
