// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"time"

	"golang.org/x/sys/cpu"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// An exec is one execution of a plan: the whole of a run, or a graph inside a
// node. It is used again, so a run allocates nothing for its nodes.
type exec struct {
	plan   *plan
	run    *run
	ctx    context.Context // the run's, or that of a node around that has a deadline
	mayEnd bool            // ctx may end though no node has failed

	parent *child // the node that waits for this execution; nil in a run's own
	path   string // names of the nodes around, each with a slash

	// open counts the jobs and the waiting nodes of this execution.
	// Writers: who makes another one adds, holding one itself; who ends one
	// subtracts. Who makes it zero ends the execution.
	open point.Int32

	// flags says what keeps all nodes off the fast path.
	// Writers: any sets halted; who begins the execution sets the others, before any knows of it.
	// Invariant: halted, once set, stays until the execution ends.
	flags point.Uint32

	// fine says that nodes are so short that those that are ready are kept
	// private until another worker asks for them. A guess.
	// Writers: any that measured; a reader may see an old one.
	fine point.Bool

	// calm counts samples of short nodes in a row while fine is false. A guess.
	// Writers: any that measured, by adding, or to zero.
	calm point.Uint32

	// mustCalm is how many of them are not enough. A guess.
	// Writers: any that measured. Invariant: never decreases.
	mustCalm point.Uint32

	// broken says that a node failed.
	// Writers: who ends such a node, to true. Invariant: stays set while it goes on.
	broken point.Bool

	// cut says that a node ended only because the context did.
	// Writers: who ends such a node, to true. Invariant: as broken.
	cut point.Bool

	round  uint32 // executions that all counts have seen
	dirty  bool   // the counts are not those of whole rounds
	counts []count
	far    []count // by node, for those with many predecessors; nil if there are none
	cells  []cell
	marks  []mark // by number of the node, which is not its place in the plan; nil if nobody wants to know
	lanes  []lane // by worker

	busy  []point.Uint32 // by node: 1 while it runs; only with branches. Writers: who runs the node, by compare-and-swap.
	waits []await        // by number of the node that waits for a future
	kept  []bool         // by cell: stays until the run ends; nil if none does

	mu    point.Mutex
	calls map[int32]call  // holding mu: of nodes with settings that wait for futures
	naps  map[int32]await // holding mu: by node, between two tries of it
	seen  []bool          // holding mu: by edge, see reach; only with branches
	got   []uint32        // holding mu: by node, how many of the edges to it are seen
	ready []int32         // holding mu: a heap of ready nodes, if the plan is ordered
	spare *job            // holding mu: jobs that are not in use
}

// The bits of exec.flags, beside those of nodeFlags.
const (
	halted  uint32 = 1 << 16 << iota // nothing more starts
	special                          // observers, marks, a limit, branches, priorities
)

// A count is what a node waits for, in one word: there are many, and they are read
// in no order.
//
// Its lower half is how many predecessors the node has, or many. Its upper half
// counts those that are done, in all rounds, and wraps.
// Writers: who ends a predecessor, by adding one. The one whose addition makes it
// the lower half times the round runs the node. (elect)
type count = point.Uint32

const (
	many   = 1<<16 - 1 // the predecessors are counted in exec.far
	oneOff = 1 << 16   // one predecessor more is done
)

// last counts a predecessor of node s, and reports whether it was the last.
func (x *exec) last(s int32) bool {
	c := &x.counts[s]
	switch need := uint16(c.Load()); need {
	case 1:
		return true
	case many:
		return x.far[s].Inc() == x.plan.need[s]*x.round
	default:
		return uint16(c.Add(oneOff)>>16) == need*uint16(x.round)
	}
}

// A mark says how far a node came in a run.
type mark uint8

const (
	unmarked mark = iota
	finished
	failedMark
)

// A lane measures how long the nodes of one worker take. Plain fields: whoever
// sits in the worker's place owns it.
type lane struct {
	nodes int
	took  time.Duration
	_     cpu.CacheLinePad
}

// newExec returns an execution of the plan: one that was used before, or a new one.
func (p *plan) newExec(r *run) *exec {
	p.mu.Lock()
	var x *exec
	if n := len(p.free); n > 0 {
		x = p.free[n-1]
		p.free[n-1] = nil
		p.free = p.free[:n-1]
	}
	p.mu.Unlock()
	if x == nil {
		x = &exec{plan: p, counts: make([]count, len(p.nodes)), dirty: true, cells: p.graph.newCells()}
		if p.branches {
			x.busy = make([]point.Uint32, len(p.nodes))
			x.seen, x.got = make([]bool, len(p.next)), make([]uint32, len(p.nodes))
		}
		if p.waits > 0 {
			x.waits = make([]await, p.waits)
		}
	}
	x.run, x.ctx = r, r.ctx
	x.begin()
	return x
}

// begin makes the counts ready for another round.
func (x *exec) begin() {
	if x.dirty || x.plan.branches {
		for i := range x.counts {
			x.counts[i].Store(min(x.plan.need[i], many))
			if x.plan.need[i] >= many && x.far == nil {
				x.far = make([]count, len(x.counts))
			}
		}
		clear(x.far)
		clear(x.busy)
		clear(x.seen)
		clear(x.got)
		x.round = 0
	}
	x.dirty = false
	x.round++
	x.setFlags()
}

// resume goes on with an execution that has the values of an earlier run.
func (x *exec) resume(r *run) {
	x.run, x.ctx, x.dirty = r, r.ctx, true
	x.begin()
}

// setFlags says what keeps the nodes off the fast path.
func (x *exec) setFlags() {
	x.broken.Store(false)
	x.cut.Store(false)
	x.flags.Store(0)
	if x.plan.branches || x.plan.ordered || x.run.special() {
		x.flags.Store(special)
	}
}

// start makes the execution ready for the workers of a pool, with a job for the
// nodes that start by themselves. It halts at once if the run was stopped.
func (x *exec) start(j *job, p *workers.Pool) {
	if n := len(p.Places()); len(x.lanes) < n {
		x.lanes = make([]lane, n)
	}
	for i := range x.lanes {
		x.lanes[i].nodes, x.lanes[i].took = 0, 0
	}
	x.mayEnd = x.run.mayEnd || x.ctx != x.run.ctx
	x.run.join(x)
	if x.ctx.Err() != nil {
		x.halt() // the deadline of a node around, see endWith
	}
	if !x.plan.ordered {
		j.ids = append(j.ids, x.plan.roots...)
		return
	}
	for _, i := range x.plan.roots {
		x.addReady(i)
		j.ids = append(j.ids, mostUrgent)
	}
}

// end gives the execution back, to be used again. Nobody else refers to it.
// partial says that not all of its nodes were run.
func (x *exec) end(partial bool) {
	x.clearCells()
	x.dirty = partial
	x.run, x.ctx, x.parent, x.path, x.marks, x.kept = nil, nil, nil, "", nil, nil
	clear(x.waits)
	clear(x.naps)
	x.ready = x.ready[:0]
	p := x.plan
	p.runs.Inc()
	if p.graph.plan.Load() != p {
		return // the graph was changed, or arranged
	}
	p.mu.Lock()
	p.free = append(p.free, x)
	p.mu.Unlock()
}

// halt keeps nodes from starting.
//
// Caller: any, while the run goes on.
func (x *exec) halt() {
	x.flags.Store(x.flags.Load() | halted) // [halt-race] H1
}

// complete is called when nothing of the execution is left.
//
// Caller: who made open zero; w is its worker, or nil.
func (x *exec) complete(w *workers.Worker) {
	if x.parent == nil {
		x.run.done.Resolve(struct{}{})
		return
	}
	x.parent.childEnded(x, w)
}

// newJob returns a job of this execution, which is counted as open.
func (x *exec) newJob() *job {
	x.open.Inc()
	x.mu.Lock()
	j := x.spare
	if j != nil {
		x.spare = j.free
		j.free = nil
	}
	x.mu.Unlock()
	if j == nil {
		j = new(job)
		j.job.Runner = j
		j.x = x
	}
	return j
}

// nodeJob returns a job that runs node i.
func (x *exec) nodeJob(i int32) *job {
	j := x.newJob()
	j.ids = append(j.ids, i)
	return j
}

// mostSpare is for how many nodes a job that is not in use keeps room. A million
// nodes that wait for futures were all in one.
const mostSpare = 1 << 16

// endJob takes a job back.
func (x *exec) endJob(j *job, w *workers.Worker) {
	if cap(j.ids) > mostSpare {
		j.ids = nil
	}
	j.ids, j.lo, j.how = j.ids[:0], 0, runNodes
	j.call = call{}
	x.mu.Lock()
	j.free = x.spare
	x.spare = j
	x.mu.Unlock()
	if x.open.Dec() == 0 {
		x.complete(w)
	}
}

// submit hands a job to the workers.
func (x *exec) submit(w *workers.Worker, j *job) {
	if w != nil {
		w.PushNext(&j.job)
		return
	}
	x.run.pool.Submit(&j.job)
}
