// SPDX-License-Identifier: Apache-2.0

package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// took makes spans of lengths.
func took(lengths ...time.Duration) []span {
	spans := make([]span, len(lengths))
	for i, l := range lengths {
		spans[i] = span{Start: 100, End: 100 + l}
	}
	return spans
}

func TestCriticalPath(t *testing.T) {
	p := new(plan)
	for _, before := range [][]int{nil, {0}, {0}, {1, 2}, nil} {
		p.add(node{kind: check, before: before})
	}
	c := p.longest(took(5, 7, 20, 1, 9))
	require.Equal(t, []int{0, 2, 3}, c.nodes)
	require.Equal(t, time.Duration(26), c.length)
	require.Equal(t, time.Duration(42), c.work)
	require.InDelta(t, 42./26, c.parallelism(), 1e-9)

	c = p.longest(took(5, 7, 20, 1, 90))
	require.Equal(t, []int{4}, c.nodes, "a node alone can be the longest")
}

func TestCriticalPathOfNothing(t *testing.T) {
	c := new(plan).longest(nil)
	require.Empty(t, c.nodes)
	require.Equal(t, 1., c.parallelism())
}

// TestCriticalPathAgreesWithTwin compares with a walk over every path.
func TestCriticalPathAgreesWithTwin(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := new(plan)
		lengths := make([]time.Duration, 1+rng.IntN(12))
		for i := range lengths {
			lengths[i] = time.Duration(1 + rng.IntN(50))
			var before []int
			for b := range i {
				if rng.IntN(3) == 0 {
					before = append(before, b)
				}
			}
			p.add(node{before: before})
		}
		var longestFrom func(i int) time.Duration
		longestFrom = func(i int) (l time.Duration) {
			for _, next := range p.nodes[i].after {
				l = max(l, longestFrom(next))
			}
			return l + lengths[i]
		}
		want := time.Duration(0)
		for i := range lengths {
			want = max(want, longestFrom(i))
		}
		c := p.longest(took(lengths...))
		require.Equal(t, want, c.length, "seed %d", seed)
		sum := time.Duration(0)
		for at, i := range c.nodes {
			sum += lengths[i]
			if at > 0 {
				require.Contains(t, p.nodes[i].before, c.nodes[at-1], "seed %d", seed)
			}
		}
		require.Equal(t, want, sum, "seed %d", seed)
	}
}
