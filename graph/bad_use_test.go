// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// Each mistake is an error that names the node and says what to do. What it is, in
// detail, is for the tests of each.
func TestBadUseSaysWhatToDo(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for what, use := range map[string]struct {
		is    error
		says  string
		build func(t *testing.T, g *graph.Graph) []graph.RunOption
		ctx   context.Context
	}{
		"a cycle": {
			says: "graph g: cycle: a -> b -> a: take one of these edges out, or make it the target of a branch",
			build: func(_ *testing.T, g *graph.Graph) []graph.RunOption {
				a := g.Do("a", func() {})
				a.After(g.Do("b", func() {}).After(a))
				return nil
			},
		},
		"an input without a value": {
			is: graph.ErrUnwired, says: `"in": input without a value: give it one by With`,
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption { graph.Input[int](g, "in"); return nil },
		},
		"an input of nothing": {
			is: graph.ErrUnwired, says: `"sink": input without a value of type int: wire it to a node's output`,
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				graph.Sink(g, "sink", func(context.Context, int) error { return nil }, graph.Value[int]{})
				return nil
			},
		},
		"a branch out of range": {
			says: "graph g: node pick: branch picked 2 of 1 targets: want 0 to 0, or Stop for none",
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				g.Branch("pick", func(context.Context) (int, error) { return 2, nil }, g.Do("a", func() {}))
				return nil
			},
		},
		"a change while it runs": {
			says: `graph g: add "late" while it runs: build a graph before Run, or what is not known before in a Sub node`,
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				g.Do("a", func() { g.Do("late", func() {}) })
				return nil
			},
		},
		"a panic": {
			says: "graph g: node a: pilfer: task a panicked: no\n\ngoroutine ", // and its stack
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				g.Do("a", func() { panic("no") })
				return nil
			},
		},
		"the end of the goroutine": {
			is: sched.ErrGoexit, says: "graph g: node a: pilfer: task called runtime.Goexit",
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				g.Do("a", runtime.Goexit).Timeout(time.Hour) // so not in the goroutine of the test
				return nil
			},
		},
		"a node that blocks": {
			says: "graph g: node a: not done after 1ms, and goes on, though its context has ended; it holds its worker: let it watch its context, or wait in an Await node",
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				release, ended := make(chan struct{}), make(chan struct{})
				g.Do("a", func() { defer close(ended); <-release }).Timeout(time.Millisecond)
				t.Cleanup(func() { close(release); <-ended })
				return nil
			},
		},
		"a semaphore that is too small": {
			says: "graph g: node a: uses 3 of semaphore small, which has 2: it could never start; ask for less, or make the semaphore larger",
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				g.Do("a", func() {}).Uses(graph.NewSemaphore("small", 2), 3)
				return nil
			},
		},
		"two values of one input": {
			is: graph.ErrConflict, says: `graph g: input "in": input with two values in one run: give it once; another run may have another value`,
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption {
				in := graph.Input[int](g, "in")
				return []graph.RunOption{graph.With(in, 1), graph.With(in, 2)}
			},
		},
		"a context that has ended": {
			is: context.Canceled, says: "graph g: the context had ended before the run, of which nothing was run: give it one that goes on: context canceled",
			build: func(t *testing.T, g *graph.Graph) []graph.RunOption { g.Do("a", func() { t.Error("ran") }); return nil },
			ctx:   gone,
		},
	} {
		t.Run(what, func(t *testing.T) {
			rt := newRuntime(t, 2)
			g := graph.New("g")
			ctx := t.Context()
			if use.ctx != nil {
				ctx = use.ctx
			}
			err := g.Run(ctx, rt, use.build(t, g)...)
			require.ErrorContains(t, err, use.says)
			if use.is != nil {
				require.ErrorIs(t, err, use.is)
			}
		})
	}
}
