// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"context"
	"errors"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// program is the run of a plan.
func program(p *plan) func(x *explore.X) {
	return func(x *explore.X) {
		w := begin(x, p)
		for range p.callers {
			w.ctxs = append(w.ctxs, newContext())
		}
		for i, calls := range p.callers {
			ctx := w.ctxs[i]
			x.Go("caller", func() {
				for _, c := range calls {
					w.call(ctx, c)
				}
			})
		}
		if len(p.faults) > 0 {
			x.Go("faults", func() {
				for _, f := range p.faults {
					w.steps(f.after)
					w.fault(f)
				}
			})
		}
		x.Wait()
		w.close(p.stop)
		w.check()
	}
}

// call is what a goroutine outside does.
func (w *world) call(ctx *simContext, c call) {
	switch c.kind {
	case callSpawn:
		w.spawn(w.rt, c.what)
	case callWait:
		w.waited(w.spawn(w.rt, c.what).Wait(ctx))
	case callDetached:
		w.waited(w.spawn(w.rt, c.what, sched.Anywhere()).Wait(ctx))
	case callRun:
		r := w.record(c.what)
		err := w.rt.Run(ctx, func(cx *sched.Context) error {
			_, err := w.task(r)(cx)
			return err
		})
		w.answered(r, err)
	case callFork:
		n := 3 + c.n%4
		got, err := sched.Call(ctx, w.rt, func(wk *workers.Worker) (int, error) {
			if wk.Guest() {
				all.guests++
			}
			return w.fib(wk, n), nil
		})
		w.x.Check(err != nil || got == []int{2, 3, 5, 8}[c.n%4], "fib(%d) from outside is %d", n, got)
		w.x.Check(err == nil || w.closing || ctx.ended.Load(), "Call: %v", err)
	case callBlockOn:
		r := w.record(c.what)
		_, err := sched.BlockOn(ctx, w.rt, w.machine(r))
		w.answered(r, err)
	case callGroup:
		w.group(c)
	case callLoop:
		w.parallel(ctx, w.rt, c.loop)
	case callGraph:
		w.runGraph(ctx, c.graph)
	}
}

// waited checks why a wait has ended without a result.
func (w *world) waited(_ int, err error) {
	if errors.Is(err, context.Canceled) && !errors.Is(err, sched.ErrCanceled) {
		w.x.Check(!w.plan.calm, "a wait was given up: %v", err)
	}
}

// answered checks what a call from outside has returned.
func (w *world) answered(r *record, err error) {
	w.x.Check(!errors.Is(err, sched.ErrClosed) || w.closing && r.begun == 0, "call %d: %v, and it began %d times", r.script.id, err, r.begun)
	w.x.Check(err == nil || !w.plan.calm, "call %d: %v, and all is calm", r.script.id, err)
	w.x.Check(err != nil || r.ended == 1, "call %d: no error, and it ended %d times", r.script.id, r.ended)
}

// group runs three functions, at most so many at a time.
func (w *world) group(c call) {
	limit := 1 + c.n%2
	g := w.rt.Group()
	g.SetLimit(limit)
	active, ran := 0, 0
	for range 3 {
		g.Go(func() error {
			active++
			w.x.Check(active <= limit, "%d functions of a group with limit %d", active, limit)
			w.steps(c.n % 5)
			active--
			ran++
			return nil
		})
	}
	err := g.Wait()
	w.x.Check(err == nil && ran == 3 || w.closing, "group: %v, %d of 3 ran", err, ran)
	w.x.Check(active == 0, "%d functions are active after Wait", active)
}

// fault does something to the others.
func (w *world) fault(f fault) {
	switch f.kind {
	case faultAbort:
		if n := len(w.abort); n > 0 {
			w.abort[n-1-f.n%n]()
		}
	case faultResize:
		err := w.rt.Resize(1 + f.n%3)
		w.x.Check(err == nil || w.closing, "Resize: %v", err)
	case faultEnd:
		w.ctxs[f.n%len(w.ctxs)].end()
	case faultClose:
		w.late = true
		w.close(false)
	case faultStop:
		w.late = true
		w.close(true)
	case faultNudge:
		if w.mu.TryLock() {
			w.hold(func() { w.steps(f.n % 8) })
			w.mu.Unlock()
		}
		if v, err := w.ch.TryRecv(); err == nil {
			w.got[v]++
		}
		if v := w.value(); w.ch.TrySend(v) == nil {
			w.sent[v]++
		}
	}
}
