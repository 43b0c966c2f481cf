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

// enter enters a pool that is about to sleep.
func enter(t *testing.T, p *Pool) (w *Worker) {
	t.Helper()
	testkit.Eventually(t, "there is a place for a guest", func() (ok bool) {
		w, ok = p.Enter()
		return ok
	})
	return w
}

func TestGuestRunsItsOwnJobs(t *testing.T) {
	p := newPool(t, 1)
	w := enter(t, p)
	if !w.Guest() || p.Current() != w || w.Pool() != p || w.Index() != 0 {
		t.Error("the guest does not sit in the place")
	}
	var got []int
	job := func(i int) *Job { return do(func(*Worker) { got = append(got, i) }) }
	w.Push(job(2))
	w.Push(job(3))
	w.PushNext(job(1))
	if w.QueueLen() != 3 {
		t.Errorf("%d jobs queued", w.QueueLen())
	}
	for w.RunOne() {
	}
	if len(got) != 3 || got[0] != 1 || got[1] != 2 || got[2] != 3 {
		t.Errorf("ran %v", got)
	}
	if _, ok := p.Enter(); ok {
		t.Error("a second guest beside the only place")
	}
	w.Leave()
	if p.Current() != nil {
		t.Error("the guest still sits there")
	}
}

func TestGuestIsRefusedWhileAllAreBusy(t *testing.T) {
	p := newPool(t, 2)
	var busy, release point.Int32
	for range 2 {
		p.Submit(do(func(*Worker) {
			busy.Inc()
			for release.Load() == 0 {
				runtime.Gosched()
			}
		}))
	}
	testkit.Eventually(t, "all are busy", func() bool { return busy.Load() == 2 })
	if _, ok := p.Enter(); ok {
		t.Error("a third thread runs jobs")
	}
	release.Store(1)
	enter(t, p).Leave()
}

func TestLeaveWakesForLeftJobs(t *testing.T) {
	for _, opts := range [][]Option{nil, {PortableParking()}} {
		p := newPool(t, 1, opts...)
		for range 100 {
			w := enter(t, p)
			var ran point.Int32
			w.PushNext(do(func(*Worker) { ran.Inc() })) // wakes nobody
			w.PushYielded(do(func(*Worker) { ran.Inc() }))
			w.Leave()
			testkit.Eventually(t, "the jobs ran that a guest left", func() bool { return ran.Load() == 2 })
		}
	}
}

// Jobs that one guest left are not the next one's: it would run them on its
// own time, and under its locks.
func TestGuestFindsAnEmptyPlace(t *testing.T) {
	p := newPool(t, 1)
	w := enter(t, p)
	var ran point.Bool
	w.PushNext(do(func(*Worker) { ran.Store(true) }))
	w.sitDown() // as if another guest had come before the worker woke up
	if w.RunOne() || ran.Load() {
		t.Error("the guest ran another's job")
	}
	w.Leave()
	testkit.Eventually(t, "the job ran", ran.Load)
}

func TestGuestSeesPanics(t *testing.T) {
	p := newPool(t, 1)
	w := enter(t, p)
	defer w.Leave()
	var got Crash
	w.Push(&Job{Runner: crashing{
		run:     func(*Worker) { panic("no") },
		crashed: func(_ *Worker, c Crash) { got = c },
	}})
	if !w.RunOne() || got.Value != "no" || got.Goexit {
		t.Errorf("got %v", got)
	}
}

func TestUnparkSoon(t *testing.T) {
	p := newPool(t, 1)
	for _, by := range []string{"worker", "guest"} {
		parker := park.New()
		if by == "worker" {
			p.Submit(do(func(w *Worker) { w.UnparkSoon(parker) }))
		} else {
			w := enter(t, p)
			w.UnparkSoon(parker)
			if parker.TryPark() {
				t.Error("too soon")
			}
			w.Leave()
		}
		testkit.Eventually(t, "the parker has its permit from the "+by, parker.TryPark)
	}
}

// A worker that hands its place over owes nothing any more: what it put off
// would wait for the guest.
func TestHandOverUnparksFirst(t *testing.T) {
	p := newPool(t, 1)
	g, back := stepOut(t, p)
	parker := park.New()
	p.Submit(do(func(w *Worker) {
		w.Push(do(func(*Worker) {}))
		w.UnparkSoon(parker)
		g.hold.End()
		for w.attention.Load()&attendHandOver == 0 {
			runtime.Gosched()
		}
	}))
	testkit.Eventually(t, "the guest is back", back.Load)
	if !parker.TryPark() {
		t.Error("the parker still waits")
	}
	if g.w.RunOne() {
		t.Error("the guest found a job in its place that is not its own")
	}
	g.finish()
	asleep(t, p)
}

// An away guest has stepped out of its place.
type away struct {
	w    *Worker
	hold *Hold
	stay chan struct{}
	left chan struct{}
}

func (a *away) finish() { close(a.stay); <-a.left }

// stepOut makes a guest that waits outside its place until its hold ends. Then
// it says that it is back, and stays until finish.
func stepOut(t *testing.T, p *Pool) (a *away, back *point.Bool) {
	t.Helper()
	a = &away{w: enter(t, p), stay: make(chan struct{}), left: make(chan struct{})}
	back = new(point.Bool)
	a.hold = a.w.NewHold()
	a.w.sitter.Store(0)
	go func() { // the place is passed on with the go statement
		defer close(a.left)
		sit(a.w)
		a.w.Help(a.hold)
		back.Store(true)
		<-a.stay
		a.w.Leave()
	}()
	testkit.Eventually(t, "the guest stepped out", func() bool { return p.idle.isParked(a.w.index) })
	return a, back
}

func TestGuestStepsOutAndComesBack(t *testing.T) {
	p := newPool(t, 1)
	for range 200 {
		w := enter(t, p)
		h := w.NewHold()
		p.Submit(do(func(on *Worker) { // only the place's worker can run it
			if on.Guest() || on != w {
				t.Error("a guest ran what is not its own")
			}
			h.End()
		}))
		w.Help(h)
		if !w.Guest() || p.Current() != w {
			t.Error("the guest is not back in its place")
		}
		w.Leave()
	}
}

// Whoever sits in the place leaves it after the guest has found it taken, and
// before the guest asks for it. [handover-race] G2
func TestPlaceIsLeftBeforeItIsAskedFor(t *testing.T) {
	p := newPool(t, 1)
	for range 10 {
		g, back := stepOut(t, p)
		other := enter(t, p)
		g.w.mu.Lock() // comeBack stops here, after its first look
		g.hold.End()
		yields()
		other.Leave()
		g.w.mu.Unlock()
		testkit.Eventually(t, "the guest is back", back.Load)
		g.finish()
	}
}

func TestManyGuestsShareOnePlace(t *testing.T) {
	p := newPool(t, 1)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				w, ok := p.Enter()
				if !ok {
					runtime.Gosched()
					continue
				}
				h := w.NewHold()
				p.Submit(do(func(*Worker) { h.End() }))
				w.Help(h)
				w.Leave()
			}
		})
	}
	waitGroup(t, "all guests are done", &all)
}

func waitGroup(t *testing.T, what string, g *sync.WaitGroup) {
	t.Helper()
	done := make(chan struct{})
	go func() { g.Wait(); close(done) }()
	testkit.Receive(t, done, what)
}

// The place's worker has ended while the guest was away.
func TestGuestComesBackToVacantPlace(t *testing.T) {
	p := newPool(t, 2)
	asleep(t, p)
	first := enter(t, p) // place 0, so that the next guest gets place 1
	asleepBut := func(n int32) func() bool { return func() bool { return p.live.Load() == n } }
	g, back := stepOut(t, p)
	if first.Index() != 0 || g.w.Index() != 1 {
		t.Fatalf("the guests sit in %d and %d", first.Index(), g.w.Index())
	}
	first.Leave()
	for range 20 {
		if err := p.Resize(1); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, "the worker has ended", asleepBut(1))
		g.hold.End()
		testkit.Eventually(t, "the guest is back", back.Load)
		g.finish()
		testkit.Eventually(t, "the worker has ended again", asleepBut(1))
		_ = p.Resize(2)
		asleep(t, p)
		first = enter(t, p)
		testkit.Eventually(t, "place 1 is parked", func() bool { return p.idle.isParked(1) })
		g, back = stepOut(t, p)
		first.Leave()
	}
	g.hold.End()
	g.finish()
}

func TestCloseWaitsForSteppedOutGuest(t *testing.T) {
	p := newPool(t, 2)
	g, back := stepOut(t, p)
	closed := make(chan struct{})
	go func() { p.Close(); close(closed) }()
	testkit.Eventually(t, "the workers have ended", func() bool { return p.live.Load() == 0 })
	yields()
	select {
	case <-closed:
		t.Error("Close did not wait for the guest")
	default:
	}
	var ran point.Bool
	g.hold.End()
	testkit.Eventually(t, "the guest is back", back.Load)
	sit(g.w).Push(do(func(*Worker) { ran.Store(true) }))
	g.finish()
	testkit.Receive(t, closed, "Close returns")
	if !ran.Load() {
		t.Error("a job that the guest left did not run")
	}
}

// Threads that run jobs never exceed the worker count, guests included.
func TestThreadsNeverExceedWorkers(t *testing.T) {
	eachProcs(t, func(t *testing.T) {
		const n = 3
		p := newPool(t, n)
		var running, most point.Int32
		begin := func() {
			now := running.Inc()
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
		}
		end := func() { running.Dec() }
		job := do(func(*Worker) { begin(); park.Relax(500); end() })
		wait := func(w *Worker, end1 func(), begin1 func()) {
			h := w.NewHold()
			w.Push(do(func(*Worker) { begin(); h.End(); end() }))
			end1()
			w.Help(h)
			begin1()
		}
		var callers sync.WaitGroup
		for range 6 {
			callers.Go(func() {
				for i := range 150 {
					if w, ok := p.Enter(); ok {
						begin()
						w.Push(job)
						if i%3 == 0 {
							wait(w, end, begin)
						}
						end()
						for w.RunOne() {
						}
						w.Leave()
					} else {
						p.Submit(do(func(w *Worker) { begin(); wait(w, end, begin); end() }))
					}
				}
			})
		}
		waitGroup(t, "all callers are done", &callers)
		closePool(t, p)
		if most.Load() > n || most.Load() < 1 {
			t.Errorf("%d threads ran jobs on %d workers", most.Load(), n)
		}
	})
}
