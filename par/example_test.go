// SPDX-License-Identifier: Apache-2.0

package par_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

func run(example func(rt *sched.Runtime)) {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	example(rt)
}

func ExampleFor() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	squares := make([]int, 5)
	par.For(rt, len(squares), func(i int) { squares[i] = i * i })
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

func ExampleForContext() {
	run(func(rt *sched.Runtime) {
		full := errors.New("disk is full")
		err := par.ForContext(context.Background(), rt, 100, func(i int) error {
			if i == 42 {
				return fmt.Errorf("file %d: %w", i, full)
			}
			return nil
		})
		fmt.Println(err, errors.Is(err, full))
	})
	// Output: file 42: disk is full true
}

func ExampleForBlocks() {
	run(func(rt *sched.Runtime) {
		a, b := []float64{1, 2, 3}, []float64{4, 5, 6}
		par.ForBlocks(rt, len(a), func(lo, hi int) {
			for i := lo; i < hi; i++ { // a plain loop, with everything inlined
				a[i] += b[i]
			}
		})
		fmt.Println(a)
	})
	// Output: [5 7 9]
}

func ExampleMap() {
	run(func(rt *sched.Runtime) {
		fmt.Println(par.Map(rt, []string{"steal", "work"}, strings.ToUpper))
	})
	// Output: [STEAL WORK]
}

func ExampleFilter() {
	run(func(rt *sched.Runtime) {
		fmt.Println(par.Filter(rt, []int{3, 8, 1, 6}, func(n int) bool { return n%2 == 0 }))
	})
	// Output: [8 6]
}

func ExampleGroupBy() {
	run(func(rt *sched.Runtime) {
		words := []string{"fork", "join", "steal", "scan"}
		fmt.Println(par.GroupBy(rt, words, func(w string) int { return len(w) }))
	})
	// Output: map[4:[fork join scan] 5:[steal]]
}

func ExampleReduce() {
	run(func(rt *sched.Runtime) {
		fmt.Println(par.Reduce(rt, []string{"a", "b", "c"}, "", func(a, b string) string { return a + b }))
	})
	// Output: abc
}

func ExampleFold() {
	run(func(rt *sched.Runtime) {
		letters := par.Fold(rt, []string{"work", "steal"},
			func() map[rune]int { return map[rune]int{} },
			func(count map[rune]int, word string) map[rune]int {
				for _, r := range word {
					count[r]++
				}
				return count
			},
			func(a, b map[rune]int) map[rune]int {
				for r, n := range b {
					a[r] += n
				}
				return a
			})
		fmt.Println(letters['w'], letters['e'], letters['z'])
	})
	// Output: 1 1 0
}

func ExampleReduceBlocks() {
	run(func(rt *sched.Runtime) {
		a, b := []float64{1, 2, 3}, []float64{4, 5, 6}
		dot := par.ReduceBlocks(rt, len(a), func(lo, hi int) (sum float64) {
			for i := lo; i < hi; i++ {
				sum += a[i] * b[i]
			}
			return sum
		}, func(a, b float64) float64 { return a + b })
		fmt.Println(dot)
	})
	// Output: 32
}

func ExampleScan() {
	run(func(rt *sched.Runtime) {
		plus := func(a, b int) int { return a + b }
		fmt.Println(par.Scan(rt, []int{1, 2, 3, 4}, plus))
		fmt.Println(par.ScanExclusive(rt, []int{1, 2, 3, 4}, 0, plus))
	})
	// Output:
	// [1 3 6 10]
	// [0 1 3 6]
}

func ExampleScanBlocks() {
	run(func(rt *sched.Runtime) {
		lengths := []int{3, 1, 4, 1, 5}
		begins := make([]int, len(lengths))
		par.ScanBlocks(rt, len(lengths), 0, func(lo, hi int) (all int) {
			for _, n := range lengths[lo:hi] {
				all += n
			}
			return all
		}, func(at, lo, hi int) {
			for i, n := range lengths[lo:hi] {
				begins[lo+i] = at
				at += n
			}
		}, func(a, b int) int { return a + b })
		fmt.Println(begins)
	})
	// Output: [0 3 4 8 9]
}

func ExampleFind() {
	run(func(rt *sched.Runtime) {
		fmt.Println(par.Find(rt, []int{4, 9, 16, 25}, func(n int) bool { return n > 10 }))
	})
	// Output: 2
}

func ExamplePanicError() {
	run(func(rt *sched.Runtime) {
		defer func() {
			err := recover().(*par.PanicError)
			fmt.Println(err.Index, err.Value)
		}()
		par.For(rt, 100, func(i int) {
			if i == 42 {
				panic("no")
			}
		})
	})
	// Output: 42 no
}

func ExamplePipe() {
	run(func(rt *sched.Runtime) {
		words := par.From(slices.Values([]string{"steal", "only", "from", "the", "top"}))
		lengths := par.Parallel(words, func(w string) (int, error) { return len(w), nil }) // many at once
		total := 0
		totals := par.Serial(lengths, func(n int) (int, error) { // in order, one at a time
			total += n
			return total, nil
		})
		for n, err := range totals.All(context.Background(), rt, par.InFlight(3)) {
			fmt.Println(n, err)
		}
	})
	// Output:
	// 5 <nil>
	// 9 <nil>
	// 13 <nil>
	// 16 <nil>
	// 19 <nil>
}

func ExampleMapSeq() {
	run(func(rt *sched.Runtime) {
		for s := range par.MapSeq(rt, slices.Values([]string{"a", "b", "c", "d"}), strings.ToUpper) {
			if s == "C" {
				break // no more is asked for, and nothing is left behind
			}
			fmt.Println(s)
		}
	})
	// Output:
	// A
	// B
}
