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
	"github.com/pilfer-go/pilfer/workers"
)

func fib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.Join(w, fib, n-1, fib, n-2)
	return a + b
}

// Many nodes fork and join at once, in layers, so that halves of several nodes lie in
// the same queues.
func TestForkNodesJoin(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		const layers, wide = 4, 8
		var got [layers][wide]int
		var before []*graph.Node
		for layer := range layers {
			var these []*graph.Node
			for k := range wide {
				n := g.Fork(fmt.Sprintf("%d/%d", layer, k), func(_ context.Context, w *workers.Worker) error {
					got[layer][k] += fib(w, 10+k)
					if layer > 0 {
						got[layer][k] += got[layer-1][wide-1-k] // of a node before it
					}
					return nil
				})
				these = append(these, n.After(before...))
			}
			before = these
		}
		var want [layers][wide]int
		fibs := []int{55, 89, 144, 233, 377, 610, 987, 1597}
		for run := range 5 {
			for layer := range layers {
				for k := range wide {
					want[layer][k] += fibs[k]
					if layer > 0 {
						want[layer][k] += want[layer-1][wide-1-k]
					}
				}
			}
			require.NoError(t, g.Run(t.Context(), rt))
			require.Equal(t, want, got, "run %d", run)
		}
	})
}

// A half that panics or fails ends its node, with the value that it had, whoever ran
// it; the graph can be run again, and no half is lost.
func TestForkedHalfFails(t *testing.T) {
	no := errors.New("no")
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		how := "panic"
		var halves point.Int32
		var behind point.Bool
		g := graph.New("g")
		bad := g.Fork("bad", func(_ context.Context, w *workers.Worker) error {
			_, err := workers.JoinSafe(w,
				func(w *workers.Worker, n int) int { halves.Inc(); return fib(w, n) }, 15,
				func(w *workers.Worker, n int) error {
					halves.Inc()
					fib(w, n)
					switch how {
					case "panic":
						panic(no)
					case "error":
						return no
					}
					return nil
				}, 10)
			return err
		})
		g.Do("behind", func() { behind.Store(true) }).After(bad)
		for _, how = range []string{"panic", "error", "panic", ""} {
			err := g.Run(t.Context(), rt)
			var crash *sched.PanicError
			switch how {
			case "":
				require.NoError(t, err)
			case "panic":
				require.ErrorAs(t, err, &crash)
				require.Equal(t, no, crash.Value)
				fallthrough
			default:
				require.ErrorIs(t, err, no)
			}
			require.Equal(t, int32(2), halves.Swap(0), how)
			require.Equal(t, how == "", behind.Load(), how)
		}
	})
}
