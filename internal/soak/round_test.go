// SPDX-License-Identifier: Apache-2.0

package soak_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// quiet swallows reports: of stranded tasks, and of tasks that hold a worker for long
// on a machine that is busy.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// A round is one runtime, and what is done to it.
type round struct {
	t  *testing.T
	rt *sched.Runtime

	// stop ends the drivers.
	// Writers: play, once. Invariant: once set, stays set.
	stop point.Bool

	// closing says that the runtime is closed under the drivers: refusals and
	// cancellations are right.
	// Writers: play, once. Invariant: once set, stays set.
	closing point.Bool

	done  tally
	probe probe
}

// A tally counts what was done.
type tally struct {
	// Writers of all: any, by addition. Invariant: they never decrease.
	works, aborted, panicked, resized, refused point.Int64
}

// fail reports a mistake, and ends the round.
func (r *round) fail(format string, args ...any) {
	r.t.Helper()
	r.t.Errorf(format, args...)
	r.stop.Store(true)
}

// check fails unless ok.
func (r *round) check(ok bool, format string, args ...any) {
	if !ok {
		r.t.Helper()
		r.fail(format, args...)
	}
}

// drive does one piece of work, on a goroutine of its own: a task that calls
// runtime.Goexit takes it away if it runs on top of a wait there.
func (r *round) drive(w work, rng *rand.Rand) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.do(r, rng)
	}()
	<-done
	r.done.works.Inc()
}

// excused reports whether an error is no mistake: the runtime is being closed, or a task
// that runs on top of a wait has called runtime.Goexit.
func (r *round) excused(err error) bool {
	if errors.Is(err, sched.ErrGoexit) {
		return true
	}
	if !r.closing.Load() || !errors.Is(err, sched.ErrClosed) && !errors.Is(err, context.Canceled) {
		return false
	}
	r.done.refused.Inc()
	return true
}

// play makes a runtime, lets it be busy for a while, and closes it.
func play(t *testing.T, rng *rand.Rand, length time.Duration) (r *round, steals uint64) {
	rt, err := sched.New(sched.Workers(1+rng.IntN(mostWorkers)), sched.LockThreads(rng.IntN(3) > 0),
		sched.MaxBlocking(1+rng.IntN(8)), sched.Watchdog(time.Second, quiet))
	if err != nil {
		t.Fatal(err)
	}
	r = &round{t: t, rt: rt}
	var drivers sync.WaitGroup
	for range 4 {
		own := testkit.Split(rng)
		drivers.Go(func() {
			for !r.stop.Load() {
				r.drive(works[own.IntN(len(works))], own)
			}
		})
	}
	spinners := r.probe.spin(r, 2)
	for _, f := range []func(*rand.Rand){r.resize, r.press, r.probe.look(r)} {
		own := testkit.Split(rng)
		drivers.Go(func() {
			for !r.stop.Load() {
				f(own)
			}
		})
	}
	pause(length, &r.stop)
	under := rng.IntN(3) == 0
	if !under {
		r.stop.Store(true)
		testkit.WaitAll(t, &drivers, nil)
	}
	ctx := context.Background()
	if under || rng.IntN(2) == 0 {
		r.closing.Store(true)
		ctx = testkit.Ended()
	}
	r.stop.Store(under || r.stop.Load())
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = rt.Shutdown(ctx)
	}()
	testkit.Receive(t, closed, "Shutdown")
	r.stop.Store(true)
	testkit.WaitAll(t, &drivers, nil)
	for _, h := range spinners {
		r.check(h.IsFinished(), "a task that yields for ever has no answer after Close")
	}
	if len(r.probe.waited) >= 10 {
		turns := median(r.probe.waited)
		r.check(turns <= turnsAllowed, "tasks from outside wait for %d turns of tasks that yield, as a rule", turns)
	}
	r.check(r.probe.latest < waitAllowed, "a task from outside waited for %v", r.probe.latest)
	m := rt.Metrics()
	r.check(m.Queued == 0 && m.Blocking == 0 && m.Timers == 0 && (m.Injected == 0 || under), "left after Close: %+v", m)
	return r, m.Steals
}

// pause waits for a while, or until stop is set.
func pause(d time.Duration, stop *point.Bool) {
	for end := time.Now().Add(d); !stop.Load() && time.Now().Before(end); {
		time.Sleep(min(d, 5*time.Millisecond))
	}
}

// resize changes the number of workers now and then.
func (r *round) resize(rng *rand.Rand) {
	pause(time.Duration(1+rng.IntN(30))*time.Millisecond, &r.stop)
	if err := r.rt.Resize(1 + rng.IntN(mostWorkers)); err == nil {
		r.done.resized.Inc()
	} else {
		r.check(r.closing.Load() || r.stop.Load(), "Resize: %v", err)
	}
}

// press makes garbage, and the collector run.
func (r *round) press(rng *rand.Rand) {
	for range 20 {
		garbage = make([]byte, 1<<(10+rng.IntN(8)))
	}
	if rng.IntN(20) == 0 {
		runtime.GC()
	}
	pause(time.Duration(1+rng.IntN(10))*time.Millisecond, &r.stop)
}

var garbage []byte

// mostWorkers is how many workers a round has at most.
const mostWorkers = 4

// A probe measures fairness: how many turns a worker gives to tasks that yield for ever,
// while a task from outside waits that it runs in the end.
type probe struct {
	// turns counts, by worker, polls of the tasks that yield.
	// Writers: those tasks, by addition. Invariant: never decreases.
	turns [mostWorkers]point.Int64

	waited []int64       // turns, of each task; look's, until it has ended
	latest time.Duration // likewise: the longest wait
}

// turnsAllowed and waitAllowed bound the median of the turns, and the longest wait. A worker
// looks at what came from outside every 61 jobs, and the queues hold some hundred. The
// largest number of turns says nothing: the machine may stop the thread that has just
// taken the task, while the others take turns.
const (
	turnsAllowed = 2000
	waitAllowed  = 10 * time.Second
)

// spin starts tasks that yield until the round ends, each on a worker or on none.
func (p *probe) spin(r *round, n int) (all []sched.JoinHandle[int]) {
	for range n {
		all = append(all, sched.Spawn(r.rt, yielding{r}))
	}
	return all
}

// yielding is a future that asks for another poll until the round stops.
type yielding struct{ r *round }

func (y yielding) Poll(cx *sched.Context) (p pollOf[int]) {
	if at, ok := place(cx); ok {
		y.r.probe.turns[at].Inc()
	}
	if y.r.stop.Load() {
		return pollOf[int]{Ready: true}
	}
	cx.Wake()
	return p
}

// place returns the number of the worker that polls.
func place(cx *sched.Context) (int, bool) {
	w, _, err := sched.Where(cx)
	if err != nil || w == nil {
		return 0, false
	}
	return w.Index(), true
}

// look returns what spawns a task from outside, and counts the turns until it runs.
func (p *probe) look(r *round) func(*rand.Rand) {
	return func(rng *rand.Rand) {
		began := time.Now()
		var before [mostWorkers]int64
		for i := range before {
			before[i] = p.turns[i].Load()
		}
		h := sched.Go(r.rt, func(cx *sched.Context) (int64, error) {
			at, ok := place(cx)
			if !ok {
				return 0, nil
			}
			return p.turns[at].Load() - before[at], nil
		})
		turns, err := h.Wait(context.Background())
		if err != nil {
			r.check(r.excused(err), "a task from outside: %v", err)
			return
		}
		p.waited = append(p.waited, turns)
		p.latest = max(p.latest, time.Since(began))
		pause(time.Duration(rng.IntN(3))*time.Millisecond, &r.stop)
	}
}
