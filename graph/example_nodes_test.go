// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// runExample runs a graph on two workers, and prints its error if there is one.
func runExample(g *graph.Graph, opts ...graph.RunOption) {
	rt, err := sched.New(sched.Workers(2))
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	if err := g.Run(context.Background(), rt, opts...); err != nil {
		fmt.Println(err)
	}
}

// Values go from node to node; wiring one to another is the edge.
func ExampleApply() {
	g := graph.New("words")
	text := graph.Source(g, "read", func(context.Context) (string, error) { return "to be or not to be", nil })
	words := graph.Apply(g, "split", func(_ context.Context, s string) ([]string, error) { return strings.Fields(s), nil }, text)
	lengths := graph.Each(g, "length", func(_ context.Context, w string) (int, error) { return len(w), nil }, words)
	var result []int
	runExample(g, graph.Into(lengths, &result))
	fmt.Println(result)
	// Output: [2 2 2 3 2 2]
}

// The same graph, run with another value.
func ExampleInput() {
	g := graph.New("greeting")
	name := graph.Input[string](g, "name")
	hello := graph.Apply(g, "greet", func(_ context.Context, n string) (string, error) { return "Hello, " + n, nil }, name)
	for _, n := range []string{"Ann", "Bob"} {
		var text string
		runExample(g, graph.With(name, n), graph.Into(hello, &text))
		fmt.Println(text)
	}
	// Output:
	// Hello, Ann
	// Hello, Bob
}

// A branch that leads back makes a loop.
func ExampleGraph_Branch() {
	g := graph.New("halve until odd")
	n := 40
	halve := g.Do("halve", func() { n /= 2 }).First()
	g.Branch("odd?", func(context.Context) (int, error) {
		if n%2 == 1 {
			return graph.Stop, nil
		}
		return 0, nil
	}, halve).After(halve)
	runExample(g)
	fmt.Println(n)
	// Output: 5
}

// How many parts there are is known when the node runs.
func ExampleGraph_Sub() {
	g := graph.New("files")
	var sizes [3]int
	parts := g.Sub("parts", func(_ context.Context, s *graph.Sub) error {
		for i, name := range []string{"a", "bb", "ccc"} {
			s.Do(name, func() { sizes[i] = len(name) })
		}
		return nil
	})
	g.Do("print", func() { fmt.Println(sizes) }).After(parts)
	runExample(g)
	// Output: [1 2 3]
}

// What waits, and what blocks, holds no worker.
func ExampleAwait() {
	g := graph.New("waits")
	slept := graph.Await(g, "sleep", func(context.Context) future.Future[string] {
		return future.Map(timer.Sleep(0), func(struct{}) string { return "slept" })
	})
	read := graph.Blocking(g, "read", func(context.Context) (string, error) { return "read a file", nil })
	graph.Apply2(g, "print", func(_ context.Context, a, b string) (int, error) { return fmt.Println(a, "and", b) }, slept, read)
	runExample(g)
	// Output: slept and read a file
}

// A node forks on the worker that it was given; the loops of package par take it too.
func ExampleGraph_Fork() {
	g := graph.New("squares")
	var squares [5]int
	g.Fork("square", func(_ context.Context, w *workers.Worker) error {
		workers.JoinN(w, len(squares), func(_ *workers.Worker, i int) { squares[i] = i * i })
		return nil
	})
	runExample(g)
	fmt.Println(squares)
	// Output: [0 1 4 9 16]
}

func ExampleNode_Retry() {
	g := graph.New("flaky")
	tries := 0
	g.Add("fetch", func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("no answer")
		}
		return nil
	}).Retry(5, nil)
	runExample(g)
	fmt.Println("tries:", tries)
	// Output: tries: 3
}

// Two nodes never use the disk at the same time, whatever their order.
func ExampleNode_Uses() {
	g := graph.New("disk")
	disk := graph.NewSemaphore("disk", 1)
	writing := 0
	for _, name := range []string{"a", "b", "c"} {
		g.Do(name, func() {
			writing++
			if writing > 1 {
				fmt.Println("two at once")
			}
			writing--
		}).Uses(disk, 1)
	}
	runExample(g)
	// Output:
}

// Of what has failed, the rest goes on.
func ExampleOnFailure() {
	g := graph.New("g")
	bad := g.Add("bad", func(context.Context) error { return errors.New("broken") })
	g.Do("behind", func() { fmt.Println("not reached") }).After(bad)
	g.Do("beside", func() { fmt.Println("beside") })
	runExample(g, graph.OnFailure(graph.StopDependents))
	// Output:
	// beside
	// graph g: node bad: broken
}

// A second run goes on where the first one failed.
func ExampleResume() {
	g := graph.New("g")
	broken := true
	first := g.Do("first", func() { fmt.Println("first") })
	g.Add("second", func(context.Context) error {
		if broken {
			return errors.New("broken")
		}
		fmt.Println("second")
		return nil
	}).After(first)
	var done graph.Checkpoint
	runExample(g, graph.Resume(&done))
	broken = false
	runExample(g, graph.Resume(&done))
	// Output:
	// first
	// graph g: node second: broken
	// second
}

// A graph inside of another one.
func ExampleGraph_Module() {
	double := graph.New("double")
	in := graph.Input[int](double, "in")
	out := graph.Apply(double, "times 2", func(_ context.Context, n int) (int, error) { return 2 * n, nil }, in)

	g := graph.New("g")
	five := graph.Source(g, "five", func(context.Context) (int, error) { return 5, nil })
	m := g.Module("double it", double)
	graph.Bind(m, in, five)
	var result int
	runExample(g, graph.Into(graph.Export(m, out), &result))
	fmt.Println(result)
	// Output: 10
}

// A flow is a graph that grows while it runs.
func ExampleFlow() {
	rt, err := sched.New(sched.Workers(2))
	if err != nil {
		panic(err)
	}
	defer rt.Close()
	ctx := context.Background()
	f := graph.NewFlow(ctx, rt, "f", graph.StopRun)
	a := graph.Submit(f, "a", func(context.Context) (int, error) { return 20, nil })
	b := graph.Submit(f, "b", func(context.Context) (int, error) { return 22, nil })
	sum := graph.Submit(f, "sum", func(context.Context) (int, error) {
		x, _ := a.Value()
		y, _ := b.Value()
		return x + y, nil
	}, a, b)
	fmt.Println(f.Wait(ctx))
	fmt.Println(sum.Value())
	// Output:
	// <nil>
	// 42 <nil>
}

// A report says what each node took, and draws it.
func ExampleProfile() {
	g := graph.New("g")
	g.Do("b", func() {}).After(g.Do("a", func() {}))
	var r graph.Report
	runExample(g, graph.Profile(&r))
	path, _ := r.CriticalPath()
	for _, n := range path {
		fmt.Println(n.Name())
	}
	// r.WriteSVG, r.WriteTrace, r.WriteDOT and r.WriteTable write it.
	// Output:
	// a
	// b
}
