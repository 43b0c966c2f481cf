// SPDX-License-Identifier: Apache-2.0

package par_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

func shade(i int) byte { return byte(i * 17) }

// The example of the README.
func Example_loopsAndSorts() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	pixels := make([]byte, 4)
	weights := []float64{0.5, 0.25, 0.25}
	ids := []int{3, 1, 2}
	files := []string{"a.go", "b.go"}
	parse := func(context.Context, string) error { return nil }

	par.For(rt, len(pixels), func(i int) { pixels[i] = shade(i) })
	sum := par.Sum(rt, weights) // the same bits on any number of workers
	par.Sort(rt, ids)
	err = par.ForEachContext(ctx, rt, files, func(_ int, f string) error { return parse(ctx, f) })
	fmt.Println(pixels, sum, ids, err)
	// Output: [0 17 34 51] 1 [1 2 3] <nil>
}
