// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"sync/atomic"
	"time"
)

// A runner runs every node of a job once, each after those before it.
type runner func(ctx context.Context, j *job) (tally, error)

// The variants that are compared.
const (
	bySerial = "serial" // one after the other, on one CPU
	byHand   = "hand"   // goroutines and a channel of ready nodes
	byPilfer = "pilfer" // graph.Run on a pilfer runtime
)

var (
	variants = []string{bySerial, byHand, byPilfer}
	runners  = map[string]runner{bySerial: runSerial, byHand: runByHand, byPilfer: runPooled}
)

// A job is what a runner runs.
type job struct {
	plan    *plan
	steps   steps
	types   []*types.Package // what was found, by package; who checks it writes it
	rec     *recorder
	workers int
	locked  bool // workers keep threads of their own, where the runner has a choice
}

// steps are what nodes do. The runner hands them what the nodes before have made, in
// the order of the plan.
type steps interface {
	parse(node int) []*ast.File
	check(node int, trees [][]*ast.File, imported []*types.Package) *types.Package
}

// A tally is what a runner counts beside the times.
type tally struct {
	Steals uint64
	Parks  uint64
}

// A span is when and where a node ran.
type span struct {
	Worker     int
	Start, End time.Duration // since the begin of the run
}

// A recorder notes the spans of a run.
type recorder struct {
	begin time.Time
	spans []span       // by node; who runs the node writes its span
	done  atomic.Int64 // nodes that have ended
}

func newRecorder(nodes int) *recorder {
	return &recorder{begin: time.Now(), spans: make([]span, nodes)}
}

func (r *recorder) start(node, worker int) {
	r.spans[node] = span{Worker: worker, Start: time.Since(r.begin)}
}

func (r *recorder) end(node int) {
	r.spans[node].End = time.Since(r.begin)
	r.done.Add(1)
}

// inOrder reports a node that has not run, or that ran before one it must wait
// for had ended.
func (p *plan) inOrder(spans []span) error {
	for i, n := range p.nodes {
		if spans[i].End == 0 {
			return fmt.Errorf("%s did not run", p.name(i))
		}
		if j := slices.IndexFunc(n.before, func(b int) bool { return spans[b].End > spans[i].Start }); j >= 0 {
			return fmt.Errorf("%s started before the end of %s", p.name(i), p.name(n.before[j]))
		}
	}
	return nil
}
