// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// TestRuntimeResizeUnderLoad: no task is lost while places come and go.
func TestRuntimeResizeUnderLoad(t *testing.T) {
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		rt := newRuntime(t, 1+rng.IntN(3))
		var ran point.Int32
		var tree func(depth int) func(*sched.Context) (int, error)
		tree = func(depth int) func(*sched.Context) (int, error) {
			return func(cx *sched.Context) (int, error) {
				ran.Inc()
				if depth == 0 {
					return 0, nil
				}
				a, b := sched.Go(cx, tree(depth-1)), sched.Spawn(cx, sched.YieldNow())
				c := sched.Go(cx, tree(depth-1))
				if depth%3 == 0 {
					_, _ = a.Wait(testkit.Within(t))
				}
				_, err := sched.Await(cx, b)
				_ = c
				return 0, err
			}
		}
		h := sched.Go(rt, tree(9))
		for range 20 {
			require.NoError(t, rt.Resize(1+rng.IntN(4)))
			require.NoError(t, rt.Run(testkit.Within(t), func(*sched.Context) error { return nil }))
		}
		value(t, h)
		require.NoError(t, rt.Close())
		assert.EqualValues(t, 1<<10-1, ran.Load())
	})
}

func TestResizeRefusesNonsense(t *testing.T) {
	rt := newRuntime(t, 1)
	for _, n := range []int{0, -1, 5000} {
		assert.ErrorContains(t, rt.Resize(n), "Resize")
	}
	assert.Equal(t, 1, rt.Workers())
}
