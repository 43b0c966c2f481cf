// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pilfer-go/pilfer/workers"
)

// A Sub is a graph that is built while another one runs.
type Sub struct {
	*Graph
	detached bool
}

// Detach says that what comes after the node need not wait for the subgraph. The
// run does.
func (s *Sub) Detach() { s.detached = true }

// Sub adds a node that builds a graph, which is run in the same run when build
// has returned. The node is done when the subgraph is; meanwhile it holds no
// worker. Failures inside are the run's, under names that begin with the node's.
func (g *Graph) Sub(name string, build func(ctx context.Context, s *Sub) error) *Node {
	n := g.addKind(name, sub(build), build == nil)
	n.flags |= nodeLong | nodeInner
	return n
}

type sub func(context.Context, *Sub) error

func (f sub) begin(c *call) (bool, error) {
	s := &Sub{Graph: New(c.x.path + c.node.Name())}
	if err := f(c.ctx, s); err != nil {
		return false, err
	}
	p, err := s.compile()
	if err == nil {
		err = unfed(s.Graph, nil)
	}
	if err != nil || len(p.nodes) == 0 {
		return false, err
	}
	c.x.run.nodeBuilt(c)
	s.running.Inc() // until childEnded
	if err := c.launch(p, s.detached, nil); err != nil {
		s.running.Dec()
		return false, err
	}
	return !s.detached, nil
}

func (sub) check(n *Node) []error { return noRetry(n) }

// noRetry refuses to try a node again whose inner nodes have failed already.
func noRetry(n *Node) []error {
	if n.more != nil && n.more.retry.times > 0 {
		return []error{fmt.Errorf("graph %s: node %s: Retry of a node that holds others: retry those inside", n.graph.name, n.Name())}
	}
	return nil
}

// errInside is the error of a node whose inner nodes failed, which are in the list
// themselves.
var errInside = errors.New("a node inside failed")

// A child is the bond between an execution inside a node and that node.
type child struct {
	pause
	detached bool
	exports  []transfer
}

// A transfer moves a value between an execution and one inside it.
type transfer interface {
	move(outer, inner *exec) error
	cells() (outer, inner int32)
}

// launch starts an execution inside the node, which is of a module or of none.
// An error says that an input is missing.
func (c *call) launch(p *plan, detached bool, m *module) error {
	x := c.x
	if err := c.neverInside(p); err != nil {
		return err
	}
	in := p.newExec(x.run)
	in.path = x.path + c.node.Name() + "/"
	in.ctx = c.ctx
	ch := &child{detached: detached}
	if m != nil {
		for _, b := range m.binds {
			if err := b.move(x, in); err != nil {
				in.end(true)
				return err
			}
		}
		ch.exports = m.exports
		for _, e := range m.exports {
			_, inner := e.cells()
			in.keep(inner)
		}
	}
	c.pause(&ch.pause)
	in.parent = ch
	if c.late != nil {
		in.endWith(c.ctx)
	}
	j := in.newJob()
	j.how = startRun
	c.w.Push(&j.job)
	return nil
}

// childEnded ends the node when nothing of the execution inside is left.
//
// Caller: who made in.open zero.
func (ch *child) childEnded(in *exec, w *workers.Worker) {
	x := ch.call.x
	var err error
	switch {
	case in.broken.Load():
		err = errInside
	case in.partial():
		err = context.Cause(in.ctx)
	}
	for _, e := range ch.exports {
		if err == nil {
			err = e.move(x, in)
		}
	}
	in.plan.graph.running.Dec()
	if partial, lost := x.run.leave(in); !lost {
		in.end(partial)
	}
	if !ch.detached {
		ch.end(w, err)
		return
	}
	if err != nil && x.marks != nil {
		x.marks[ch.node] = failedMark // the node was finished before
	}
	if x.open.Dec() == 0 {
		x.complete(w)
	}
}

// endWith halts the execution when the deadline of the node around it has come.
func (in *exec) endWith(ctx context.Context) {
	ch, r := in.parent, in.run
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		// If it is not among them it has ended, or will see at its start that ctx has.
		if slices.Contains(r.execs, in) && in.parent == ch {
			in.halt()
			in.wakeWaiting()
		}
	})
}
