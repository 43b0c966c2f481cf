// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

const checked = invariant.Enabled

func timeout() <-chan time.Time { return time.After(testkit.Patience) }

// A half of JoinErr that was stolen and canceled brings nothing, also not what an
// earlier join left in the frame.
func TestCanceledHalfBringsNothing(t *testing.T) {
	p := barePool(2, 0)
	owner, thief := sit(p.places()[0]), sit(p.places()[1])
	stolen := func(f func() error) (int, error) {
		owner.ask()
		_, s, err := JoinErr(owner, func(*Worker, int) (int, error) {
			err := f()
			job, _ := owner.forkThief.Steal()
			thief.protect(job)
			return 0, err
		}, 0, answers, 42)
		return s, err
	}
	if s, err := stolen(func() error { return nil }); s != 42 || err != nil {
		t.Fatal(s, err)
	}
	_ = Try(context.Background(), owner, func(w *Worker) error {
		s, err := stolen(func() error { _, _, err := JoinErr(w, fails, 0, answers, 7); return err })
		if s != 0 || err != errLeaf {
			t.Errorf("a canceled half brought %d, %v", s, err)
		}
		return nil
	})
}

// Guests of one place wait with forks open, and come back in any order: each finds
// its own forks.
func TestGuestsComeBackInAnyOrder(t *testing.T) {
	for _, workers := range []int{1, 2} {
		p := newPool(t, workers)
		type guest struct {
			w    *Worker
			hold *Hold
			out  chan struct{}
			got  [2]int
		}
		start := func(deep int) *guest {
			g := &guest{out: make(chan struct{})}
			ready := make(chan struct{})
			go func() {
				defer close(g.out)
				g.w = enter(t, p)
				defer g.w.Leave()
				var dive func(w *Worker, n int) int
				dive = func(w *Worker, n int) int {
					if n == 0 {
						g.hold = w.NewHold()
						close(ready)
						w.Help(g.hold)
						return fib(w, 10)
					}
					a, b := Join(w, dive, n-1, func(_ *Worker, n int) int { return n }, n*100)
					return a + b
				}
				g.got[0], g.got[1] = Join(g.w, dive, deep, fib, 5)
			}()
			testkit.Receive(t, ready, "the guest waits")
			testkit.Eventually(t, "its place is free", func() bool { return p.idle.isParked(g.w.index) })
			return g
		}
		for range 20 {
			first, second := start(3), start(2)
			for _, g := range []*guest{first, second} {
				g.hold.End()
				testkit.Receive(t, g.out, "the guest has left")
			}
			if first.got != [2]int{655, 5} || second.got != [2]int{355, 5} {
				t.Fatalf("%v, %v", first.got, second.got)
			}
		}
	}
}

// A job that a guest runs inside a half is no part of the half.
func TestRunOneInsideAHalf(t *testing.T) {
	w := sit(barePool(2, 0).places()[0])
	ran := false
	w.Push(do(func(w *Worker) {
		if w.helping.Load() == 0 || w.hi != 0 || w.forkThief.Len() != 0 {
			t.Error("the job stands on the forks of the half")
		}
		fib(w, 3)
		ran = true
	}))
	Join(w, func(w *Worker, _ int) int { ran = w.RunOne() && ran; return 0 }, 0, nothing, 0)
	if !ran || w.helping.Load() != 0 {
		t.Error("the job did not run")
	}
}

// What joins were given is dropped once the worker has no work, also beside levels
// that a panic has left.
func TestArgumentsAreDropped(t *testing.T) {
	type big struct{ _ [64]byte }
	p := treePool(t, 1)
	var kept []weak.Pointer[big]
	give := func() *big {
		b := new(big)
		kept = append(kept, weak.Make(b))
		return b
	}
	takes := func(_ *Worker, b *big) *big { return b }
	runsJob(t, p, func(w *Worker) {
		Join(w, nothing, 0, takes, give())
		JoinFunc(w, func(w *Worker) int { Join(w, nothing, 0, takes, give()); return 0 }, func(*Worker) *big { return give() })
		leaves(func() {
			Join(w, func(w *Worker, _ int) int {
				Join(w, nothing, 0, takes, give())
				panic(give())
			}, 0, takes, give())
		})
	})
	asleep(t, p)
	testkit.Eventually(t, "all is dropped", func() bool {
		runtime.GC()
		for _, k := range kept {
			if k.Value() != nil {
				return false
			}
		}
		return true
	})
}

// A million levels need no more stack than plain calls do, and their frames are
// given back.
func TestMillionLevels(t *testing.T) {
	var left, right func(w *Worker, n int) int
	one := func(*Worker, int) int { return 1 }
	left = func(w *Worker, n int) int {
		if n == 0 {
			return 0
		}
		a, b := Join(w, left, n-1, one, 0)
		return a + b
	}
	right = func(w *Worker, n int) int {
		if n == 0 {
			return 0
		}
		a, b := Join(w, one, 0, right, n-1)
		return a + b
	}
	for _, workers := range []int{1, 2} {
		p := treePool(t, workers)
		for i, f := range []func(*Worker, int) int{left, right} {
			levels := 100_000
			if workers == 1 && i == 0 && !testing.Short() {
				levels = 1_000_000
			}
			if got := in(p, func(w *Worker) int { return f(w, levels) }); got != levels {
				t.Errorf("%d of %d leaves", got, levels)
			}
			asleep(t, p)
			for _, w := range p.places() {
				if len(w.frames) > keptFrames {
					t.Errorf("worker %d keeps %d frames", w.index, len(w.frames))
				}
			}
		}
	}
}

// A lock is held across joins by all branches, and wanted by all: whoever waits in
// a join must not run a branch that wants the lock it holds. (rayon#592)
func TestLockAcrossJoin(t *testing.T) {
	for _, workers := range []int{1, 2, 3, 16} {
		for _, lock := range []bool{true, false} {
			p := newPool(t, workers, LockThreads(lock))
			var mu sync.Mutex
			sum := 0
			done := make(chan struct{})
			for range 3 { // so that other jobs want it too
				p.Submit(do(func(w *Worker) {
					JoinN(w, 40, func(w *Worker, i int) {
						mu.Lock()
						defer mu.Unlock()
						if sum++; sum == 120 {
							defer close(done)
						}
						fibFunc(w, 8+i%4)
						runtime.Gosched()
					})
				}))
			}
			testkit.Receive(t, done, "all have had the lock")
		}
	}
}

// Close and Resize come while forks are open.
func TestCloseWithForksOpen(t *testing.T) {
	for _, workers := range []int{2, 4} {
		p := newPool(t, workers)
		s := steal(t, p)
		if err := p.Resize(1); err != nil {
			t.Fatal(err)
		}
		closed := make(chan struct{})
		go func() { p.Close(); close(closed) }()
		testkit.Eventually(t, "the pool is closing", p.closing.Load)
		s.in(t, func(w *Worker) {
			if got := fib(w, 15); got != 610 {
				t.Error(got)
			}
		})
		s.end(t)
		testkit.Receive(t, closed, "Close returns")
	}
}

// A worker that sleeps in a join is not stuck: the one that has its half is.
func TestWatchdogKnowsJoiners(t *testing.T) {
	stuck := make(chan Stuck, 10)
	p := newPool(t, 2, Watchdog(time.Second, nil), OnStuck(func(s Stuck) { stuck <- s }))
	d := byHand(p)
	s := steal(t, p)
	testkit.Eventually(t, "the joiner sleeps", s.joiner.joining.Load)
	d.silent, d.reported = make([]int, 2), make([]bool, 2)
	for i, w := range p.places() {
		w.setAttention(attendSample)
		d.silent[i] = 1000
	}
	d.look()
	s.in(t, func(*Worker) {})
	s.end(t)
	close(stuck)
	n := 0
	for r := range stuck {
		if n++; r.Worker == s.joiner.index {
			t.Errorf("worker %d is reported, which sleeps in a join", r.Worker)
		}
	}
	if n != 1 {
		t.Errorf("%d reports", n)
	}
}

// A worker may not be used once its guest has left or its job has ended.
func TestWorkerUsedTooLate(t *testing.T) {
	p := newPool(t, 2)
	w := enter(t, p)
	fib(w, 5)
	w.Leave()
	asleep(t, p)
	var job *Worker
	runsJob(t, p, func(w *Worker) { fib(w, 5); job = w })
	asleep(t, p)
	for _, w := range []*Worker{w, job} {
		for name, use := range uses {
			if leaves(func() { use.f(w) }) == nil && (use.always || checked) {
				t.Errorf("%s at a worker that is not ours any more", name)
			}
		}
	}
}

// uses is what may be done with a worker, and whether bad use is seen in every
// build, if nobody sits there.
var uses = map[string]struct {
	always bool
	f      func(w *Worker)
}{
	"Join":      {true, func(w *Worker) { fib(w, 5) }},
	"JoinSafe":  {true, func(w *Worker) { fibSafe(w, 5) }},
	"JoinErr":   {true, func(w *Worker) { _, _ = fibErr(w, 5) }},
	"JoinFunc":  {true, func(w *Worker) { fibFunc(w, 5) }},
	"Recursive": {true, func(w *Worker) { fibTyped(w, 5) }},
	"JoinRest":  {true, func(w *Worker) { fibRest(w, fibCall{5, 1}) }},
	"JoinN":     {true, func(w *Worker) { JoinN(w, 3, func(*Worker, int) {}) }},
	"Try":       {true, func(w *Worker) { _ = Try(context.Background(), w, func(*Worker) error { return nil }) }},
	"NewHold":   {true, func(w *Worker) { w.NewHold() }},
	"Err":       {false, func(w *Worker) { _ = w.Err() }},
}

// A goroutine that a job has started keeps the job's worker, which runs the next job
// meanwhile. The next job may use what the first has kept: it is the same place.
func TestWorkerIsOnTheNextJob(t *testing.T) {
	p := newPool(t, 1)
	kept, busy, end := make(chan *Worker, 1), make(chan *Worker), make(chan struct{})
	p.Submit(do(func(w *Worker) { fib(w, 5); kept <- w }))
	first := <-kept
	p.Submit(do(func(w *Worker) {
		if w == first && fib(first, 5) != 5 {
			t.Error("the place is of no use to its next job")
		}
		busy <- w
		<-end
		if fib(w, 10) != 55 {
			t.Error("the worker is of no use to its job any more")
		}
	}))
	if w := <-busy; w != first {
		t.Error("another worker, in a pool of one")
	}
	for name, use := range uses {
		if (checked || name == "Try" || name == "NewHold") && leaves(func() { use.f(first) }) == nil {
			t.Errorf("%s at the worker of a job that has ended", name)
		}
	}
	close(end)
}

// In a build with the invariants tag a worker that belongs to another goroutine
// is not used at all.
func TestWorkerUsedElsewhere(t *testing.T) {
	if !checked {
		t.Log("only Try and NewHold look without the invariants tag")
	}
	p := newPool(t, 1)
	w := enter(t, p)
	defer w.Leave()
	fib(w, 5)
	var wrong sync.WaitGroup
	wrong.Go(func() {
		for name, use := range uses {
			if !checked && name != "Try" && name != "NewHold" {
				continue
			}
			if leaves(func() { use.f(w) }) == nil {
				t.Errorf("%s from another goroutine", name)
			}
		}
		for name, push := range map[string]func(*Job){"Push": w.Push, "PushNext": w.PushNext, "PushYielded": w.PushYielded} {
			if checked && leaves(func() { push(do(func(*Worker) {})) }) == nil {
				t.Errorf("%s from another goroutine", name)
			}
		}
	})
	waitGroup(t, "all is tried", &wrong)
	var used point.Bool
	w.Push(do(func(*Worker) { used.Store(true) }))
	if fib(w, 10) != 55 || !w.RunOne() || !used.Load() {
		t.Error("the worker is of no use to its owner any more")
	}
}
