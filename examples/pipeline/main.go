// SPDX-License-Identifier: Apache-2.0

// Pipeline looks for text in files, as a pipeline of workers: one stage finds the
// files, several read them, several search what was read, and one prints what they found
// in the order of the names.
//
//	go run ./pipeline -for 'func Test' ..
//	go run ./pipeline -readers 8 -searchers 2 -for TODO .
//
//	walk --> names --> read (4) --> texts --> search (N) --> hits --> print
//
// The stages are tasks, and between them are bounded channels: a stage that is faster
// than the next waits for it, so that at most a few files are in memory, however many
// there are. Closing a channel ends the stage behind it once that has taken the rest: so
// the end travels through the pipeline by itself. The first error cancels all.
//
// Walking and reading block, so each such call is one of sched.SpawnBlocking, which
// holds an ordinary goroutine and no worker. Searching is plain computing.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/pilfer-go/pilfer/examples/internal/program"
	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/sched"
)

func main() { program.Main("pipeline", run) }

// A query says what to look for, where, and how.
type query struct {
	root, what         string
	readers, searchers int
	readFile           func(name string) ([]byte, error)
}

// A text is a file that was read.
type text struct {
	name string
	data []byte
}

// A hit is a file in which something was found.
type hit struct {
	name  string
	lines int
}

func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("pipeline", flag.ContinueOnError)
	q := query{root: ".", readFile: os.ReadFile}
	flags.StringVar(&q.what, "for", "func main", "the text to look for")
	flags.IntVar(&q.readers, "readers", 4, "files that are read at the same time")
	flags.IntVar(&q.searchers, "searchers", runtime.GOMAXPROCS(0), "texts that are searched at the same time")
	if err := program.Parse(flags, out, args, 1); err != nil {
		return err
	}
	if q.readers < 1 || q.searchers < 1 || q.what == "" {
		return program.Usage("want positive -readers and -searchers, and something to look -for")
	}
	if flags.NArg() > 0 {
		q.root = flags.Arg(0)
	}
	rt, err := sched.New()
	if err != nil {
		return err
	}
	defer rt.Close()
	hits, err := q.search(ctx, rt)
	if err != nil {
		return err
	}
	lines := 0
	for _, h := range hits {
		fmt.Fprintf(out, "%s: %d\n", h.name, h.lines)
		lines += h.lines
	}
	fmt.Fprintf(out, "%d lines in %d files\n", lines, len(hits))
	return nil
}

type none = struct{}

// search runs the pipeline.
func (q *query) search(ctx context.Context, rt *sched.Runtime) ([]hit, error) {
	names := chans.MPMC[string](16)
	texts := chans.MPMC[text](4)
	hits := chans.MPSC[hit](16)

	walk := func() sched.JoinHandle[none] {
		return sched.SpawnBlocking(rt, func(ctx context.Context) (none, error) {
			return none{}, filepath.WalkDir(q.root, func(name string, d fs.DirEntry, err error) error {
				switch {
				case err != nil:
					return err
				case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != q.root:
					return filepath.SkipDir
				case !d.Type().IsRegular() || !strings.HasSuffix(name, ".go"):
					return nil
				}
				return names.Send(ctx, name)
			})
		})
	}
	read := func() sched.JoinHandle[none] {
		return sched.Spawn(rt, each(names, func(y *future.Await, name string) error {
			data, err := future.Get(y, sched.SpawnBlocking(y, func(context.Context) ([]byte, error) {
				return q.readFile(name)
			}))
			if err != nil {
				return err
			}
			_, err = future.Get(y, texts.SendFuture(text{name, data}))
			return err
		}))
	}
	look := func() sched.JoinHandle[none] {
		return sched.Spawn(rt, each(texts, func(y *future.Await, t text) error {
			n := 0
			for line := range bytes.Lines(t.data) {
				if bytes.Contains(line, []byte(q.what)) {
					n++
				}
			}
			if n == 0 {
				return nil
			}
			_, err := future.Get(y, hits.SendFuture(hit{t.name, n}))
			return err
		}))
	}
	stages := []future.Future[none]{
		stage(names, 1, walk),
		stage(texts, q.readers, read),
		stage(hits, q.searchers, look),
	}
	var found []hit
	stages = append(stages, each(hits, func(_ *future.Await, h hit) error {
		found = append(found, h)
		return nil
	}))
	// A JoinAll gives up at the first error, and drops the other stages.
	if _, err := sched.BlockOn(ctx, rt, future.JoinAll(stages...)); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b hit) int { return strings.Compare(a.name, b.name) })
	return found, nil
}

// each calls f for each value of a channel, until it is closed and empty.
func each[T any](from *chans.Chan[T], f func(*future.Await, T) error) future.Future[none] {
	return future.Async(func(y *future.Await) (none, error) {
		for {
			v, err := future.Get(y, from.RecvFuture())
			switch {
			case errors.Is(err, chans.ErrClosed):
				return none{}, nil
			case err != nil:
				return none{}, err
			}
			if err := f(y, v); err != nil {
				return none{}, err
			}
		}
	})
}

// stage starts n tasks, and closes their channel when all have ended. At the first error,
// or if it is dropped, it aborts them: to own a task is to end it.
func stage[T any](to *chans.Chan[T], n int, start func() sched.JoinHandle[none]) future.Future[none] {
	return future.Async(func(y *future.Await) (none, error) {
		defer to.Close()
		var all []future.Future[none]
		for range n {
			t := start()
			defer t.Abort()
			all = append(all, t)
		}
		_, err := future.Get(y, future.JoinAll(all...))
		return none{}, err
	})
}
