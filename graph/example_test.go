// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

func Example() {
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	var left, right int
	g := graph.New("sum")
	a := g.MustAdd("left", func(context.Context) error { left = 1 + 2; return nil })
	b := g.MustAdd("right", func(context.Context) error { right = 3 + 4; return nil })
	g.MustAdd("print", func(context.Context) error {
		fmt.Println(left + right)
		return nil
	}).After(a, b)

	if err := g.Run(context.Background(), rt); err != nil {
		fmt.Println(err)
	}
	// Output: 10
}

func ExampleGraph_Validate() {
	g := graph.New("hen and egg")
	hen := g.MustAdd("hen", func(context.Context) error { return nil })
	egg := g.MustAdd("egg", func(context.Context) error { return nil })
	hen.After(egg)
	egg.After(hen)
	fmt.Println(g.Validate())
	// Output: graph hen and egg: cycle: hen -> egg -> hen
}
