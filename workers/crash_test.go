// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// crashes runs jobs one after the other on a pool of one worker, and returns
// what each was told and the goroutine that ran it.
func crashes(t *testing.T, jobs []func(*Worker), opts ...Option) (got []Crash, on []uintptr) {
	p := newPool(t, 1, opts...)
	for _, run := range jobs {
		p.Submit(&Job{Runner: crashing{
			run: func(w *Worker) { on = append(on, self.Goroutine()); run(w) },
			crashed: func(w *Worker, c Crash) {
				got = append(got, c)
				w.Push(do(func(*Worker) {})) // the worker is still of use
			},
		}})
	}
	closePool(t, p)
	return got, on
}

//go:noinline
func failHere() { panic("no luck") }

func TestPanicIsToldWithItsStack(t *testing.T) {
	got, on := crashes(t, []func(*Worker){
		func(*Worker) { failHere() },
		//lint:ignore SA5000 a panic of the runtime, not of user code, is the test
		func(*Worker) { var m map[int]int; m[0] = 1 },
		func(*Worker) {},
	})
	if len(got) != 2 || len(on) != 3 {
		t.Fatalf("%d crashes, %d jobs", len(got), len(on))
	}
	if got[0].Value != "no luck" || got[0].Goexit || !strings.Contains(string(got[0].Stack), "failHere") {
		t.Errorf("got %v, Goexit %v, stack\n%s", got[0].Value, got[0].Goexit, got[0].Stack)
	}
	if _, ok := got[1].Value.(runtime.Error); !ok {
		t.Errorf("got %v", got[1].Value)
	}
	if on[0] != on[1] || on[1] != on[2] {
		t.Error("a panic cost the worker its goroutine")
	}
}

// The worker goes on inside its deferred function: on the same goroutine, so on
// the same locked thread, until too many loops are nested.
func TestGoexitInARow(t *testing.T) {
	for _, lock := range []bool{true, false} {
		jobs := slices.Repeat([]func(*Worker){func(*Worker) { runtime.Goexit() }}, 3*maxNested+1)
		got, on := crashes(t, jobs, LockThreads(lock))
		if len(got) != len(jobs) || len(on) != len(jobs) {
			t.Fatalf("%d jobs: %d ran, %d were told of Goexit", len(jobs), len(on), len(got))
		}
		for i, c := range got {
			if !c.Goexit || c.Value != nil || c.Stack != nil {
				t.Errorf("job %d: got %+v", i, c)
			}
			if i%maxNested != 0 && on[i] != on[i-1] {
				t.Errorf("job %d runs on another goroutine after %d Goexits", i, i%maxNested)
			}
		}
	}
}

// Panics between Goexits do not count: their loops are not nested.
func TestGoexitAndPanicMixed(t *testing.T) {
	jobs := []func(*Worker){}
	for i := range 2 * maxNested {
		jobs = append(jobs, func(*Worker) {
			if i%4 == 0 {
				runtime.Goexit()
			}
			failHere()
		})
	}
	got, on := crashes(t, jobs)
	for i, c := range got {
		if c.Goexit != (i%4 == 0) {
			t.Errorf("job %d: Goexit %v", i, c.Goexit)
		}
		if on[i] != on[0] {
			t.Errorf("job %d runs on another goroutine", i)
		}
	}
	if len(got) != len(jobs) {
		t.Errorf("%d crashes of %d", len(got), len(jobs))
	}
}

// told is a job that counts what it is told.
type told struct {
	panics, exits, returns point.Int32
	run                    func(w *Worker)
}

func (c *told) RunJob(w *Worker) { c.run(w); c.returns.Inc() }

func (c *told) JobCrashed(_ *Worker, crash Crash) {
	if crash.Goexit {
		c.exits.Inc()
	} else {
		c.panics.Inc()
	}
}

func (c *told) is(panics, exits, returns int32) bool {
	return c.panics.Load() == panics && c.exits.Load() == exits && c.returns.Load() == returns
}

func TestCrashUnderHelp(t *testing.T) {
	for _, c := range []struct {
		name  string
		crash func()
		outer [3]int32 // panics, exits, returns
		inner [3]int32
	}{
		{"panic", func() { panic("inner") }, [3]int32{0, 0, 1}, [3]int32{1, 0, 0}},
		{"Goexit", runtime.Goexit, [3]int32{0, 1, 0}, [3]int32{0, 1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPool(t, 1)
			inner := &told{run: func(*Worker) { c.crash() }}
			outer := &told{}
			outer.run = func(w *Worker) {
				h := w.NewHold()
				w.Push(&Job{Runner: inner})
				w.Push(do(func(*Worker) { h.End() }))
				w.Help(h)
			}
			p.Submit(&Job{Runner: outer})
			closePool(t, p)
			if !outer.is(c.outer[0], c.outer[1], c.outer[2]) || !inner.is(c.inner[0], c.inner[1], c.inner[2]) {
				t.Errorf("outer %+v\ninner %+v", outer, inner)
			}
		})
	}
}

// A guest has sat in the place since the job began to wait.
func TestCrashUnderHelpAfterHandOver(t *testing.T) {
	p := newPool(t, 1)
	g, back := stepOut(t, p)
	outer := &told{run: func(w *Worker) {
		h := w.NewHold()
		w.Push(do(func(w *Worker) {
			p.Submit(do(func(*Worker) { runtime.Goexit() }))
			g.hold.End()
			for w.attention.Load()&attendHandOver == 0 {
				runtime.Gosched()
			}
		}))
		w.Help(h)
	}}
	p.Submit(&Job{Runner: outer})
	testkit.Eventually(t, "the guest is back", back.Load)
	g.finish()
	testkit.Eventually(t, "the job is told of Goexit", func() bool { return outer.is(0, 1, 0) })
}

func TestGoexitInFuncIsForgotten(t *testing.T) {
	p := newPool(t, 1)
	var ran point.Bool
	p.Submit(do(func(*Worker) { runtime.Goexit() }))
	p.Submit(do(func(*Worker) { ran.Store(true) }))
	closePool(t, p)
	if !ran.Load() {
		t.Error("the worker did not go on")
	}
}

// A goroutine that has ended may give its number to another one, which must not
// be taken for the worker.
func TestNobodySitsInAVacantPlace(t *testing.T) {
	p := newPool(t, 2)
	p.Submit(do(func(*Worker) { runtime.Goexit() }))
	asleep(t, p)
	_ = p.Resize(1)
	testkit.Eventually(t, "the worker has ended", func() bool { return p.live.Load() == 1 })
	if p.places()[1].sitter.Load() != 0 {
		t.Error("a goroutine that has ended sits in place 1")
	}
	closePool(t, p)
	if p.places()[0].sitter.Load() != 0 {
		t.Error("a goroutine that has ended sits in place 0")
	}
}

// crashInChild is the environment variable that makes the test binary crash.
const crashInChild = "PILFER_TEST_CRASH"

// panicInFunc runs a Func that panics, which ends the process.
func panicInFunc() {
	p, err := New(Count(1))
	if err != nil {
		panic(err)
	}
	p.Submit(do(func(*Worker) { failHere() }))
	select {}
}

func TestPanicInFuncEndsTheProcess(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashInChild+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("the process went on")
	}
	if !strings.Contains(string(out), "no luck") || !strings.Contains(string(out), "failHere") {
		t.Errorf("the output does not name the panic and its place:\n%s", out)
	}
}
