// SPDX-License-Identifier: Apache-2.0

package par_test

import (
	"fmt"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

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
