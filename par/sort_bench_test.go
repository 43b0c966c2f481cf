// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/sched"
)

// benchmarkSort measures sorts of copies of the input, ns an element, on 1 and 2
// workers and by package slices.
func benchmarkSort[E any](b *testing.B, name string, input []E, serial func(s []E), sort func(at sched.Spawner, s []E)) {
	s := make([]E, len(input))
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var took time.Duration
			copies := max(1, 1000/len(input)) // the clock is slower than a short sort
			for b.Loop() {
				for range copies {
					copy(s, input)
					began := time.Now()
					f()
					took += time.Since(began)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(took)/float64(b.N)/float64(len(input)*copies), "ns/elem")
		})
	}
	run(name+"/slices", func() { serial(s) })
	for _, n := range []int{1, 2} {
		rt := newRuntime(b, n)
		run(fmt.Sprintf("%s/%d", name, n), func() { sort(rt, s) })
	}
}

func shuffledInts(n int) []int {
	rng := rand.New(rand.NewPCG(1, 2))
	s := make([]int, n)
	for i := range s {
		s[i] = int(rng.Uint64())
	}
	return s
}

// BenchmarkSortShort finds the lengths from which a way to sort is worth it.
func BenchmarkSortShort(b *testing.B) {
	for _, n := range []int{10, 100, 500, 1000, 2000, 4000, 8000, 16000, 64000} {
		size := "n=" + strconv.Itoa(n)
		benchmarkSort(b, "int/"+size, shuffledInts(n), slices.Sort, Sort)
		benchmarkSort(b, "func/"+size, tag(shuffledInts(n)), func(s []tagged) { slices.SortFunc(s, byKey) },
			func(at sched.Spawner, s []tagged) { SortFunc(at, s, byKey) })
		benchmarkSort(b, "stable/"+size, tag(shuffledInts(n)), func(s []tagged) { slices.SortStableFunc(s, byKey) },
			func(at sched.Spawner, s []tagged) { SortStableFunc(at, s, byKey) })
	}
}

// BenchmarkSort sorts slices that do not fit into a cache, in several orders.
func BenchmarkSort(b *testing.B) {
	const n = 2_000_000
	rng := rand.New(rand.NewPCG(1, 2))
	for _, p := range sortPatterns {
		keys := make([]int, n)
		for i := range keys {
			keys[i] = p.at(rng, i, n)
		}
		benchmarkSort(b, "int/"+p.name, keys, slices.Sort, Sort)
		floats := make([]float64, n)
		for i, k := range keys {
			floats[i] = float64(k) / 3
		}
		benchmarkSort(b, "float64/"+p.name, floats, slices.Sort, Sort)
		benchmarkSort(b, "func/"+p.name, tag(keys), func(s []tagged) { slices.SortFunc(s, byKey) },
			func(at sched.Spawner, s []tagged) { SortFunc(at, s, byKey) })
		benchmarkSort(b, "stable/"+p.name, tag(keys), func(s []tagged) { slices.SortStableFunc(s, byKey) },
			func(at sched.Spawner, s []tagged) { SortStableFunc(at, s, byKey) })
		texts := make([]string, n/4)
		for i := range texts {
			texts[i] = strconv.Itoa(keys[4*i] + 1e9)
		}
		benchmarkSort(b, "string/"+p.name, texts, slices.Sort, Sort)
	}
}

// BenchmarkMerge merges two halves, by a loop and by the workers.
func BenchmarkMerge(b *testing.B) {
	const n = 2_000_000
	x, y := shuffledInts(n), shuffledInts(n)
	slices.Sort(x)
	slices.Sort(y)
	benchmarkSort(b, "int", make([]int, 2*n), func(s []int) { mergeFunc(s, x, y, cmp.Compare[int]) },
		func(at sched.Spawner, s []int) { MergeTo(at, s, x, y) })
	benchmarkSort(b, "func", make([]tagged, 2*n), func(s []tagged) { mergeFunc(s, tag(x), tag(y), byKey) },
		func(at sched.Spawner, s []tagged) { MergeToFunc(at, s, tag(x), tag(y), byKey) })
}
