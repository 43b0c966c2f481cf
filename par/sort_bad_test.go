// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// comparing are the sorts that call back, in sizes that reach all of their steps.
var comparing = []struct {
	name string
	n    int
	sort func(ctx context.Context, at sched.Spawner, s []tagged, compare func(a, b tagged) int) error
}{
	{"func", 2*quickChunk + 100, SortFuncContext[[]tagged]},
	{"stable appended", 3 * stableLeaf, SortStableFuncContext[[]tagged]},
	{"short func", 100, SortFuncContext[[]tagged]},
	{"stable", 4*stableLeaf + 100, SortStableFuncContext[[]tagged]},
	{"stable serial", stableLeaf / 3, SortStableFuncContext[[]tagged]},
	{"short stable", 100, SortStableFuncContext[[]tagged]},
}

// eachStop calls test for every sort and for comparisons spread over all it does,
// each after the same elements in the same order.
func eachStop(t *testing.T, rt *sched.Runtime, test func(name string, rng *rand.Rand, s []tagged, stop int64,
	sort func(ctx context.Context, compare func(a, b tagged) int) error)) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for _, c := range comparing {
			keys := rng.Perm(c.n)
			for i := range keys {
				keys[i] /= 3
			}
			if c.name == "stable appended" {
				slices.Sort(keys[:len(keys)/8*7+1])
			}
			s := tag(keys)
			var count point.Int64
			require.NoError(t, c.sort(background, rt, s, func(a, b tagged) int { count.Inc(); return byKey(a, b) }))
			for range 5 {
				s := tag(keys)
				stop := 1 + rng.Int64N(count.Load())
				test(c.name, rng, s, stop, func(ctx context.Context, compare func(a, b tagged) int) error {
					return c.sort(ctx, rt, s, compare)
				})
			}
		}
	})
}

// requireAll fails unless s is a permutation of what tag returned.
func requireAll(t *testing.T, s []tagged, keys ...any) {
	t.Helper()
	seen := make([]bool, len(s))
	for _, x := range s {
		if seen[x.place] {
			t.Fatal(append([]any{"twice: ", x}, keys...)...)
		}
		seen[x.place] = true
	}
}

func TestPanicInComparisonLosesNothing(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		boom := errors.New("boom")
		eachStop(t, rt, func(name string, _ *rand.Rand, s []tagged, stop int64, sort func(context.Context, func(a, b tagged) int) error) {
			var count point.Int64
			err := sort(background, func(a, b tagged) int {
				if count.Inc() == stop {
					panic(boom)
				}
				return byKey(a, b)
			})
			requireAll(t, s, name, stop)
			if count.Load() >= stop {
				require.ErrorIs(t, err, boom, name)
				var p *PanicError
				require.ErrorAs(t, err, &p)
			}
		})
		require.Panics(t, func() { SortFunc(rt, []int{1, 2}, func(int, int) int { panic(boom) }) })
		require.Panics(t, func() { SortStableFunc(rt, make([]int, 5000), func(int, int) int { panic(boom) }) })
		require.Panics(t, func() { IsSortedFunc(rt, make([]int, 50000), func(int, int) int { panic(boom) }) })
		require.Panics(t, func() { MergeFunc(rt, make([]int, 5000), make([]int, 5000), func(int, int) int { panic(boom) }) })
	})
}

func TestGoexitInComparisonLosesNothing(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		eachStop(t, rt, func(name string, _ *rand.Rand, s []tagged, stop int64, sort func(context.Context, func(a, b tagged) int) error) {
			if stop%2 != 0 {
				return
			}
			var count point.Int64
			done := make(chan none)
			go func() {
				defer close(done)
				err := sort(background, func(a, b tagged) int {
					if count.Inc() == stop {
						runtime.Goexit()
					}
					return byKey(a, b)
				})
				if err != nil && !errors.Is(err, sched.ErrGoexit) {
					t.Error(err)
				}
			}()
			<-done
			requireAll(t, s, name, stop)
		})
	})
}

func TestCancelInComparisonLosesNothing(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		ended := 0
		eachStop(t, rt, func(name string, _ *rand.Rand, s []tagged, stop int64, sort func(context.Context, func(a, b tagged) int) error) {
			ctx, cancel := context.WithCancelCause(background)
			defer cancel(nil)
			enough := errors.New("enough")
			told := make(chan none)
			// Registered before the sort's own, but in a goroutine of its own, too.
			context.AfterFunc(ctx, func() { close(told) })
			var count point.Int64
			err := sort(ctx, func(a, b tagged) int {
				if count.Inc() == stop {
					cancel(enough)
					<-told
				}
				return byKey(a, b)
			})
			requireAll(t, s, name, stop)
			if err != nil {
				ended++
				require.ErrorIs(t, err, enough, name)
			} else {
				require.True(t, slices.IsSortedFunc(s, byKey), "%s %d", name, stop)
			}
		})
		require.NotZero(t, ended, "no cancellation was seen")
	})
}

// canceled calls f in a scope that is canceled.
func canceled(t *testing.T, w *workers.Worker, f func(w *workers.Worker)) {
	ctx, cancel := context.WithCancel(background)
	require.NoError(t, workers.Try(ctx, w, func(w *workers.Worker) error {
		cancel()
		for w.Err() == nil {
			runtime.Gosched()
		}
		f(w)
		return nil
	}))
}

func TestCancelBetweenPassesLosesNothing(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		rng := testkit.Rand(t)
		s := make([]uint64, 2*radixWide)
		for i := range s {
			s[i] = rng.Uint64() >> (8 * rng.IntN(2))
		}
		want := slices.Sorted(slices.Values(s))
		_, err := sched.Call(background, rt, func(w *workers.Worker) (none, error) {
			o := floatOrder[uint64](infinity64)
			r := &radixSort[uint64]{order: o, s: s, keys: make([]uint64, len(s)), cancel: true}
			ends := radixScatter(w, o, r.keys, s, radixSpanIn(w, o, s))
			before := slices.Clone(r.keys)
			o.numbers(before)
			half := len(ends) / 2
			r.buckets(w, 0, ends[:half])
			canceled(t, w, func(w *workers.Worker) { r.buckets(w, 0, ends) })
			require.True(t, slices.Equal(before[ends[half]:], s[ends[half]:]), "sorted, though canceled")
			canceled(t, w, func(w *workers.Worker) { r.sort(w) })
			return none{}, nil
		})
		require.NoError(t, err)
		slices.Sort(s)
		require.True(t, slices.Equal(want, s))
	})
}

func TestCanceledContextTouchesNothing(t *testing.T) {
	rt := newRuntime(t, 2)
	ctx, cancel := context.WithCancel(background)
	cancel()
	ints := []int{3, 1, 2}
	require.ErrorIs(t, SortContext(ctx, rt, ints), context.Canceled)
	require.ErrorIs(t, SortStableContext(ctx, rt, ints), context.Canceled)
	require.ErrorIs(t, SortFuncContext(ctx, rt, ints, cmp.Compare[int]), context.Canceled)
	require.ErrorIs(t, SortStableFuncContext(ctx, rt, ints, cmp.Compare[int]), context.Canceled)
	require.ErrorIs(t, MergeToContext(ctx, rt, make([]int, 3), ints, nil), context.Canceled)
	require.ErrorIs(t, MergeToFuncContext(ctx, rt, make([]int, 3), ints, nil, cmp.Compare[int]), context.Canceled)
	_, err := IsSortedContext(ctx, rt, ints)
	require.ErrorIs(t, err, context.Canceled)
	_, err = IsSortedFuncContext(ctx, rt, ints, cmp.Compare[int])
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int{3, 1, 2}, ints)
}

// A sort without a context in a computation that is canceled sorts all the same.
func TestSortInCanceledScope(t *testing.T) {
	rt := newRuntime(t, 2)
	_, err := sched.Call(background, rt, func(w *workers.Worker) (none, error) {
		canceled(t, w, func(w *workers.Worker) {
			ints := shuffledInts(100_000)
			Sort(w, ints)
			require.True(t, slices.IsSorted(ints))
			s := tag(shuffledInts(100_000))
			SortFunc(w, s, byKey)
			require.True(t, IsSortedFunc(w, s, byKey))
			s = tag(shuffledInts(100_000))
			SortStableFunc(w, s, byKey)
			require.True(t, IsSortedFunc(w, s, byKey))
		})
		return none{}, nil
	})
	require.NoError(t, err)
}

// A comparison that is no order gives some order, and an end.
func TestSortByNonsense(t *testing.T) {
	var flip point.Int64
	nonsense := map[string]func(a, b tagged) int{
		"random":     func(_, _ tagged) int { return rand.IntN(3) - 1 },
		"less":       func(_, _ tagged) int { return -1 },
		"greater":    func(_, _ tagged) int { return 1 },
		"equal":      func(_, _ tagged) int { return 0 },
		"turns":      func(_, _ tagged) int { return int(flip.Inc()%3) - 1 },
		"circle":     func(a, b tagged) int { return (a.key-b.key+300)%3 - 1 },
		"less equal": func(a, b tagged) int { return cmp.Compare(a.key, b.key)*2 - 1 },
	}
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		rng := testkit.Rand(t)
		for name, compare := range nonsense {
			for _, c := range comparing {
				s := tag(rng.Perm(c.n))
				require.NoError(t, c.sort(background, rt, s, compare))
				requireAll(t, s, name, c.name)
			}
			for range 20 {
				s := tag(rng.Perm(1 + rng.IntN(100)))
				n := rng.IntN(len(s) + 1)
				mergeBack(s, n, slices.Clone(s[n:]), compare)
				requireAll(t, s, name, "appended")
			}
		}
	})
}

func TestSortAfterClose(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	for _, n := range []int{0, 10, 100_000} {
		require.PanicsWithError(t, sched.ErrClosed.Error(), func() { Sort(rt, make([]int, n)) }, fmt.Sprint(n))
	}
}

// What a sort allocates does not depend on the length, but for the buffer and a
// few words for each part.
func TestSortAllocations(t *testing.T) {
	rt := newRuntime(t, 1)
	ints, records := shuffledInts(100_000), tag(shuffledInts(100_000))
	s, r := make([]int, len(ints)), make([]tagged, len(records))
	for _, c := range []struct {
		name string
		most float64
		sort func()
	}{
		{"short", 4, func() { Sort(rt, s[:copy(s, ints[:100])]) }},
		{"short func", 4, func() { SortFunc(rt, r[:copy(r, records[:100])], byKey) }},
		{"short stable", 4, func() { SortStableFunc(rt, r[:copy(r, records[:100])], byKey) }},
		{"digits", 16, func() { copy(s, ints); Sort(rt, s) }},
		{"in place", 8, func() { copy(r, records); SortFunc(rt, r, byKey) }},
		{"stable", 8 + 4*100_000/(stableLeaf/4), func() { copy(r, records); SortStableFunc(rt, r, byKey) }},
	} {
		require.LessOrEqual(t, testing.AllocsPerRun(3, c.sort), c.most, c.name)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	copy(r, records)
	SortFunc(rt, r, byKey)
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<16), "not in place")
}

// FuzzSort sorts bytes as several kinds of numbers, beside package slices.
func FuzzSort(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 9, 800, 8 * radixLeast, 9 * radixLeast} {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data, uint8(n))
	}
	f.Fuzz(func(t *testing.T, data []byte, few uint8) {
		rt := newRuntime(t, 2, sched.LockThreads(false))
		words := make([]uint64, len(data)/8)
		for i := range words {
			words[i] = binary.LittleEndian.Uint64(data[8*i:]) >> (few % 64)
		}
		for len(words) > 0 && len(words) < radixLeast {
			words = append(words, words...) // long enough for digits
		}
		fuzzAs(t, rt, words, func(x uint64) uint64 { return x })
		fuzzAs(t, rt, words, func(x uint64) int64 { return int64(x) })
		fuzzAs(t, rt, words, func(x uint64) int16 { return int16(x) })
		fuzzAs(t, rt, words, math.Float64frombits)
		fuzzAs(t, rt, words, func(x uint64) float32 { return math.Float32frombits(uint32(x)) })
		fuzzAs(t, rt, data, func(x byte) int8 { return int8(x) })
	})
}

func fuzzAs[W any, E cmp.Ordered](t *testing.T, rt *sched.Runtime, words []W, value func(x W) E) {
	s := make([]E, len(words))
	for i, x := range words {
		s[i] = value(x)
	}
	want := slices.Clone(s)
	slices.Sort(want)
	for _, sort := range []func(sched.Spawner, []E){Sort[[]E], SortStable[[]E], func(at sched.Spawner, s []E) { SortFunc(at, s, cmp.Compare[E]) }} {
		got := slices.Clone(s)
		sort(rt, got)
		if !slices.EqualFunc(got, want, func(a, b E) bool { return cmp.Compare(a, b) == 0 }) {
			t.Fatalf("%T: %v, want %v", s, got, want)
		}
	}
}
