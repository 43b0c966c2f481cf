// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// A world is one run: a runtime, what its tasks share, and what they have done. Its
// plain fields need no lock, as one thread runs at a time.
type world struct {
	x     *explore.X
	plan  *plan
	rt    *sched.Runtime
	clock *timer.Clock

	ch *chans.Chan[int]
	mu locks.Mutex

	sem    *graph.Semaphore // of all graphs
	weight int              // that their nodes use of it

	// tick is a word that tasks look at to take a step in the middle of their work.
	// Writers: nobody. Invariant: zero.
	tick point.Uint32

	inside  int         // tasks that hold mu
	sent    map[int]int // that the sender was told of
	got     map[int]int
	values  int // made so far
	records []*record
	abort   []func() bool
	ctxs    []*simContext

	closing bool // Close or Shutdown was called
	stopped bool // tasks were canceled
	closed  bool // Close has returned
	late    bool // the others went on while it was closed
}

// A record is what has become of one task, which runs a script.
type record struct {
	script  *script
	begun   int
	ended   int
	aborted bool
	crashes bool                // it has an op that does
	outcome func() (int, error) // of its handle; nil for a task without one
	done    func() bool
}

// begin makes the run's runtime.
func begin(x *explore.X, p *plan) *world {
	w := &world{x: x, plan: p, sent: map[int]int{}, got: map[int]int{}}
	w.clock = timer.NewClock(time.Unix(0, 0))
	w.clock.AutoAdvance(true)
	w.ch = chans.MPMC[int](p.room)
	w.sem = graph.NewSemaphore("shared", semaphoreSize)
	opts := []sched.Option{
		sched.Workers(p.workers), sched.Clock(w.clock), sched.MaxBlocking(p.blocking),
		sched.Watchdog(0, slog.New(slog.NewTextHandler(io.Discard, nil))), sched.LockThreads(!p.portable),
	}
	rt, err := sched.New(opts...)
	if err != nil {
		panic(err)
	}
	w.rt = rt
	return w
}

// steps takes n steps.
func (w *world) steps(n int) {
	for range n {
		w.tick.Load()
	}
}

// close closes the runtime, with what its tasks wait for canceled or not.
func (w *world) close(stop bool) {
	w.closing = true
	if stop {
		w.stopped = true
		ctx := newContext()
		ctx.end()
		_ = w.rt.Shutdown(ctx)
		return
	}
	w.x.Check(w.rt.Close() == nil, "Close failed")
}

// check looks at all that must hold when the runtime is closed.
func (w *world) check() {
	w.closed = true
	for _, r := range w.records {
		w.checkRecord(r)
	}
	w.x.Check(w.inside == 0, "%d tasks hold the mutex at the end", w.inside)
	w.x.Check(!w.mu.Locked(), "the mutex is locked at the end")
	w.x.Check(w.sem.Free() == semaphoreSize && w.weight == 0, "%d of the semaphore are free at the end, and nodes use %d", w.sem.Free(), w.weight)
	for v, err := w.ch.TryRecv(); err == nil; v, err = w.ch.TryRecv() {
		w.got[v]++
	}
	for v := 1; v <= w.values; v++ {
		w.x.Check(w.sent[v] == w.got[v], "message %d was sent %d times and received %d times", v, w.sent[v], w.got[v])
	}
	m := w.rt.Metrics()
	// A task that was spawned too late is taken back, but not its entry in the injector.
	w.x.Check((m.Injected == 0 || w.late) && m.Queued == 0 && m.Blocking == 0 && m.Timers == 0, "left at the end: %+v", m)
	all.steals += int(m.Steals)
	h := sched.Go(w.rt, func(*sched.Context) (int, error) { panic("polled after Close") })
	_, err := h.Wait(context.Background())
	w.x.Check(errors.Is(err, sched.ErrClosed), "a spawn after Close: %v", err)
}

// checkRecord checks one task: it ran once and succeeded, or there is a reason.
func (w *world) checkRecord(r *record) {
	x := w.x
	x.Check(r.begun <= 1 && r.ended <= r.begun, "task %d began %d times and ended %d times", r.script.id, r.begun, r.ended)
	if r.outcome == nil {
		return
	}
	x.Check(r.done(), "task %d has no answer after Close", r.script.id)
	v, err := r.outcome()
	w.tally(err)
	var crash *sched.PanicError
	switch {
	case err == nil:
		x.Check(v == r.script.id && r.ended == 1, "task %d: value %d, ended %d times", r.script.id, v, r.ended)
	case errors.As(err, &crash):
		x.Check(r.crashes, "task %d panicked: %v\n%s", r.script.id, crash.Value, crash.Stack)
	case errors.Is(err, sched.ErrGoexit):
		x.Check(w.plan.goexits, "task %d: %v", r.script.id, err)
	case errors.Is(err, sched.ErrClosed):
		x.Check(w.closing && r.begun == 0, "task %d: %v, and it began %d times", r.script.id, err, r.begun)
	case errors.Is(err, sched.ErrCanceled):
		x.Check(r.aborted || w.stopped, "task %d: %v, and nobody canceled it", r.script.id, err)
	default:
		x.Check(false, "task %d: %v", r.script.id, err)
	}
	x.Check(!w.plan.calm || err == nil, "task %d: %v, and all is calm", r.script.id, err)
}

// reached counts what runs have come to, so that it can be seen whether they are worth
// anything.
type reached struct {
	tasks, succeeded, panicked, goexits, canceled, refused int
	steals, guests, timeouts                               int
	loops, shared, elements                                int // parallel calls, by several threads, failed
	graphs, graphsDone, nodesFailed                        int
}

var all reached

// tally counts how a task has ended.
func (w *world) tally(err error) {
	all.tasks++
	var crash *sched.PanicError
	switch {
	case err == nil:
		all.succeeded++
	case errors.As(err, &crash):
		all.panicked++
	case errors.Is(err, sched.ErrGoexit):
		all.goexits++
	case errors.Is(err, sched.ErrClosed):
		all.refused++
	default:
		all.canceled++
	}
}

// record makes the record of a task that runs s.
func (w *world) record(s *script) *record {
	r := &record{script: s}
	for _, o := range s.ops {
		r.crashes = r.crashes || o.kind == opPanic
	}
	w.records = append(w.records, r)
	return r
}

// handled adds what the handle of a task knows.
func (w *world) handled(r *record, h sched.JoinHandle[int]) sched.JoinHandle[int] {
	r.done = h.IsFinished
	r.outcome = func() (int, error) { return h.Wait(context.Background()) }
	w.abort = append(w.abort, func() bool { r.aborted = true; return h.Abort() })
	return h
}

// fib computes a number with forks, and some steps at the leaves.
func (w *world) fib(wk *workers.Worker, n int) int {
	if n < 2 {
		w.steps(1)
		return n
	}
	a, b := workers.Join(wk, w.fib, n-1, w.fib, n-2)
	return a + b
}
