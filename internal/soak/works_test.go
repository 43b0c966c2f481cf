// SPDX-License-Identifier: Apache-2.0

package soak_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

type pollOf[T any] = future.Poll[T]

// A work is one feature in use.
type work struct {
	name string
	do   func(r *round, rng *rand.Rand)
}

var works = []work{
	{"spawn", spawnTree}, {"abort", abortOne}, {"crash", crash}, {"fork", fork}, {"for", parFor}, {"sort", parSort},
	{"graph", runGraph}, {"channel", channel}, {"locks", lock}, {"timers", timers}, {"blocking", blocking},
	{"scope", scope}, {"set", joinSet}, {"group", group}, {"guest", guest}, {"detached", detached},
}

// A once counts how often a piece of work was done.
type once struct{ n point.Int32 }

func (o *once) do() { o.n.Inc() }

// ended checks a task that was to return want and do its work once.
func ended[T comparable](r *round, what string, h sched.JoinHandle[T], want T, did *once, aborted bool) {
	got, err := h.Wait(context.Background())
	n := did.n.Load()
	switch {
	case err == nil:
		r.check(got == want && n == 1, "%s: %v instead of %v, done %d times", what, got, want, n)
	case aborted && errors.Is(err, sched.ErrCanceled):
		r.done.aborted.Inc()
		r.check(n <= 1, "%s: done %d times", what, n)
	default:
		r.check(r.excused(err) && n <= 1, "%s: %v, done %d times", what, err, n)
	}
}

// spawnTree spawns a task that spawns tasks, down to leaves that are counted.
func spawnTree(r *round, rng *rand.Rand) {
	depth, wide := 1+rng.IntN(4), 1+rng.IntN(4)
	var leaves point.Int64
	var tree func(cx *sched.Context, depth int) (int, error)
	tree = func(cx *sched.Context, depth int) (int, error) {
		if depth == 0 {
			leaves.Inc()
			return 1, nil
		}
		var all []sched.JoinHandle[int]
		for range wide {
			all = append(all, sched.Go(cx, func(cx *sched.Context) (int, error) { return tree(cx, depth-1) }))
		}
		sum := 0
		for _, h := range all {
			n, err := sched.Await(cx, h)
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}
	want := 1
	for range depth {
		want *= wide
	}
	n, err := sched.Go(r.rt, func(cx *sched.Context) (int, error) { return tree(cx, depth) }).Wait(context.Background())
	if err != nil {
		r.check(r.excused(err), "tree: %v", err)
		return
	}
	r.check(n == want && int(leaves.Load()) == want, "tree: %d leaves, %d counted, want %d", n, leaves.Load(), want)
}

// abortOne aborts tasks at a random moment.
func abortOne(r *round, rng *rand.Rand) {
	var all []sched.JoinHandle[int]
	did := make([]once, 1+rng.IntN(8))
	for i := range did {
		f := future.Then(future.YieldNow(), func(struct{}) future.Future[int] {
			return future.Lazy(func() (int, error) { did[i].do(); return i, nil })
		})
		all = append(all, sched.Spawn(r.rt, f))
	}
	testkit.Dither(rng)
	for _, h := range all {
		h.Abort()
	}
	for i, h := range all {
		ended(r, "aborted", h, i, &did[i], true)
	}
}

// crash has tasks that panic, or call Goexit, some of them inside a fork.
func crash(r *round, rng *rand.Rand) {
	kind := rng.IntN(4)
	h := sched.Go(r.rt, func(cx *sched.Context) (int, error) {
		switch kind {
		case 0:
			panic("planned")
		case 1:
			runtime.Goexit()
		case 2:
			w, _, err := sched.Where(cx)
			if err == nil && w != nil {
				workers.JoinSafe(w, fib, 8, func(*workers.Worker, int) int { panic("planned") }, 0)
			}
			panic("planned")
		}
		par.For(cx, 100, func(i int) {
			if i == 17 {
				panic("planned")
			}
		})
		return 0, nil
	})
	_, err := h.Wait(context.Background())
	var p *sched.PanicError
	switch {
	case errors.As(err, &p):
		r.done.panicked.Inc()
		r.check(strings.Contains(fmt.Sprint(p.Value), "planned"), "a panic that was not planned: %v\n%s", p.Value, p.Stack)
	case errors.Is(err, sched.ErrGoexit):
		r.check(kind == 1, "Goexit in a task of kind %d", kind)
	default:
		r.check(err != nil && r.excused(err), "crash of kind %d: %v", kind, err)
	}
}

func fib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.Join(w, fib, n-1, fib, n-2)
	return a + b
}

// fork computes with forks, as a guest or as a task.
func fork(r *round, rng *rand.Rand) {
	n := 5 + rng.IntN(12)
	got, err := sched.Call(context.Background(), r.rt, func(w *workers.Worker) (int, error) { return fib(w, n), nil })
	if err != nil {
		r.check(r.excused(err), "fork: %v", err)
		return
	}
	a, b := 0, 1
	for range n {
		a, b = b, a+b
	}
	r.check(got == a, "fib(%d) is %d, want %d", n, got, a)
}

// parFor does each index once.
func parFor(r *round, rng *rand.Rand) {
	did := make([]once, rng.IntN(3000))
	err := par.ForContext(context.Background(), r.rt, len(did), func(i int) error { did[i].do(); return nil })
	if err != nil {
		r.check(r.excused(err), "par.For: %v", err)
		return
	}
	for i := range did {
		r.check(did[i].n.Load() == 1, "par.For: index %d %d times", i, did[i].n.Load())
	}
}

func parSort(r *round, rng *rand.Rand) {
	s := make([]int, rng.IntN(5000))
	for i := range s {
		s[i] = rng.IntN(1000)
	}
	want := slices.Clone(s)
	slices.Sort(want)
	if err := par.SortContext(context.Background(), r.rt, s); err != nil {
		r.check(r.excused(err), "par.Sort: %v", err)
		return
	}
	r.check(slices.Equal(s, want), "par.Sort: not sorted")
}

// runGraph runs nodes in layers; a node sees all before it done. Sometimes one fails.
func runGraph(r *round, rng *rand.Rand) {
	g := graph.New("soak")
	bad := errors.New("bad")
	did := make([]once, 2+rng.IntN(20))
	fails := -1
	if rng.IntN(4) == 0 {
		fails = rng.IntN(len(did))
	}
	var nodes []*graph.Node
	for i := range did {
		var before []int
		for range rng.IntN(4) {
			if i > 0 {
				before = append(before, rng.IntN(i))
			}
		}
		slices.SortFunc(before, cmp.Compare)
		before = slices.Compact(before)
		node := g.Add(fmt.Sprint(i), func(context.Context) error {
			for _, b := range before {
				r.check(did[b].n.Load() == 1, "graph: node %d runs before %d", i, b)
			}
			did[i].do()
			if i == fails {
				return bad
			}
			return nil
		})
		for _, b := range before {
			node.After(nodes[b])
		}
		nodes = append(nodes, node)
	}
	err := g.Run(context.Background(), r.rt)
	switch {
	case err == nil:
		r.check(fails < 0, "graph: no error, and a node failed")
	case errors.Is(err, bad):
		r.check(fails >= 0, "graph: %v", err)
		return
	default:
		r.check(r.excused(err), "graph: %v", err)
		return
	}
	for i := range did {
		r.check(did[i].n.Load() == 1, "graph: node %d ran %d times", i, did[i].n.Load())
	}
}

// blocking calls functions that sleep, and gives some up.
func blocking(r *round, rng *rand.Rand) {
	var did once
	d := time.Duration(rng.IntN(2000)) * time.Microsecond
	h := sched.SpawnBlocking(r.rt, func(context.Context) (int, error) {
		time.Sleep(d)
		did.do()
		return 7, nil
	})
	abort := rng.IntN(4) == 0
	if abort {
		testkit.Dither(rng)
		h.Abort()
	}
	ended(r, "blocking", h, 7, &did, abort)
}
