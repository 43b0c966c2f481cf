// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

// The example of the README.
func Example_aGraph() {
	ctx := context.Background()
	rt, err := sched.New()
	if err != nil {
		panic(err)
	}
	defer rt.Close()

	step := func(context.Context) error { return nil }
	parseFiles, checkTypes, vet := step, step, step
	link := func(context.Context) error { fmt.Println("linked"); return nil }

	g := graph.New("build")
	parse := g.Add("parse", parseFiles)
	check := g.Add("check", checkTypes).After(parse)
	g.Add("vet", vet).After(parse)
	g.Add("link", link).After(check)
	err = g.Run(ctx, rt)
	fmt.Println(err)
	// Output:
	// linked
	// <nil>
}
