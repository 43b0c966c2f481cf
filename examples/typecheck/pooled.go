// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"go/ast"
	"go/types"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// runPooled hands the plan to pilfer: a graph with a node for each of the plan's,
// run on a runtime. What a node makes is wired to those that take it: syntax trees
// to the check of their package, types to the checks of its importers; so nothing
// is shared, and a tree is garbage when its check has ended. The time of the run
// includes building the graph and closing the runtime.
func runPooled(ctx context.Context, j *job) (counts tally, err error) {
	rt, err := sched.New(sched.Workers(j.workers), sched.LockThreads(j.locked))
	if err != nil {
		return tally{}, err
	}
	g, opts := j.wire()
	err = g.Run(ctx, rt, append(opts, graph.Observe(observer{j.rec}))...)
	if closeErr := rt.Close(); err == nil {
		err = closeErr
	}
	m := rt.Metrics()
	return tally{Steals: m.Steals, Parks: m.Parks}, err
}

// wire makes the plan a graph, with options that say where its results go.
func (j *job) wire() (g *graph.Graph, opts []graph.RunOption) {
	g = graph.New("typecheck")
	trees := make(map[int]graph.Value[[]*ast.File])
	checked := make(map[int]graph.Value[*types.Package])
	for i, n := range j.plan.nodes {
		if n.kind == parse {
			trees[i] = graph.Source(g, j.plan.name(i), func(context.Context) ([]*ast.File, error) {
				return j.steps.parse(i), nil
			})
			for _, b := range n.before { // how far parsing may run ahead
				trees[i].Node().After(g.Nodes()[b])
			}
			continue
		}
		var parts []graph.Value[[]*ast.File]
		var imports []graph.Value[*types.Package]
		for _, b := range n.before {
			if j.plan.nodes[b].kind == parse {
				parts = append(parts, trees[b])
			} else {
				imports = append(imports, checked[b])
			}
		}
		v := graph.Gather2(g, j.plan.name(i), func(_ context.Context, trees [][]*ast.File, imported []*types.Package) (*types.Package, error) {
			return j.steps.check(i, trees, imported), nil
		}, parts, imports)
		v.Node().Priority(1) // frees syntax trees while they are still in the caches
		checked[i] = v
		opts = append(opts, graph.Into(v, &j.types[n.pkg]))
	}
	g.ByCriticalPath(func(n *graph.Node) float64 { return float64(j.plan.bytes(n.Index())) })
	return g, opts
}

// An observer notes when the nodes of a graph run. The graph's nodes have the
// plan's indexes, because they were added in its order.
type observer struct{ rec *recorder }

func (o observer) NodeStart(e graph.Event) { o.rec.start(e.Node.Index(), e.Worker) }
func (o observer) NodeEnd(e graph.Event)   { o.rec.end(e.Node.Index()) }
