// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A Checkpoint keeps what a run has finished, so that another run of the same
// graph goes on from there. The zero Checkpoint has nothing. One run at a time
// may use it.
type Checkpoint struct {
	mu    point.Mutex
	plan  *plan
	exec  *exec  // with the values of nodes that are finished
	marks []mark // by number of the node
}

// Resume skips the nodes that are finished in c, and notes in c those that this
// run finishes. After a run that failed, call Run with the same checkpoint again.
// When a run has succeeded, c is empty.
//
// Values are kept for that until the run succeeds. A subgraph inside a node is
// one step: it is run again as a whole.
func Resume(c *Checkpoint) RunOption { return func(r *run) { r.marks = c } }

// Finished returns how many nodes are finished.
func (c *Checkpoint) Finished() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.marks {
		if m == finished {
			n++
		}
	}
	return n
}

// fits reports whether the plan can be resumed from the checkpoint.
func (c *Checkpoint) fits(p *plan) (errs []error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.branches {
		errs = append(errs, fmt.Errorf("graph %s: Resume: a graph with branches cannot be resumed, as its nodes may run more than once", p.graph.name))
	}
	if c.plan != nil && (c.plan.graph != p.graph || c.plan.version != p.version) {
		errs = append(errs, fmt.Errorf("graph %s: Resume: the checkpoint is of another graph, or of this one before it was changed: use a new one", p.graph.name))
	}
	if c.plan == nil {
		c.plan = p
		c.marks = make([]mark, len(p.nodes))
	}
	return errs
}

// keep stores what the run has left.
func (c *Checkpoint) keep(x *exec, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.plan, c.exec, c.marks = nil, nil, nil
		return
	}
	c.exec = x
}

// take returns the execution that holds the values of what is finished, or nil.
func (c *Checkpoint) take() *exec {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := c.exec
	c.exec = nil
	return x
}
