// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// settled waits until the pool has as many worker goroutines as it is meant to.
func settled(t *testing.T, p *Pool) {
	t.Helper()
	testkit.Eventually(t, "the pool has the workers it is meant to have", func() bool { return int(p.live.Load()) == p.Size() })
}

func TestResize(t *testing.T) {
	var started, stopped point.Int32
	p := newPool(t, 2, OnStart(func(*Worker) { started.Inc() }), OnStop(func(*Worker) { stopped.Inc() }))
	for _, n := range []int{4, 1, 3, 3, 70, 1} {
		if err := p.Resize(n); err != nil {
			t.Fatal(err)
		}
		if p.Size() != n {
			t.Errorf("size %d, want %d", p.Size(), n)
		}
		settled(t, p)
	}
	if got := len(p.Places()); got != 70 {
		t.Errorf("%d places", got)
	}
	closePool(t, p)
	if started.Load() != stopped.Load() || started.Load() < 70 {
		t.Errorf("%d started, %d stopped", started.Load(), stopped.Load())
	}
}

func TestResizeRefusesNonsense(t *testing.T) {
	p := newPool(t, 1)
	for _, n := range []int{-1, 0, maxWorkers + 1} {
		var e *OptionError
		if err := p.Resize(n); !errors.As(err, &e) || e.Option != "Resize" || e.Value != n {
			t.Errorf("Resize(%d): got %v", n, err)
		}
	}
	if p.Size() != 1 {
		t.Errorf("size %d", p.Size())
	}
}

func TestResizeUnderLoad(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		r := testkit.Rand(t)
		p := newPool(t, 2)
		var ran, stop point.Int32
		var load sync.WaitGroup
		submitted := make([]int32, 2)
		for i := range submitted {
			load.Go(func() {
				for stop.Load() == 0 {
					p.Submit(do(func(w *Worker) {
						w.Push(do(func(*Worker) { ran.Inc() }))
						ran.Inc()
					}))
					submitted[i] += 2
					if i == 0 {
						runtime.Gosched()
					}
					for p.InjectorLen() > 1000 {
						runtime.Gosched()
					}
				}
			})
		}
		for range 150 {
			if err := p.Resize(1 + r.IntN(6)); err != nil {
				t.Error(err)
			}
			if r.IntN(4) == 0 {
				settled(t, p)
			}
			runtime.Gosched()
		}
		stop.Store(1)
		waitGroup(t, "the load ends", &load)
		want := submitted[0] + submitted[1]
		testkit.Eventually(t, "all jobs ran", func() bool { return ran.Load() == want })
		settled(t, p)
		asleep(t, p)
	})
}

// The request to end comes after the worker has read its requests for the last
// time, and before its place can be seen as parked.
func TestRetireWhileParking(t *testing.T) {
	var (
		p      *Pool
		resize point.Bool
	)
	p = newPool(t, 2, OnStart(func(w *Worker) { w.SetLocal(true) }), OnPublish(func(w *Worker) {
		if w.Index() == 1 && resize.CompareAndSwap(true, false) {
			_ = p.Resize(1)
		}
	}))
	for range 20 {
		asleep(t, p)
		resize.Store(true)
		p.wakePlace(p.places()[1])
		testkit.Eventually(t, "the worker ends", func() bool { return p.live.Load() == 1 })
		_ = p.Resize(2)
	}
}

func TestRetireGivesJobsAway(t *testing.T) {
	p := newPool(t, 2)
	asleep(t, p)
	first := enter(t, p) // so that place 1 runs the job
	var ran point.Int32
	p.Submit(do(func(w *Worker) {
		for range 100 {
			w.Push(do(func(w *Worker) {
				if w.Index() == 0 {
					ran.Inc()
				}
			}))
		}
		_ = p.Resize(1)
	}))
	testkit.Eventually(t, "the worker has ended", func() bool { return p.live.Load() == 1 })
	if n := p.InjectorLen(); n != 100 {
		t.Errorf("%d jobs were given away", n)
	}
	first.Leave()
	testkit.Eventually(t, "the other worker ran the jobs", func() bool { return ran.Load() == 100 })
}

// The worker is told to end while the others end by Close: nobody is left to
// whom it could give its jobs. [spill-race]
func TestRetireDuringClose(t *testing.T) {
	p := newPool(t, 2)
	asleep(t, p)
	first := enter(t, p) // so that place 1 runs the job
	var retired, ran point.Bool
	p.Submit(do(func(w *Worker) {
		_ = p.Resize(1)
		retired.Store(true)
		for p.live.Load() > 1 {
			runtime.Gosched()
		}
		w.Push(do(func(*Worker) { ran.Store(true) }))
	}))
	testkit.Eventually(t, "the worker is to retire", retired.Load)
	first.Leave()
	closePool(t, p)
	if !ran.Load() {
		t.Error("a job was lost")
	}
}

// Fewer, then more before the worker has noticed: it goes on or is succeeded.
func TestResizeBackAndForth(t *testing.T) {
	p := newPool(t, 4)
	for range 200 {
		_ = p.Resize(1)
		_ = p.Resize(4)
	}
	settled(t, p)
	var running point.Int32
	meet := do(func(*Worker) {
		running.Inc()
		for running.Load() < 4 {
			runtime.Gosched()
		}
	})
	p.SubmitBatch([]*Job{meet, meet, meet, meet})
	testkit.Eventually(t, "four jobs run at once", func() bool { return running.Load() == 4 })
}

func TestFollowGOMAXPROCS(t *testing.T) {
	procs := runtime.GOMAXPROCS(3)
	defer runtime.GOMAXPROCS(procs)
	p := newPool(t, 3, FollowGOMAXPROCS())
	runtime.GOMAXPROCS(4)
	start := time.Now()
	for p.Size() == 3 && time.Since(start) < testkit.Patience {
		p.Submit(do(func(*Worker) {})) // it looks only while the pool works
		runtime.Gosched()
	}
	if p.Size() != 4 {
		t.Errorf("size %d, want 4", p.Size())
	}
}

// The monitor may be about to resize the pool when Close stops it.
func TestStopMonitorHoldsNoLock(t *testing.T) {
	p := newPool(t, 1)
	p.Close()
	p.monitor.done = make(chan struct{}) // as if it were still there
	stopped := make(chan struct{})
	go func() { p.stopMonitor(); close(stopped) }()
	yields()
	resized := make(chan error, 1)
	go func() { resized <- p.Resize(2) }()
	testkit.Receive(t, resized, "Resize has the lock")
	close(p.monitor.done)
	testkit.Receive(t, stopped, "stopMonitor returns")
}
