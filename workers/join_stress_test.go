// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// run computes the tree in a job, or as a guest, and returns what it came to when
// all of it has run.
func (tree *forkTree) run(p *Pool, guest bool) (o treeOutcome) {
	over := make(chan treeOutcome, 1)
	if w, ok := p.Enter(); guest && ok {
		w.Leave()
		go tree.asGuest(p, over)
	} else {
		if ok {
			w.Leave()
		}
		p.Submit(&Job{Runner: crashing{
			run: func(w *Worker) { over <- treeOutcome{treeResult: joinTree(w, tree.root)} },
			crashed: func(_ *Worker, c Crash) {
				over <- treeOutcome{panicked: c.Value, goexit: c.Goexit}
			},
		}})
	}
	select {
	case o = <-over:
	case <-time.After(testkit.Patience):
		stacks := make([]byte, 1<<20)
		tree.t.Errorf("the tree does not end\n%s", stacks[:runtime.Stack(stacks, true)])
		runtime.Goexit()
	}
	return o
}

func (tree *forkTree) asGuest(p *Pool, over chan<- treeOutcome) {
	w, ok := p.Enter()
	for ; !ok; w, ok = p.Enter() {
		runtime.Gosched()
	}
	o := treeOutcome{goexit: true}
	defer func() { over <- o }()
	defer w.Leave()
	defer func() {
		if v := recover(); v != nil {
			o = treeOutcome{panicked: v}
		}
	}()
	o = treeOutcome{treeResult: joinTree(w, tree.root)}
}

// check compares the run with plain recursion.
func (tree *forkTree) check(got treeOutcome) {
	t := tree.t
	sum := func() (n int32) {
		for i := range tree.ran {
			n += tree.ran[i].Load()
		}
		return n
	}
	if tree.exact() { // a job is settled after it has returned
		testkit.Eventually(t, "all leaves have run", func() bool { return sum() >= tree.total })
	}
	want := tree.outcome
	for id, n := range tree.want {
		ran := tree.ran[id].Load()
		if ran != n && (tree.exact() || ran > 1) {
			t.Errorf("leaf %d ran %d times, not %d", id, ran, n)
		}
	}
	switch {
	case tree.exact():
		// A joiner may run a half that calls Goexit while it waits for a panic.
		either := tree.has[leafGoexit] && tree.has[leafPanic] && got.crashed() && want.crashed()
		if got != want && !either {
			t.Errorf("came to %v, not %v", got, want)
		}
	case got.crashed() || got.err != nil || want.crashed() || want.err != nil:
		var failed leafFailed
		if got.err != nil && !errors.As(got.err, &failed) {
			t.Errorf("came to %v", got)
		}
	}
}

// treePool returns a pool for trees: what they leave behind is not logged.
func treePool(t testing.TB, n int, opts ...Option) *Pool {
	return newPool(t, n, append(opts, Watchdog(time.Minute, slog.New(slog.DiscardHandler)))...)
}

// Trees of forks of all forms, with panics, recovers, errors and Goexit, are
// computed as by plain recursion: each half once, by whichever worker. Several at
// once, as guests and in jobs. [leap-race] [offer-race]
func TestStressJoin(t *testing.T) {
	r := testkit.Rand(t)
	trees := 60
	if testing.Short() {
		trees = 10
	}
	for start, i := time.Now(), 0; i == 0 || time.Since(start) < testkit.StressFor(t, 0)/2; i++ {
		for _, n := range []int{1, 2, 3, 16} {
			for _, opts := range [][]Option{nil, {LockThreads(false)}, {OfferAll()}} {
				stressTrees(t, r, treePool(t, n, opts...), trees)
			}
		}
		if t.Failed() {
			return
		}
	}
}

func stressTrees(t *testing.T, r *rand.Rand, p *Pool, trees int) {
	for _, help := range []bool{false, true} {
		var all sync.WaitGroup
		var over point.Bool
		var sizer sync.WaitGroup
		sizes := rand.New(rand.NewPCG(r.Uint64(), 0))
		sizer.Go(func() {
			for n := p.Size(); n > 1 && !over.Load(); runtime.Gosched() {
				if err := p.Resize(1 + sizes.IntN(n)); err != nil {
					t.Error(err)
				}
				park.Relax(sizes.IntN(100_000))
			}
		})
		for range 3 {
			own := rand.New(rand.NewPCG(r.Uint64(), 0))
			all.Go(func() {
				for range trees {
					tree := newTree(t, 1+own.IntN(300), help, own.IntN)
					tree.check(tree.run(p, own.IntN(2) == 0))
					if t.Failed() {
						return
					}
				}
			})
		}
		waitGroup(t, "all trees are computed", &all)
		over.Store(true)
		waitGroup(t, "the sizes settle", &sizer)
	}
}

// The same over bytes that say what the tree looks like.
func FuzzJoinTree(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0, 1, 7, 5, 4, 1, 0, 2, 3, 1, 8, 7, 6, 5, 4, 3, 2, 1})
	f.Fuzz(func(t *testing.T, script []byte) {
		help := len(script) > 0 && script[0]%2 == 1
		next := func(n int) int {
			if len(script) == 0 {
				return 0
			}
			b := script[0]
			script = script[1:]
			return int(b) % n
		}
		p := treePool(t, 1+next(3), LockThreads(next(2) == 0))
		tree := newTree(t, 300, help, next)
		tree.check(tree.run(p, next(2) == 0))
	})
}
