// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A mixed graph has nodes of all kinds. Each computes a number of those of its
// predecessors, which a serial evaluation knows too; bad ones fail.
type mixed struct {
	g      *graph.Graph
	values []graph.Value[uint64]
	want   []uint64
	before [][]int
	bad    map[int]bool
	runs   []point.Int32
	inner  point.Int32 // nodes inside others
	wantIn int32
}

const (
	kindApply = iota
	kindAwait
	kindEach
	kindSub
	kindModule
	kindBranch
	kindRetry
	kindUses
	kinds
)

func mix(i int, in []uint64) uint64 {
	h := uint64(i)*0x9e3779b97f4a7c15 + 1
	for _, v := range in {
		h = (h ^ v) * 0x100000001b3
	}
	return h
}

// newMixed makes a random graph of n nodes.
func newMixed(rng *rand.Rand, n int, failures int) *mixed {
	m := &mixed{g: graph.New("mixed"), runs: make([]point.Int32, n), bad: map[int]bool{}}
	for range failures {
		m.bad[rng.IntN(n)] = true
	}
	for i := range n {
		var before []int
		var in []graph.Value[uint64]
		var ins []uint64
		for range rng.IntN(4) {
			if i > 0 {
				b := max(0, i-1-rng.IntN(30))
				before, in, ins = append(before, b), append(in, m.values[b]), append(ins, m.want[b])
			}
		}
		m.before = append(m.before, before)
		m.want = append(m.want, mix(i, ins))
		m.values = append(m.values, m.node(rng, i, in))
		if rng.IntN(8) == 0 {
			m.values[i].Node().Priority(rng.IntN(3))
		}
	}
	return m
}

// node adds the i-th node.
func (m *mixed) node(rng *rand.Rand, i int, in []graph.Value[uint64]) graph.Value[uint64] {
	g := m.g
	compute := func(_ context.Context, in []uint64) (uint64, error) {
		m.runs[i].Inc()
		if m.bad[i] {
			if i%2 == 0 {
				panic(errBroken)
			}
			return 0, fmt.Errorf("node %d: %w", i, errBroken)
		}
		return mix(i, in), nil
	}
	name := fmt.Sprint("n", i)
	switch rng.IntN(kinds) {
	case kindAwait:
		all := graph.Gather(g, "", func(_ context.Context, in []uint64) ([]uint64, error) { return in, nil }, in...)
		return graph.AwaitFor(g, name, func(ctx context.Context, in []uint64) future.Future[uint64] {
			return future.Then(future.YieldNow(), func(struct{}) future.Future[uint64] {
				return future.Lazy(func() (uint64, error) { return compute(ctx, in) })
			})
		}, all)
	case kindEach:
		all := graph.Gather(g, "", func(_ context.Context, in []uint64) ([]uint64, error) { return in, nil }, in...)
		same := graph.Each(g, "", func(_ context.Context, v uint64) (uint64, error) { return v, nil }, all)
		return graph.Apply(g, name, compute, same)
	case kindSub:
		v := graph.Gather(g, name, compute, in...)
		inside := 1 + rng.IntN(5)
		m.wantIn += int32(inside)
		n := g.Sub("", func(_ context.Context, s *graph.Sub) error {
			for range inside {
				s.Do("", func() { m.inner.Inc() })
			}
			return nil
		}).After(v.Node())
		return graph.Apply2(g, "", func(_ context.Context, v uint64, _ int) (uint64, error) { return v, nil }, v, after(g, n))
	case kindModule:
		all := graph.Gather(g, "", func(_ context.Context, in []uint64) ([]uint64, error) { return in, nil }, in...)
		mod := graph.New("module")
		inner := graph.Input[[]uint64](mod, "in")
		out := graph.Apply(mod, "out", compute, inner)
		n := g.Module(name, mod)
		graph.Bind(n, inner, all)
		return graph.Export(n, out)
	case kindRetry:
		tries := 0
		v := graph.Gather(g, name, func(ctx context.Context, in []uint64) (uint64, error) {
			if tries++; tries%3 != 0 && !m.bad[i] {
				return 0, errBroken
			}
			return compute(ctx, in)
		}, in...)
		if !m.bad[i] {
			v.Node().Retry(2, func(int) time.Duration { return time.Microsecond })
		}
		return v
	case kindUses:
		v := graph.Gather(g, name, compute, in...)
		v.Node().Uses(sharedSemaphore, 1+rng.IntN(2))
		return v
	default:
		return graph.Gather(g, name, compute, in...)
	}
}

var sharedSemaphore = graph.NewSemaphore("shared", 3)

// after returns a value that comes when n is done.
func after(g *graph.Graph, n *graph.Node) graph.Value[int] {
	v := graph.Source(g, "", constant(0))
	v.Node().After(n)
	return v
}

// skipped returns which nodes a failure leaves out, or fails.
func (m *mixed) skipped() []bool {
	skip := make([]bool, len(m.before))
	for i, before := range m.before {
		for _, b := range before {
			skip[i] = skip[i] || skip[b] || m.bad[b]
		}
	}
	return skip
}

// run runs the graph and compares it with the serial evaluation.
func (m *mixed) run(t *testing.T, rt *sched.Runtime, opts ...graph.RunOption) {
	for i := range m.runs {
		m.runs[i].Store(0)
	}
	m.inner.Store(0)
	got := make([]uint64, len(m.values))
	if len(m.bad) == 0 {
		for i, v := range m.values {
			opts = append(opts, graph.Into(v, &got[i]))
		}
	}
	err := m.g.Run(t.Context(), rt, append(opts, graph.OnFailure(graph.StopDependents))...)
	skip := m.skipped()
	for i := range m.runs {
		want := int32(1)
		if skip[i] {
			want = 0
		}
		require.Equal(t, want, m.runs[i].Load(), "runs of node %d", i)
		if m.bad[i] && !skip[i] {
			require.ErrorContains(t, err, fmt.Sprintf("node n%d", i))
		}
	}
	if len(m.bad) == 0 {
		require.NoError(t, err)
		require.Equal(t, m.want, got)
		require.Equal(t, m.wantIn, m.inner.Load())
	}
}

func TestMixedGraphs(t *testing.T) {
	rng := testkit.Rand(t)
	until := time.Now().Add(testkit.StressFor(t, 0))
	for round := 0; round < 3 || time.Now().Before(until); round++ {
		for _, n := range []int{1, 2, 3, 16} {
			rt := newRuntime(t, n, sched.LockThreads(round%2 == 0))
			for range 4 {
				m := newMixed(rng, 1+rng.IntN(300), 0)
				m.run(t, rt)
				m.run(t, rt, graph.Limit(1+rng.IntN(5)))
				m = newMixed(rng, 1+rng.IntN(300), 1+rng.IntN(3))
				for range 2 {
					m.run(t, rt)
				}
			}
			require.Equal(t, 3, sharedSemaphore.Free())
		}
	}
}

// Runs that are canceled at random end, and leave nothing behind that the next
// run would trip over.
func TestMixedGraphsCanceled(t *testing.T) {
	rng := testkit.Rand(t)
	until := time.Now().Add(testkit.StressFor(t, 0))
	for round := 0; round < 2 || time.Now().Before(until); round++ {
		for _, n := range []int{1, 2, 16} {
			rt := newRuntime(t, n)
			m := newMixed(rng, 200, 0)
			for range 20 {
				ctx, cancel := context.WithCancel(t.Context())
				at := time.Duration(rng.IntN(500)) * time.Microsecond
				timer := time.AfterFunc(at, cancel)
				if err := m.g.Run(ctx, rt); err != nil {
					require.ErrorIs(t, err, context.Canceled)
				}
				timer.Stop()
				cancel()
				require.Equal(t, 3, sharedSemaphore.Free())
			}
			m.run(t, rt) // the same graph, to its end
		}
	}
}

// Several runs at once, and in nested runs, do not see each other.
func TestMixedGraphsAtOnce(t *testing.T) {
	rng := testkit.Rand(t)
	rt := newRuntime(t, 3)
	g := graph.New("g")
	in := graph.Input[int](g, "in")
	v := in
	for range 100 {
		v = graph.Apply(g, "", func(_ context.Context, n int) (int, error) { return n + 1, nil }, v)
	}
	each := rng.IntN(20) + 2
	_, err := sched.Call(t.Context(), rt, func(w *workers.Worker) (int, error) {
		workers.JoinN(w, each, func(_ *workers.Worker, i int) {
			var got int
			if err := g.Run(t.Context(), rt, graph.With(in, i), graph.Into(v, &got)); err != nil || got != i+100 {
				t.Errorf("run %d: %d, %v", i, got, err)
			}
		})
		return 0, nil
	})
	require.NoError(t, err)
}
