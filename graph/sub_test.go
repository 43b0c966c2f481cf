// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

func TestSubgraph(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var inner, after point.Int32
		n := g.Sub("sub", func(_ context.Context, s *graph.Sub) error {
			a := s.Do("a", func() { inner.Inc() })
			for range 10 {
				s.Sub("", func(_ context.Context, s *graph.Sub) error {
					s.Do("b", func() { inner.Inc() })
					return nil
				}).After(a)
			}
			return nil
		})
		g.Do("after", func() { after.Store(inner.Load()) }).After(n)
		for i := range int32(3) {
			inner.Store(0)
			require.NoError(t, g.Run(t.Context(), rt), i)
			require.EqualValues(t, 11, after.Load())
		}
	})
}

func TestSubgraphDetached(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	p := future.NewPromise[int]()
	got := 0
	n := g.Sub("sub", func(_ context.Context, s *graph.Sub) error {
		v := graph.Await(s.Graph, "waits", func(context.Context) future.Future[int] { return p.Future() })
		graph.Sink(s.Graph, "sink", func(_ context.Context, v int) error { got = v; return nil }, v)
		s.Detach()
		return nil
	})
	g.Do("after", func() { p.Resolve(7) }).After(n)
	require.NoError(t, g.Run(t.Context(), rt))
	require.Equal(t, 7, got)
}

func TestSubgraphErrors(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		broken := errors.New("broken")
		g := graph.New("g")
		n := g.Sub("sub", func(_ context.Context, s *graph.Sub) error {
			s.Add("inside", func(context.Context) error { return broken })
			return nil
		})
		g.Add("after", func(context.Context) error { t.Error("ran"); return nil }).After(n)
		for _, p := range []graph.Policy{graph.StopRun, graph.StopDependents} {
			err := g.Run(t.Context(), rt, graph.OnFailure(p))
			var node *graph.NodeError
			require.ErrorAs(t, err, &node)
			require.Equal(t, "sub/inside", node.Node)
			require.ErrorIs(t, err, broken)
		}
		h := graph.New("h")
		h.Sub("sub", func(_ context.Context, s *graph.Sub) error {
			a := s.Do("a", func() {})
			a.After(a)
			return nil
		})
		var cycle *graph.CycleError
		require.ErrorAs(t, h.Run(t.Context(), rt), &cycle)
	})
}

func TestModule(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		m := graph.New("square")
		in := graph.Input[int](m, "in")
		out := graph.Apply(m, "times", func(_ context.Context, n int) (int, error) { return n * n, nil }, in)

		g := graph.New("g")
		n := graph.Input[int](g, "n")
		first, second := g.Module("first", m), g.Module("second", m)
		graph.Bind(first, in, n)
		graph.Bind(second, in, graph.Export(first, out))
		result := graph.Export(second, out)
		for i := range 5 {
			var got int
			require.NoError(t, g.Run(t.Context(), rt, graph.With(n, i), graph.Into(result, &got)))
			require.Equal(t, i*i*i*i, got)
			require.NoError(t, m.Run(t.Context(), rt, graph.With(in, i), graph.Into(out, &got)))
			require.Equal(t, i*i, got)
		}
	})
}

func TestModuleMistakes(t *testing.T) {
	m := graph.New("m")
	in := graph.Input[int](m, "in")
	g := graph.New("g")
	n := g.Module("module", m)
	require.ErrorIs(t, g.Validate(), graph.ErrUnwired)
	v := graph.Source(g, "v", constant(1))
	graph.Bind(n, in, v)
	require.NoError(t, g.Validate())
	graph.Bind(n, in, v)
	require.ErrorIs(t, g.Validate(), graph.ErrConflict)

	a, b := graph.New("a"), graph.New("b")
	a.Module("in a", b)
	b.Module("in b", a)
	var cycle *graph.CycleError
	require.ErrorAs(t, a.Validate(), &cycle)
	require.Equal(t, []string{"a", "b", "a"}, cycle.Path)

	h := graph.New("h")
	h.Module("x", graph.New("empty")).Retry(1, nil)
	require.ErrorContains(t, h.Validate(), "retry those inside")
}

func TestInputMistakes(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	in := graph.Input[int](g, "in")
	out := graph.Apply(g, "out", func(_ context.Context, n int) (int, error) { return n, nil }, in)
	require.ErrorIs(t, g.Run(t.Context(), rt), graph.ErrUnwired)
	require.ErrorContains(t, g.Run(t.Context(), rt), `"in": input without a value: give it one by With`)
	require.ErrorIs(t, g.Run(t.Context(), rt, graph.With(in, 1), graph.With(in, 2)), graph.ErrConflict)
	require.ErrorIs(t, g.Run(t.Context(), rt, graph.With(in, 1), graph.With(out, 2)), graph.ErrConflict)
	other := graph.Input[int](graph.New("other"), "in")
	require.ErrorIs(t, g.Run(t.Context(), rt, graph.With(other, 1)), graph.ErrForeign)

	graph.Connect(in, graph.Source(g, "one", constant(1)))
	var got int
	require.NoError(t, g.Run(t.Context(), rt, graph.Into(out, &got)))
	require.Equal(t, 1, got)

	h := graph.New("h")
	graph.Sink(h, "sink", func(context.Context, int) error { return nil }, graph.Value[int]{})
	require.ErrorIs(t, h.Validate(), graph.ErrUnwired)
	h = graph.New("h")
	graph.Sink(h, "sink", func(context.Context, int) error { return nil }, out)
	require.ErrorIs(t, h.Validate(), graph.ErrForeign)
	h = graph.New("h")
	loop := graph.Input[int](h, "loop")
	graph.Connect(loop, graph.Apply(h, "next", func(_ context.Context, n int) (int, error) { return n, nil }, loop))
	var cycle *graph.CycleError
	require.ErrorAs(t, h.Validate(), &cycle)
	require.Equal(t, []string{"loop", "next", "loop"}, cycle.Path)
}
