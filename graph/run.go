// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A RunOption changes one run.
type RunOption func(*run)

// A Policy says what follows from the failure of a node.
type Policy uint8

const (
	// StopRun ends the context of the other nodes, and nothing more starts.
	StopRun Policy = iota

	// StopDependents leaves out the nodes that come after the one that failed. All
	// others run.
	StopDependents

	// GoOn runs all nodes, but those whose inputs are missing.
	GoOn
)

// OnFailure sets the policy; the default is [StopRun].
func OnFailure(p Policy) RunOption {
	return func(r *run) {
		if p > GoOn {
			r.mistake("graph: OnFailure(%d): want StopRun, StopDependents or GoOn", p)
		}
		r.policy = p
	}
}

// Timeout ends the run's context after d, with a [*DeadlineError] as its cause.
func Timeout(d time.Duration) RunOption {
	return func(r *run) {
		if d <= 0 {
			r.mistake("graph: Timeout(%v): want more than zero", d)
		}
		r.timeout = d
	}
}

// Limit sets how many nodes of the run may be under way at once, those that wait
// without a worker included, but not those that wait for a semaphore.
func Limit(n int) RunOption {
	return func(r *run) {
		if n < 1 {
			r.mistake("graph: Limit(%d): want at least 1", n)
			return
		}
		r.limit = NewSemaphore("limit", n)
	}
}

// A run is one call of Run.
type run struct {
	graph   *Graph
	rt      *sched.Runtime
	pool    *workers.Pool // set by the first job
	ctx     context.Context
	cancel  context.CancelCauseFunc
	mayEnd  bool // ctx may end though no node has failed
	begin   time.Time
	done    *future.Promise[struct{}]
	policy  Policy
	timeout time.Duration
	limit   *Semaphore
	watch   []Observer
	marks   *Checkpoint
	feeds   []feed
	keep    []int32 // cells that outs read
	outs    []func(*exec)
	ends    []func()
	errs    []error // mistakes in options

	mu      point.Mutex
	stopped bool    // holding mu: nothing more starts
	lost    bool    // holding mu: a node was given up while it runs
	execs   []*exec // holding mu: under way
	failed  []error // holding mu: *NodeError, in the order of failing
}

// Run runs the nodes of the graph, each after those that it comes after, on rt
// and on the calling goroutine, and returns when all that were started are done.
//
// If nodes fail, the policy says what else is left out, and Run returns a
// [*NodeError] for each, joined by errors.Join if they are several. If ctx ends,
// nothing more starts, and Run returns its cause with the others. A context that has
// ended before is an error that wraps the cause, and nothing is run. An invalid
// graph is an error before anything runs, and so is [sched.ErrClosed].
//
// Caller: any; inside a task its worker takes part.
func (g *Graph) Run(ctx context.Context, rt *sched.Runtime, opts ...RunOption) error {
	g.running.Inc()
	defer g.running.Dec()
	p, err := g.compile()
	if err != nil {
		return err
	}
	r := &run{graph: g, rt: rt, begin: time.Now(), done: future.NewPromise[struct{}]()}
	for i, o := range opts {
		if o == nil {
			r.mistake("graph: option number %d: nil", i+1)
			continue
		}
		o(r)
	}
	if err := r.check(p); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("graph %s: the context had ended before the run, of which nothing was run: give it one that goes on: %w", g.name, err)
	}
	if len(p.nodes) == 0 {
		return nil
	}
	return r.drive(ctx, rt, p)
}

// drive runs the plan.
func (r *run) drive(ctx context.Context, rt *sched.Runtime, p *plan) error {
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	if r.timeout > 0 {
		var end context.CancelFunc
		r.ctx, end = context.WithTimeoutCause(r.ctx, r.timeout, &DeadlineError{After: r.timeout})
		defer end()
	}
	defer r.cancel(nil)
	r.mayEnd = ctx.Done() != nil || r.timeout > 0
	if r.mayEnd {
		defer park.AfterEnd(r.ctx, r.look)()
	}
	x := p.newExec(r)
	if r.marks != nil {
		if old := r.marks.take(); old != nil {
			x = old
			x.resume(r)
		}
	}
	for _, f := range r.feeds {
		f.give(x)
	}
	x.prepare(r)
	first := x.newJob()
	first.how = startRun
	err := rt.Drive(context.WithoutCancel(ctx), []*workers.Job{&first.job}, r.done.Future())
	if err != nil { // nothing has run
		if r.marks != nil {
			x.open.Store(0)
			r.marks.keep(x, err)
		}
		return err
	}
	err = r.end(x)
	for _, f := range r.ends {
		f()
	}
	return err
}

// end collects what the run has left.
func (r *run) end(x *exec) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := errors.Join(r.failed...)
	if len(r.failed) == 1 {
		err = r.failed[0]
	}
	if cause := context.Cause(r.ctx); cause != nil && !errors.Is(err, cause) {
		err = errors.Join(err, cause)
		if len(r.failed) == 0 {
			err = cause
		}
	}
	if r.lost { // a node still uses the execution
		if r.marks != nil {
			r.marks.keep(nil, nil)
		}
		return err
	}
	if r.marks != nil {
		r.marks.keep(x, err)
	}
	if err == nil {
		for _, take := range r.outs {
			take(x)
		}
	}
	r.execs = nil
	if r.marks == nil || err == nil {
		x.end(len(r.failed) > 0 || r.stopped || x.partial())
	}
	return err
}

// special says whether the run wants to know of each node.
func (r *run) special() bool {
	return len(r.watch) > 0 || r.marks != nil || r.limit != nil
}

// join adds an execution to those that are under way.
func (r *run) join(x *exec) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.execs = append(r.execs, x)
	if r.stopped {
		x.halt()
	}
}

// leave takes out an execution inside a node, when nothing of it is left. It
// reports whether its counts may not be those of a whole round.
func (r *run) leave(x *exec) (partial, lost bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.execs, x); i >= 0 {
		r.execs = slices.Delete(r.execs, i, i+1)
	}
	return len(r.failed) > 0 || r.stopped || x.partial(), r.lost
}

// partial reports whether something has kept nodes of the execution from running.
func (x *exec) partial() bool {
	return x.flags.Load()&halted != 0 || x.broken.Load() || x.cut.Load()
}

// echoes reports whether err is only what a node returns because its context has
// ended, with the run or with a node around.
func (x *exec) echoes(err error) bool {
	ended := x.ctx.Err()
	if ended == nil {
		return false
	}
	if late := (*DeadlineError)(nil); errors.As(err, &late) && late.Stuck {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, ended) || errors.Is(err, context.Cause(x.ctx))
}

// fail notes that a node failed. What a node returns because its context has ended
// is no failure of its own.
func (r *run) fail(x *exec, i int32, err error) {
	if x.echoes(err) {
		x.cut.Store(true)
		return
	}
	x.broken.Store(true)
	failed := &NodeError{Graph: r.graph.name, Node: x.path + x.plan.nodes[i].Name(), Err: err}
	r.mu.Lock()
	if err != errInside {
		r.failed = append(r.failed, failed)
	}
	r.mu.Unlock()
	if x.marks != nil {
		x.marks[x.plan.nodes[i].index] = failedMark
	}
	if r.policy == StopRun {
		r.cancel(failed)
		r.stop()
	}
}

// look stops the run if its context has ended.
func (r *run) look() {
	if r.ctx.Err() != nil {
		r.stop()
	}
}

// stop keeps nodes from starting, and ends those that wait without a worker.
//
// Caller: any.
func (r *run) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	r.stopped = true
	for _, x := range r.execs {
		x.halt()
	}
	for _, x := range r.execs {
		x.wakeWaiting()
	}
}
