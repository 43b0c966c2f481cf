// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"time"

	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// A Runtime runs tasks on a pool of workers. Make one with [New], and Close it.
type Runtime struct {
	busyOutside outsideCount // first: its word needs 64-bit alignment
	keeper      timekeeper   // second, likewise

	pool *workers.Pool // nil for a round-robin executor's
	rr   *RoundRobin

	// closing refuses what comes from outside.
	// Writers: Close, Shutdown. Invariant: once set, stays set.
	closing point.Bool

	ending ending

	// all holds the registries, by number.
	// Writers: holding outside. Invariant: only grows; a published slice is
	// never written again.
	all point.Pointer[[]*registry]

	outside         point.Mutex // guards outsideRegistry, and writes of all
	outsideRegistry *registry

	blockers blockers
	ctx      context.Context // ends when the runtime cancels its tasks
	cancel   context.CancelFunc
	quiet    park.Gate // opened when closing is set and no task is left
	callers  callers
	log      strandedLog
	tracker  *tracker     // set once; nil without Track
	clock    *timer.Clock // set once
	unwatch  func()       // set once: the clock forgets the runtime

	// told says that quiet is open, or about to be.
	// Writers: tellQuiet, by compare-and-swap, once.
	told point.Bool

	// resting is how many of those that are busy outside sleep.
	// Writers: any, with a virtual clock only. Invariant: at most their number.
	resting   point.Int32
	outsiders outsiders // with a virtual clock only
}

// New starts a runtime. It returns an [*workers.OptionError] if an option makes
// no sense. Without options it has GOMAXPROCS locked workers.
func New(opts ...Option) (*Runtime, error) {
	c := defaults()
	if err := c.apply(opts); err != nil {
		return nil, err
	}
	rt := &Runtime{}
	rt.init(c)
	pool := append([]workers.Option{
		workers.OnStart(rt.workerStarts(c.onStart)),
		workers.OnStop(workerStops(c.onStop)),
		workers.OnQuiet(rt.poolQuiet),
		workers.OnAside(func(w *workers.Worker) func() { return w.Local().(*local).stepAside() }),
		workers.OnIdle(func(w *workers.Worker) (bool, time.Duration) { return w.Local().(*local).idle() }),
		workers.OnPublish(func(w *workers.Worker) { w.Local().(*local).publish() }),
	}, c.pool...)
	if rt.clock.Virtual() {
		pool = append(pool, workers.OnAwake(rt.clock.Settle))
	}
	if c.borrows {
		l := &loan{from: c.lender, most: c.borrow}
		pool = append(pool, workers.OnTick(l.look))
	}
	rt.outside.Lock() // a worker that starts waits until pool is set
	defer rt.outside.Unlock()
	var err error
	rt.pool, err = workers.New(pool...)
	if err != nil {
		return nil, inOurWords(err)
	}
	rt.unwatch = rt.clock.Watch(rt.timeChanged)
	return rt, nil
}

// init prepares what a runtime has besides its pool.
func (rt *Runtime) init(c config) {
	rt.blockers.max = c.blocking
	rt.log.to, rt.log.every = c.log, c.every
	if c.track {
		rt.tracker = newTracker(rt)
		rt.ending.set(tracking)
	}
	rt.quiet.Init()
	rt.ctx, rt.cancel = context.WithCancel(context.Background())
	rt.clock = c.clock
	rt.keeper.init()
	rt.outsideRegistry = rt.newRegistry(0, nil)
	rt.all.Store(&[]*registry{rt.outsideRegistry})
}

func (rt *Runtime) registries() []*registry { return *rt.all.Load() }

// addRegistry gives a worker's place its registry.
func (rt *Runtime) addRegistry(place *local) *registry {
	rt.outside.Lock()
	defer rt.outside.Unlock()
	all := rt.registries()
	r := rt.newRegistry(len(all), place)
	all = append(all[:len(all):len(all)], r)
	rt.all.Store(&all)
	return r
}

func (rt *Runtime) newRegistry(index int, place *local) *registry {
	r := &registry{rt: rt, index: uint32(index), place: place}
	early := rt.look
	if rt.rr != nil {
		early = nil // it looks at each step
	}
	r.timers.Init(rt.clock, early)
	return r
}

// workerStarts prepares each place when its goroutine starts.
func (rt *Runtime) workerStarts(hook func(index int)) func(*workers.Worker) {
	return func(w *workers.Worker) {
		if w.Local() == nil {
			l := newLocal(rt, w)
			l.reg = rt.addRegistry(l)
			w.SetLocal(l)
		}
		w.Local().(*local).coroutines.begin()
		if hook != nil {
			hook(w.Index())
		}
	}
}

// workerStops ends what can go on only on the goroutine that ends.
func workerStops(hook func(index int)) func(*workers.Worker) {
	return func(w *workers.Worker) {
		if hook != nil {
			defer hook(w.Index())
		}
		w.Local().(*local).endCoroutines()
	}
}

// Local makes the runtime a [Spawner]: spawns through it come from outside.
//
// Caller: any.
func (rt *Runtime) Local() waker.Local { return rt }

// Workers returns how many workers the runtime is meant to have.
//
// Caller: any.
func (rt *Runtime) Workers() int { return rt.pool.Size() }

// Resize changes how many workers there are, 1 to 4096. Workers that are too
// many hand their tasks over and end after the poll they are in.
//
// Caller: any.
func (rt *Runtime) Resize(n int) error { return rt.pool.Resize(n) }

// submit queues a task from outside the poll that is running.
func (rt *Runtime) submit(c *core, kind flags) {
	switch {
	case rt.rr != nil:
		rt.rr.submit(c)
	case kind.has(timed):
		rt.pool.SubmitDue(c.dueAt(), &c.job)
	case kind.has(levelBits):
		rt.pool.SubmitAt(kind.level(), &c.job)
	default:
		rt.pool.Submit(&c.job)
	}
}
