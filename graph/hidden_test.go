// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A long node among short ones keeps few others from the second worker: those that
// became ready shortly before it.
func TestLongNodeHidesLittle(t *testing.T) {
	rt := newRuntime(t, 2)
	const n, hidden = 5000, 200
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for range 20 {
			g := graph.New("g")
			long := rng.IntN(n)
			var ran point.Int32
			var waited bool
			root := g.Do("", func() {})
			for i := range n {
				node := g.Do("", func() {
					if i != long {
						ran.Inc()
						return
					}
					waited = true
					testkit.Eventually(t, "the other worker runs the rest", func() bool { return ran.Load() >= 2*n-2-hidden })
				}).After(root)
				g.Do("", func() { ran.Inc() }).After(node) // so that lists grow meanwhile
			}
			require.NoError(t, g.Run(t.Context(), rt))
			require.True(t, waited)
			require.EqualValues(t, 2*n-1, ran.Load())
		}
	})
}
