// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// sortSizes are lengths around those at which a sort goes another way.
func sortSizes() []int {
	return []int{0, 1, 2, 3, 13, stableLeast - 1, stableLeast, quickLeast - 1, quickLeast, stableLeaf + 1, 20_003}
}

// sortPatterns are orders in which 0 to n-1 come, or some of them.
var sortPatterns = []struct {
	name string
	at   func(rng *rand.Rand, i, n int) int
}{
	{"random", func(rng *rand.Rand, _, n int) int { return rng.IntN(n) }},
	{"equal", func(*rand.Rand, int, int) int { return 7 }},
	{"sorted", func(_ *rand.Rand, i, _ int) int { return i }},
	{"reversed", func(_ *rand.Rand, i, n int) int { return n - i }},
	{"reversed with pairs", func(_ *rand.Rand, i, n int) int { return (n - i) / 2 }},
	{"organ pipe", func(_ *rand.Rand, i, n int) int { return min(i, n-i) }},
	{"two runs", func(_ *rand.Rand, i, n int) int { return i * 2 % n }},
	{"saw", func(_ *rand.Rand, i, _ int) int { return i % 1000 }},
	{"few", func(rng *rand.Rand, _, _ int) int { return rng.IntN(5) }},
	{"two", func(rng *rand.Rand, _, n int) int { return rng.IntN(2) * (n - 1) }},
	{"nearly sorted", func(rng *rand.Rand, i, n int) int {
		if rng.IntN(n) < 4 {
			return rng.IntN(n)
		}
		return i
	}},
	{"nearly reversed", func(rng *rand.Rand, i, n int) int {
		if rng.IntN(n) < 4 {
			return rng.IntN(n)
		}
		return n - i
	}},
	{"shuffled at the end", func(rng *rand.Rand, i, n int) int {
		if i > n-20 {
			return rng.IntN(n)
		}
		return i
	}},
	{"a tenth appended", func(rng *rand.Rand, i, n int) int {
		if i > n-n/10 {
			return rng.IntN(n)
		}
		return i
	}},
	{"skewed", func(rng *rand.Rand, _, n int) int { return int(float64(n) * math.Pow(rng.Float64(), 30)) }},
	{"one far off", func(rng *rand.Rand, i, n int) int {
		if i == n/3 {
			return n
		}
		return rng.IntN(n/50 + 1)
	}},
}

// eachOrder calls test with every pattern in every size.
func eachOrder(t *testing.T, sizes []int, test func(t *testing.T, rng *rand.Rand, order []int)) {
	rng := testkit.Rand(t)
	for _, p := range sortPatterns {
		for _, n := range sizes {
			order := make([]int, n)
			for i := range order {
				order[i] = p.at(rng, i, n)
			}
			test(t, rng, order)
			if t.Failed() {
				t.Fatalf("%s, %d elements", p.name, n)
			}
		}
	}
}

type (
	named8  int8
	namedU  uint
	named32 float32
	named64 float64
	namedS  string
)

// sortedAs tests Sort against its twin, on elements made of the patterns.
func sortedAs[E cmp.Ordered](t *testing.T, rt *sched.Runtime, value func(rng *rand.Rand, k, n int) E) {
	t.Helper()
	t.Run(fmt.Sprintf("%T", *new(E)), func(t *testing.T) {
		eachOrder(t, []int{0, 1, 2, 13, radixLeast - 1, radixLeast, 4 << radixBucket}, func(t *testing.T, rng *rand.Rand, order []int) {
			if len(order) > radixLeast && rng.IntN(4) > 0 {
				return // the long ones in turn
			}
			s := make([]E, len(order))
			for i, k := range order {
				s[i] = value(rng, k, len(order))
			}
			want := slices.Clone(s)
			slices.Sort(want)
			Sort(rt, s)
			if !slices.EqualFunc(s, want, func(a, b E) bool { return cmp.Compare(a, b) == 0 }) {
				t.Error("not as slices.Sort does")
			}
		})
	})
}

// spread maps 0 to n over all values of so many bits.
func spread(k, n, bits int) uint64 {
	return uint64(float64(k) / float64(n+1) * math.Pow(2, float64(bits)))
}

var oddFloats = []float64{math.NaN(), -math.NaN(), math.Copysign(math.NaN(), -1), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1),
	math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64}

func float(rng *rand.Rand, k, n int) float64 {
	if rng.IntN(8) == 0 {
		return oddFloats[rng.IntN(len(oddFloats))]
	}
	return float64(k) - float64(n)/2
}

func TestSortIsAsItsTwin(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) int { return k })
		sortedAs(t, rt, func(_ *rand.Rand, k, n int) int64 { return int64(spread(k, n, 63)*2 + 1<<63) })
		sortedAs(t, rt, func(_ *rand.Rand, k, n int) uint64 { return spread(k, n, 63) * 2 })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) int32 { return int32(k) - 7 })
		sortedAs(t, rt, func(_ *rand.Rand, k, n int) uint32 { return uint32(spread(k, n, 32)) })
		sortedAs(t, rt, func(_ *rand.Rand, k, n int) int16 { return int16(spread(k, n, 16)) })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) uint16 { return uint16(k) })
		sortedAs(t, rt, func(_ *rand.Rand, k, n int) uint8 { return uint8(spread(k, n, 8)) })
		sortedAs(t, rt, func(_ *rand.Rand, k, n int) named8 { return named8(spread(k, n, 8)) })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) namedU { return namedU(k) })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) uintptr { return uintptr(k) })
		sortedAs(t, rt, func(rng *rand.Rand, k, n int) float64 { return float(rng, k, n) })
		sortedAs(t, rt, func(rng *rand.Rand, k, n int) float32 { return float32(float(rng, k, n)) })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) named32 { return named32(k) / 3 })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) named64 { return named64(math.Exp(float64(-k))) })
		sortedAs(t, rt, func(_ *rand.Rand, k, _ int) namedS { return namedS(strconv.Itoa(k)) })
	})
}

// Buckets that are large are split again.
func TestSortOfUnevenDigits(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		rng := testkit.Rand(t)
		const n = radixWide / 8 * 9 // one bucket is wide
		for _, value := range []func(i int) uint64{
			func(int) uint64 { return rng.Uint64() >> rng.IntN(64) },
			func(i int) uint64 { return rng.Uint64N(n/2) + uint64(i/(n-1))<<63 },
			func(i int) uint64 { return uint64(i/(n-1)) << 63 },
			func(int) uint64 { return 1 << rng.IntN(64) },
		} {
			s := make([]int64, n)
			floats := make([]float64, n)
			for i := range s {
				s[i] = int64(value(i))
				floats[i] = math.Float64frombits(value(i))
			}
			want := slices.Sorted(slices.Values(s))
			words := make([]uint64, n)
			for i, x := range s {
				words[i] = uint64(x)
			}
			r := &radixSort[uint64]{order: signedOrder[uint64](), s: words}
			_, err := sched.Call(background, rt, func(w *workers.Worker) (none, error) {
				r.sortWide(w, radixSpanIn(w, r.order, words))
				return none{}, nil
			})
			require.NoError(t, err)
			require.True(t, slices.EqualFunc(words, want, func(a uint64, b int64) bool { return int64(a) == b }))
			Sort(rt, s)
			require.True(t, slices.Equal(s, want))
			Sort(rt, floats)
			require.True(t, slices.IsSorted(floats))
		}
	})
}

func TestSortFuncIsAsItsTwin(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		eachOrder(t, sortSizes(), func(t *testing.T, _ *rand.Rand, s []int) {
			want := slices.Clone(s)
			slices.SortFunc(want, func(a, b int) int { return cmp.Compare(b, a) })
			SortFunc(rt, s, func(a, b int) int { return cmp.Compare(b, a) })
			require.True(t, slices.Equal(s, want))
		})
	})
}

// A tagged is a key with the place where it was.
type tagged struct {
	key   int
	place int
	_     int
}

func byKey(a, b tagged) int { return cmp.Compare(a.key, b.key) }

func tag(keys []int) []tagged {
	s := make([]tagged, len(keys))
	for i, k := range keys {
		s[i] = tagged{key: k, place: i}
	}
	return s
}

func TestSortStableFuncIsAsItsTwin(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		eachOrder(t, sortSizes(), func(t *testing.T, _ *rand.Rand, keys []int) {
			s, want := tag(keys), tag(keys)
			slices.SortStableFunc(want, byKey)
			SortStableFunc(rt, s, byKey)
			require.True(t, slices.Equal(s, want))
		})
	})
}

// Equal floats that differ in their bits stay in order.
func TestSortStableKeepsZerosAndNaNs(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		rng := testkit.Rand(t)
		for _, n := range sortSizes() {
			s := make([]float64, n)
			for i := range s {
				switch rng.IntN(4) {
				case 0:
					s[i] = math.Float64frombits(0x7ff8<<48 | uint64(i) | rng.Uint64()&(1<<63))
				case 1:
					s[i] = math.Copysign(0, float64(rng.IntN(2))-0.5)
				default:
					s[i] = float64(rng.IntN(5) - 2)
				}
			}
			want := slices.Clone(s)
			slices.SortStableFunc(want, cmp.Compare[float64])
			SortStable(rt, s)
			require.True(t, slices.EqualFunc(s, want, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }))
		}
		ints := make([]int, 5000)
		for i := range ints {
			ints[i] = rng.Int()
		}
		SortStable(rt, ints)
		require.True(t, slices.IsSorted(ints))
	})
}

func TestIsSortedIsAsItsTwin(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		eachOrder(t, sortSizes(), func(t *testing.T, rng *rand.Rand, s []int) {
			require.Equal(t, slices.IsSorted(s), IsSorted(rt, s))
			slices.Sort(s)
			require.True(t, IsSorted(rt, s))
			if len(s) > 1 {
				i := 1 + rng.IntN(len(s)-1)
				s[i] = s[i-1] - 1
				require.False(t, IsSorted(rt, s))
				require.False(t, IsSortedFunc(rt, s, cmp.Compare[int]))
				slices.Reverse(s)
				down := func(a, b int) int { return cmp.Compare(b, a) }
				require.Equal(t, slices.IsSortedFunc(s, down), IsSortedFunc(rt, s, down))
			}
		})
		require.True(t, IsSorted(rt, []float64{math.NaN(), math.NaN(), -1, 0}))
		require.False(t, IsSorted(rt, []float64{-1, math.NaN()}))
	})
}
