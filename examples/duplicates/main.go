// SPDX-License-Identifier: Apache-2.0

// Duplicates finds files with equal contents, and reads of each no more than it has
// to: those of one size are compared block by block until they differ.
//
//	go run ./duplicates                          # below the current directory
//	go run ./duplicates -least 100000 ~/photos ~/backup
//
// The graph: a subgraph that grows with the tree of directories, a node for each; a
// branch that skips the comparing when no two sizes agree; and a loop whose rounds
// each build a subgraph for the files that are still alike, until none are left or
// all are read to the end. The pictures of a run are written by -dot and -timeline.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pilfer-go/pilfer/examples/internal/program"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/sched"
)

func main() { program.Main("duplicates", run) }

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	fs := flag.NewFlagSet("duplicates", flag.ContinueOnError)
	least := fs.Int64("least", 1, "leave out files of fewer `bytes`")
	dot := fs.String("dot", "", "write the graph for Graphviz, coloured by time, to this `file`")
	timeline := fs.String("timeline", "", "write what each worker did, as SVG, to this `file`")
	if err := program.Parse(fs, out, args, -1); err != nil {
		return err
	}
	if *least < 1 {
		return program.Usage("-least %d: want at least 1: all empty files are equal", *least)
	}
	roots := fs.Args()
	if len(roots) == 0 {
		roots = []string{"."}
	}
	rt, err := sched.New(sched.LockThreads(false))
	if err != nil {
		return err
	}
	defer rt.Close()
	s := newSearch(*least)
	var report graph.Report
	if err := s.graph(roots).Run(ctx, rt, graph.Profile(&report)); err != nil {
		return err
	}
	err = errors.Join(draw(*dot, report.WriteDOT), draw(*timeline, report.WriteSVG))
	s.print(out)
	return errors.Join(append(s.unread, err)...)
}

// draw writes a picture to the file of that name, if there is one.
func draw(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// graph makes the graph: directories, then rounds.
func (s *search) graph(roots []string) *graph.Graph {
	g := graph.New("duplicates")
	walked := g.Sub("walk", func(_ context.Context, sub *graph.Sub) error {
		for _, root := range distinct(roots) {
			s.directory(sub.Graph, root, root, true)
		}
		return nil
	})
	sized := g.Do("sort by size", s.bySize).After(walked)
	round := g.Sub("compare", func(_ context.Context, sub *graph.Sub) error {
		s.round(sub.Graph)
		return nil
	})
	done := g.Do("sum up", s.sumUp)
	g.Branch("any alike?", s.next, round, done).After(sized)
	g.Branch("still alike?", s.next, round, done).After(round)
	return g
}

// directory adds a node that lists a directory, and adds one for each directory in it.
// One that the user has named must be there.
func (s *search) directory(g *graph.Graph, name, path string, named bool) {
	g.Sub(name, func(_ context.Context, sub *graph.Sub) error {
		below, err := s.list(path)
		if err != nil && named {
			return err
		}
		s.note(err)
		for _, d := range below {
			s.directory(sub.Graph, d, filepath.Join(path, d), false)
		}
		return nil
	})
}

// round adds the nodes that compare the next block of all files that are alike so
// far: some to read, and for each group one that splits it.
func (s *search) round(g *graph.Graph) {
	alike, at, size := s.begin()
	for _, group := range alike {
		split := g.Do(group[0].path, func() { s.split(group, at+size) })
		for lo := 0; lo < len(group); lo += partSize {
			part := group[lo:min(lo+partSize, len(group))]
			split.After(g.Do("", func() { s.read(part, at, size) }))
		}
	}
}

// next picks another round, or the end.
func (s *search) next(context.Context) (int, error) {
	if len(s.alike) > 0 {
		return 0, nil
	}
	return 1, nil
}

// print writes the groups, those first that waste most.
func (s *search) print(out io.Writer) {
	files, bytes := 0, int64(0)
	for _, group := range s.equal {
		files += len(group) - 1
		bytes += int64(len(group)-1) * group[0].size
		fmt.Fprintf(out, "%d files of %d bytes:\n", len(group), group[0].size)
		for _, f := range group {
			fmt.Fprintf(out, "  %s\n", f.path)
		}
	}
	fmt.Fprintf(out, "%d groups; without %d of %d files there would be %d bytes less\n", len(s.equal), files, len(s.files), bytes)
	fmt.Fprintf(out, "read %d of %d bytes, in %d rounds\n", s.bytes, s.all, s.rounds)
}
