// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"slices"

	"github.com/pilfer-go/pilfer/workers"
)

// A kind is what a node does if it is more than a plain function.
type kind interface {
	// begin runs the node. If it returns true the node goes on without a worker,
	// and the pause that it has taken from c says when it ends.
	begin(c *call) (pending bool, err error)
}

// A reader is a kind that takes values.
type reader interface{ reads() []int32 }

// A call is one try to run a node.
type call struct {
	x      *exec
	w      *workers.Worker
	ctx    context.Context
	node   *Node
	picks  []int32 // what a branch chose
	late   *late   // watches the deadline; nil if there is none
	cancel context.CancelFunc
	try    uint16
	held   uint16 // how many of the semaphores the node has
}

// runSlow runs node i and what follows its end.
func (j *job) runSlow(w *workers.Worker, i int32) {
	x := j.x
	if x.flags.Load()&halted != 0 {
		j.ids = j.ids[:j.lo]
		return
	}
	n := x.plan.nodes[i]
	if x.marks != nil && x.marks[n.index] == finished {
		x.arrive(j, i)
		return
	}
	if x.busy != nil && !x.busy[i].CompareAndSwap(0, 1) {
		x.run.fail(x, i, ErrBusy)
		return
	}
	j.call = call{x: x, w: w, ctx: x.ctx, node: n}
	if j.acquire(i) {
		j.try(w, i)
		return
	}
	j.call = call{} // it is with who waits: the next node of the job must not take it for its own
}

// resume goes on with a job that is more than ready nodes.
func (j *job) resume(w *workers.Worker) {
	x, how := j.x, j.how
	j.how = runNodes
	if how == startRun {
		if x.parent == nil {
			x.run.pool = w.Pool()
		}
		x.start(j, w.Pool())
		return
	}
	i := j.ids[len(j.ids)-1]
	j.ids = j.ids[:len(j.ids)-1]
	j.at = i
	c := &j.call
	c.x, c.w, c.node = x, w, x.plan.nodes[i]
	switch {
	case how == nodeEnded:
		err := j.err
		j.err = nil
		j.endNode(w, i, err)
	case x.flags.Load()&halted != 0:
		x.release(c)
		j.call = call{}
	case how == runAgain && !j.acquire(i):
		j.call = call{}
	default:
		c.ctx = x.ctx
		j.try(w, i)
	}
}

// try calls the node, which has what it uses.
func (j *job) try(w *workers.Worker, i int32) {
	x, c := j.x, &j.call
	n := c.node
	if m := n.more; m != nil && m.timeout > 0 {
		if w.Guest() && n.flags&(nodeWaits|nodeInner) == 0 {
			// The caller of Run has to come back in time, whatever the node does.
			o := x.nodeJob(i)
			o.how, o.call = runAgain, *c
			j.call = call{}
			x.run.pool.Submit(&o.job)
			return
		}
		j.shareAll(w)
		c.watchDeadline(x, i, m.timeout)
	}
	x.run.nodeStarts(x, n, w)
	var err error
	switch f := n.fn.(type) {
	case func():
		f()
	case Func:
		err = f(c.ctx)
	case *manyDo:
		f.run(n.Index() - f.first)
	case *manyAdd:
		err = f.run(c.ctx, n.Index()-f.first)
	case kind:
		if n.flags&nodeLong != 0 {
			j.shareAll(w)
		}
		var pending bool
		if pending, err = f.begin(c); pending {
			j.call = call{}
			return
		}
	}
	j.endNode(w, i, err)
}

// endNode does what follows the end of node i, here or elsewhere.
func (j *job) endNode(w *workers.Worker, i int32, err error) {
	x, c := j.x, &j.call
	n := x.plan.nodes[i]
	if c.x == nil {
		c.x, c.w, c.node = x, w, n // from the fast path
	}
	if c.late != nil {
		if !c.late.inTime() {
			j.how = lostNode
			return
		}
		err = c.deadlineError(err)
		c.cancel()
	}
	err = x.run.nodeEnds(x, n, w, err)
	x.release(c)
	picks, try := c.picks, c.try
	*c = call{}
	if err != nil {
		var again bool
		if again, err = x.tryAgain(n, i, try, err); again {
			return
		}
	}
	if x.busy != nil {
		x.busy[i].Store(0) // not before the last try
	}
	if err != nil {
		x.run.fail(x, i, err)
		if x.run.policy != GoOn {
			x.run.look()
			return
		}
	} else if x.marks != nil && n.flags&nodeBranch == 0 {
		x.marks[n.index] = finished
	}
	x.run.look()
	for _, t := range slices.Backward(picks) {
		x.newRound(i, t)
		x.addTo(j, t)
	}
	x.arrive(j, i)
}

// arrive counts node i as done. What becomes ready by it goes to the list, the
// first successor last, as that is run next.
func (x *exec) arrive(j *job, i int32) {
	first := x.plan.steps[i].first
	for k, s := range slices.Backward(x.plan.after(i)) {
		if x.plan.branches && x.plan.need[s] > 1 {
			if x.reach(first+uint32(k), s) {
				x.addTo(j, s)
			}
		} else if x.last(s) {
			x.addTo(j, s)
		}
	}
}

// addTo puts a node that is ready into the job.
func (x *exec) addTo(j *job, i int32) {
	if x.plan.ordered {
		x.addReady(i)
		i = mostUrgent
	}
	j.ids = append(j.ids, i)
}

// A pause is a node that waits without a worker. It is counted as open.
type pause struct {
	call call
	node int32
}

// pause lets the node go on without a worker.
//
// Caller: begin of a kind, once; whoever ends the node calls end, once.
func (c *call) pause(p *pause) {
	p.call, p.node = *c, c.node.index
	p.call.w = nil
	c.x.open.Inc()
}

// end ends the node. w is the worker that calls, or nil.
func (p *pause) end(w *workers.Worker, err error) {
	x := p.call.x
	j := x.nodeJob(p.node)
	j.how, j.err, j.call = nodeEnded, err, p.call
	x.open.Dec() // the job is counted instead
	x.submit(w, j)
}
