// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/pilfer-go/pilfer/sched"
)

// A loop is a workload of package par: a computation over a range, with a known
// answer. Its figure is time x workers / elements, as for the trees.
type loop struct {
	name, why, unit string
	sizes           []loopSize // the smallest first
	targets         []Target
	perElement      bool // there is no form with blocks
	prepare         func(n int) loopJob
}

// A loopSize is one input of a loop.
type loopSize struct {
	n    int
	want int64
}

// A loopJob is a loop over an input that is ready.
type loopJob struct {
	serial  func(copy int)              // the plain loop; copies have an output of their own
	element func(rt *sched.Runtime)     // a call for each element
	blocks  func(rt *sched.Runtime)     // a call for each block, with a plain loop inside
	halves  func(parts int, run spread) // contiguous parts by hand
	answer  func() int64                // of what ran last
}

// A spread calls part for each part at the same time, and returns after all.
type spread func(parts int, part func(k int))

func loops() []loop { return []loop{sumLoop(), mapLoop(), scanLoop(), mandelbrotLoop(), primesLoop()} }

func loopWorkloads() (all []Workload) {
	for _, l := range loops() {
		all = append(all, Workload{
			Name: l.name, Why: l.why, Unit: l.unit, Targets: l.targets,
			Size: l.sizes[len(l.sizes)-1].n, Small: l.sizes[0].n,
		})
	}
	return all
}

// size returns the largest input of at most that many elements, or the smallest.
func (l loop) size(n int) loopSize {
	best := l.sizes[0]
	for _, s := range l.sizes {
		if s.n <= n {
			best = s
		}
	}
	return best
}

// body returns the body of a way to compute the loop on so many workers. The input
// is made ready before the clock starts.
func (l loop) body(cores int, compute func(job loopJob)) Body {
	jobs := map[int]loopJob{}
	return func(s *Sample, units int) error {
		size := l.size(units)
		job, ok := jobs[size.n]
		if !ok {
			job = l.prepare(size.n)
			jobs[size.n] = job
		}
		s.Cores = cores
		err := s.Time(size.n, func() error { compute(job); return nil })
		if got := job.answer(); err == nil && got != size.want {
			err = fmt.Errorf("%s of %d: %d, want %d", l.name, size.n, got, size.want)
		}
		return err
	}
}

// pilferLoops returns how our runtime computes the loops.
func pilferLoops(locked bool, how func(job loopJob) func(rt *sched.Runtime)) map[string]Open {
	open := map[string]Open{}
	for _, l := range loops() {
		open[l.name] = withRuntime(locked, func(rt *sched.Runtime) Body {
			return l.body(rt.Workers(), func(job loopJob) { how(job)(rt) })
		})
	}
	return open
}

func byElement(job loopJob) func(rt *sched.Runtime) { return job.element }
func byBlock(job loopJob) func(rt *sched.Runtime)   { return job.blocks }

// blockLoops returns our runtime with plain inner loops.
func blockLoops() Runtime {
	open := pilferLoops(true, byBlock)
	for _, l := range loops() {
		if l.perElement {
			delete(open, l.name)
		}
	}
	return Runtime{Name: "pilfer-blocks", How: "par.ForBlocks and its kin: a plain loop in each block", Sized: true, Open: open}
}

// serialLoops computes as many copies of a loop at once as there are workers: what
// the machine gives without a runtime.
func serialLoops() map[string]Open {
	open := map[string]Open{}
	for _, l := range loops() {
		open[l.name] = func(copies int) (Body, func() error, error) {
			body := l.body(1, func(job loopJob) { together(copies, job.serial) })
			return body, func() error { return nil }, nil
		}
	}
	return open
}

// goLoops computes contiguous parts in goroutines, one for each CPU.
func goLoops() map[string]Open {
	open := map[string]Open{}
	for _, l := range loops() {
		procs := runtime.GOMAXPROCS(0)
		open[l.name] = plain(l.body(procs, func(job loopJob) { job.halves(procs, together) }))
	}
	return open
}

// together is a spread over goroutines; the caller takes the first part.
func together(parts int, part func(k int)) {
	var wg sync.WaitGroup
	for k := 1; k < parts; k++ {
		wg.Go(func() { part(k) })
	}
	part(0)
	wg.Wait()
}

// cut returns part k of parts of n elements.
func cut(n, k, parts int) (lo, hi int) { return n * k / parts, n * (k + 1) / parts }
