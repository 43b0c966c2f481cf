// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// A recorder is a graph whose nodes check that they run once, after all that
// they come after.
type recorder struct {
	graph *graph.Graph
	nodes []*graph.Node
	after [][]int
	runs  []point.Int32
	early point.Int32
}

func newRecorder(after [][]int) *recorder {
	r := &recorder{graph: graph.New("random"), after: after, runs: make([]point.Int32, len(after))}
	for i := range after {
		n := r.graph.Add(fmt.Sprint(i), func(context.Context) error {
			for _, o := range after[i] {
				if r.runs[o].Load() == 0 {
					r.early.Inc()
				}
			}
			r.runs[i].Inc()
			return nil
		})
		for _, o := range after[i] {
			n.After(r.nodes[o])
		}
		r.nodes = append(r.nodes, n)
	}
	return r
}

func (r *recorder) check(t *testing.T, times int32, seed uint64) {
	t.Helper()
	require.Zero(t, r.early.Load(), "nodes that ran too early (seed %d)", seed)
	for i := range r.runs {
		require.Equal(t, times, r.runs[i].Load(), "runs of node %d (seed %d)", i, seed)
	}
}

// randomOrder returns, for each of n nodes, a few earlier ones.
func randomOrder(rng *rand.Rand, n int) [][]int {
	after := make([][]int, n)
	for i := range after {
		if i == 0 {
			continue
		}
		for range rng.IntN(4) {
			after[i] = append(after[i], rng.IntN(i))
		}
	}
	return after
}

func TestRandomGraphs(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for range 20 {
			seed := rand.Uint64()
			rng := rand.New(rand.NewPCG(seed, 0))
			r := newRecorder(randomOrder(rng, 1+rng.IntN(2000)))
			for times := int32(1); times <= 2; times++ {
				require.NoError(t, r.graph.Run(t.Context(), rt), "seed %d", seed)
				r.early.Store(0) // in a second run all have run before
				r.check(t, times, seed)
			}
		}
	})
}

// A chain is longer than what one worker runs inline.
func TestLongChain(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		after := make([][]int, 10_000)
		for i := 1; i < len(after); i++ {
			after[i] = []int{i - 1}
		}
		r := newRecorder(after)
		require.NoError(t, r.graph.Run(t.Context(), rt))
		r.check(t, 1, 0)
	})
}

func TestRunsAtOnce(t *testing.T) {
	rt := newRuntime(t, 2)
	seed := rand.Uint64()
	r := newRecorder(randomOrder(rand.New(rand.NewPCG(seed, 0)), 500))
	require.NoError(t, r.graph.Validate())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := r.graph.Run(t.Context(), rt); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	r.early.Store(0)
	r.check(t, 4, seed)
}

// A graph run inside a task of a full pool must not wait for a worker.
func TestRunInsideTask(t *testing.T) {
	rt := newRuntime(t, 1)
	r := newRecorder(randomOrder(rand.New(rand.NewPCG(1, 1)), 300))
	h := sched.Go(rt, func(*sched.Context) (int, error) { return 0, r.graph.Run(t.Context(), rt) })
	_, err := h.Wait(t.Context())
	require.NoError(t, err)
	r.check(t, 1, 1)
}

// While all places are taken the caller waits, and the graph is run by workers.
func TestRunWhileBusy(t *testing.T) {
	rt := newRuntime(t, 1)
	in, out := make(chan struct{}), make(chan struct{})
	busy := sched.Go(rt, func(*sched.Context) (int, error) {
		close(in)
		<-out
		return 0, nil
	})
	<-in
	r := newRecorder(randomOrder(rand.New(rand.NewPCG(2, 2)), 100))
	done := make(chan error)
	go func() { done <- r.graph.Run(t.Context(), rt) }()
	close(out)
	require.NoError(t, <-done)
	_, err := busy.Wait(t.Context())
	require.NoError(t, err)
	r.check(t, 1, 2)
}

func TestFailuresAtRandom(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for range 50 {
			seed := rand.Uint64()
			rng := rand.New(rand.NewPCG(seed, 0))
			broken := errors.New("broken")
			g := graph.New("failing")
			var nodes []*graph.Node
			var ran point.Int32
			bad := rng.IntN(200)
			for i := range 200 {
				n := g.Add(fmt.Sprint(i), func(context.Context) error {
					ran.Inc()
					if i == bad {
						if seed%2 == 0 {
							panic(broken)
						}
						return broken
					}
					return nil
				})
				for range rng.IntN(3) {
					if i > 0 {
						n.After(nodes[rng.IntN(i)])
					}
				}
				nodes = append(nodes, n)
			}
			err := g.Run(t.Context(), rt)
			require.ErrorIs(t, err, broken, "seed %d", seed)
			require.ErrorContains(t, err, fmt.Sprintf("node %d:", bad), "seed %d", seed)
			require.LessOrEqual(t, ran.Load(), int32(200))
		}
	})
}

type countObserver struct{ starts, ends, errs point.Int32 }

func (o *countObserver) NodeStart(graph.Event) { o.starts.Inc() }
func (o *countObserver) NodeEnd(e graph.Event) {
	o.ends.Inc()
	if e.Err != nil {
		o.errs.Inc()
	}
}

func TestObserver(t *testing.T) {
	rt := newRuntime(t, 2)
	var o countObserver
	r := newRecorder(randomOrder(rand.New(rand.NewPCG(3, 3)), 100))
	require.NoError(t, r.graph.Run(t.Context(), rt, graph.Observe(&o)))
	require.Equal(t, [3]int32{100, 100, 0}, [3]int32{o.starts.Load(), o.ends.Load(), o.errs.Load()})

	g := graph.New("g")
	g.Add("panics", func(context.Context) error { panic(1) })
	require.Error(t, g.Run(t.Context(), rt, graph.Observe(&o)))
	require.Equal(t, [3]int32{101, 101, 1}, [3]int32{o.starts.Load(), o.ends.Load(), o.errs.Load()})
}

// A node may come after more nodes than half of a count can hold, and a graph may be
// run more often than that.
func TestManyBefore(t *testing.T) {
	rt := newRuntime(t, 2)
	for _, n := range []int{1<<16 - 2, 1 << 16} {
		g := graph.New("g")
		var ran point.Int32
		early, last := false, 0
		end := g.Do("", func() { early = early || int(ran.Load()) != n; last++ })
		for range n {
			g.Do("", func() { ran.Inc() }).Before(end)
		}
		for range 2 {
			ran.Store(0)
			require.NoError(t, g.Run(t.Context(), rt))
		}
		require.False(t, early)
		require.Equal(t, 2, last)
	}
	g := graph.New("g")
	runs := 0
	g.Do("", func() { runs++ }).After(g.Do("", func() {}), g.Do("", func() {}), g.Do("", func() {}))
	const rounds = 1<<16/3 + 100 // three at a time, so that the count wraps
	require.NoError(t, g.RunN(t.Context(), rt, rounds))
	require.Equal(t, rounds, runs)
}
