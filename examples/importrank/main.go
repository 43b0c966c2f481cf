// SPDX-License-Identifier: Apache-2.0

// Importrank ranks Go packages by how much depends on them, as PageRank does with
// pages: a package is as important as those that import it. It shows a loop and a
// subgraph that is built at run time, on real input.
//
//	go run ./importrank                 # the standard library
//	go run ./importrank -top 5 net/http
//
// The graph: a node that waits for `go list` without holding a worker; a node that
// builds, in each round, one node for each part of the packages; and a branch that
// goes back to it until the ranks stand still. The picture of the graph is written
// by -dot.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"

	"github.com/pilfer-go/pilfer/examples/internal/program"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

func main() { program.Main("importrank", run) }

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	fs := flag.NewFlagSet("importrank", flag.ContinueOnError)
	top := fs.Int("top", 10, "how many packages to print")
	dot := fs.String("dot", "", "write the graph for Graphviz, coloured by time, to this `file`")
	if err := program.Parse(fs, out, args, -1); err != nil {
		return err
	}
	if *top < 0 {
		return program.Usage("-top %d: want none or more", *top)
	}
	patterns := fs.Args()
	if len(patterns) == 0 {
		patterns = []string{"std"}
	}
	rt, err := sched.New(sched.LockThreads(false))
	if err != nil {
		return err
	}
	defer rt.Close()
	r := &ranking{}
	var report graph.Report
	if err := r.graph(patterns).Run(ctx, rt, graph.Profile(&report)); err != nil {
		return err
	}
	if *dot != "" {
		f, err := os.Create(*dot)
		if err != nil {
			return err
		}
		if err := errors.Join(report.WriteDOT(f), f.Close()); err != nil {
			return err
		}
	}
	how := "stand still"
	if r.rounds == mostRounds {
		how = "still move"
	}
	fmt.Fprintf(out, "%d packages, ranks %s after %d rounds\n", len(r.packages), how, r.rounds)
	for _, i := range r.best(*top) {
		fmt.Fprintf(out, "%8.5f  %s, imported by %d\n", r.rank[i], r.packages[i].ImportPath, len(r.packages[i].importers))
	}
	return nil
}

// A pkg is what `go list` tells of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	importers  []int
	imports    int // of those that are listed
}

// A ranking is the state of the loop: the nodes of one round write next, each its
// own part, and the node after them all makes it the rank.
type ranking struct {
	packages   []pkg
	rank, next []float64
	sinks      float64 // rank of packages that import nothing
	rounds     int
}

const (
	damping    = 0.85 // of the ranks, as PageRank has it
	still      = 1e-9 // they have moved by no more, all together
	mostRounds = 1000
	partSize   = 64
)

// graph makes the graph: list, then rounds of parts and a branch.
func (r *ranking) graph(patterns []string) *graph.Graph {
	g := graph.New("importrank")
	listed := graph.Blocking(g, "go list", func(ctx context.Context) ([]byte, error) {
		args := append([]string{"list", "-buildvcs=false", "-deps", "-json=ImportPath,Imports", "--"}, patterns...)
		text, err := exec.CommandContext(ctx, "go", args...).Output()
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.As(err, &exit):
			return nil, fmt.Errorf("go list: %s", bytes.TrimSpace(exit.Stderr))
		}
		return text, err
	})
	ready := graph.Sink(g, "link", func(_ context.Context, text []byte) error { return r.link(text) }, listed)
	round := g.Sub("round", func(_ context.Context, s *graph.Sub) error {
		r.rounds++
		for lo := 0; lo < len(r.packages); lo += partSize {
			s.Do("", func() { r.part(lo, min(lo+partSize, len(r.packages))) })
		}
		return nil
	}).After(ready)
	g.Branch("still?", func(context.Context) (int, error) {
		if r.settle() < still || r.rounds == mostRounds {
			return graph.Stop, nil
		}
		return 0, nil
	}, round).After(round)
	return g
}

// link reads the packages and turns imports around.
func (r *ranking) link(text []byte) error {
	index := map[string]int{}
	for dec := json.NewDecoder(bytes.NewReader(text)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		index[p.ImportPath] = len(r.packages)
		r.packages = append(r.packages, p)
	}
	if len(r.packages) == 0 {
		return errors.New("go list names no packages")
	}
	for i := range r.packages {
		for _, name := range r.packages[i].Imports {
			if j, ok := index[name]; ok {
				r.packages[j].importers = append(r.packages[j].importers, i)
				r.packages[i].imports++
			}
		}
	}
	r.rank, r.next = make([]float64, len(r.packages)), make([]float64, len(r.packages))
	for i := range r.next {
		r.next[i] = 1 / float64(len(r.next))
	}
	r.settle()
	return nil
}

// part computes the next rank of some packages.
func (r *ranking) part(lo, hi int) {
	n := float64(len(r.packages))
	for i := lo; i < hi; i++ {
		sum := r.sinks / n
		for _, j := range r.packages[i].importers {
			sum += r.rank[j] / float64(r.packages[j].imports)
		}
		r.next[i] = (1-damping)/n + damping*sum
	}
}

// settle makes the next ranks those that count, and returns how much they moved.
func (r *ranking) settle() (moved float64) {
	r.sinks = 0
	for i, v := range r.next {
		moved += max(v-r.rank[i], r.rank[i]-v)
		if r.packages[i].imports == 0 {
			r.sinks += v
		}
	}
	r.rank, r.next = r.next, r.rank
	return moved
}

// best returns the packages of the highest rank.
func (r *ranking) best(n int) []int {
	order := make([]int, len(r.packages))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.rank[b], r.rank[a]) })
	return order[:min(n, len(order))]
}
