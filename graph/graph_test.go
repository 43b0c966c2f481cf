// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

func nothing(context.Context) error { return nil }

func TestMistakesInBuilding(t *testing.T) {
	g := graph.New("g")
	n := g.Add("a", nothing)
	require.Same(t, n, g.Node("a"))
	require.Nil(t, g.Node("b"))
	require.NoError(t, g.Validate())

	g.Add("a", nothing)
	var twice *graph.DuplicateError
	err := g.Validate()
	require.ErrorIs(t, err, graph.ErrDuplicate)
	require.ErrorAs(t, err, &twice)
	require.Equal(t, [2]int{0, 1}, [2]int{twice.First, twice.Second})
	require.ErrorContains(t, err, `graph g: node "a" (number 1): a node with this name exists (number 0)`)

	g = graph.New("g")
	g.Add("b", nil)
	g.Do("c", nil)
	err = g.Validate()
	require.ErrorContains(t, err, `graph g: add "b": nil function`)
	require.ErrorContains(t, err, `graph g: do "c": nil function`)
	require.Error(t, g.Run(t.Context(), newRuntime(t, 1)))
}

func TestCycleNamesItsPath(t *testing.T) {
	g := graph.New("g")
	a := g.Add("a", nothing)
	b := g.Add("b", nothing).After(a)
	c := g.Add("c", nothing).After(b)
	d := g.Add("d", nothing).After(c)
	require.NoError(t, g.Validate())
	b.After(d)
	g.Add("behind", nothing).After(d) // not on the cycle, though it cannot start

	var cycle *graph.CycleError
	require.ErrorAs(t, g.Validate(), &cycle)
	require.Len(t, cycle.Path, 4)
	require.Equal(t, cycle.Path[0], cycle.Path[3])
	after := map[string]string{"c": "b", "d": "c", "b": "d"}
	for i := 1; i < 4; i++ {
		require.Equal(t, cycle.Path[i-1], after[cycle.Path[i]], "step %d of %v", i, cycle.Path)
	}

	ran := false
	g.Add("root", func(context.Context) error { ran = true; return nil })
	err := g.Run(t.Context(), newRuntime(t, 1))
	require.ErrorAs(t, err, &cycle)
	require.Contains(t, err.Error(), " -> ")
	require.False(t, ran, "nothing runs")
}

func TestNodeAfterItself(t *testing.T) {
	g := graph.New("g")
	a := g.Add("a", nothing)
	a.After(a)
	require.EqualError(t, g.Validate(), "graph g: cycle: a -> a: take one of these edges out, or make it the target of a branch")
}

func TestForeignNode(t *testing.T) {
	g, h := graph.New("g"), graph.New("h")
	a, b := g.Add("a", nothing), h.Add("b", nothing)
	a.After(b, nil)
	err := g.Validate()
	require.ErrorIs(t, err, graph.ErrForeign)
	require.ErrorContains(t, err, `"a" after "b" of graph h`)
	require.ErrorContains(t, err, `order of "a" and a nil node`)
	require.NoError(t, h.Validate())
}

func TestEmptyGraph(t *testing.T) {
	require.NoError(t, graph.New("g").Run(t.Context(), newRuntime(t, 1)))
}

func TestSameOrderTwice(t *testing.T) {
	g := graph.New("g")
	a := g.Add("a", nothing)
	g.Add("b", nothing).After(a, a).After(a)
	require.NoError(t, g.Run(t.Context(), newRuntime(t, 1)))
}

func TestFirstErrorLeavesOutTheRest(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		broken := errors.New("broken")
		g := graph.New("g")
		a := g.Add("a", func(context.Context) error { return broken })
		b := g.Add("b", func(context.Context) error {
			t.Error("b ran though a failed")
			return nil
		}).After(a)
		g.Add("c", nothing).After(b)
		err := g.Run(t.Context(), rt)
		var node *graph.NodeError
		require.ErrorAs(t, err, &node)
		require.Equal(t, "a", node.Node)
		require.ErrorIs(t, err, broken)
	})
}

func TestErrorEndsTheContextOfOthers(t *testing.T) {
	rt := newRuntime(t, 2)
	broken := errors.New("broken")
	g := graph.New("g")
	waiting := make(chan struct{})
	g.Add("waits", func(ctx context.Context) error {
		close(waiting)
		<-ctx.Done()
		return context.Cause(ctx)
	})
	g.Add("fails", func(context.Context) error {
		<-waiting
		return broken
	})
	require.ErrorIs(t, g.Run(t.Context(), rt), broken)
}

func TestPanicComesBack(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		a := g.Add("a", nothing)
		g.Add("b", func(context.Context) error { panic("oops") }).After(a)
		err := g.Run(t.Context(), rt)
		var crash *sched.PanicError
		require.ErrorAs(t, err, &crash)
		require.Equal(t, "oops", crash.Value)
		require.Contains(t, string(crash.Stack), "TestPanicComesBack")
		require.ErrorContains(t, err, "node b")
	})
}

func TestContextEnds(t *testing.T) {
	rt := newRuntime(t, 2)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	g := graph.New("g")
	a := g.Add("a", func(context.Context) error { cancel(why); return nil })
	g.Add("b", func(context.Context) error { t.Error("b ran"); return nil }).After(a)
	require.ErrorIs(t, g.Run(ctx, rt), why)
	require.ErrorIs(t, g.Run(ctx, rt), why, "ended before the start")
}

func TestClosedRuntime(t *testing.T) {
	rt, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	g := graph.New("g")
	g.Add("a", nothing)
	require.ErrorIs(t, g.Run(t.Context(), rt), sched.ErrClosed)
}
