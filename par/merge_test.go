// SPDX-License-Identifier: Apache-2.0

package par

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// mergeSizes are lengths of two slices that are merged.
var mergeSizes = [][2]int{{0, 0}, {0, 5}, {5, 0}, {1, 1}, {100, 3}, {mergeLeast / 2, mergeLeast / 2}, {1, 3 * mergeLeast}, {3 * mergeLeast, 1}, {20_000, 30_001}}

// ascending returns n keys with repetitions, and where they come from.
func ascending(rng *rand.Rand, n, from int) []tagged {
	keys := make([]int, n)
	for i := range keys {
		keys[i] = rng.IntN(n/2 + 1)
	}
	slices.Sort(keys)
	s := tag(keys)
	for i := range s {
		s[i].place += from
	}
	return s
}

func TestMergeIsAsItsTwin(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		rng := testkit.Rand(t)
		for _, n := range mergeSizes {
			a, b := ascending(rng, n[0], 0), ascending(rng, n[1], n[0])
			want := slices.Concat(a, b)
			slices.SortStableFunc(want, byKey)
			require.True(t, slices.Equal(want, MergeFunc(rt, a, b, byKey)), "%d", n)
			dst := make([]tagged, len(want))
			MergeToFunc(rt, dst, a, b, byKey)
			require.True(t, slices.Equal(want, dst), "%d", n)

			x, y := make([]int, n[0]), make([]int, n[1])
			for i := range a {
				x[i] = a[i].key
			}
			for i := range b {
				y[i] = b[i].key
			}
			got := Merge(rt, x, y)
			for i := range want {
				require.Equal(t, want[i].key, got[i])
			}
		}
		nan := math.NaN()
		got := Merge(rt, []float64{nan, -1, 2}, []float64{nan, math.Inf(-1), 2})
		require.True(t, slices.IsSorted(got))
		require.Len(t, got, 6)
	})
}

// What is not in order is merged into some order.
func TestMergeOfUnsortedLosesNothing(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		rng := testkit.Rand(t)
		a, b := rng.Perm(3*mergeLeast), rng.Perm(2*mergeLeast)
		want := slices.Sorted(slices.Values(slices.Concat(a, b)))
		got := Merge(rt, a, b)
		slices.Sort(got)
		require.True(t, slices.Equal(want, got))
		got = MergeFunc(rt, a, b, func(int, int) int { return rand.IntN(3) - 1 })
		slices.Sort(got)
		require.True(t, slices.Equal(want, got))
	})
}

func TestMergeRefusesWhatDoesNotFit(t *testing.T) {
	rt := newRuntime(t, 1)
	s := []int{1, 2, 3, 4}
	require.PanicsWithValue(t, "pilfer: merge of 1 and 2 elements into 4", func() { MergeTo(rt, s, []int{1}, []int{2, 3}) })
	require.Panics(t, func() { MergeTo(rt, s, s[:2], []int{5, 6}) })
	require.Panics(t, func() { MergeTo(rt, s[:3], []int{5, 6}, s[2:3]) })
	MergeTo(rt, s[:2], []int{0}, s[2:3])
	require.Equal(t, []int{0, 3, 3, 4}, s)
	MergeToFunc(rt, make([]none, 2), make([]none, 1), make([]none, 1), func(none, none) int { return 0 })
}
