// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A graphRun is a graph, and what its nodes have done in the run under way.
type graphRun struct {
	w      *world
	plan   *graphPlan
	g      *graph.Graph
	ctx    *simContext // nil if none ends the run
	nodes  []nodeRun
	fates  []fate
	fails  bool // and a node fails
	under  int  // nodes that are under way
	mended bool // nothing fails, as a run before has failed
	over   bool // it has returned
	round  int
	exits  int
}

// A nodeRun is what a node has done in one run.
type nodeRun struct {
	plan   *nodePlan
	tries  int // of all rounds
	failed int // of this round
	done   int // rounds that have ended
	good   int // without an error
	inner  int // elements or nodes inside that have run
	value  int
	when   time.Time // the last try has failed
	kept   bool      // an earlier run has finished it
}

// A plannedError is the planned end of a node.
type plannedError int

func (e plannedError) Error() string { return fmt.Sprintf("planned, in node %d", int(e)) }

// runGraph makes a graph and runs it.
func (w *world) runGraph(ctx *simContext, p *graphPlan) {
	r := &graphRun{w: w, plan: p, nodes: make([]nodeRun, len(p.nodes))}
	r.build()
	if !p.endless {
		r.ctx = ctx
	}
	opts := []graph.RunOption{graph.OnFailure(p.policy)}
	if p.limit > 0 {
		opts = append(opts, graph.Limit(p.limit))
	}
	if p.resume {
		opts = append(opts, graph.Resume(&graph.Checkpoint{}))
	}
	for range p.runs {
		for i, n := range r.nodes {
			r.nodes[i] = nodeRun{plan: &p.nodes[i], kept: p.resume && (n.kept || n.good > 0 && n.plan.kind != nodeSub)}
		}
		r.over, r.round, r.exits = false, 0, 0
		r.fates, r.fails = p.fates(r.mended)
		ends := context.Context(context.Background())
		if r.ctx != nil {
			ends = r.ctx
		}
		err := r.g.Run(ends, w.rt, opts...)
		r.over = true
		r.check(err)
		if err == nil && p.resume {
			break
		}
		r.mended = p.resume
		if r.mended {
			r.ctx = nil
		}
	}
}

// build makes the graph.
func (r *graphRun) build() {
	r.g = graph.New("g")
	n := len(r.plan.nodes)
	firsts, lasts := make([]*graph.Node, n), make([]*graph.Node, n)
	values := make([]graph.Value[int], n)
	inside := make([]bool, n) // others come after it
	for i := range n {
		p := &r.plan.nodes[i]
		var in []graph.Value[int]
		for _, k := range p.after {
			if p.kind == nodeValue && r.plan.nodes[k].kind == nodeValue {
				in = append(in, values[k])
			}
		}
		firsts[i], lasts[i], values[i] = r.node(i, in)
		for _, k := range p.after {
			inside[k] = true
			if p.kind != nodeValue || r.plan.nodes[k].kind != nodeValue {
				firsts[i].After(lasts[k])
			}
		}
		r.settings(firsts[i], p)
	}
	if r.plan.rounds == 0 {
		return
	}
	begin, end := r.g.Do("begin", func() {}).First(), r.g.Do("end", func() { r.exits++ })
	again := r.g.Branch("again", func(context.Context) (int, error) {
		if r.round++; r.round <= r.plan.rounds {
			return 0, nil
		}
		return 1, nil
	}, begin, end)
	for i := range n {
		if len(r.plan.nodes[i].after) == 0 {
			firsts[i].After(begin)
		}
		if !inside[i] {
			again.After(lasts[i])
		}
	}
}

// settings are what a node has besides its function.
func (r *graphRun) settings(n *graph.Node, p *nodePlan) {
	if p.retries > 0 {
		n.Retry(p.retries, func(int) time.Duration { return p.wait })
	}
	if p.weight > 0 {
		n.Uses(r.w.sem, p.weight)
	}
	n.Priority(p.priority)
}

// node adds node i. What it is made of begins with first and ends with last.
func (r *graphRun) node(i int, in []graph.Value[int]) (first, last *graph.Node, v graph.Value[int]) {
	p, name := &r.plan.nodes[i], strconv.Itoa(i)
	var n *graph.Node
	switch p.kind {
	case nodeDo:
		n = r.g.Do(name, func() { _ = r.try(i) })
	case nodeFork:
		n = r.g.Fork(name, func(_ context.Context, wk *workers.Worker) error {
			r.w.x.Check(r.w.fib(wk, 3) == 2, "fib(3) in a node is not 2")
			return r.try(i)
		})
	case nodeValue:
		v = graph.Gather(r.g, name, func(_ context.Context, all []int) (int, error) {
			sum := 1 + i
			for _, n := range all {
				sum = sum*31 + n
			}
			r.nodes[i].value = sum
			return sum, r.try(i)
		}, in...)
		n = v.Node()
	case nodeWait, nodeEver:
		n = graph.Await(r.g, name, func(context.Context) future.Future[int] { return r.waits(i) }).Node()
	case nodeEach:
		list := graph.Source(r.g, name, func(context.Context) ([]int, error) {
			r.nodes[i].inner = 0
			return make([]int, p.inner), r.try(i)
		})
		each := func(context.Context, int) (int, error) { r.within(i); return 0, nil }
		return list.Node(), graph.Each(r.g, name+" each", each, list).Node(), v
	case nodeSub:
		n = r.g.Sub(name, func(_ context.Context, s *graph.Sub) error { return r.sub(i, s) })
	default:
		n = r.g.Add(name, func(context.Context) error { return r.try(i) })
	}
	return n, n, v
}

// begin is called as a try of a node begins.
func (r *graphRun) begin(i int) {
	n, x := &r.nodes[i], r.w.x
	x.Check(!r.over && !r.w.closed, "node %d begins after its run", i)
	x.Check(!n.kept, "node %d begins again, though it was finished", i)
	for _, k := range n.plan.after {
		x.Check(r.isDone(k, n.done), "node %d begins its round %d before node %d is done: %+v", i, n.done, k, r.nodes[k])
	}
	if n.failed > 0 && !r.disturbed() {
		waited := r.w.clock.Now().Sub(n.when)
		x.Check(waited >= n.plan.wait, "node %d is tried again after %v instead of %v", i, waited, n.plan.wait)
	}
	n.tries++
	if n.plan.kind != nodeSub { // which the limit does not count
		r.enter()
	}
	r.w.weight += n.plan.weight
	x.Check(r.w.weight <= semaphoreSize, "nodes use %d of a semaphore of %d", r.w.weight, semaphoreSize)
}

// isDone says whether node k has done more rounds than that.
func (r *graphRun) isDone(k, rounds int) bool {
	n := &r.nodes[k]
	switch {
	case n.kept || !r.fates[k].starts || r.w.closing:
		return true
	case n.done <= rounds:
		return r.mended && n.plan.kind == nodeSub // finished before
	case n.plan.kind == nodeEach && n.good == n.done:
		return n.inner == n.plan.inner
	case n.plan.kind == nodeSub && !n.plan.detached:
		return n.inner == n.plan.inner*n.good
	}
	return true
}

func (r *graphRun) enter() {
	r.under++
	r.w.x.Check(r.plan.limit == 0 || r.under <= r.plan.limit, "%d nodes are under way, with a limit of %d", r.under, r.plan.limit)
}

// end is called as a try ends.
func (r *graphRun) end(i int, err error) {
	n := &r.nodes[i]
	r.drop(i)
	if err != nil {
		n.failed++
		n.when = r.w.clock.Now()
		if n.failed <= n.plan.retries {
			return
		}
		n.done++
		return
	}
	n.failed = 0
	n.done++
	n.good++
}

// drop is what is left of the end when a node is given up that waits.
func (r *graphRun) drop(i int) {
	n := &r.nodes[i]
	if n.plan.kind != nodeSub {
		r.under--
	}
	r.w.weight -= n.plan.weight
}

// planned returns how the try under way is to end.
func (r *graphRun) planned(i int) error {
	n := &r.nodes[i]
	if n.failed >= n.plan.fails || r.mended && n.plan.fails == alwaysFails {
		return nil
	}
	return plannedError(i)
}

// try is what most nodes do.
func (r *graphRun) try(i int) error {
	r.begin(i)
	r.w.steps(r.nodes[i].plan.steps)
	err := r.planned(i)
	r.end(i, err)
	if err != nil && r.nodes[i].plan.panics {
		panic(err)
	}
	return err
}

// sub builds what is inside of node i: pairs, one after the other.
func (r *graphRun) sub(i int, s *graph.Sub) error {
	if err := r.try(i); err != nil {
		return err
	}
	n := r.nodes[i].plan
	if n.detached {
		s.Detach()
	}
	var before *graph.Node
	for k := range n.inner {
		in := s.Do(strconv.Itoa(k), func() {
			r.enter()
			r.within(i)
			r.under--
		})
		if k%2 == 1 {
			in.After(before)
		}
		before = in
	}
	return nil
}

// within is what elements, and nodes inside, do.
func (r *graphRun) within(i int) {
	r.w.x.Check(!r.over && !r.w.closed, "a part of node %d begins after its run", i)
	r.w.steps(1)
	r.nodes[i].inner++
}

// A waitingNode is the future of a node that waits.
type waitingNode struct {
	r     *graphRun
	i     int
	sleep future.Future[struct{}] // nil once it is over
}

func (r *graphRun) waits(i int) future.Future[int] {
	r.begin(i)
	if err := r.planned(i); err != nil && r.nodes[i].plan.panics {
		r.end(i, err)
		panic(err)
	}
	if r.nodes[i].plan.kind == nodeEver {
		return &waitingNode{r, i, future.NewPromise[struct{}]().Future()}
	}
	return &waitingNode{r, i, timer.Sleep(r.nodes[i].plan.wait)}
}

func (n *waitingNode) Poll(cx *sched.Context) future.Poll[int] {
	n.r.w.x.Check(n.sleep != nil, "the future of node %d is polled after its end", n.i)
	if p := n.sleep.Poll(cx); !p.Ready {
		return future.Wait[int]()
	}
	n.sleep = nil
	err := n.r.planned(n.i)
	n.r.end(n.i, err)
	return future.Poll[int]{Ready: true, Err: err}
}

func (n *waitingNode) Drop() {
	if s := n.sleep; s != nil {
		n.sleep = nil
		future.Drop(s)
		n.r.drop(n.i)
	}
}
