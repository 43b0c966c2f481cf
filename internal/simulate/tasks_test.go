// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

// task returns the function of a task that runs s.
func (w *world) task(r *record) func(*sched.Context) (int, error) {
	return func(cx *sched.Context) (int, error) {
		w.enter(r)
		for _, o := range r.script.ops {
			w.op(cx, o)
		}
		r.ended++
		return r.script.id, nil
	}
}

// enter counts a task as begun.
func (w *world) enter(r *record) {
	w.x.Check(!w.closed, "task %d begins after Close", r.script.id)
	r.begun++
	w.x.Check(r.begun == 1, "task %d begins for the second time", r.script.id)
}

// spawn starts a task that runs s.
func (w *world) spawn(at sched.Spawner, s *script, opts ...sched.TaskOption) sched.JoinHandle[int] {
	r := w.record(s)
	return w.handled(r, sched.GoWith(at, w.task(r), opts...))
}

func (w *world) op(cx *sched.Context, o op) {
	switch o.kind {
	case opYield:
		_, _ = sched.Await(cx, future.YieldNow())
	case opSleep:
		w.sleep(cx, o)
	case opSpawn:
		w.spawn(cx, o.sub[0])
	case opJoin:
		_, _ = sched.Await(cx, w.spawn(cx, o.sub[0]))
	case opDetach:
		_, _ = sched.Await(cx, w.spawn(cx, o.sub[0], sched.Anywhere()))
	case opSend:
		v := w.value()
		if _, err := sched.Await(cx, timer.Timeout(w.ch.SendFuture(v), o.wait())); err == nil {
			w.sent[v]++
		} else if errors.Is(err, timer.ErrTimeout) {
			all.timeouts++
		}
	case opRecv:
		if v, err := sched.Await(cx, timer.Timeout(w.ch.RecvFuture(), o.wait())); err == nil {
			w.got[v]++
		}
	case opLock:
		// For a while only: who waits here stands on the stack of its worker, perhaps on
		// top of the one that has been given the lock.
		if _, err := sched.Await(cx, timer.Timeout(w.mu.LockFuture(), o.wait())); err == nil {
			w.hold(func() { w.steps(o.n % 4) })
			w.mu.UnlockIn(cx)
		}
	case opHold:
		sched.Spawn(cx, locks.With[int](&w.mu, &holding{w: w, polls: 1 + o.n%3}))
	case opFork:
		wk, _, err := sched.Where(cx)
		if err == nil && wk != nil {
			got := w.fib(wk, 2+o.n%4)
			w.x.Check(got == []int{1, 2, 3, 5}[o.n%4], "fib(%d) is %d", 2+o.n%4, got)
		}
	case opBlock:
		h := sched.SpawnBlocking(cx, func(context.Context) (int, error) {
			w.steps(o.n % 30)
			return o.n, nil
		})
		v, err := sched.Await(cx, h)
		w.x.Check(err == nil && v == o.n || w.stopped, "blocking function: %d, %v", v, err)
	case opScope:
		w.scope(cx, o)
	case opSet:
		w.set(cx, o)
	case opPromise:
		p := future.NewPromise[int]()
		sched.Go(cx, func(cx *sched.Context) (int, error) {
			w.steps(o.n % 20)
			p.ResolveIn(cx, o.n)
			return 0, nil
		})
		v, err := sched.Await(cx, timer.Timeout(p.Future(), o.wait()))
		w.x.Check(err != nil || v == o.n, "promise: %d", v)
	case opMachine:
		r := w.record(o.sub[0])
		w.handled(r, sched.Spawn(cx, w.machine(r)))
	case opForever:
		r := &record{script: &script{id: -1}}
		w.records = append(w.records, r)
		w.handled(r, sched.Spawn(cx, future.NewPromise[int]().Future()))
	case opLoop:
		w.parallel(w.ctxs[o.n%len(w.ctxs)], cx, o.loop)
	case opGraph:
		w.runGraph(w.ctxs[o.n%len(w.ctxs)], o.graph)
	case opPanic:
		panic(fmt.Sprint("planned, in op ", o.n))
	case opGoexit:
		runtime.Goexit()
	}
}

// sleep waits for a timer, which must not come early.
func (w *world) sleep(cx *sched.Context, o op) {
	before := w.clock.Now()
	_, err := sched.Await(cx, timer.Sleep(o.wait()))
	if err == nil {
		slept := w.clock.Now().Sub(before)
		w.x.Check(slept >= o.wait(), "slept %v instead of %v", slept, o.wait())
	}
}

func (w *world) value() int { w.values++; return w.values }

// hold checks that nobody else holds the mutex while f runs.
func (w *world) hold(f func()) {
	w.inside++
	w.x.Check(w.inside == 1, "%d tasks hold the mutex", w.inside)
	f()
	w.inside--
}

// holding is a future that is inside from its first poll to its last, or its drop.
type holding struct {
	w     *world
	polls int
	in    bool
}

func (h *holding) Poll(cx *sched.Context) future.Poll[int] {
	if !h.in {
		h.in = true
		h.w.inside++
		h.w.x.Check(h.w.inside == 1, "%d tasks hold the mutex", h.w.inside)
	}
	if h.polls--; h.polls > 0 {
		cx.Waker().WakeByRef()
		return future.Wait[int]()
	}
	h.leave()
	return future.Of(1)
}

func (h *holding) Drop() { h.leave() }

func (h *holding) leave() {
	if h.in {
		h.in = false
		h.w.inside--
	}
}

// machine runs the ops of a script that have a future, one after the other, without a
// stack.
func (w *world) machine(r *record) future.Future[int] {
	steps := future.Lazy(func() (int, error) { w.enter(r); return 0, nil })
	for _, o := range r.script.ops {
		steps = future.Then(steps, func(int) future.Future[int] { return w.step(o) })
	}
	return future.Map(steps, func(int) int { r.ended++; return r.script.id })
}

// step returns the future of one op.
func (w *world) step(o op) future.Future[int] {
	zero := func(error) future.Future[int] { return future.Ready(0) }
	switch o.kind {
	case opSend:
		v := w.value()
		sent := future.Map(timer.Timeout(w.ch.SendFuture(v), o.wait()), func(struct{}) int { w.sent[v]++; return 0 })
		return future.OrElse(sent, zero)
	case opRecv:
		got := future.Map(timer.Timeout(w.ch.RecvFuture(), o.wait()), func(v int) int { w.got[v]++; return 0 })
		return future.OrElse(got, zero)
	case opHold, opLock:
		return locks.With[int](&w.mu, &holding{w: w, polls: 1 + o.n%3})
	case opSleep:
		return future.Map(timer.Sleep(o.wait()), func(struct{}) int { return 0 })
	case opPanic:
		return future.Lazy(func() (int, error) { panic(fmt.Sprint("planned, in op ", o.n)) })
	}
	return future.Map(future.YieldNow(), func(struct{}) int { return 0 })
}

// scope runs two tasks that must be done when it returns.
func (w *world) scope(cx *sched.Context, o op) {
	running := 0
	_ = sched.Scope(context.Background(), cx, func(s *sched.TaskScope) error {
		for _, sub := range o.sub {
			r := w.record(sub)
			f := w.task(r)
			s.Go(func(cx *sched.Context) error {
				running++
				defer func() { running-- }()
				_, err := f(cx)
				return err
			})
		}
		return nil
	})
	w.x.Check(running == 0, "%d tasks run on after their scope", running)
}

// set runs two tasks, and takes both out of a set.
func (w *world) set(cx *sched.Context, o op) {
	set := sched.NewJoinSet[int](w.rt)
	for _, sub := range o.sub {
		r := w.record(sub)
		w.handled(r, set.Go(cx, w.task(r)))
	}
	seen := 0
	for {
		h, err := set.Next(context.Background())
		if err != nil {
			w.x.Check(err == sched.ErrEmpty || w.stopped, "JoinSet: %v", err)
			break
		}
		seen++
		w.x.Check(h.IsFinished(), "JoinSet: a task that is not done")
	}
	w.x.Check(seen == len(o.sub) || w.stopped, "JoinSet: %d tasks of %d", seen, len(o.sub))
}
