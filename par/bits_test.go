// SPDX-License-Identifier: Apache-2.0

package par

import (
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// roundings returns the bits of everything that adds up floating-point numbers.
func roundings(t *testing.T, workers int, s []float64, seed uint64, opts []Option) (bits []uint64, met bool) {
	rt := newRuntime(t, workers)
	c := &crowd{seed: seed}
	add := func(a, b float64) float64 { c.meet(int(math.Float64bits(a) >> 12)); return a + b }
	note := func(v ...float64) {
		for _, v := range v {
			bits = append(bits, math.Float64bits(v))
		}
	}
	note(Sum(rt, s, opts...), Reduce(rt, s, 0, add, opts...))
	note(Fold(rt, s, func() float64 { return 0 }, add, add, opts...))
	note(ReduceBlocks(rt, len(s), func(lo, hi int) (sum float64) {
		c.meet(lo)
		for _, v := range s[lo:hi] {
			sum += v
		}
		return sum
	}, add, opts...))
	note(Scan(rt, s, add, opts...)...)
	note(ScanExclusive(rt, s, 1.5, add, opts...)...)
	sums := make([]float64, len(s))
	ScanBlocks(rt, len(s), 1.5, func(lo, hi int) float64 { return sumBlock(s[lo:hi]) },
		func(sum float64, lo, hi int) {
			c.meet(lo)
			for i := lo; i < hi; i++ {
				sums[i], sum = sum, sum+s[i]
			}
		}, add, opts...)
	note(sums...)
	return bits, c.met.Load()
}

func TestBitsDoNotDependOnTheWorkers(t *testing.T) {
	together, all := map[int]bool{}, map[int]bool{2: true, 3: true, 16: true}
	begin := time.Now()
	round := func(rng *rand.Rand) {
		for _, n := range []int{2, 50, 999, 20_000} {
			s := make([]float64, n)
			for i := range s {
				s[i] = (rng.Float64() - 0.3) * math.Pow(10, float64(rng.IntN(12)))
			}
			for _, opts := range [][]Option{nil, {Grain(3)}} {
				want, _ := roundings(t, 1, s, rng.Uint64(), opts)
				for _, workers := range []int{2, 3, 16} {
					got, met := roundings(t, workers, s, rng.Uint64(), opts)
					require.Equal(t, want, got, "%d elements on %d workers", n, workers)
					together[workers] = together[workers] || met
				}
			}
		}
	}
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		round(rng)
		for !maps.Equal(all, together) && time.Since(begin) < testkit.Patience { // others may have the CPUs
			round(rng)
		}
	})
	require.Equal(t, all, together, "elements under way together")
}

// The test above would see nothing if all orders gave the same bits.
func TestOrderShowsInTheBits(t *testing.T) {
	rt := newRuntime(t, 2)
	rng := rand.New(rand.NewPCG(1, 2))
	s := make([]float64, 999)
	for i := range s {
		s[i] = rng.NormFloat64()
	}
	plus := func(a, b float64) float64 { return a + b }
	require.NotEqual(t, Reduce(rt, s, 0, plus), Reduce(rt, s, 0, plus, Grain(100)))
}
