// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"
	"sync"
	"testing"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A helping job waits inside Help until its hold ends.
type helping struct {
	w    *Worker
	hold *Hold
	done point.Bool
}

// help starts a job that waits, and returns once its worker sleeps.
func help(t *testing.T, p *Pool) *helping {
	t.Helper()
	h := new(helping)
	ready := make(chan struct{})
	p.Submit(do(func(w *Worker) {
		h.w, h.hold = w, w.NewHold()
		close(ready)
		w.Help(h.hold)
		h.done.Store(true)
	}))
	testkit.Receive(t, ready, "the job waits")
	testkit.Eventually(t, "its worker sleeps", func() bool { return p.idle.isParked(h.w.index) })
	return h
}

func TestHelpRunsOtherJobs(t *testing.T) {
	p := newPool(t, 1)
	var order []int
	p.Submit(do(func(w *Worker) {
		h := w.NewHold()
		w.Push(do(func(*Worker) { order = append(order, 1) }))
		w.Push(do(func(*Worker) { order = append(order, 2); h.End() }))
		w.Push(do(func(*Worker) { order = append(order, 4) }))
		w.Help(h)
		order = append(order, 3)
	}))
	closePool(t, p)
	if len(order) != 4 || order[2] != 3 || order[3] != 4 {
		t.Errorf("order %v", order)
	}
}

func TestHelpEnds(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		r := testkit.Rand(t)
		for _, n := range []int{1, 2, 4} {
			p := newPool(t, n)
			for range 150 {
				holds := make(chan *Hold, 1)
				var done point.Bool
				p.Submit(do(func(w *Worker) {
					h := w.NewHold()
					holds <- h
					w.Help(h)
					done.Store(true)
				}))
				h := <-holds
				park.Relax(r.IntN(12_000)) // End falls anywhere in search and park
				h.End()
				testkit.Eventually(t, "Help returns", done.Load)
			}
			closePool(t, p)
		}
	})
}

func TestHelpWhileGuestsComeAndGo(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		p := newPool(t, 2)
		var stop point.Bool
		var guests sync.WaitGroup
		for range 3 {
			guests.Go(func() {
				for !stop.Load() {
					w, ok := p.Enter()
					if !ok {
						runtime.Gosched()
						continue
					}
					h := w.NewHold()
					w.Push(do(func(*Worker) { h.End() }))
					w.Help(h)
					w.Leave()
				}
			})
		}
		guests.Go(func() {
			for !stop.Load() {
				p.Stats() // borrows places
				runtime.Gosched()
			}
		})
		for range 25 {
			holds := make(chan *Hold, 1)
			var done point.Bool
			p.Submit(do(func(w *Worker) {
				h := w.NewHold()
				holds <- h
				w.Help(h)
				done.Store(true)
			}))
			h := <-holds
			runtime.Gosched()
			h.End()
			testkit.Eventually(t, "Help returns", done.Load)
		}
		stop.Store(true)
		waitGroup(t, "the guests have left", &guests)
	})
}

// The place is parked, but the only count of a parked place is reserved by
// somebody who will not take it. [recall-race] L3
func TestRecallDuringReservation(t *testing.T) {
	p := newPool(t, 1)
	h := help(t, p)
	asleep(t, p)
	if !p.idle.reserve(0) {
		t.Fatal("could not reserve")
	}
	ended := make(chan struct{})
	go func() { h.hold.End(); close(ended) }()
	testkit.Eventually(t, "End asked for attention", func() bool { return h.w.attention.Load()&attendRecall != 0 })
	yields()
	p.giveBack(0)
	testkit.Receive(t, ended, "End returns")
	testkit.Eventually(t, "Help returns", h.done.Load)
}

// endInAttend returns a pool whose worker, when asked for its counts, ends a hold
// in attend, after attend has read what it is asked for.
func endInAttend(t *testing.T) (*Pool, *point.Pointer[Hold]) {
	end := new(point.Pointer[Hold])
	return newPool(t, 1, OnStart(func(w *Worker) { w.SetLocal(true) }), OnPublish(func(*Worker) {
		if h := end.Swap(nil); h != nil {
			h.End()
		}
	})), end
}

// The wait ends while its worker answers, and forgets, a request that was meant
// for an earlier wait. [recall-race] H2
func TestEndWhileAttending(t *testing.T) {
	p, end := endInAttend(t)
	h := help(t, p)
	p.Submit(do(func(w *Worker) { // run by Help
		end.Store(h.hold)
		w.setAttention(attendSample | attendRecall)
	}))
	testkit.Eventually(t, "Help returns", h.done.Load)
}

// The same while the worker is about to hand the place to a guest.
// [recall-race] N2
func TestEndBeforeHandOver(t *testing.T) {
	p, end := endInAttend(t)
	g, back := stepOut(t, p)
	h := help(t, p)
	p.Submit(do(func(w *Worker) { // run by Help
		g.hold.End()
		for w.attention.Load()&attendHandOver == 0 {
			runtime.Gosched()
		}
		end.Store(h.hold)
		w.setAttention(attendSample | attendRecall)
	}))
	testkit.Eventually(t, "the guest is back", back.Load)
	g.finish()
	testkit.Eventually(t, "Help returns", h.done.Load)
}

// A job that goes on after Help is not counted as searching: pushes would rely
// on it, and wake nobody.
func TestHelpLeavesNoSearch(t *testing.T) {
	p := newPool(t, 2)
	for range 300 {
		holds := make(chan *Hold, 1)
		var searching, done point.Bool
		p.Submit(do(func(w *Worker) {
			h := w.NewHold()
			holds <- h
			w.Help(h)
			searching.Store(w.searching)
			done.Store(true)
		}))
		(<-holds).End()
		testkit.Eventually(t, "Help returns", done.Load)
		if searching.Load() {
			t.Fatal("the job goes on as a searcher")
		}
	}
}

func TestHelpNests(t *testing.T) {
	p := newPool(t, 1)
	outer := help(t, p)
	inner := help(t, p) // run by the outer Help, on the same worker
	outer.hold.End()
	yields()
	if outer.done.Load() {
		t.Error("the outer wait returned before the inner one")
	}
	inner.hold.End()
	testkit.Eventually(t, "both return", func() bool { return inner.done.Load() && outer.done.Load() })
}

// A worker that waits inside a job cannot end yet. It must not be woken for that
// again and again.
func TestHelperSleepsThroughEnds(t *testing.T) {
	for _, end := range []string{"Close", "Resize"} {
		t.Run(end, func(t *testing.T) {
			p := newPool(t, 2)
			asleep(t, p)
			first := enter(t, p) // place 0, so that the job waits in place 1
			h := help(t, p)
			first.Leave()
			closed := make(chan struct{})
			if end == "Close" {
				go func() { p.Close(); close(closed) }()
				testkit.Eventually(t, "the other worker has ended", func() bool { return p.live.Load() == 1 })
			} else {
				_ = p.Resize(1)
				close(closed)
			}
			yields()
			before := h.w.published.parks.Load()
			for range 20 {
				yields()
			}
			if n := h.w.published.parks.Load() - before; n > 2 {
				t.Errorf("the worker parked %d times with nothing to do", n)
			}
			h.hold.End()
			testkit.Receive(t, closed, "the pool ends")
			testkit.Eventually(t, "Help returned", h.done.Load)
		})
	}
}
