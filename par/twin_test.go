// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// lengths are those of a test: none, one, few, a trial's blocks and more.
func lengths(rng *rand.Rand) []int {
	return []int{0, 1, 2, 3, 5, 17, 64, 100, 257, 1000 + rng.IntN(100), 5000 + rng.IntN(5000), 2*longBlock + rng.IntN(1000)}
}

// ways are the options of a test: the call decides, or everything is shared.
var ways = [][]Option{nil, {Grain(1)}, {Grain(300)}}

func randomInts(rng *rand.Rand, n, below int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = rng.IntN(below)
	}
	return s
}

// A crowd makes workers meet: now and then an element lets others run, so that
// thieves come while it is under way.
type crowd struct {
	seed   uint64
	inside point.Int32 // Writers: each element, in and out.
	met    point.Bool  // Writers: an element that is not alone.
}

func (c *crowd) meet(i int) {
	if (uint64(i)*0x9e3779b97f4a7c15^c.seed)>>58 != 0 {
		return
	}
	if c.inside.Inc() > 1 {
		c.met.Store(true)
	}
	for range 20 {
		runtime.Gosched()
	}
	c.inside.Dec()
}

// eachInput runs a test with many inputs on all pools and in all ways, and checks
// that on several workers some elements were under way together.
func eachInput(t *testing.T, test func(t *testing.T, rt *sched.Runtime, s []int, meet func(i int), opts []Option)) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		met, rounds := false, 0
		testkit.Stress(t, 0, func(rng *rand.Rand) {
			for again := true; again; again = rt.Workers() > 1 && !met && rounds < 50 { // others may have the CPUs
				rounds++
				for _, n := range lengths(rng) {
					for _, opts := range ways {
						c := &crowd{seed: rng.Uint64()}
						test(t, rt, randomInts(rng, n, 1+rng.IntN(1000)), c.meet, opts)
						met = met || c.met.Load()
					}
				}
			}
		})
		require.Equal(t, rt.Workers() > 1, met, "elements under way together")
	})
}

func TestForCallsEachIndexOnce(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		calls := make([]int32, len(s))
		once := func() {
			t.Helper()
			for i, n := range calls {
				if n != 1 {
					t.Fatalf("index %d of %d: %d calls", i, len(s), n)
				}
				calls[i] = 0
			}
		}
		For(rt, len(s), func(i int) { meet(i); calls[i]++ }, opts...)
		once()
		require.NoError(t, ForContext(background, rt, len(s), func(i int) error { meet(i); calls[i]++; return nil }, opts...))
		once()
		ForEach(rt, s, func(i, v int) {
			meet(i)
			if v == s[i] {
				calls[i]++
			}
		}, opts...)
		once()
		require.NoError(t, ForEachContext(background, rt, s, func(i, v int) error { calls[i]++; return nil }, opts...))
		once()
		ForBlocks(rt, len(s), func(lo, hi int) {
			meet(lo)
			for i := lo; i < hi; i++ {
				calls[i]++
			}
		}, opts...)
		once()
		Chunks(rt, s, 7, func(c int, chunk []int) {
			meet(c)
			if len(chunk) != cap(chunk) || &chunk[0] != &s[7*c] {
				t.Errorf("chunk %d: length %d, capacity %d", c, len(chunk), cap(chunk))
			}
			for i := range chunk {
				calls[7*c+i]++
			}
		}, opts...)
		once()
	})
}

func TestMapAgreesWithTheLoop(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		want := make([]float64, len(s))
		for i, v := range s {
			want[i] = float64(v) / 2
		}
		half := func(v int) float64 { meet(v); return float64(v) / 2 }
		require.Equal(t, want, Map(rt, s, half, opts...))
		got, err := MapContext(background, rt, s, func(v int) (float64, error) { return half(v), nil }, opts...)
		require.NoError(t, err)
		require.Equal(t, want, got)

		same := slices.Clone(s)
		MapTo(rt, same, same, func(v int) int { return -v }, opts...)
		for i, v := range s {
			require.Equal(t, -v, same[i])
		}
	})
}

func TestFilterAgreesWithTheLoop(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		var yes, no []int
		groups := map[int][]int{}
		for _, v := range s {
			if v%3 == 0 {
				yes = append(yes, v)
			} else {
				no = append(no, v)
			}
			groups[v%10] = append(groups[v%10], v)
		}
		third := func(v int) bool { meet(v); return v%3 == 0 }
		thirdErr := func(v int) (bool, error) { return third(v), nil }
		same := func(want, got []int) {
			t.Helper()
			if !slices.Equal(want, got) {
				t.Fatalf("%d elements: got %v, want %v", len(s), got, want)
			}
		}
		same(yes, Filter(rt, s, third, opts...))
		got, err := FilterContext(background, rt, s, thirdErr, opts...)
		require.NoError(t, err)
		same(yes, got)
		a, b := Partition(rt, s, third, opts...)
		same(yes, a)
		same(no, b)
		a, b, err = PartitionContext(background, rt, s, thirdErr, opts...)
		require.NoError(t, err)
		same(yes, a)
		same(no, b)
		require.Equal(t, len(yes), Count(rt, s, third, opts...))
		n, err := CountContext(background, rt, s, thirdErr, opts...)
		require.NoError(t, err)
		require.Equal(t, len(yes), n)

		require.Equal(t, groups, GroupBy(rt, s, func(v int) int { meet(v); return v % 10 }, opts...))
		byErr, err := GroupByContext(background, rt, s, func(v int) (int, error) { return v % 10, nil }, opts...)
		require.NoError(t, err)
		require.Equal(t, groups, byErr)
	})
}

// Strings are put together in order: associative, not commutative.
func TestReduceKeepsTheOrder(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		letters := make([]string, len(s))
		want := "-"
		var all []byte
		for i, v := range s {
			letters[i] = string(rune('a' + v%26))
			all = append(all, letters[i]...)
		}
		if len(s) > 0 {
			want = string(all)
		}
		require.Equal(t, want, Reduce(rt, letters, "-", func(a, b string) string { meet(len(a) + len(b)); return a + b }, opts...))
		got, err := ReduceContext(background, rt, letters, "-", func(a, b string) (string, error) { return a + b, nil }, opts...)
		require.NoError(t, err)
		require.Equal(t, want, got)

		fresh := func() []byte { return []byte{} }
		add := func(r []byte, v string) []byte { meet(len(r)); return append(r, v...) }
		merge := func(a, b []byte) []byte { return append(a, b...) }
		require.Equal(t, string(all), string(Fold(rt, letters, fresh, add, merge, opts...)))
		folded, err := FoldContext(background, rt, letters, fresh,
			func(r []byte, v string) ([]byte, error) { return add(r, v), nil },
			func(a, b []byte) ([]byte, error) { return merge(a, b), nil }, opts...)
		require.NoError(t, err)
		require.Equal(t, string(all), string(folded))

		sum := 0
		for _, v := range s {
			sum += v
		}
		require.Equal(t, sum, Sum(rt, s, opts...))
		plus := func(a, b int) int { return a + b }
		require.Equal(t, sum, ReduceBlocks(rt, len(s), func(lo, hi int) (sum int) {
			meet(lo)
			for _, v := range s[lo:hi] {
				sum += v
			}
			return sum
		}, plus, opts...))
	})
}

func TestScanAgreesWithTheLoop(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		// Composition of affine maps is associative and not commutative.
		type affine struct{ a, b uint32 }
		then := func(f, g affine) affine { meet(int(f.b)); return affine{f.a * g.a, f.b*g.a + g.b} }
		thenErr := func(f, g affine) (affine, error) { return then(f, g), nil }
		maps := make([]affine, len(s))
		for i, v := range s {
			maps[i] = affine{uint32(v)*2 + 1, uint32(v)}
		}
		inclusive, exclusive := make([]affine, len(s)), make([]affine, len(s))
		first := affine{3, 7}
		for i, m := range maps {
			if i == 0 {
				inclusive[0], exclusive[0] = m, first
			} else {
				inclusive[i] = then(inclusive[i-1], m)
				exclusive[i] = then(exclusive[i-1], maps[i-1])
			}
		}
		require.Equal(t, inclusive, Scan(rt, maps, then, opts...))
		require.Equal(t, exclusive, ScanExclusive(rt, maps, first, then, opts...))
		got, err := ScanContext(background, rt, maps, thenErr, opts...)
		require.NoError(t, err)
		require.Equal(t, inclusive, got)
		got, err = ScanExclusiveContext(background, rt, maps, first, thenErr, opts...)
		require.NoError(t, err)
		require.Equal(t, exclusive, got)

		again := slices.Clone(maps)
		require.Equal(t, inclusive, ScanTo(rt, again, again, then, opts...))
		again = slices.Clone(maps)
		require.Equal(t, exclusive, ScanExclusiveTo(rt, again, again, first, then, opts...))

		again = slices.Clone(maps)
		total := func(lo, hi int) (all affine, err error) {
			all = again[lo]
			for _, m := range again[lo+1 : hi] {
				all = then(all, m)
			}
			return all, nil
		}
		write := func(f affine, lo, hi int) error {
			for i := lo; i < hi; i++ {
				again[i], f = f, then(f, again[i])
			}
			return nil
		}
		require.NoError(t, ScanBlocksContext(background, rt, len(maps), first, total, write, thenErr, opts...))
		require.Equal(t, exclusive, again)
	})
}

func TestMinMaxAgreesWithSlices(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		if len(s) == 0 {
			return
		}
		least, most := MinMax(rt, s, opts...)
		require.Equal(t, slices.Min(s), least)
		require.Equal(t, slices.Max(s), most)
		require.Equal(t, least, Min(rt, s, opts...))
		require.Equal(t, most, Max(rt, s, opts...))

		type item struct{ key, at int }
		items := make([]item, len(s))
		for i, v := range s {
			items[i] = item{v % 5, i}
		}
		compare := func(a, b item) int { meet(a.at); return a.key - b.key }
		compareErr := func(a, b item) (int, error) { return compare(a, b), nil }
		require.Equal(t, slices.MinFunc(items, compare), MinFunc(rt, items, compare, opts...))
		require.Equal(t, slices.MaxFunc(items, compare), MaxFunc(rt, items, compare, opts...))
		first, err := MinFuncContext(background, rt, items, compareErr, opts...)
		require.NoError(t, err)
		require.Equal(t, slices.MinFunc(items, compare), first)
		first, err = MaxFuncContext(background, rt, items, compareErr, opts...)
		require.NoError(t, err)
		require.Equal(t, slices.MaxFunc(items, compare), first)
	})
}

func TestMinMaxOfOddFloats(t *testing.T) {
	rt := newRuntime(t, 2)
	nan, zero := math.NaN(), math.Copysign(0, -1)
	for _, n := range []int{1, 3, 5000} {
		s := make([]float64, n)
		s[n/2] = zero
		require.Equal(t, true, math.Signbit(Min(rt, s)), "-0 is smaller than 0")
		require.Equal(t, n == 1, math.Signbit(Max(rt, s)))
		for i := range s {
			s[i] = float64(i)
		}
		s[n/2] = nan
		least, most := MinMax(rt, s)
		for _, v := range []float64{Min(rt, s), Max(rt, s), least, most} {
			require.True(t, math.IsNaN(v))
		}
	}
	require.PanicsWithValue(t, "pilfer: Min of an empty slice", func() { Min(rt, []int{}) })
	require.PanicsWithValue(t, "pilfer: MinFunc of an empty slice", func() { MinFunc(rt, []int(nil), cmp.Compare[int]) })
	require.PanicsWithValue(t, "pilfer: MaxFunc of an empty slice", func() { MaxFunc(rt, []int(nil), cmp.Compare[int]) })
}

func TestFindReturnsTheFirst(t *testing.T) {
	eachInput(t, func(t *testing.T, rt *sched.Runtime, s []int, meet func(int), opts []Option) {
		for _, want := range []int{0, len(s) / 3, len(s) - 1, -1} {
			if len(s) == 0 {
				want = -1
			}
			marked := make([]int, len(s))
			for i := range marked {
				marked[i] = i
				if want >= 0 && i >= want && (i == want || s[i]%7 == 0) {
					marked[i] = -i - 1
				}
			}
			match := func(v int) bool { meet(v); return v < 0 }
			matchErr := func(v int) (bool, error) { return match(v), nil }
			require.Equal(t, want, Find(rt, marked, match, opts...))
			got, err := FindContext(background, rt, marked, matchErr, opts...)
			require.NoError(t, err)
			require.Equal(t, want, got)
			require.Equal(t, want >= 0, Any(rt, marked, match, opts...))
			require.Equal(t, want < 0, All(rt, marked, func(v int) bool { return v >= 0 }, opts...))
			some, err := AnyContext(background, rt, marked, matchErr, opts...)
			require.NoError(t, err)
			require.Equal(t, want >= 0, some)
			all, err := AllContext(background, rt, marked, func(v int) (bool, error) { return v >= 0, nil }, opts...)
			require.NoError(t, err)
			require.Equal(t, want < 0, all)
		}
	})
}

func TestContextFormsOfTheRest(t *testing.T) {
	rt := newRuntime(t, 2)
	s := []float64{3, 1, 2}
	least, most, err := MinMaxContext(background, rt, s)
	require.NoError(t, err)
	require.Equal(t, [2]float64{1, 3}, [2]float64{least, most})
	least, err = MinContext(background, rt, s)
	require.NoError(t, err)
	require.Equal(t, 1.0, least)
	most, err = MaxContext(background, rt, s)
	require.NoError(t, err)
	require.Equal(t, 3.0, most)
	sum, err := SumContext(background, rt, s)
	require.NoError(t, err)
	require.Equal(t, 6.0, sum)
	no := errors.New("no")
	require.ErrorIs(t, no, ForBlocksContext(background, rt, 10, func(lo, hi int) error { return no }))
	require.ErrorIs(t, no, ChunksContext(background, rt, s, 2, func(i int, chunk []float64) error { return no }))
	_, err = ReduceBlocksContext(background, rt, 3, func(lo, hi int) (int, error) { return 0, no }, addInts)
	require.ErrorIs(t, no, err)
	require.Panics(t, func() { Chunks(rt, s, 0, func(int, []float64) {}) })
	require.Panics(t, func() { MapTo(rt, make([]int, 2), s, func(v float64) int { return 0 }) })
}
