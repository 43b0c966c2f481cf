// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// A node inside another one cannot get what the outer one holds until it is done.
func TestSemaphoreThatIsHeldOutside(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		s := graph.NewSemaphore("disk", 2)
		inner := graph.New("inner")
		inner.Do("writes", func() { t.Error("ran") }).Uses(s, 1)
		g := graph.New("g")
		g.Sub("sub", func(_ context.Context, sub *graph.Sub) error {
			sub.Module("module", inner).Uses(s, 1)
			return nil
		}).Uses(s, 1)
		var no *graph.NeverError
		err := g.Run(t.Context(), rt)
		require.ErrorAs(t, err, &no)
		require.Equal(t, 2, no.Held)
		require.ErrorContains(t, err, "node writes: uses 1 of semaphore disk, which has 2, and nodes around it hold 2 until it is done: it could never start; let only those inside use it")
		require.Equal(t, 2, s.Free())
	})
}

// Graphs that hold each other are a cycle, wherever the search begins.
func TestModulesThatHoldEachOther(t *testing.T) {
	a, b, g := graph.New("a"), graph.New("b"), graph.New("g")
	a.Module("b in a", b)
	b.Module("a in b", a)
	g.Module("a in g", a)
	var cycle *graph.CycleError
	require.ErrorAs(t, g.Validate(), &cycle)
	require.Equal(t, []string{"a", "b", "a"}, cycle.Path)
	require.NoError(t, g.WriteDOT(io.Discard), "and come to an end")
}

func TestChangesWhileItRuns(t *testing.T) {
	rt := newRuntime(t, 1)
	inner := graph.New("inner")
	v := graph.Source(inner, "v", constant(1))
	for what, change := range map[string]func(g *graph.Graph, n *graph.Node){
		`order of "n" while`:             func(_ *graph.Graph, n *graph.Node) { n.After(n) },
		`change "n" while`:               func(_ *graph.Graph, n *graph.Node) { n.Priority(1) },
		`order "by critical path" while`: func(g *graph.Graph, _ *graph.Node) { g.ByCriticalPath(nil) },
		`a mistake in "g" while`:         func(_ *graph.Graph, n *graph.Node) { n.Timeout(-1) },
		`export of "n" while`:            func(_ *graph.Graph, n *graph.Node) { graph.Export(n, v) },
		`add "in" while`:                 func(g *graph.Graph, _ *graph.Node) { graph.Input[int](g, "in") },
	} {
		g := graph.New("g")
		n := g.Module("n", inner)
		g.Do("changes", func() { change(g, n) }).After(n)
		err := g.Run(t.Context(), rt)
		require.ErrorContains(t, err, "graph g: "+what+" it runs: build a graph before Run, or what is not known before in a Sub node")
		require.NoError(t, g.Validate(), "nothing has changed")
	}
}

func TestNilArguments(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	v := graph.Source(g, "v", constant(1))
	require.EqualError(t, g.Run(t.Context(), rt, graph.Into(v, nil)), `graph g: Into("v"): nil pointer: give the address of a variable`)
	g.Do("n", func() {}).Uses(nil, 1)
	require.ErrorContains(t, g.Validate(), `"n" uses a nil semaphore: make one with NewSemaphore`)

	f := graph.NewFlow(t.Context(), rt, "f", graph.StopRun)
	require.PanicsWithValue(t, `pilfer: task "t" after a nil task: name tasks that Submit returned`, func() {
		graph.Submit(f, "t", constant(1), nil)
	})
	require.PanicsWithValue(t, `pilfer: task "t" after a nil task: name tasks that Submit returned`, func() {
		var none *graph.Task[int]
		graph.Submit(f, "t", constant(1), none)
	})
	require.NoError(t, f.Wait(t.Context()), "it waits for no task that was refused")
	require.PanicsWithValue(t, `pilfer: flow "f": policy 9: want StopRun, StopDependents or GoOn`, func() {
		graph.NewFlow(t.Context(), rt, "f", 9)
	})

	g = graph.New("g")
	require.EqualError(t, g.RunUntil(t.Context(), rt, nil), "graph g: RunUntil: nil function: RunN needs none")
	g.Branch("b", func(context.Context) (int, error) { return 0, nil }, nil)
	require.EqualError(t, g.Validate(), `graph g: branch "b": a nil target: does Graph.Node know the name?`)
}

// Options without what they need are errors before anything runs.
func TestOptionsOfNothing(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	g.Do("n", func() { t.Error("ran") })
	for want, o := range map[string]graph.RunOption{
		"graph: Observe of a nil observer": graph.Observe(nil),
		"graph: Log to a nil logger":       graph.Log(nil),
		"graph: ProgressBar to a nil":      graph.ProgressBar(nil),
		"graph: Profile to a nil report":   graph.Profile(nil),
		"graph: Timeout(-1ns)":             graph.Timeout(-1),
		"graph: OnFailure(9)":              graph.OnFailure(9),
		"graph: option number 1: nil":      nil,
	} {
		require.ErrorContains(t, g.Run(t.Context(), rt, o), want)
	}
}

func TestBranchWithoutTargets(t *testing.T) {
	g := graph.New("g")
	g.Branch("b", func(context.Context) (int, error) { return 0, nil })
	require.ErrorContains(t, g.Run(t.Context(), newRuntime(t, 1)), "node b: branch picked 0, and has no targets: want Stop")
}

// A run that did not start leaves a report that can be printed.
func TestReportOfNoRun(t *testing.T) {
	var r graph.Report
	require.NoError(t, r.WriteTable(io.Discard, 5))
	require.NoError(t, r.WriteDOT(io.Discard))
	require.NoError(t, r.WriteSVG(io.Discard))
	require.NoError(t, r.WriteTrace(io.Discard))
	require.Empty(t, r.Busy())

	g := graph.New("g")
	g.Do("n", func() {})
	require.NoError(t, g.Run(t.Context(), newRuntime(t, 1), graph.Profile(&r)))
	require.NoError(t, r.WriteTable(io.Discard, -1), "none of its nodes")
}

func TestFlowWaitsOnce(t *testing.T) {
	f := graph.NewFlow(t.Context(), newRuntime(t, 1), "f", graph.StopRun)
	require.NoError(t, f.Wait(t.Context()))
	require.PanicsWithValue(t, `pilfer: second Wait of flow "f"`, func() { _ = f.Wait(t.Context()) })
}

// Runs at once have their own values; two in one run are a mistake that says so.
func TestValuesOfRunsAtOnce(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		in := graph.Input[int](g, "in")
		square := graph.Apply(g, "square", func(_ context.Context, n int) (int, error) { return n * n, nil }, in)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				var got int
				if err := g.Run(t.Context(), rt, graph.With(in, i), graph.Into(square, &got)); err != nil || got != i*i {
					t.Errorf("got %d with input %d: %v", got, i, err)
				}
			})
		}
		all.Wait()
		err := g.Run(t.Context(), rt, graph.With(in, 1), graph.With(in, 2))
		require.EqualError(t, err, `graph g: input "in": input with two values in one run: give it once; another run may have another value`)
	})
}

func TestContextEndedBefore(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	g.Do("n", func() { t.Error("ran") })
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBroken)
	err := g.Run(ctx, rt)
	require.ErrorIs(t, err, errBroken, "the cause says who ended it")
	require.EqualError(t, err, "graph g: the context had ended before the run, of which nothing was run: give it one that goes on: broken")
}
