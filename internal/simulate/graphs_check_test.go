// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// disturbed says whether something has ended the run early, perhaps.
func (r *graphRun) disturbed() bool {
	return r.w.closing || r.ctx != nil && r.ctx.ended.Load()
}

// nodeErrors puts the errors of nodes that are in err into of, by name, and returns the
// others.
func nodeErrors(err error, of map[string]error) (others []error) {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			others = append(others, nodeErrors(e, of)...)
		}
		return others
	}
	if n, ok := err.(*graph.NodeError); ok {
		of[n.Node] = n.Err
	} else if err != nil {
		others = append(others, err)
	}
	return others
}

// check looks at what a run has left.
func (r *graphRun) check(err error) {
	x, p := r.w.x, r.plan
	all.graphs++
	x.Check(r.under == 0, "%d nodes are under way after the run", r.under)
	of := map[string]error{}
	others := nodeErrors(err, of)
	for name, e := range of {
		r.checkError(name, e)
	}
	for _, e := range others {
		x.Check(errors.Is(e, sched.ErrClosed) && r.w.closing || errors.Is(e, context.Canceled) && r.disturbed(), "the run returns %v", err)
	}
	for i := range r.nodes {
		n := &r.nodes[i]
		x.Check(n.failed <= n.plan.retries || of[strconv.Itoa(i)] != nil, "node %d has failed, and the run returns %v", i, err)
		x.Check(n.tries <= r.fates[i].tries*(p.rounds+1) || r.w.closing, "node %d is tried %d times", i, n.tries)
	}
	switch {
	case err == nil:
		all.graphsDone++
		x.Check(!r.fails, "no error, though a node fails")
		x.Check(r.exits == min(p.rounds, 1), "the end of the loop was reached %d times", r.exits)
	case r.disturbed():
		return
	case p.policy == graph.StopRun:
		x.Check(r.fails, "the run returns %v", err)
		return
	}
	x.Check(r.fails == (err != nil), "the run returns %v", err)
	for i := range r.nodes {
		r.checkNode(i)
	}
}

// checkError checks that a node had a reason to fail.
func (r *graphRun) checkError(name string, err error) {
	x := r.w.x
	number, _, _ := strings.Cut(name, " ")
	i, _ := strconv.Atoi(number)
	var planned plannedError
	var crash *sched.PanicError
	switch n := r.nodes[i]; {
	case errors.As(err, &planned):
		all.nodesFailed++
		x.Check(int(planned) == i && n.failed > 0, "node %d has the error of another: %v", i, err)
		x.Check(errors.As(err, &crash) == n.plan.panics, "node %d: %v", i, err)
	case errors.Is(err, graph.ErrNoValue):
		x.Check(r.plan.policy == graph.GoOn && r.fails || r.w.closing, "node %s: %v", name, err)
	default:
		x.Check(r.w.closing, "node %s: %v", name, err)
	}
}

// checkNode compares what a node has done with what it does in a serial run.
func (r *graphRun) checkNode(i int) {
	x, n, f := r.w.x, &r.nodes[i], r.fates[i]
	rounds := r.plan.rounds + 1
	switch {
	case n.kept || r.mended && n.plan.kind == nodeSub && n.tries == 0:
		return
	case !f.starts:
		x.Check(n.tries == 0, "node %d runs, though what is before it has failed", i)
		return
	}
	x.Check(n.tries == f.tries*rounds && n.done == rounds, "node %d: %d tries and %d rounds, want %d tries in each of %d rounds", i, n.tries, n.done, f.tries, rounds)
	x.Check(f.fails == (n.good == 0), "node %d: %d rounds without an error", i, n.good)
	x.Check(n.plan.kind != nodeValue || n.value == f.value, "node %d: value %d, want %d", i, n.value, f.value)
	if n.good > 0 && n.plan.kind == nodeEach {
		x.Check(n.inner == n.plan.inner, "node %d: %d elements of %d", i, n.inner, n.plan.inner)
	}
	if n.plan.kind == nodeSub {
		x.Check(n.inner == n.plan.inner*n.good, "node %d: %d nodes inside have run, of %d in each of %d rounds", i, n.inner, n.plan.inner, rounds)
	}
}
