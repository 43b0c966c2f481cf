// SPDX-License-Identifier: Apache-2.0

package graph

import "context"

// Stop is what a branch returns to go nowhere: the way out of a loop that has
// nothing after it.
const Stop = -1

// Branch adds a node that picks one of its targets, by number, or [Stop]. The
// target starts at once, whatever else it comes after; it may be one that has run
// already, so loops are made of branches. A node that is a target of branches and
// comes after no other does not start by itself, unless [Node.First] says so.
//
// What comes after a node that was not reached is not reached either, and not
// run. A branch that leads back begins another round at once, in which what the last
// one left half reached is forgotten. So it must come after all that a round is to
// finish: nobody waits for a side branch that is still under way.
func (g *Graph) Branch(name string, pick func(ctx context.Context) (int, error), targets ...*Node) *Node {
	n := g.addKind(name, branch(pick), pick == nil)
	n.flags |= nodeBranch
	return n.To(targets...)
}

type branch func(context.Context) (int, error)

func (f branch) begin(c *call) (bool, error) {
	i, err := f(c.ctx)
	if err != nil {
		return false, err
	}
	return false, c.pick(i)
}

// Branches is [Graph.Branch] for several targets at once: each that it returns starts.
func (g *Graph) Branches(name string, pick func(ctx context.Context) ([]int, error), targets ...*Node) *Node {
	n := g.addKind(name, branches(pick), pick == nil)
	n.flags |= nodeBranch
	return n.To(targets...)
}

type branches func(context.Context) ([]int, error)

func (f branches) begin(c *call) (bool, error) {
	all, err := f(c.ctx)
	for _, i := range all {
		if err == nil {
			err = c.pick(i)
		}
	}
	return false, err
}

// pick notes a target.
func (c *call) pick(i int) error {
	targets := c.node.more.targets
	switch {
	case i == Stop:
	case i < 0 || i >= len(targets):
		return &IndexError{Index: i, Targets: len(targets)}
	default:
		c.picks = append(c.picks, targets[i])
	}
	return nil
}

// To adds targets to a branch, after those that it has, and returns it.
func (n *Node) To(targets ...*Node) *Node {
	if n.flags&nodeBranch == 0 {
		n.graph.mistake("%q has targets, but is no branch: use Before", n.Name())
		return n
	}
	m := n.set()
	for _, t := range targets {
		if t == nil {
			n.graph.mistake("branch %q: a nil target: does Graph.Node know the name?", n.Name())
			continue
		}
		if t.graph != n.graph {
			n.graph.mistake("branch %q: target: %w", n.Name(), ErrForeign)
			continue
		}
		m.targets = append(m.targets, t.index)
	}
	return n
}

// First says that n starts by itself though branches have it as a target, and
// returns n.
func (n *Node) First() *Node {
	n.set()
	n.flags |= nodeFirst
	return n
}
