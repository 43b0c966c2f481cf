// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// inlineRun is how many nodes a worker runs one after the other, each the first
// successor of the one before, until it looks at its queue and its requests
// again. Long enough that the look costs nothing, short enough to be fair.
const inlineRun = 64

// A NodeError is the error of a run: the first node that failed, and why. A
// panic is a [*sched.PanicError] inside it.
type NodeError struct {
	Graph string // the graph's name
	Node  string // the node's name
	Err   error  // what the node returned, or its panic
}

func (e *NodeError) Error() string {
	return fmt.Sprintf("graph %s: node %s: %v", e.Graph, e.Node, e.Err)
}

// Unwrap returns the node's own error.
func (e *NodeError) Unwrap() error { return e.Err }

// An Observer is told when nodes start and end, on the goroutine that runs
// them: its methods are called by several at once and should be short. worker
// is the index of the place that runs the node.
type Observer interface {
	// NodeStart is called before n's function.
	NodeStart(n *Node, worker int)

	// NodeEnd is called after it; err is what it returned, or its panic.
	NodeEnd(n *Node, worker int, err error)
}

// A RunOption changes one run.
type RunOption func(*run)

// Observe tells o of each node that is run.
func Observe(o Observer) RunOption { return func(r *run) { r.observer = o } }

// A run is one execution of a plan.
type run struct {
	plan     *plan
	graph    string
	ctx      context.Context
	cancel   context.CancelCauseFunc
	observer Observer
	jobs     []nodeJob
	done     *future.Promise[struct{}]

	// arrived counts, for each node, the predecessors that are done.
	// Writers: who ends a predecessor, by adding. The one whose addition makes
	// the count full runs the node. (elect)
	arrived []point.Int32

	// open counts the sinks that are not done.
	// Writers: who ends a sink. Who makes it zero ends the run.
	open point.Int32

	// failed is the first error.
	// Writers: any, once, by compare-and-swap.
	failed point.Pointer[NodeError]
}

// A nodeJob is a node on its way to a worker.
type nodeJob struct {
	job  workers.Job
	run  *run
	node int32
	at   int32 // the node that is being run: node, or one that follows it inline
}

// Run runs every node once, each after those that it comes after, on rt and on
// the calling goroutine. The first node that fails ends the context of the
// others; those that have not started are left out, and Run returns a
// [*NodeError] when all that have are done. If ctx ends first, Run returns its
// cause. An invalid graph is an error before anything runs.
//
// Caller: any; inside a task its worker takes part.
func (g *Graph) Run(ctx context.Context, rt *sched.Runtime, opts ...RunOption) error {
	p, err := g.compile()
	if err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if len(p.nodes) == 0 {
		return nil
	}
	r := &run{
		plan:    p,
		graph:   g.name,
		jobs:    make([]nodeJob, len(p.nodes)),
		arrived: make([]point.Int32, len(p.nodes)),
		done:    future.NewPromise[struct{}](),
	}
	for _, o := range opts {
		o(r)
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	r.open.Store(p.sinks)
	first := make([]*workers.Job, len(p.roots))
	for i, root := range p.roots {
		first[i] = r.jobOf(root)
	}
	if err := rt.Drive(context.WithoutCancel(ctx), first, r.done.Future()); err != nil {
		return err
	}
	if failed := r.failed.Load(); failed != nil {
		return failed
	}
	return context.Cause(ctx)
}

// jobOf returns the job that runs node i.
func (r *run) jobOf(i int32) *workers.Job {
	j := &r.jobs[i]
	j.run, j.node, j.at = r, i, i
	j.job.Runner = j
	return &j.job
}

// RunJob runs the node, and after it what became ready by it: the first
// successor at once, the others by whoever takes them.
func (j *nodeJob) RunJob(w *workers.Worker) {
	for range inlineRun {
		j.call(w)
		next, ok := j.run.ended(w, j.at)
		if !ok {
			return
		}
		j.at = next
	}
	w.PushNext(&j.job)
}

// JobCrashed ends the run with the node's panic, or its Goexit.
func (j *nodeJob) JobCrashed(w *workers.Worker, crash workers.Crash) {
	err := sched.CrashError(crash, j.run.plan.nodes[j.at].name)
	j.end(w, err)
	if next, ok := j.run.ended(w, j.at); ok {
		j.at = next
		w.PushNext(&j.job)
	}
}

// call runs the node unless the run has failed.
func (j *nodeJob) call(w *workers.Worker) {
	r := j.run
	if r.ctx.Err() != nil {
		return
	}
	n := r.plan.nodes[j.at]
	if r.observer != nil {
		r.observer.NodeStart(n, w.Index())
	}
	j.end(w, n.run(r.ctx))
}

// end notes how the node ended.
func (j *nodeJob) end(w *workers.Worker, err error) {
	r := j.run
	n := r.plan.nodes[j.at]
	if r.observer != nil {
		r.observer.NodeEnd(n, w.Index(), err)
	}
	if err == nil {
		return
	}
	failed := &NodeError{Graph: r.graph, Node: n.name, Err: err}
	if r.failed.CompareAndSwap(nil, failed) { // elect
		r.cancel(failed)
	}
}

// ended counts node i as done. It returns the first node that became ready,
// and pushes the others.
func (r *run) ended(w *workers.Worker, i int32) (next int32, ok bool) {
	after := r.plan.after(i)
	if len(after) == 0 {
		if r.open.Dec() == 0 {
			r.done.Resolve(struct{}{})
		}
		return 0, false
	}
	for _, s := range after {
		if r.plan.need[s] != 1 && r.arrived[s].Inc() != r.plan.need[s] {
			continue
		}
		if !ok {
			next, ok = s, true
			continue
		}
		w.Push(r.jobOf(s))
	}
	return next, ok
}
