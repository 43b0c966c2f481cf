// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// A RoundRobin is the simple executor of the textbook: it polls its tasks in
// the order in which they were spawned and woken, on the goroutine that calls
// [RoundRobin.Run], and has none of its own. The same program runs the same way
// every time, unless other goroutines wake its tasks. With [Seed] the order is
// random, and the same for the same seed. The futures are those of a [Runtime];
// only where they are spawned differs.
//
// Tests of what takes time give it a [Clock] that advances by itself: when all tasks
// wait, it jumps to the next timer, and a day passes in no time. By another clock
// [RoundRobin.Run] returns when the tasks wait for a timer; who waits for a task
// sleeps until then.
//
// Spawn at it with [Spawn] and [Go]. One goroutine at a time may use it.
type RoundRobin struct {
	rt    Runtime
	local *local
	ready *deque.Queue[workers.Job]
	woken *deque.Injector[workers.Job] // by other goroutines
	bell  chan struct{}                // rung by those, for one who sleeps

	rng   *rand.Rand     // with Seed
	mixed []*workers.Job // likewise: what was ready
}

// NewRoundRobin returns an executor without tasks. Of the options it heeds [Clock],
// [Seed], and those about reports. It panics with an [*workers.OptionError] if an
// option makes no sense.
func NewRoundRobin(opts ...Option) *RoundRobin {
	c := defaults()
	if err := c.apply(opts); err != nil {
		panic(err)
	}
	r := &RoundRobin{
		ready: deque.NewQueue[workers.Job](64),
		woken: deque.NewInjector[workers.Job](),
		bell:  make(chan struct{}, 1),
	}
	if c.seeded {
		r.rng = rand.New(rand.NewPCG(c.seed, 0))
	}
	r.rt.rr = r
	r.rt.init(c)
	r.rt.clock.Watch(r.ring)
	r.local = newLocal(&r.rt, nil)
	r.local.rr = r
	r.local.reg = r.rt.outsideRegistry
	return r
}

// Local makes the executor a [Spawner].
//
// Caller: owner.
func (r *RoundRobin) Local() waker.Local { return r.local }

// Run polls tasks until none can go on, and returns how many were completed.
// Tasks that wait for something stay; a later Run goes on with those that were
// woken meanwhile.
//
// Caller: owner, outside of its tasks.
func (r *RoundRobin) Run() (completed int) {
	before := r.local.completed
	for r.Step() {
	}
	return int(r.local.completed - before)
}

// Step polls one task, and reports whether there was one to poll. If the task
// calls runtime.Goexit, the caller's goroutine ends.
//
// Caller: owner, outside of its tasks.
func (r *RoundRobin) Step() (polled bool) {
	for {
		j, got := r.woken.Pop()
		if got == deque.Lost {
			continue // a job is there, or is about to be
		}
		if got != deque.Taken {
			break
		}
		r.ready.Push(j) // behind those that are there already
	}
	r.fire()
	j := r.next()
	for j == nil {
		if !r.rt.clock.Idle(r.timers().Next()) {
			return false
		}
		r.fire()
		j = r.next()
	}
	polled = true // after a panic too
	t := j.Runner.(runner)
	returned := false
	defer func() {
		if !returned {
			crash := recovered(recover())
			t.fail(r.local, crashError(crash, t.name()))
		}
	}()
	t.run(r.local, t.begin())
	returned = true
	return
}

// next takes the task whose turn it is: the first, or with a seed any.
func (r *RoundRobin) next() *workers.Job {
	j := r.ready.Pop()
	if r.rng == nil {
		return j
	}
	for ; j != nil; j = r.ready.Pop() {
		r.mixed = append(r.mixed, j)
	}
	last := len(r.mixed) - 1
	if last < 0 {
		return nil
	}
	i := r.rng.IntN(last + 1)
	j = r.mixed[i]
	r.mixed[i], r.mixed[last] = r.mixed[last], nil
	r.mixed = r.mixed[:last]
	return j
}

func (r *RoundRobin) timers() *timer.Queue { return &r.rt.outsideRegistry.timers }

// fire queues the tasks whose timers are due.
func (r *RoundRobin) fire() {
	q := r.timers()
	for next := q.Next(); next != timer.Never && next <= r.rt.clock.Instant(); next = q.Next() {
		q.Fire(r.rt.clock.Instant(), r.local, fireSteps)
	}
}

// sleep waits for the next timer, a wake from elsewhere or the end of ctx. It
// reports false if there is no timer that comes by itself.
//
// Caller: owner, with no task to poll.
func (r *RoundRobin) sleep(ctx context.Context) bool {
	next := r.timers().Next()
	d, runs := r.rt.clock.Until(next)
	if next == timer.Never || !runs {
		return false
	}
	alarm := time.NewTimer(d)
	defer alarm.Stop()
	select {
	case <-alarm.C:
	case <-r.bell:
	case <-ctx.Done():
	}
	return true
}

// ring ends a sleep.
//
// Caller: any.
func (r *RoundRobin) ring() {
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// Waiting reports whether a task waits to be woken.
//
// Caller: owner.
func (r *RoundRobin) Waiting() bool { return r.rt.anyWaiting() }

// push queues a task that was spawned or woken from inside.
func (r *RoundRobin) push(c *core) { r.ready.Push(&c.job) }

// submit queues a task that was woken from anywhere.
func (r *RoundRobin) submit(c *core) {
	r.woken.Push(&c.job)
	r.ring()
}

// drive runs the executor until the task is done: whoever waits for a task of
// a single-threaded executor must run it.
//
// Caller: owner, inside its tasks too.
func (r *RoundRobin) drive(ctx context.Context, c *core) error {
	outer := r.local.cx
	r.local.newContext() // the task that waits may go on to use its own
	defer func() { r.local.cx = outer }()
	for !c.state.isDone() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if !r.Step() && !r.sleep(ctx) {
			return ErrStalled
		}
	}
	return nil
}
