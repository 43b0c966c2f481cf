// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// A large is a graph of more than arrangeFrom nodes, added in no order. Each node says
// when it ran, and looks whether those before it had run.
type large struct {
	graph  *Graph
	before [][]int32
	runs   []point.Int32
	early  point.Int32
	fail   point.Int32 // the node that fails, or -1
}

var errLarge = errors.New("it fails")

func newLarge(rng *rand.Rand) *large {
	n := arrangeFrom + rng.IntN(1000)
	l := &large{graph: New("large"), before: make([][]int32, n), runs: make([]point.Int32, n)}
	l.fail.Store(-1)
	for i := range int32(n) {
		l.graph.Add(fmt.Sprint(i), func(context.Context) error {
			ran := l.runs[i].Inc()
			for _, b := range l.before[i] {
				if l.runs[b].Load() < ran {
					l.early.Inc()
				}
			}
			if i == l.fail.Load() {
				return errLarge
			}
			return nil
		})
	}
	order := rng.Perm(n)
	for at := 1; at < n; at++ {
		for range rng.IntN(4) {
			i, b := int32(order[at]), int32(order[rng.IntN(at)])
			l.before[i] = append(l.before[i], b)
			l.graph.Nodes()[i].After(l.graph.Nodes()[b])
		}
	}
	return l
}

func (l *large) check(t *testing.T, times int) {
	t.Helper()
	require.Zero(t, l.early.Load(), "nodes that ran too early")
	for i := range l.runs {
		require.EqualValues(t, times, l.runs[i].Load(), "runs of node %d", i)
	}
}

func eachSize(t *testing.T, test func(t *testing.T, rt *sched.Runtime)) {
	for _, workers := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			rt, err := sched.New(sched.Workers(workers))
			require.NoError(t, err)
			defer func() { require.NoError(t, rt.Close()) }()
			test(t, rt)
		})
	}
}

// Nodes lie in an order in which they may run, with the same edges as before.
func TestArrangedIsTheSameGraph(t *testing.T) {
	l := newLarge(testkit.Rand(t))
	p, err := l.graph.compile()
	require.NoError(t, err)
	q := p.arrange()
	require.Len(t, q.nodes, len(p.nodes))
	place := make(map[*Node]int32)
	for at, n := range q.nodes {
		place[n] = int32(at)
	}
	require.Len(t, place, len(p.nodes))
	for i, n := range p.nodes {
		at := place[n]
		require.Equal(t, p.need[i], q.need[at])
		var want []int32
		for _, s := range p.after(int32(i)) {
			want = append(want, place[p.nodes[s]])
			require.Less(t, at, want[len(want)-1], "comes after it")
		}
		require.Equal(t, want, append([]int32(nil), q.after(at)...), "successors, in their order")
	}
	for k, i := range p.roots {
		require.Equal(t, place[p.nodes[i]], q.roots[k])
	}
}

func TestArrangedRuns(t *testing.T) {
	rng := testkit.Rand(t)
	eachSize(t, func(t *testing.T, rt *sched.Runtime) {
		l := newLarge(rng)
		for run := 1; run <= 2*arrangeAfter; run++ {
			require.NoError(t, l.graph.Run(t.Context(), rt))
			l.check(t, run)
			require.Equal(t, run > arrangeAfter, l.graph.plan.Load().numbers != nil, "run %d", run)
		}
		l.fail.Store(rng.Int32N(int32(len(l.runs))))
		var failed *NodeError
		require.ErrorAs(t, l.graph.Run(t.Context(), rt), &failed)
		require.Equal(t, fmt.Sprint(l.fail.Load()), failed.Node)
		require.ErrorIs(t, failed, errLarge)
		l.fail.Store(-1)

		var last bool
		l.graph.Do("one more", func() { last = true })
		require.NoError(t, l.graph.Run(t.Context(), rt))
		require.True(t, last)
	})
}

// A graph that was built in the order of its run stays as it is.
func TestInOrderIsNotArranged(t *testing.T) {
	const side = 1 << 7
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	defer func() { require.NoError(t, rt.Close()) }()
	for name, before := range map[string]func(i int) []int{
		"chain": func(i int) []int { return []int{i - 1} },
		"grid": func(i int) []int {
			if i%side == 0 {
				return []int{i - side}
			}
			return []int{i - side, i - 1}
		},
		"heap": func(i int) []int { return []int{(i - 1) / 2} }, // as a contrast
	} {
		g := New(name)
		nodes := g.DoN(side*side, func(int) {})
		for i := range nodes {
			for _, b := range before(i) {
				if i > 0 && b >= 0 {
					nodes[i].After(nodes[b])
				}
			}
		}
		for range arrangeAfter + 1 {
			require.NoError(t, g.Run(t.Context(), rt))
		}
		require.Equal(t, name == "heap", g.plan.Load().numbers != nil, name)
	}
}

// Runs that began with the plan as it was go on with it.
func TestArrangedWhileItRuns(t *testing.T) {
	rng := testkit.Rand(t)
	eachSize(t, func(t *testing.T, rt *sched.Runtime) {
		l := newLarge(rng)
		require.NoError(t, l.graph.Validate())
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range arrangeAfter {
					if err := l.graph.Run(t.Context(), rt); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		l.early.Store(0) // of several runs at once none knows which has counted
		l.check(t, 4*arrangeAfter)
		require.True(t, l.graph.plan.Load().numbers != nil)
	})
}

// A run that failed before the nodes were arranged is resumed after it, and one that
// failed after it too.
func TestArrangedAndResumed(t *testing.T) {
	rng := testkit.Rand(t)
	eachSize(t, func(t *testing.T, rt *sched.Runtime) {
		l := newLarge(rng)
		for range 2 {
			for i := range l.runs {
				l.runs[i].Store(0)
			}
			var c Checkpoint
			l.fail.Store(rng.Int32N(int32(len(l.runs))))
			require.ErrorIs(t, l.graph.Run(t.Context(), rt, Resume(&c)), errLarge)
			done := c.Finished()
			l.fail.Store(-1)

			other := make([]int32, len(l.runs))
			for i := range l.runs {
				other[i] = l.runs[i].Swap(1)
			}
			for range arrangeAfter + 1 {
				require.NoError(t, l.graph.Run(t.Context(), rt))
			}
			l.early.Store(0)
			finished := 0
			for i := range l.runs {
				l.runs[i].Store(other[i])
				finished += int(other[i])
			}
			require.Equal(t, finished-1, done, "all that ran but the one that failed")

			l.runs[failedIn(t, &c, l)].Store(0)
			require.NoError(t, l.graph.Run(t.Context(), rt, Resume(&c)))
			l.check(t, 1)
		}
	})
}

// failedIn returns the node that failed in the run that c is of.
func failedIn(t *testing.T, c *Checkpoint, l *large) int {
	for i, m := range c.marks {
		if m == failedMark {
			return i
		}
	}
	t.Fatal("no node failed")
	return -1
}
