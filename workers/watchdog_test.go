// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"bytes"
	"log/slog"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// reports collects what a watchdog says.
type reports struct {
	mu  sync.Mutex
	got []Stuck
}

func (r *reports) add(s Stuck) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, s)
}

func (r *reports) all() []Stuck {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

const (
	shortTicks = 2
	shortLimit = shortTicks * monitorTick
	oftenEvery = time.Millisecond
)

// busyFor keeps the calling goroutine busy for some ticks of the monitor.
func busyFor(ticks time.Duration) {
	for start := time.Now(); time.Since(start) < ticks*monitorTick; {
		runtime.Gosched()
	}
}

// byHand stops the monitor of a pool and returns a watchdog that looks when it is told
// to, and not while a job is about to begin.
func byHand(p *Pool) *watchdog {
	p.stopMonitor()
	return &watchdog{pool: p}
}

// looks is so many ticks of the monitor.
func (d *watchdog) looks(n int) {
	for range n {
		d.look()
	}
}

//go:noinline
func stuckHere(release *point.Bool) { stuckSince(new(point.Bool), release) }

//go:noinline
func stuckSince(in, release *point.Bool) {
	in.Store(true)
	for !release.Load() {
		runtime.Gosched()
	}
}

func TestStuckJobIsReportedOnce(t *testing.T) {
	var r reports
	newPool(t, 2, Name("crew")) // whose workers sleep
	p := newPool(t, 2, Name("crew"), Watchdog(shortLimit, nil), ReportEvery(1), OnStuck(r.add))
	d := byHand(p)
	for round := 1; round <= 2; round++ {
		asleep(t, p) // the other one is to sleep while this one works
		var in, inOther, release, done point.Bool
		var index point.Int32
		p.Submit(do(func(w *Worker) {
			index.Store(int32(w.Index()))
			// A goroutine inherits the labels, and is not the worker.
			go stuckSince(&inOther, &done)
			pprof.SetGoroutineLabels(pprof.WithLabels(w.Labels(), pprof.Labels(LabelTask, "crunch")))
			stuckSince(&in, &release)
			pprof.SetGoroutineLabels(w.Labels())
			done.Store(true)
		}))
		testkit.Eventually(t, "the job is stuck", func() bool { return in.Load() && inOther.Load() })
		if d.looks(shortTicks); len(r.all()) != round-1 { // the first look asks
			t.Errorf("reported after less than %v", shortLimit)
		}
		d.looks(6)
		release.Store(true)
		testkit.Eventually(t, "the job ends", done.Load)
		asleep(t, p)
		got := r.all()
		if len(got) != round {
			t.Fatalf("%d reports of %d stuck jobs", len(got), round)
		}
		s := got[round-1]
		if s.Pool != "crew" || s.Worker != int(index.Load()) || s.Task != "crunch" || s.Held < shortLimit {
			t.Errorf("got pool %q, worker %d, task %q, held %v; the job ran on worker %d", s.Pool, s.Worker, s.Task, s.Held, index.Load())
		}
		if !strings.Contains(s.Stack, "stuckSince") || !strings.Contains(s.Stack, "(*Worker).main") {
			t.Errorf("the stack does not name the function, or is not the worker's:\n%s", s.Stack)
		}
	}
}

// A guest's goroutine is its caller's affair; the worker of its place sleeps.
func TestGuestIsNotReported(t *testing.T) {
	var r reports
	p := newPool(t, 1, Watchdog(shortLimit, nil), ReportEvery(1), OnStuck(r.add))
	d := byHand(p)
	silent := func() {
		t.Helper()
		testkit.Eventually(t, "the worker sleeps", func() bool {
			_, stack := stackOf(p.number, 0)
			return strings.Contains(stack, sleeps)
		})
		if d.looks(6); !d.reported[0] {
			t.Error("the watchdog did not look where the worker is")
		}
	}
	w := enter(t, p)
	silent()
	w.Leave()

	// The same while its worker sleeps in the hand-over, between two jobs.
	g, back := stepOut(t, p)
	p.Submit(do(func(w *Worker) {
		g.hold.End()
		for w.attention.Load()&attendHandOver == 0 {
			runtime.Gosched()
		}
	}))
	testkit.Eventually(t, "the guest is back", back.Load)
	silent()
	g.finish()

	// And while it sleeps inside a job.
	h := help(t, p)
	w = enter(t, p)
	silent()
	w.Leave()
	h.hold.End()
	testkit.Eventually(t, "Help returns", h.done.Load)
	for _, s := range r.all() {
		t.Errorf("reported worker %d, which slept:\n%s", s.Worker, s.Stack)
	}
}

func TestWatchdogOff(t *testing.T) {
	var r reports
	p := newPool(t, 1, Watchdog(0, nil), ReportEvery(oftenEvery), OnStuck(r.add))
	var done point.Bool
	p.Submit(do(func(*Worker) { busyFor(6); done.Store(true) }))
	testkit.Eventually(t, "the job ends", done.Load)
	if n := len(r.all()); n != 0 {
		t.Errorf("%d reports of a watchdog that is off", n)
	}
}

func TestReportsAreRationed(t *testing.T) {
	var r reports
	p := newPool(t, 2, Watchdog(shortLimit, nil), ReportEvery(time.Hour), OnStuck(r.add))
	var release point.Bool
	for range 2 {
		p.Submit(do(func(*Worker) { stuckHere(&release) }))
	}
	testkit.Eventually(t, "one job is reported", func() bool { return len(r.all()) > 0 })
	busyFor(4)
	release.Store(true)
	if n := len(r.all()); n != 1 {
		t.Errorf("%d reports within the hour", n)
	}
}

// lines is a log that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestStuckJobIsLogged(t *testing.T) {
	for _, def := range []bool{false, true} {
		var out lines
		log := slog.New(slog.NewTextHandler(&out, nil))
		to := log
		if def {
			defer slog.SetDefault(slog.Default())
			slog.SetDefault(log)
			to = nil
		}
		p := newPool(t, 1, Watchdog(shortLimit, to), ReportEvery(oftenEvery))
		testkit.Eventually(t, "the job is logged in the function", func() bool { // it may be slow to get there
			var release point.Bool
			p.Submit(do(func(*Worker) { stuckHere(&release) }))
			before := len(out.String())
			testkit.Eventually(t, "something is logged", func() bool { return len(out.String()) > before })
			release.Store(true)
			return strings.Contains(out.String(), "stuckHere")
		})
		if !strings.Contains(out.String(), "level=WARN") || !strings.Contains(out.String(), "worker=0") {
			t.Errorf("logged %q", out.String())
		}
	}
}

// A run-next job wakes nobody. The monitor does, once its worker turns out to be
// in a long job.
func TestMonitorFreesJobsBehindALongOne(t *testing.T) {
	p := newPool(t, 2)
	var ran, ended point.Bool
	p.Submit(do(func(w *Worker) {
		for !p.idle.isParked(1 - w.index) {
			runtime.Gosched()
		}
		w.PushNext(do(func(*Worker) { ran.Store(true) }))
		for !ran.Load() && !t.Failed() {
			runtime.Gosched()
		}
		ended.Store(true)
	}))
	testkit.Eventually(t, "another worker took the job", ended.Load)
}

func TestMonitorSleepsAndIsRoused(t *testing.T) {
	var ticks point.Int32
	p := newPool(t, 2, OnTick(func(*Pool) { ticks.Inc() }))
	roused := func(what string, act func()) {
		t.Helper()
		testkit.Eventually(t, "the monitor sleeps", p.monitor.asleep.Load)
		before := ticks.Load() // it may have gone to sleep again before anybody looks
		act()
		testkit.Eventually(t, "the monitor is awake after "+what, func() bool { return ticks.Load() > before })
	}
	for range 5 {
		var release point.Bool
		roused("a job", func() { p.Submit(do(func(*Worker) { stuckHere(&release) })) })
		release.Store(true)
		h := help(t, p)
		roused("the end of a wait, by way of one place", h.hold.End)
		var w *Worker
		roused("a guest, who wakes nobody", func() { w = enter(t, p) })
		w.Leave()
	}
}

func TestFrames(t *testing.T) {
	const profile = "1 @ 0x1 0x2\n# labels: {\"pilfer_worker\":\"0\"}\n" +
		"#\t0x5df5f8\tgithub.com/pilfer-go/pilfer/future.Block[...]+0x1f8\t\t/src/my dir/block.go:37\n" +
		"#\t0x59ad56\tmain.main.func1+0x56\t\t/src/main.go:126\n" +
		"#\t0x541ff8\tgithub.com/pilfer-go/pilfer/workers.(*Worker).runJob+0x8\t/src/serve.go:9\n" +
		"#\t0x541ff9\tmain.below+0x8\t/src/main.go:9\n"
	if got, want := frames(profile), "future.Block[...] /src/my dir/block.go:37 < main.main.func1 /src/main.go:126"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
