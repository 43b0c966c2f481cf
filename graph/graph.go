// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A Func is what a node does. ctx ends when the run's context ends or another
// node fails.
type Func func(ctx context.Context) error

// A Graph is a set of named nodes and the order between them. Build it on one
// goroutine; then it may be run, by several goroutines at once too, until it is
// changed again.
type Graph struct {
	name  string
	nodes []*Node
	names map[string]*Node
	errs  []error // mistakes in After, for Validate

	// plan is the validated form of the nodes as they are, or nil.
	// Writers: whoever runs or validates the graph; who builds it clears it.
	// Invariant: all who compile the same nodes come to the same plan.
	plan point.Pointer[plan]
}

// A Node is one step of a graph.
type Node struct {
	graph *Graph
	name  string
	run   Func
	index int
	after []*Node // in the order given
}

// New returns an empty graph. Its name is for messages.
func New(name string) *Graph {
	return &Graph{name: name, names: make(map[string]*Node)}
}

// ErrDuplicate is the error of a second node with a name.
var ErrDuplicate = errors.New("a node with this name exists")

// ErrForeign is the error of an order between nodes of different graphs.
var ErrForeign = errors.New("nodes of different graphs")

// Add adds a node that calls run. It returns an error that wraps
// [ErrDuplicate] if the graph has a node of that name, or tells of a nil run.
func (g *Graph) Add(name string, run Func) (*Node, error) {
	if _, ok := g.names[name]; ok {
		return nil, fmt.Errorf("graph %s: add %q: %w", g.name, name, ErrDuplicate)
	}
	if run == nil {
		return nil, fmt.Errorf("graph %s: add %q: nil function", g.name, name)
	}
	n := &Node{graph: g, name: name, run: run, index: len(g.nodes)}
	g.nodes = append(g.nodes, n)
	g.names[name] = n
	g.plan.Store(nil)
	return n, nil
}

// MustAdd is [Graph.Add] for names that are known to be new; it panics where
// Add returns an error.
func (g *Graph) MustAdd(name string, run Func) *Node {
	n, err := g.Add(name, run)
	if err != nil {
		panic(err)
	}
	return n
}

// Node returns the node of that name, or nil.
func (g *Graph) Node(name string) *Node { return g.names[name] }

// Len returns how many nodes the graph has.
func (g *Graph) Len() int { return len(g.nodes) }

// Name returns the node's name.
func (n *Node) Name() string { return n.name }

// Index returns the node's number, in the order of Add, from 0.
func (n *Node) Index() int { return n.index }

// After says that n starts when all of others are done, and returns n. A node
// of another graph is a mistake that Validate and Run report.
func (n *Node) After(others ...*Node) *Node {
	g := n.graph
	for _, o := range others {
		switch {
		case o == nil:
			g.errs = append(g.errs, fmt.Errorf("graph %s: %q after a nil node", g.name, n.name))
		case o.graph != g:
			g.errs = append(g.errs, fmt.Errorf("graph %s: %q after %q of graph %s: %w",
				g.name, n.name, o.name, o.graph.name, ErrForeign))
		case !slices.Contains(n.after, o):
			n.after = append(n.after, o)
		}
	}
	g.plan.Store(nil)
	return n
}
