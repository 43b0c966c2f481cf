// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestRunsEveryJobOnce(t *testing.T) {
	for _, opts := range [][]Option{nil, {PortableParking()}, {LockThreads(false)}} {
		p := newPool(t, 3, opts...)
		const jobs = 600
		var ran [jobs]point.Int32
		run := func(i int) *Job { return do(func(*Worker) { ran[i].Inc() }) }
		batch := []*Job{}
		for i := range jobs / 2 {
			batch = append(batch, run(i))
		}
		p.SubmitBatch(batch)
		for i := jobs / 2; i < jobs; i++ {
			p.Submit(do(func(w *Worker) {
				push := []func(*Job){w.Push, w.PushNext, w.PushYielded}[i%3]
				push(run(i))
			}))
		}
		closePool(t, p)
		for i := range ran {
			if n := ran[i].Load(); n != 1 {
				t.Errorf("job %d ran %d times", i, n)
			}
		}
	}
}

// order runs first on a pool of one worker and returns what the jobs wrote.
func order(t *testing.T, first func(w *Worker, named func(string) *Job)) []string {
	p := newPool(t, 1)
	var got []string // by the only worker
	named := func(name string) *Job { return do(func(*Worker) { got = append(got, name) }) }
	p.Submit(do(func(w *Worker) { first(w, named) }))
	closePool(t, p)
	return got
}

func TestOrderOfPushes(t *testing.T) {
	got := order(t, func(w *Worker, named func(string) *Job) {
		w.Push(named("a"))
		w.PushNext(named("displaced"))
		w.PushNext(named("next"))
		w.PushYielded(named("last")) // the run-next job loses its turn to it
		w.Push(named("b"))
		w.PushNext(named("first"))
	})
	if want := []string{"first", "a", "displaced", "next", "last", "b"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRunNextJobsDoNotStarveTheQueue(t *testing.T) {
	got := order(t, func(w *Worker, named func(string) *Job) {
		w.Push(named("old"))
		left := 2 * maxStreak
		var again func(*Worker)
		again = func(w *Worker) {
			named("next").Runner.RunJob(w)
			if left--; left > 0 {
				w.PushNext(do(again))
			}
		}
		w.PushNext(do(again))
	})
	if at := slices.Index(got, "old"); at != maxStreak {
		t.Errorf("the old job came after %d run-next jobs, want %d: %v", at, maxStreak, got)
	}
}

func TestInjectorHasItsTurn(t *testing.T) {
	got := order(t, func(w *Worker, named func(string) *Job) {
		for range 3 {
			w.pool.Submit(named("injected"))
		}
		w.Push(named("own"))
		w.PushNext(named("next"))
		w.tick = injectEvery - 1
	})
	// The run-next job is still the next one of its own queue.
	if want := []string{"injected", "next", "own", "injected", "injected"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The push falls between the end of the search and the parking, when neither
// sees the other: only the look after the announcement can. [wake-race] K2
func TestParkSeesLatePush(t *testing.T) {
	var (
		p     *Pool
		late  point.Bool
		ran   point.Int32
		start = make(chan struct{})
	)
	p = newPool(t, 1, OnStart(func(w *Worker) { w.SetLocal(true) }),
		OnPublish(func(*Worker) { // on the way into park, after the search
			<-start
			if late.CompareAndSwap(true, false) {
				p.Submit(do(func(*Worker) { ran.Inc() }))
			}
		}))
	close(start)
	for i := range int32(50) {
		asleep(t, p)
		late.Store(true)
		p.Submit(do(func(*Worker) {}))
		testkit.Eventually(t, "the late job ran", func() bool { return ran.Load() == i+1 })
	}
}

// A push inside a job has woken somebody when it returns: the monitor would do
// so too, but late. [wake-race] P2
func TestPushWakesAtOnce(t *testing.T) {
	p := newPool(t, 2)
	for _, push := range []func(w *Worker, j *Job){
		(*Worker).Push,
		func(w *Worker, j *Job) { // the second displaces the first
			w.PushNext(do(func(*Worker) {}))
			w.PushNext(j)
		},
		func(w *Worker, j *Job) {
			w.PushYielded(do(func(*Worker) {}))
			w.PushYielded(j)
		},
		func(w *Worker, j *Job) { w.Pool().Submit(j) },
		func(w *Worker, j *Job) { w.Pool().SubmitBatch([]*Job{j}) },
	} {
		asleep(t, p)
		var ran, woke, ended point.Bool
		p.Submit(do(func(w *Worker) {
			for !p.idle.isParked(1 - w.index) {
				runtime.Gosched()
			}
			push(w, do(func(*Worker) { ran.Store(true) }))
			woke.Store(!p.idle.isParked(1-w.index) || ran.Load())
			ended.Store(true)
		}))
		testkit.Eventually(t, "the jobs ran", func() bool { return ran.Load() && ended.Load() })
		if !woke.Load() {
			t.Error("a push woke nobody")
		}
	}
}

// One wake-up comes for the whole batch; each worker that finds a job must wake
// the next one. Each takes one job, so none lies in a queue for the monitor to
// see. [wake-race] F2
func TestSearcherPassesTheDutyOn(t *testing.T) {
	const n = 3
	p := newPool(t, n+1)
	for range 20 {
		asleep(t, p)
		var running, met point.Int32
		meet := do(func(*Worker) {
			running.Inc()
			for start := time.Now(); running.Load() < n && time.Since(start) < testkit.Patience; {
				runtime.Gosched()
			}
			if running.Load() == n {
				met.Inc()
			}
		})
		p.SubmitBatch([]*Job{meet, meet, meet})
		testkit.Eventually(t, "three jobs run at once", func() bool { return met.Load() == n })
	}
}

// Close must not keep a worker from a job that lies alone behind a long one.
func TestCloseStealsLoneJob(t *testing.T) {
	p := newPool(t, 2)
	var pushed, ran, ended point.Bool
	p.Submit(do(func(w *Worker) {
		w.Push(do(func(*Worker) { ran.Store(true) }))
		pushed.Store(true)
		for !ran.Load() && !t.Failed() {
			runtime.Gosched()
		}
		ended.Store(true)
	}))
	p.Submit(do(func(*Worker) {
		for !pushed.Load() || !p.closing.Load() {
			runtime.Gosched()
		}
	}))
	go p.Close()
	testkit.Eventually(t, "the lone job was stolen", ended.Load)
}

func TestCloseWhileParking(t *testing.T) {
	r := testkit.Rand(t)
	for i := range 150 {
		p := newPool(t, 1+i%4)
		var ran point.Int32
		jobs := r.IntN(4)
		for range jobs {
			p.Submit(do(func(w *Worker) { w.PushYielded(do(func(*Worker) { ran.Inc() })) }))
		}
		park.Relax(r.IntN(20_000)) // workers are on their way into park
		closePool(t, p)
		if got := int(ran.Load()); got != jobs {
			t.Fatalf("%d of %d jobs ran before Close returned", got, jobs)
		}
		if p.live.Load() != 0 {
			t.Fatalf("%d workers outlived Close", p.live.Load())
		}
	}
}

// Close falls between the last look of a worker and its announcement: it sees
// nobody to wake. [close-race] K2
func TestCloseBeforeAnnouncement(t *testing.T) {
	var (
		p    *Pool
		half point.Bool
	)
	p = newPool(t, 2, OnStart(func(w *Worker) { w.SetLocal(true) }), OnPublish(func(w *Worker) {
		if w.Index() == 0 && half.CompareAndSwap(true, false) {
			p.closing.Store(true)
			p.wakeAll()
		}
	}))
	asleep(t, p)
	half.Store(true)
	p.wakePlace(p.places()[0])
	testkit.Eventually(t, "the workers end by themselves", func() bool { return p.live.Load() == 0 })
}

func TestAfterClose(t *testing.T) {
	p := newPool(t, 2)
	closePool(t, p)
	closePool(t, p)
	if _, ok := p.Enter(); ok {
		t.Error("a guest came in after Close")
	}
	if err := p.Resize(3); !errors.Is(err, ErrClosed) {
		t.Errorf("Resize: got %v", err)
	}
	p.Stats()
	p.Nudge()
}

func TestOnQuiet(t *testing.T) {
	var quiet point.Int32
	p := newPool(t, 3, OnQuiet(func() { quiet.Inc() }))
	again := func(what string, act func()) {
		t.Helper()
		asleep(t, p)
		yields() // a worker may be between its last two steps
		before := quiet.Load()
		act()
		testkit.Eventually(t, "OnQuiet is called after "+what, func() bool { return quiet.Load() > before })
	}
	for range 30 {
		again("a job", func() { p.Submit(do(func(*Worker) {})) })
		again("Nudge", p.Nudge)
		again("a guest", func() {
			w, ok := p.Enter()
			if !ok {
				t.Fatal("no place in a pool that sleeps")
			}
			if quiet := p.Asleep(func() bool { return true }); quiet {
				t.Error("Asleep beside a guest")
			}
			w.Leave()
		})
		again("guests that leave at once", func() {
			a, _ := p.Enter()
			b, _ := p.Enter()
			go a.Leave()
			b.Leave()
		})
		again("Resize to more", func() { _ = p.Resize(5) })
		again("Resize to fewer", func() { _ = p.Resize(3) })
	}
}

// OnQuiet must come although another goroutine has one place reserved while the
// last worker parks: it is owed by who gives the place back. So is the wake-up by
// a push that finds the only parked place reserved.
func TestReservationsHideNothing(t *testing.T) {
	var quiet, ran point.Int32
	p := newPool(t, 2, OnQuiet(func() { quiet.Inc() }))
	for i := range int32(20) {
		asleep(t, p)
		yields()
		w := enter(t, p)
		p.idle.reserve(0) // as take does, on the way to a place that it will not get
		before := quiet.Load()
		w.Leave()
		p.giveBack(0)
		if quiet.Load() == before {
			t.Fatal("nobody said that all are idle")
		}

		w = enter(t, p)
		p.idle.reserve(0)
		p.Submit(do(func(*Worker) { ran.Inc() }))
		p.giveBack(0)
		testkit.Eventually(t, "the job runs", func() bool { return ran.Load() == i+1 })
		w.Leave()
	}
}

func TestAsleep(t *testing.T) {
	p := newPool(t, 2)
	testkit.Eventually(t, "the pool is asleep", func() bool { return p.Asleep(func() bool { return true }) })
	if p.Asleep(func() bool { return false }) {
		t.Error("asleep against the check")
	}
	if p.Asleep(func() bool {
		w, _ := p.Enter()
		w.Leave()
		return true
	}) {
		t.Error("a guest came and went unseen")
	}
}

func TestSaturatedAndHints(t *testing.T) {
	p := newPool(t, 1)
	var at, release point.Bool
	p.Submit(do(func(*Worker) {
		at.Store(true)
		for !release.Load() {
			runtime.Gosched()
		}
	}))
	testkit.Eventually(t, "the job runs", at.Load)
	p.Submit(do(func(*Worker) {}))
	if !p.Saturated() || p.InjectorLen() != 1 || p.Size() != 1 || len(p.Places()) != 1 {
		t.Errorf("saturated %v, %d injected, size %d", p.Saturated(), p.InjectorLen(), p.Size())
	}
	if p.Pressure() != &p.pressure || p.Portable() != p.portable {
		t.Error("wrong pressure or kind")
	}
	release.Store(true)
	asleep(t, p)
	if p.Saturated() {
		t.Error("saturated while asleep")
	}
}

func TestInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := New(Count(2), Watchdog(0, nil))
		if err != nil {
			t.Fatal(err)
		}
		if !p.Portable() {
			t.Error("parks in the kernel inside a bubble")
		}
		done := make(chan time.Duration, 1)
		start := time.Now()
		p.Submit(do(func(*Worker) {
			time.Sleep(time.Hour) // virtual
			done <- time.Since(start)
		}))
		if took := <-done; took != time.Hour {
			t.Errorf("took %v of virtual time", took)
		}
		synctest.Wait()
		p.Close()
	})
}
