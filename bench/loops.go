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
	peer            func(l Looper) bool // whether a peer can; nil: none
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
	peer    func(l Looper)              // by a peer that can
	answer  func() int64                // of what ran last
	spoil   func(round int)             // makes the answer of the round before wrong
}

// A Looper is how a peer computes loops; what it does not have is nil.
type Looper struct {
	Range func(n int, part func(lo, hi int))                 // contiguous parts of 0 to n
	Sum   func(n int, part func(lo, hi int) float64) float64 // of such parts
	Count func(n int, part func(lo, hi int) int) int         // likewise
	Map   func(dst, s []uint64, f func(v uint64) uint64)     // a call for each element
	Rows  func(rows []int64, f func(y int) int64)            // likewise, by index
}

// NewLooper returns a runtime that computes loops. It is taken to use all CPUs.
func NewLooper(name, how string, by Looper) Runtime {
	open := map[string]Open{}
	for _, l := range loops() {
		if l.peer != nil && l.peer(by) {
			open[l.name] = onAllCPUs(l, func(job loopJob, _ int) { job.peer(by) })
		}
	}
	if run := peerSmall(by); run != nil {
		open[small] = plain(run)
	}
	return Runtime{Name: name, How: how, Open: open}
}

// onAllCPUs computes a loop on GOMAXPROCS, which is as it is when it is opened.
func onAllCPUs(l loop, compute func(job loopJob, procs int)) Open {
	return func(int) (Body, func() error, error) {
		procs := runtime.GOMAXPROCS(0)
		return l.body(procs, func(job loopJob) { compute(job, procs) }), func() error { return nil }, nil
	}
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
	return append(all, smallLoopWorkload())
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
	round := 0
	return func(s *Sample, units int) error {
		size := l.size(units)
		job, ok := jobs[size.n]
		if !ok {
			job = l.prepare(size.n)
			jobs[size.n] = job
		}
		s.Cores = cores
		job.spoil(round)
		round++
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
	return Runtime{
		Name: "pilfer-blocks", How: "par.ForBlocks and its kin: a plain loop in each block", Sized: true,
		Open: pilferLoops(true, byBlock),
	}
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
		open[l.name] = onAllCPUs(l, func(job loopJob, procs int) { job.halves(procs, together) })
	}
	return open
}

// spoiled is how far apart the elements are that spoil changes: few, so that the caches
// are as they were, and others in each round.
const spoiled = 61

func spoil[E int64 | uint64](s []E, round int) {
	for i := round % spoiled; i < len(s); i += spoiled {
		s[i]++
	}
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
