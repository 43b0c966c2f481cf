// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func total(stats []WorkerStats) (sum WorkerStats) {
	for _, s := range stats {
		sum.Jobs += s.Jobs
		sum.Steals += s.Steals
		sum.Stolen += s.Stolen
		sum.Injected += s.Injected
		sum.Parks += s.Parks
		sum.Wakes += s.Wakes
		sum.Queued += s.Queued
	}
	return sum
}

func TestStatsOfASleepingPoolAreExact(t *testing.T) {
	p := newPool(t, 3)
	const jobs = 500
	for range jobs {
		p.Submit(do(func(w *Worker) { w.Push(do(func(*Worker) {})) }))
	}
	asleep(t, p)
	s := total(p.Stats())
	if s.Jobs != 2*jobs || s.Injected != jobs || s.Queued != 0 {
		t.Errorf("got %+v, want %d jobs, %d of them injected", s, 2*jobs, jobs)
	}
	if s.Stolen < s.Steals || s.Parks < 3 {
		t.Errorf("got %+v", s)
	}
	if again := total(p.Stats()); again.Jobs != s.Jobs {
		t.Errorf("Stats changed the counts: %+v", again)
	}
}

func TestStatsOfGuests(t *testing.T) {
	p := newPool(t, 1)
	asleep(t, p)
	w := enter(t, p)
	for range 7 {
		w.Push(do(func(*Worker) {}))
	}
	for range 3 {
		w.RunOne()
	}
	if s := p.Stats()[0]; s.Queued != 4 {
		t.Errorf("%d jobs queued, want 4", s.Queued)
	}
	w.Leave()
	asleep(t, p)
	if s := p.Stats()[0]; s.Jobs != 7 {
		t.Errorf("%d jobs counted, want 7", s.Jobs)
	}
}

// A worker that never sleeps shows its counts all the same.
func TestStatsOfABusyPool(t *testing.T) {
	p := newPool(t, 1)
	var stop, stopped point.Bool
	var again func(w *Worker)
	again = func(w *Worker) {
		if stop.Load() {
			stopped.Store(true)
			return
		}
		w.Push(do(again))
		runtime.Gosched()
	}
	p.Submit(do(again))
	last := p.Stats()[0].Jobs
	for range 3 {
		testkit.Eventually(t, "the count grows", func() bool { return p.Stats()[0].Jobs > last })
		now := p.Stats()[0].Jobs
		if now < last {
			t.Errorf("the count fell from %d to %d", last, now)
		}
		last = now
	}
	stop.Store(true)
	testkit.Eventually(t, "the job ends", stopped.Load)
}

func TestStealsAreCounted(t *testing.T) {
	p := newPool(t, 2)
	var met point.Int32
	p.Submit(do(func(w *Worker) {
		for range 10 {
			w.Push(do(func(*Worker) { met.Inc() }))
		}
		for met.Load() < 10 {
			runtime.Gosched()
		}
	}))
	asleep(t, p)
	if s := total(p.Stats()); s.Stolen != 10 || s.Steals < 1 || s.Steals > 10 {
		t.Errorf("got %+v, want 10 stolen", s)
	}
}

func TestOnPublish(t *testing.T) {
	var seen point.Int32
	p := newPool(t, 2, OnPublish(func(w *Worker) { seen.Store(int32(w.Local().(int))) }),
		OnStart(func(w *Worker) { w.SetLocal(7) }))
	asleep(t, p)
	seen.Store(0)
	p.Stats()
	if seen.Load() != 7 {
		t.Errorf("got %d", seen.Load())
	}
}
