// SPDX-License-Identifier: Apache-2.0

package par_test

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

func ExampleSort() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	s := []float64{2.5, -1, 10, 0.5}
	par.Sort(rt, s)
	fmt.Println(s, par.IsSorted(rt, s))
	// Output: [-1 0.5 2.5 10] true
}

func ExampleSortStableFunc() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	words := strings.Fields("the quick brown fox jumps over the lazy dog")
	par.SortStableFunc(rt, words, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	fmt.Println(words)
	// Output: [the fox the dog over lazy quick brown jumps]
}

func ExampleMerge() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	fmt.Println(par.Merge(rt, []int{1, 4, 9}, []int{2, 3, 5, 7}))
	// Output: [1 2 3 4 5 7 9]
}
