// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"sync"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A tree is a fork-join workload: a recursive computation with a known answer.
// Its figure is time x workers / units, so that equal figures mean perfect
// scaling.
type tree struct {
	name, why, unit string
	sizes           []treeSize // the smallest first
	perFork         int        // units of a fork, if more than one
	targets         []Target

	answer  func(n int) int64 // instead of a want in each size, if it is to be computed; may be nil
	serial  func(n int) int64
	join    func(w *workers.Worker, n int) int64
	typed   func(w *workers.Worker, n int) int64 // may be nil
	closure func(w *workers.Worker, n int) int64 // may be nil
	pointer func(w *workers.Worker, n int) int64 // may be nil
	safe    func(w *workers.Worker, n int) int64 // may be nil
	fork    func(fork forker, n int) int64       // for who runs closures; may be nil
}

// A treeSize is one input of a tree.
type treeSize struct {
	n, units int
	want     int64
}

// A forker calls f and g, perhaps at the same time, and returns after both.
type forker func(f, g func())

// trees is made once: it is asked for by every runtime.
var trees = sync.OnceValue(func() []tree {
	return []tree{fibTree(), skynetTree(), queensTree(), matmulTree(), integrateTree(), utsTree("uts-t1"), utsTree("uts-t3")}
})

func treeWorkloads() (all []Workload) {
	for _, t := range trees() {
		all = append(all, Workload{
			Name: t.name, Why: t.why, Unit: t.unit, Targets: t.targets,
			Size: t.sizes[len(t.sizes)-1].units, Small: t.sizes[0].units, Warm: t.sizes[len(t.sizes)-2].units,
		})
	}
	return all
}

// size returns the largest input of at most that many units, or the smallest.
func (t tree) size(units int) treeSize {
	best := t.sizes[0]
	for _, s := range t.sizes {
		if s.units <= units {
			best = s
		}
	}
	return best
}

// body returns the body of a way to compute the tree on so many workers.
func (t tree) body(cores int, compute func(n int) (int64, error)) Body {
	return func(s *Sample, units int) error {
		size := t.size(units)
		if t.answer != nil {
			size.want = t.answer(size.n)
		}
		s.Cores = cores
		var got int64
		err := s.Time(size.units, func() (err error) {
			got, err = compute(size.n)
			return err
		})
		if err == nil && got != size.want {
			err = fmt.Errorf("%s of %d: %d, want %d", t.name, size.n, got, size.want)
		}
		return err
	}
}

// pilferTree returns how our runtime computes a tree by one of its forms.
func pilferTree(t tree, f func(w *workers.Worker, n int) int64) func(rt *sched.Runtime) Body {
	return func(rt *sched.Runtime) Body {
		return t.body(rt.Workers(), func(n int) (int64, error) {
			return sched.Call(background, rt, func(w *workers.Worker) (int64, error) { return f(w, n), nil })
		})
	}
}

// A treeForm is one way to write a tree for our workers.
type treeForm = func(w *workers.Worker, n int) int64

// pilferForms returns our runtime with the trees written in another form, those
// that are.
func pilferForms(name, how string, form func(t tree) treeForm) Runtime {
	rt := Runtime{Name: name, How: how, Sized: true, Open: map[string]Open{}}
	for _, t := range trees() {
		if f := form(t); f != nil {
			rt.Open[t.name] = withRuntime(true, pilferTree(t, f))
		}
	}
	return rt
}

// serialTree computes as many copies of a tree at once as there are workers:
// what the machine gives without a runtime.
func serialTree(t tree) Open {
	return func(copies int) (Body, func() error, error) {
		body := t.body(1, func(n int) (int64, error) {
			var wg sync.WaitGroup
			for range copies - 1 {
				wg.Go(func() { t.serial(n) })
			}
			got := t.serial(n)
			wg.Wait()
			return got, nil
		})
		return body, func() error { return nil }, nil
	}
}

// serialTrees returns the serial runtime.
func serialTrees() Runtime {
	rt := Runtime{
		Name: "serial", How: "plain recursion, the plain loop, package slices; of trees and loops n copies at once with n workers, ns for each",
		Sized: true, Open: map[string]Open{},
		Fixed: map[string]int{"sort-int": 1, "sort-struct": 1, "sort-stable": 1, small: 1},
	}
	for _, t := range trees() {
		rt.Open[t.name] = serialTree(t)
	}
	maps.Copy(rt.Open, serialSorts())
	maps.Copy(rt.Open, serialLoops())
	rt.Open[small] = plain(serialSmall)
	return rt
}

// forkLimit bounds the forks of a round for runtimes that need most of a
// microsecond for each: fib(37) would take them half a minute.
const forkLimit = 120_000

// NewForker returns a runtime that computes the trees with closures: fork calls
// both, perhaps at the same time, and returns after both.
func NewForker(name, how string, fork func(f, g func())) Runtime {
	rt := Runtime{Name: name, How: how, Open: forkTrees(fork)}
	maps.Copy(rt.Open, forkCilksort(fork))
	return rt
}

// forkTrees returns how a runtime of closures computes the trees. It is taken to
// use all CPUs.
func forkTrees(fork forker) map[string]Open {
	open := map[string]Open{}
	for _, t := range trees() {
		if t.fork == nil {
			continue
		}
		limit := int(min(forkLimit*int64(max(1, t.perFork)), math.MaxInt32))
		open[t.name] = plain(func(s *Sample, units int) error {
			body := t.body(runtime.GOMAXPROCS(0), func(n int) (int64, error) { return t.fork(fork, n), nil })
			return body(s, min(units, limit))
		})
	}
	return open
}

// goFork is the plain Go way.
func goFork(f, g func()) {
	var wg sync.WaitGroup
	wg.Go(g)
	f()
	wg.Wait()
}
