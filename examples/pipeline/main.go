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

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/sched"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pipeline:", err)
		os.Exit(1)
	}
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
	what := flags.String("for", "func main", "the text to look for")
	readers := flags.Int("readers", 4, "files that are read at the same time")
	searchers := flags.Int("searchers", runtime.GOMAXPROCS(0), "texts that are searched at the same time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *readers < 1 || *searchers < 1 || *what == "" {
		return errors.New("readers and searchers must be positive, and there must be something to look for")
	}
	root := "."
	if flags.NArg() > 0 {
		root = flags.Arg(0)
	}
	rt, err := sched.New()
	if err != nil {
		return err
	}
	defer rt.Close()
	hits, err := search(ctx, rt, root, *what, *readers, *searchers)
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
func search(ctx context.Context, rt *sched.Runtime, root, what string, readers, searchers int) ([]hit, error) {
	names := chans.MPMC[string](16)
	texts := chans.MPMC[text](4)
	hits := chans.MPSC[hit](16)

	walk := func() sched.JoinHandle[none] {
		return sched.SpawnBlocking(rt, func(ctx context.Context) (none, error) {
			return none{}, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
				switch {
				case err != nil:
					return err
				case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != root:
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
			data, err := future.Get(y, future.Future[[]byte](sched.SpawnBlocking(y, func(context.Context) ([]byte, error) {
				return os.ReadFile(name)
			})))
			if err != nil {
				return err
			}
			_, err = future.Get(y, texts.SendFuture(text{name, data}))
			return err
		}))
	}
	look := func() sched.JoinHandle[none] {
		return sched.Spawn(rt, each(texts, func(y *future.Await, t text) error {
			n := bytes.Count(t.data, []byte(what))
			if n == 0 {
				return nil
			}
			_, err := future.Get(y, hits.SendFuture(hit{t.name, n}))
			return err
		}))
	}
	stages := []future.Future[none]{
		stage(names, 1, walk),
		stage(texts, readers, read),
		stage(hits, searchers, look),
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
