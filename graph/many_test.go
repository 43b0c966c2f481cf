// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// sumGraph returns a graph whose nodes add up those before them: with a
// function each, or with functions that they share, in pieces.
func sumGraph(s shape, sums []int64, form string) *graph.Graph {
	g := graph.New(form)
	node := func(i int) {
		sum := int64(1)
		for _, b := range s.before[i] {
			sum += sums[b]
		}
		sums[i] = sum
	}
	for at := 0; at < len(s.before); {
		lo, size := at, min(len(s.before)-at, 1+at/2)
		switch form {
		case "DoN":
			g.DoN(size, func(i int) { node(lo + i) })
		case "AddN":
			g.AddN(size, func(_ context.Context, i int) error { node(lo + i); return nil })
		default:
			for i := range size {
				g.Do("", func() { node(lo + i) })
			}
		}
		at += size
	}
	for i, before := range s.before {
		for _, b := range before {
			g.Nodes()[i].After(g.Nodes()[b])
		}
	}
	return g
}

// Nodes that share a function do what nodes with a function each do, before and after
// a large graph is arranged, on the way of plain nodes and beside it.
func TestManyNodesOfOneFunction(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, s := range []shape{dag(100), dag(5000)} {
			want := make([]int64, len(s.before))
			require.NoError(t, sumGraph(s, want, "Do").Run(t.Context(), rt))
			for _, form := range []string{"DoN", "AddN"} {
				got := make([]int64, len(s.before))
				g := sumGraph(s, got, form)
				for run := range 6 {
					var opts []graph.RunOption
					if run%3 == 1 {
						opts = append(opts, graph.Limit(3))
					}
					clear(got)
					require.NoError(t, g.Run(t.Context(), rt, opts...))
					require.Equal(t, want, got, "%s, run %d", form, run)
				}
			}
		}
	})
}

func TestAddNFails(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var after point.Bool
		g.Do("before", func() {})
		nodes := g.AddN(10, func(_ context.Context, i int) error {
			if i == 7 {
				return errBroken
			}
			return nil
		})
		panics := g.DoN(3, func(i int) {
			if i == 1 {
				panic("no")
			}
		})
		g.Do("after", func() { after.Store(true) }).After(nodes[7])
		err := g.Run(t.Context(), rt, graph.OnFailure(graph.StopDependents))
		require.ErrorIs(t, err, errBroken)
		require.ErrorContains(t, err, "node #8: ")
		require.ErrorAs(t, err, new(*sched.PanicError))
		require.ErrorContains(t, err, "node "+panics[1].Name())
		require.False(t, after.Load())
	})
}

func TestManyOfNothing(t *testing.T) {
	g := graph.New("g")
	require.Empty(t, g.DoN(0, func(int) {}))
	require.Zero(t, g.Len())
	require.NoError(t, g.Validate())
	for want, build := range map[string]func(g *graph.Graph){
		"DoN(2): nil function":        func(g *graph.Graph) { g.DoN(2, nil) },
		"AddN(2): nil function":       func(g *graph.Graph) { g.AddN(2, nil) },
		"DoN(-1): want none or more":  func(g *graph.Graph) { g.DoN(-1, func(int) {}) },
		"AddN(-1): want none or more": func(g *graph.Graph) { g.AddN(-1, func(context.Context, int) error { return nil }) },
	} {
		g := graph.New("g")
		build(g)
		require.ErrorContains(t, g.Validate(), "graph g: "+want)
	}
	rt := newRuntime(t, 1)
	g = graph.New("g")
	g.Do("changes", func() { g.DoN(1, func(int) {}) })
	require.ErrorContains(t, g.Run(t.Context(), rt), `add "DoN" while it runs`)
}

// Each node computes one line of a triangle from the line before.
func ExampleGraph_DoN() {
	lines := make([][]int, 5)
	g := graph.New("Pascal's triangle")
	nodes := g.DoN(len(lines), func(i int) {
		line := make([]int, i+1)
		for k := range line {
			if line[k] = 1; k > 0 && k < i {
				line[k] = lines[i-1][k-1] + lines[i-1][k]
			}
		}
		lines[i] = line
	})
	for i := 1; i < len(nodes); i++ {
		nodes[i].After(nodes[i-1])
	}
	runExample(g)
	fmt.Println(lines[4])
	// Output: [1 4 6 4 1]
}

func ExampleGraph_AddN() {
	g := graph.New("checks")
	g.AddN(3, func(_ context.Context, i int) error {
		if i == 1 {
			return errors.New("does not hold")
		}
		return nil
	})
	runExample(g, graph.OnFailure(graph.GoOn))
	// Output: graph checks: node #1: does not hold
}
