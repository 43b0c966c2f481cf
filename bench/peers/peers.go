// SPDX-License-Identifier: Apache-2.0

package peers

import (
	"errors"
	"slices"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/samber/lo"
	"github.com/samber/lo/parallel"
	concwg "github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/iter"
	conc "github.com/sourcegraph/conc/pool"
	"golang.org/x/sync/errgroup"

	"github.com/pilfer-go/pilfer/bench"
)

// Runtimes returns pilfer, the standard library and the peers.
func Runtimes() []bench.Runtime { return slices.Concat(bench.Runtimes(), Peers()) }

// Peers returns the peers alone. Trees are computed by what has no bound on its
// goroutines.
func Peers() []bench.Runtime { return slices.Concat(pools(), others()) }

func pools() []bench.Runtime {
	return []bench.Runtime{
		from("golang.org/x/sync",
			bench.NewPool("errgroup", "a Group with SetLimit(workers), Go; it waits for a free place", 2, newErrgroup).
				With(bench.NewForker("errgroup", "trees: a Group for each fork", errgroupFork))),
		from("github.com/sourcegraph/conc",
			bench.NewPool("conc", "pool.New().WithMaxGoroutines(workers), Go; it waits for a free worker", 2, newConc).
				With(bench.NewForker("conc", "trees: a conc.WaitGroup for each fork", concFork)).
				With(bench.NewLooper("conc", "loops: iter.ForEachIdx", concLoops))),
		from("github.com/samber/lo",
			bench.NewForker("lo", "trees: lo.Async0 for each fork", loFork).
				With(bench.NewLooper("lo", "loops: parallel.ForEach, a goroutine for each element", loLoops))),
		from("github.com/panjf2000/ants/v2",
			bench.NewPool("ants", "NewPool(workers), Submit; it waits for a free worker", 2, newAnts)),
		from("github.com/alitto/pond/v2",
			bench.NewPool("pond", "NewPool(workers), Go; its queue has no bound", 1, newPond)),
		from("github.com/bytedance/gopkg",
			bench.NewPool("gopool", "NewPool(name, workers, NewConfig()), Go; its queue has no bound", 1, newGopool)),
		from("github.com/gammazero/workerpool",
			bench.NewPool("workerpool", "workerpool.New(workers), Submit; its queue has no bound", 1, newWorkerpool)),
	}
}

// from notes the module of a runtime, for its version.
func from(module string, rt bench.Runtime) bench.Runtime {
	rt.Module = module
	return rt
}

func errgroupFork(f, g func()) {
	var group errgroup.Group
	group.Go(func() error { g(); return nil })
	f()
	_ = group.Wait() // g has no error
}

func concFork(f, g func()) {
	var wg concwg.WaitGroup
	wg.Go(g)
	f()
	wg.Wait()
}

func loFork(f, g func()) {
	done := lo.Async0(g)
	f()
	<-done
}

var concLoops = bench.Looper{
	Map: func(dst, s []uint64, f func(v uint64) uint64) {
		iter.ForEachIdx(dst, func(i int, to *uint64) { *to = f(s[i]) })
	},
	Rows: func(rows []int64, f func(y int) int64) {
		iter.ForEachIdx(rows, func(y int, row *int64) { *row = f(y) })
	},
}

var loLoops = bench.Looper{
	Map: func(dst, s []uint64, f func(v uint64) uint64) {
		parallel.ForEach(s, func(v uint64, i int) { dst[i] = f(v) })
	},
	Rows: func(rows []int64, f func(y int) int64) {
		parallel.ForEach(rows, func(_ int64, y int) { rows[y] = f(y) })
	},
}

type errgroupPool struct{ *errgroup.Group }

func newErrgroup(workers int) (bench.Pool, error) {
	var g errgroup.Group
	g.SetLimit(workers)
	return errgroupPool{&g}, nil
}

func (p errgroupPool) Go(f func()) error {
	p.Group.Go(func() error { f(); return nil })
	return nil
}

func (p errgroupPool) Close() error { return p.Wait() }

type workerPool struct{ *workerpool.WorkerPool }

func newWorkerpool(workers int) (bench.Pool, error) { return workerPool{workerpool.New(workers)}, nil }

func (p workerPool) Go(f func()) error {
	p.Submit(f)
	return nil
}

func (p workerPool) Close() error {
	p.StopWait()
	return nil
}

// releaseWithin bounds how long ants may take to end its workers.
const releaseWithin = 10 * time.Second

type antsPool struct{ *ants.Pool }

func newAnts(workers int) (bench.Pool, error) {
	p, err := ants.NewPool(workers)
	return antsPool{p}, err
}

func (p antsPool) Go(f func()) error { return p.Submit(f) }
func (p antsPool) Close() error      { return p.ReleaseTimeout(releaseWithin) }

type pondPool struct{ pond.Pool }

func newPond(workers int) (bench.Pool, error) { return pondPool{pond.NewPool(workers)}, nil }

func (p pondPool) Go(f func()) error { return p.Pool.Go(f) }

func (p pondPool) Close() error {
	p.StopAndWait()
	return nil
}

type goPool struct{ gopool.Pool }

func newGopool(workers int) (bench.Pool, error) {
	return goPool{gopool.NewPool("bench", int32(workers), gopool.NewConfig())}, nil
}

func (p goPool) Go(f func()) error {
	p.Pool.Go(f)
	return nil
}

// Close waits: gopool's workers end by themselves once the queue is empty, and
// there is no call to end them.
func (p goPool) Close() error {
	for end := time.Now().Add(releaseWithin); p.WorkerCount() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return errors.New("gopool: workers go on")
		}
	}
	return nil
}

type concPool struct{ *conc.Pool }

func newConc(workers int) (bench.Pool, error) {
	return concPool{conc.New().WithMaxGoroutines(workers)}, nil
}

func (p concPool) Go(f func()) error {
	p.Pool.Go(f)
	return nil
}

func (p concPool) Close() error {
	p.Wait()
	return nil
}
