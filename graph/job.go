// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"time"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// How nodes come to workers.
//
// The last predecessor of a node to finish runs the node itself, so that a chain
// stays on one worker and in its cache. What else becomes ready goes to a list
// that nobody else sees, in the job that the worker runs: a step that others see
// costs more than a short node. Other workers get the older half of the list when
// they ask.
//
// While nodes are long, that would keep what is ready from others until the
// running one ends. So until they were seen to be short, all that is ready is
// queued at once.
//
// Refused:
//   - Queue each ready node: 20 ns each, and a job for each.
//   - A list for each worker, not for each job: a guest that steps out of its place
//     would leave it to others.
//   - A clock reading for each node: as much as a short node. See fineNode.

const (
	// batchNodes is how many nodes a worker runs until it looks at its queue and
	// its requests again: long enough that the look costs nothing.
	batchNodes = 128

	// fineNode is how long a node takes on average, at most, for what is ready to
	// be kept private. Queueing one costs a tenth of that. Measured over
	// fineSample nodes.
	fineNode   = time.Microsecond
	fineSample = 64

	// maxCalm bounds for how many samples of short nodes in a row the nodes must
	// have been short again to count as such, which doubles each time that they
	// turn out to be long: among long nodes the price of a queue is nothing.
	maxCalm = 16

	// showEvery is how many nodes a worker runs, while they are short, until all
	// that is ready is queued though nobody has asked, in jobs of chunk nodes or
	// more: the next node may be long, and hide what is private until it ends. If
	// there is something in the queue that comes later, once in batchNodes. See
	// BenchmarkGraph for the price.
	showEvery = 32
	chunk     = 32

	// maxQueued is how many jobs a worker keeps in its queue for others while
	// nodes are long; maxShare how many it makes at once.
	maxQueued = 32
	maxShare  = 32
)

// A job is one or more ready nodes on their way to a worker.
type job struct {
	job workers.Job
	x   *exec
	ids []int32 // ready nodes from lo on, the oldest first
	lo  int
	at  int32 // the node that is being run
	how entry
	err error // of a node that has ended elsewhere

	call call // for nodes off the fast path
	free *job
}

// An entry says where a job goes on.
type entry uint8

const (
	runNodes  entry = iota
	startRun        // the first job of a run
	runAgain        // the node's next try is due, or it has what it waited for
	nodeEnded       // the node has ended elsewhere
	lostNode        // the node was given up while it ran
)

// mostUrgent stands in a job for the node that is the most urgent when its turn
// comes, in a plan with priorities.
const mostUrgent = -1

// RunJob runs the nodes, and what becomes ready by them.
func (j *job) RunJob(w *workers.Worker) {
	left := batchNodes
	begun := time.Since(j.x.run.begin)
	if j.how != runNodes {
		j.resume(w)
		left--
	}
	if !w.Hungry() && w.QueueLen() == 0 {
		w.Answer(nil) // workers that sleep do not ask: nothing is on offer for them
	}
	if len(j.ids)-j.lo > 2*chunk {
		j.show(w, chunk)
	}
	for left > 0 && j.lo < len(j.ids) {
		last := len(j.ids) - 1
		i := j.ids[last]
		j.ids = j.ids[:last]
		if i == mostUrgent {
			i = j.x.takeReady()
		}
		left = j.chain(w, i, left)
	}
	j.yield(w, batchNodes-left, begun)
}

// yield ends the job, or queues it for what is left of it. ran is how many nodes
// it has run since begun.
func (j *job) yield(w *workers.Worker, ran int, begun time.Duration) {
	x := j.x
	if j.how == lostNode {
		return // whoever gave the node up has ended the job
	}
	x.measure(w, ran, begun)
	if x.flags.Load()&halted != 0 {
		j.ids = j.ids[:j.lo]
	}
	if j.lo < len(j.ids) {
		w.PushNext(&j.job)
		return
	}
	x.endJob(j, w)
}

// measure learns how long nodes take: ran of them took until now since the job was
// begun.
func (x *exec) measure(w *workers.Worker, ran int, begun time.Duration) {
	at := w.Index()
	if at >= len(x.lanes) {
		return // the pool has grown meanwhile
	}
	l := &x.lanes[at]
	l.nodes += ran
	l.took += time.Since(x.run.begin) - begun
	if l.nodes >= fineSample {
		x.learn(l.took < time.Duration(l.nodes)*fineNode)
		l.nodes, l.took = 0, 0
	}
}

// learn takes up how one sample of nodes was.
func (x *exec) learn(short bool) {
	switch {
	case short && !x.fine.Load():
		if x.calm.Inc() > x.mustCalm.Load() {
			x.fine.Store(true)
		}
	case !short:
		x.calm.Store(0)
		if x.fine.Load() {
			x.fine.Store(false)
			x.mustCalm.Store(min(2*x.mustCalm.Load()+1, maxCalm))
		}
	}
}

// chain runs node i, then the first that becomes ready by it, and so on; the
// others go to the list. It returns how much of left is left: not more than zero
// if the worker should look at its queue.
func (j *job) chain(w *workers.Worker, i int32, left int) int {
	x := j.x
	p := x.plan
	steps, counts, round := p.steps, x.counts, uint16(x.round)
	fine, mayEnd := x.fine.Load(), x.mayEnd
	for ; left > 0; left-- {
		if j.lo < len(j.ids) {
			if !fine || w.Hungry() {
				j.share(w, fine)
			} else if left%showEvery == 1 && (left < showEvery || w.QueueLen() == 0) {
				j.show(w, 0)
			}
		}
		j.at = i
		s := &steps[i]
		if uint32(s.flags)|x.flags.Load() != 0 {
			j.runSlow(w, i)
			return left - 1
		} else if f, ok := s.fn.(func()); ok {
			f()
		} else {
			var err error
			if f, ok := s.fn.(Func); ok {
				err = f(x.ctx)
			} else {
				err = x.callShared(s.fn, i)
			}
			if err != nil || mayEnd && x.ctx.Err() != nil {
				j.endNode(w, i, err)
				return left - 1
			}
		}
		next := int32(-1)
		for _, s := range p.next[s.first:steps[i+1].first] {
			c := &counts[s]
			if need := uint16(c.Load()); need == many {
				if !x.last(s) {
					continue
				}
			} else if need != 1 && uint16(c.Add(oneOff)>>16) != need*round {
				continue
			}
			if next < 0 {
				next = s
			} else {
				j.ids = append(j.ids, s)
			}
		}
		if next < 0 {
			return left - 1
		}
		i = next
	}
	j.ids = append(j.ids, i)
	return 0
}

// share queues ready nodes for others. While nodes are short that is the older
// half, in two jobs, as a thief takes half of a queue; while they are long, each
// by itself, up to maxQueued, and then the rest as one.
func (j *job) share(w *workers.Worker, fine bool) {
	have := len(j.ids) - j.lo
	var room [maxShare]*workers.Job
	jobs := room[:0]
	if fine {
		half := (have + 1) / 2
		for _, n := range [2]int{(half + 1) / 2, half / 2} {
			if n > 0 {
				jobs = append(jobs, &j.split(n).job)
			}
		}
		w.Answer(jobs)
		return
	}
	for n := min(have, maxQueued-w.QueueLen()) - 1; n > 0; n-- {
		jobs = append(jobs, &j.split(1).job)
	}
	jobs = append(jobs, &j.split(len(j.ids)-j.lo).job)
	w.PushBatch(jobs)
}

// show queues all that is ready but the newest, of which that many are kept.
func (j *job) show(w *workers.Worker, keep int) {
	if w.Pool().Size() == 1 {
		return // nobody to see it
	}
	have := len(j.ids) - j.lo - keep
	size := max(chunk, (have+maxShare-1)/maxShare)
	var room [maxShare]*workers.Job
	jobs := room[:0]
	for ; have > 0; have -= size {
		jobs = append(jobs, &j.split(min(size, have)).job)
	}
	w.PushBatch(jobs)
}

// split moves the n oldest nodes to another job.
func (j *job) split(n int) *job {
	o := j.x.newJob()
	if j.lo+n == len(j.ids) { // all: to copy them for each few that were run takes for ever
		o.ids, j.ids = j.ids, o.ids
		o.lo, j.lo = j.lo, 0
		return o
	}
	o.ids = append(o.ids, j.ids[j.lo:j.lo+n]...)
	j.lo += n
	return o
}

// shareAll queues what is ready, before a node that may hold the worker for long.
func (j *job) shareAll(w *workers.Worker) {
	if j.lo < len(j.ids) {
		j.share(w, false)
	}
}

// JobCrashed ends the node that panicked, or called runtime.Goexit.
func (j *job) JobCrashed(w *workers.Worker, crash workers.Crash) {
	j.how = runNodes
	j.endNode(w, j.at, sched.CrashError(crash, j.x.plan.nodes[j.at].Name()))
	j.yield(w, 0, time.Since(j.x.run.begin))
}
