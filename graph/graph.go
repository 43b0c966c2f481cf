// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// A Func is what a node does. ctx ends when the run is stopped, or at the node's
// own deadline.
type Func func(ctx context.Context) error

// A Graph is a set of nodes and the order between them. Build it on one
// goroutine; then it may be run, by several goroutines at once too. Mistakes in
// building are reported by Validate and Run. A change while it runs panics.
type Graph struct {
	name    string
	nodes   []*Node
	room    []Node // for the next nodes
	edges   edgeList
	cells   []cellMaker // one for each value
	inputs  []*Node
	waits   int32   // nodes that wait for futures
	named   int     // nodes that have names
	version int     // counts changes of what was planned
	back    bool    // an edge leads to a node of a lower number, or its own
	errs    []error // mistakes, for Validate

	rank func(*Node) float64 // cost, if order is by critical path

	// plan is the validated form of the nodes as they are, or nil.
	// Writers: whoever runs or validates the graph; who builds it clears it.
	// Invariant: all who compile the same nodes come to the same plan.
	plan point.Pointer[plan]

	// running counts the runs that are under way.
	// Writers: any, a run adds one when it begins. Invariant: never negative.
	running point.Int32
}

// A Node is one step of a graph. Its methods change it, and return it.
type Node struct {
	graph *Graph
	fn    any // func(), Func, or a kind
	name  string
	more  *settings // nil for most
	index int32
	flags nodeFlags
	next  uint32 // edges from it
	need  uint32 // edges to it
}

// nodeFlags say what keeps a node off the fast path.
type nodeFlags uint32

const (
	nodeKind nodeFlags = 1 << iota // fn is a kind
	nodeSettings
	nodeBranch // a kind that picks targets
	nodeFirst  // starts without being picked, though a branch has it as a target
	nodeLong   // may hold its worker for long
	nodeInner  // holds other nodes
	nodeWaits  // waits for a future
	nodeBlocks // does its work on a goroutine
)

// settings are what few nodes have.
type settings struct {
	retry    retry
	timeout  time.Duration
	priority int32
	uses     []use
	targets  []int32 // of a branch
	data     any     // what the user attached
}

// New returns an empty graph. Its name is for messages.
func New(name string) *Graph { return &Graph{name: name} }

// Name returns the graph's name.
func (g *Graph) Name() string { return g.name }

// Len returns how many nodes the graph has.
func (g *Graph) Len() int { return len(g.nodes) }

// Nodes returns the nodes, in the order in which they were added. Do not write
// to it.
func (g *Graph) Nodes() []*Node { return g.nodes }

// Node returns the first node of that name, or nil. It looks at every node.
func (g *Graph) Node(name string) *Node {
	for _, n := range g.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// Add adds a node that calls run. Names must differ, or be empty: such a node is
// named by its number.
func (g *Graph) Add(name string, run Func) *Node {
	if run == nil {
		g.mistake("add %q: nil function", name)
	}
	return g.add(name, run, 0)
}

// Do adds a node that calls a plain function, which cannot fail. It is the
// cheapest form for few nodes; see [Graph.DoN] for many.
func (g *Graph) Do(name string, run func()) *Node {
	if run == nil {
		g.mistake("do %q: nil function", name)
	}
	return g.add(name, run, 0)
}

// Fork adds a node that gets the worker that runs it: to fork and join with
// package workers, and to call the loops of package par.
func (g *Graph) Fork(name string, run func(ctx context.Context, w *workers.Worker) error) *Node {
	if run == nil {
		g.mistake("fork %q: nil function", name)
	}
	return g.add(name, fork(run), nodeKind|nodeLong)
}

type fork func(context.Context, *workers.Worker) error

func (f fork) begin(c *call) (bool, error) { return false, f(c.ctx, c.w) }

// roomFor is how many nodes are allocated at once, at most.
const roomFor = 512

// add adds a node of any kind.
func (g *Graph) add(name string, fn any, flags nodeFlags) *Node {
	g.change("add", name)
	if len(g.room) == 0 {
		g.room = make([]Node, min(max(4, len(g.nodes)), roomFor))
	}
	n := &g.room[0]
	g.room = g.room[1:]
	n.graph, n.fn, n.name, n.index, n.flags = g, fn, name, int32(len(g.nodes)), flags
	if len(g.nodes) == cap(g.nodes) {
		g.nodes = slices.Grow(g.nodes, max(4, len(g.nodes))) // append alone would copy each five times
	}
	g.nodes = append(g.nodes, n)
	if name != "" {
		g.named++
	}
	return n
}

// change refuses changes while the graph runs, and forgets the plan.
func (g *Graph) change(what, name string) {
	if g.running.Load() != 0 {
		panic(fmt.Sprintf("pilfer: graph %s: %s %q while it runs: build a graph before Run, or what is not known before in a Sub node", g.name, what, name))
	}
	if g.plan.Load() != nil {
		g.plan.Store(nil)
		g.version++
	}
}

// mistake notes an error for Validate.
func (g *Graph) mistake(format string, args ...any) {
	g.change("a mistake in", g.name)
	g.errs = append(g.errs, fmt.Errorf("graph %s: "+format, append([]any{g.name}, args...)...))
}

// Name returns the node's name, or "#" and its number.
func (n *Node) Name() string {
	if n.name == "" {
		return "#" + strconv.Itoa(int(n.index))
	}
	return n.name
}

// Index returns the node's number, in the order of adding, from 0.
func (n *Node) Index() int { return int(n.index) }

// Graph returns the graph that the node belongs to.
func (n *Node) Graph() *Graph { return n.graph }

// After says that n starts when all of others are done, and returns n. A node
// of another graph is a mistake that Validate and Run report.
func (n *Node) After(others ...*Node) *Node {
	for _, o := range others {
		n.graph.order(o, n)
	}
	return n
}

// Before says that n is done when any of others starts, and returns n.
func (n *Node) Before(others ...*Node) *Node {
	for _, o := range others {
		n.graph.order(n, o)
	}
	return n
}

// order adds an edge, where one end is g's own.
func (g *Graph) order(from, to *Node) {
	if from == nil || to == nil {
		g.mistake("order of %q and a nil node: does Graph.Node know the name?", firstOf(from, to).Name())
		return
	}
	if from.graph != g || to.graph != g {
		g.mistake("%q after %q of graph %s: %w", to.Name(), from.Name(), otherOf(g, from, to).name, ErrForeign)
		return
	}
	g.change("order of", to.name)
	g.edges.add(edge{from.index, to.index})
	from.next++
	to.need++
	g.back = g.back || from.index >= to.index
}

func firstOf(a, b *Node) *Node {
	if a == nil {
		return b
	}
	return a
}

func otherOf(g *Graph, from, to *Node) *Graph {
	if from.graph != g {
		return from.graph
	}
	return to.graph
}

// set returns the node's settings, for a change.
func (n *Node) set() *settings {
	n.graph.change("change", n.name)
	if n.more == nil {
		n.more = new(settings)
		n.flags |= nodeSettings
	}
	return n.more
}

// Attach keeps a value with the node, for [Node.Data], and returns n.
func (n *Node) Attach(data any) *Node {
	n.set().data = data
	return n
}

// Data returns what was attached, or nil.
func (n *Node) Data() any {
	if n.more == nil {
		return nil
	}
	return n.more.data
}
