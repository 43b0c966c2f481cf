// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A storm is one exactly-once run: jobs that push further jobs in all ways, from
// workers, guests and outside, while the pool is resized.
type storm struct {
	t    *testing.T
	pool *Pool

	ran     []point.Int32 // by number of the job: how often it ran
	crashed []point.Int32
	next    point.Int32 // number of the next job
	left    point.Int32 // jobs that have not run yet
}

// A drop is a job of the storm. What it does comes from its seed.
type drop struct {
	job   Job
	storm *storm
	id    int32
	seed  uint64
	depth int
	safe  bool // it may run on a guest: no Goexit, which would end the guest
}

// drop makes a job, or returns nil when there are enough.
func (s *storm) drop(r *rand.Rand, depth int, safe bool) *Job {
	id := s.next.Inc() - 1
	if int(id) >= len(s.ran) {
		return nil
	}
	s.left.Inc()
	d := &drop{storm: s, id: id, seed: r.Uint64(), depth: depth, safe: safe}
	d.job.Runner = d
	return &d.job
}

func (d *drop) RunJob(w *Worker) {
	s, r := d.storm, rand.New(rand.NewPCG(d.seed, 0))
	s.ran[d.id].Inc()
	defer s.left.Dec()
	if d.depth > 0 {
		for range r.IntN(4) {
			j := s.drop(r, d.depth-1, d.safe)
			if j == nil {
				break
			}
			switch r.IntN(5) {
			case 0:
				w.PushNext(j)
			case 1:
				w.PushYielded(j)
			case 2:
				s.pool.Submit(j)
			default:
				w.Push(j)
			}
		}
	}
	switch n := r.IntN(200); {
	case n < 2:
		runtime.Gosched()
	case n < 5:
		h := w.NewHold()
		w.Push(do(func(*Worker) { h.End() }))
		w.Help(h)
	case n < 6:
		h := w.NewHold()
		s.pool.Submit(do(func(*Worker) { h.End() }))
		w.Help(h)
	case n < 20:
		park.Relax(r.IntN(2000))
	case n < 24:
		panic("a drop")
	case n < 26 && !d.safe && !w.Guest():
		runtime.Goexit()
	}
}

// JobCrashed is also called when a job that this one helped to run ended its
// goroutine; then it ran once all the same.
func (d *drop) JobCrashed(*Worker, Crash) { d.storm.crashed[d.id].Inc() }

// outside submits from an ordinary goroutine, or comes in as a guest.
func (s *storm) outside(r *rand.Rand) {
	for {
		switch r.IntN(3) {
		case 0:
			j := s.drop(r, 3, false)
			if j == nil {
				return
			}
			s.pool.Submit(j)
		case 1:
			batch := []*Job{}
			for range 1 + r.IntN(8) {
				if j := s.drop(r, 1, false); j != nil {
					batch = append(batch, j)
				}
			}
			s.pool.SubmitBatch(batch)
		default:
			w, ok := s.pool.Enter()
			if !ok {
				runtime.Gosched()
				continue
			}
			for range r.IntN(5) {
				if j := s.drop(r, 3, true); j != nil {
					w.Push(j)
				}
			}
			for r.IntN(4) != 0 && w.RunOne() {
			}
			w.Leave()
		}
		for s.left.Load() > 2000 {
			runtime.Gosched()
		}
	}
}

// run lets a storm of n jobs pass over a pool and checks that each ran once.
func (s *storm) run(r *rand.Rand, n int) {
	t := s.t
	s.ran, s.crashed = make([]point.Int32, n), make([]point.Int32, n)
	opts := []Option{Count(1 + r.IntN(4))}
	if r.IntN(3) == 0 {
		opts = append(opts, PortableParking())
	}
	if r.IntN(4) == 0 {
		opts = append(opts, LockThreads(false))
	}
	p, err := New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	s.pool = p
	var callers sync.WaitGroup
	var over point.Bool
	for range 3 {
		own := rand.New(rand.NewPCG(r.Uint64(), 0))
		callers.Go(func() { s.outside(own) })
	}
	sizes := rand.New(rand.NewPCG(r.Uint64(), 0))
	var sizer sync.WaitGroup
	sizer.Go(func() {
		for !over.Load() {
			if err := p.Resize(1 + sizes.IntN(6)); err != nil {
				t.Error(err)
			}
			p.Stats()
			for range sizes.IntN(200) {
				runtime.Gosched()
			}
		}
	})
	waitGroup(t, "all jobs are submitted", &callers)
	if r.IntN(2) == 0 {
		testkit.Eventually(t, "all jobs have run", func() bool { return s.left.Load() == 0 })
	}
	over.Store(true)
	waitGroup(t, "the sizes settle", &sizer)
	closePool(t, p)
	for id := range s.ran {
		if got := s.ran[id].Load(); got != 1 {
			t.Fatalf("job %d ran %d times", id, got)
		}
		if got := s.crashed[id].Load(); got > 1 {
			t.Fatalf("job %d was told of %d crashes", id, got)
		}
	}
	if word := p.idle.load(); word.searching() != 0 || word.parked() != 0 || p.live.Load() != 0 {
		t.Fatalf("after Close: %v, %d live", word, p.live.Load())
	}
}

func TestStressExactlyOnce(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		r := testkit.Rand(t)
		for start, i := time.Now(), 0; i < 4 || time.Since(start) < testkit.StressFor(t, 0)/6; i++ {
			(&storm{t: t}).run(r, 6000)
		}
	})
}

// Bursts of jobs with silence between them: each burst must be run to its end by
// itself, without a later push or the monitor to help. [wake-race]
func TestStressBurstThenIdle(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		r := testkit.Rand(t)
		p := newPool(t, 3)
		bursts := 400
		for start, i := time.Now(), 0; i < bursts || time.Since(start) < testkit.StressFor(t, 0)/6; i++ {
			var ran point.Int32
			n := int32(1 + r.IntN(6))
			deep := r.IntN(2) == 0
			job := do(func(w *Worker) {
				if deep {
					w.Push(do(func(*Worker) { ran.Inc() }))
					return
				}
				ran.Inc()
			})
			for range n {
				p.Submit(job)
				park.Relax(r.IntN(500))
			}
			testkit.Eventually(t, "the burst has run", func() bool { return ran.Load() == n })
			if i%3 == 0 {
				asleep(t, p)
			}
			park.Relax(r.IntN(12_000)) // the next burst falls anywhere in search and park
		}
	})
}
