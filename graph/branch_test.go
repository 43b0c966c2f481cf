// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

func TestBranchLoop(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("loop")
		var bodies, left, right, done int
		body := g.Do("body", func() { bodies++ })
		a := g.Do("a", func() { left++ }).After(body)
		b := g.Do("b", func() { right++ }).After(body)
		begin := g.Do("begin", func() { bodies, left, right = 0, 0, 0 })
		body.After(begin)
		end := g.Do("end", func() { done++ })
		g.Branch("again?", func(context.Context) (int, error) {
			if bodies < 10 {
				return 0, nil
			}
			return 1, nil
		}, body, end).After(a, b)
		for range 3 {
			require.NoError(t, g.Run(t.Context(), rt))
			require.Equal(t, [3]int{10, 10, 10}, [3]int{bodies, left, right})
		}
		require.Equal(t, 3, done)
	})
}

func TestBranchLeavesOutTheOthers(t *testing.T) {
	rt := newRuntime(t, 2)
	g := graph.New("g")
	var got point.Pointer[string]
	name := func(s string) func() { return func() { got.Store(&s) } }
	a, b := g.Do("a", name("a")), g.Do("b", name("b"))
	g.Do("after a", name("after a")).After(a)
	pick := 0
	g.Branch("pick", func(context.Context) (int, error) { return pick, nil }, a, b)
	for i, want := range []string{"after a", "b"} {
		pick = i
		require.NoError(t, g.Run(t.Context(), rt))
		require.Equal(t, want, *got.Load())
	}
	got.Store(nil)
	pick = graph.Stop
	require.NoError(t, g.Run(t.Context(), rt))
	require.Nil(t, got.Load())

	pick = 2
	var index *graph.IndexError
	err := g.Run(t.Context(), rt)
	require.ErrorAs(t, err, &index)
	require.ErrorContains(t, err, "branch picked 2 of 2 targets: want 0 to 1, or Stop for none")
}

func TestBranchesPickSeveral(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var ran [3]point.Int32
		var targets []*graph.Node
		for i := range ran {
			targets = append(targets, g.Do("", func() { ran[i].Inc() }))
		}
		g.Branches("pick", func(context.Context) ([]int, error) { return []int{2, 0}, nil }, targets...)
		require.NoError(t, g.Run(t.Context(), rt))
		require.Equal(t, [3]int32{1, 0, 1}, [3]int32{ran[0].Load(), ran[1].Load(), ran[2].Load()})
	})
}

func TestPickedWhileRunning(t *testing.T) {
	rt := newRuntime(t, 2)
	g := graph.New("g")
	target := g.Do("target", func() {})
	g.Branches("pick", func(context.Context) ([]int, error) { return []int{0, 0}, nil }, target)
	// The first of the two may have ended before the second starts.
	for range 100 {
		if err := g.Run(t.Context(), rt); err != nil {
			require.ErrorIs(t, err, graph.ErrBusy)
		}
	}
	in := make(chan struct{})
	g = graph.New("g")
	target = g.Add("target", func(ctx context.Context) error { close(in); return untilEnd(ctx) })
	g.Branch("first", func(context.Context) (int, error) { return 0, nil }, target)
	g.Branch("second", func(context.Context) (int, error) {
		<-in
		return 0, nil
	}, target)
	require.ErrorIs(t, g.Run(t.Context(), rt), graph.ErrBusy)
}

// What comes after a node inside the loop and one before it needs the one before
// it only once.
func TestLoopAfterWhatIsDone(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var rounds, outer int
		before := g.Do("before", func() { rounds = 0 })
		head := g.Do("head", func() {})
		join := g.Do("join", func() { rounds++ }).After(head, before)
		inner := g.Branch("inner", func(context.Context) (int, error) {
			if rounds%5 != 0 {
				return 0, nil
			}
			return 1, nil
		}, head).After(join)
		last := g.Do("last", func() {}).After(before)
		end := g.Branch("outer", func(context.Context) (int, error) {
			if outer++; outer%3 != 0 {
				return 0, nil
			}
			return graph.Stop, nil
		}, head)
		inner.To(end)
		head.First()
		_ = last
		for range 3 {
			outer = 0
			require.NoError(t, g.Run(t.Context(), rt))
			require.Equal(t, [2]int{15, 3}, [2]int{rounds, outer})
		}
	})
}
