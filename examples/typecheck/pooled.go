// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// runPooled hands the plan to pilfer: a graph with a node for each of the plan's,
// run on a runtime. The time of the run includes building both, and closing the
// runtime.
func runPooled(ctx context.Context, j *job) (counts tally, err error) {
	g := graph.New("typecheck")
	nodes := make([]*graph.Node, len(j.plan.nodes))
	for i := range nodes {
		nodes[i] = g.Do(j.plan.name(i), func() { j.do(i) })
	}
	for i, n := range j.plan.nodes {
		for _, before := range n.before {
			nodes[i].After(nodes[before])
		}
		if n.kind == check {
			nodes[i].Priority(1) // frees syntax trees while they are still in the caches
		}
	}
	g.ByCriticalPath(func(n *graph.Node) float64 { return float64(j.plan.bytes(n.Index())) })
	rt, err := sched.New(sched.Workers(j.workers), sched.LockThreads(j.locked))
	if err != nil {
		return tally{}, err
	}
	err = g.Run(ctx, rt, graph.Observe(observer{j.rec}))
	if closeErr := rt.Close(); err == nil {
		err = closeErr
	}
	m := rt.Metrics()
	return tally{Steals: m.Steals, Parks: m.Parks}, err
}

// An observer notes when the nodes of a graph run. The graph's nodes have the
// plan's indexes, because they were added in its order.
type observer struct{ rec *recorder }

func (o observer) NodeStart(e graph.Event) { o.rec.start(e.Node.Index(), e.Worker) }
func (o observer) NodeEnd(e graph.Event)   { o.rec.end(e.Node.Index()) }
