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
	a := g.Add("left", func(context.Context) error { left = 1 + 2; return nil })
	b := g.Add("right", func(context.Context) error { right = 3 + 4; return nil })
	g.Add("print", func(context.Context) error {
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
	hen := g.Add("hen", func(context.Context) error { return nil })
	egg := g.Add("egg", func(context.Context) error { return nil })
	hen.After(egg)
	egg.After(hen)
	fmt.Println(g.Validate())
	// Output: graph hen and egg: cycle: hen -> egg -> hen: take one of these edges out, or make it the target of a branch
}
