// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/waker"
)

// A Group runs functions as tasks and waits for all of them. It has the
// methods of errgroup.Group, so that
//
//	g, ctx := errgroup.WithContext(ctx)
//
// becomes
//
//	g, ctx := rt.WithContext(ctx)
//
// and nothing else changes, but that a panic comes back from Wait as a
// [*PanicError], that a Group can be used inside tasks without deadlock, and that Wait
// in a function of the group is [ErrDeadlock]. Make one with [Runtime.WithContext] or
// [Runtime.Group].
type Group struct {
	rt     *Runtime
	cancel context.CancelCauseFunc

	mu     point.Mutex
	limit  int         // holding mu; negative: none
	active int         // holding mu
	err    error       // holding mu; the first
	newest *groupEntry // holding mu; of those that are active

	changed waker.List // who waits for fewer active functions
}

// Group returns a group without a context and without a limit.
//
// Caller: any.
func (rt *Runtime) Group() *Group { return &Group{rt: rt, limit: -1} }

// WithContext returns a group, and a context that ends when a function of the
// group fails for the first time, or when Wait returns.
//
// Caller: any.
func (rt *Runtime) WithContext(ctx context.Context) (*Group, context.Context) {
	g := rt.Group()
	ctx, g.cancel = context.WithCancelCause(ctx)
	return g, ctx
}

// SetLimit bounds how many functions are active at once; negative means no
// bound, and at zero Go waits for ever. It panics if functions are active. All of
// this is as in errgroup.
//
// Caller: any, before Go.
func (g *Group) SetLimit(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.active != 0 {
		panic(fmt.Errorf("pilfer: Group.SetLimit while %d functions are active", g.active))
	}
	g.limit = n
}

// Go runs f as a task. At the limit it waits until another function returns;
// called inside a task it runs f itself instead, so that functions which start
// others cannot deadlock.
//
// Caller: any.
func (g *Group) Go(f func() error) {
	if f == nil {
		refuseNil("Group.Go")
	}
	e := &groupEntry{group: g, f: f}
	for !g.begin(e) {
		if g.rt.inside() != nil {
			g.runInline(f)
			return
		}
		_, _ = waitFor(context.Background(), g.rt, g.below(func() bool { return g.active < g.limit }))
	}
	e.start()
}

// TryGo runs f as a task if the limit allows it now, and reports whether.
//
// Caller: any.
func (g *Group) TryGo(f func() error) bool {
	if f == nil {
		refuseNil("Group.TryGo")
	}
	e := &groupEntry{group: g, f: f}
	if !g.begin(e) {
		return false
	}
	e.start()
	return true
}

// Wait waits until all functions have returned, and returns the first error. In a
// function of the group, or on top of one that waits below on the same goroutine, it
// returns [ErrDeadlock] at once.
//
// Caller: any; inside a task its worker runs others meanwhile.
func (g *Group) Wait() error {
	if g.runsHere() {
		return ErrDeadlock
	}
	_, _ = waitFor(context.Background(), g.rt, g.below(func() bool { return g.active == 0 }))
	g.mu.Lock()
	err := g.err
	g.mu.Unlock()
	if g.cancel != nil {
		g.cancel(err)
	}
	return err
}

// runsHere reports whether a function of the group is on the stack of the calling
// goroutine. It is not seen where goroutines cannot be told apart.
func (g *Group) runsHere() bool {
	if g.rt.inside() == nil {
		return false
	}
	me := uint64(self.Goroutine())
	if me == 0 {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for e := g.newest; e != nil; e = e.older {
		if e.at.Load() == me {
			return true
		}
	}
	return false
}

// begin counts one more function, if the limit allows it.
func (g *Group) begin(e *groupEntry) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.limit >= 0 && g.active >= g.limit {
		return false
	}
	g.active++
	if e.older = g.newest; e.older != nil {
		e.older.newer = e
	}
	g.newest = e
	return true
}

// runInline calls f on the goroutine of a task, over the limit.
func (g *Group) runInline(f func() error) {
	returned := false
	var err error
	defer func() {
		if !returned {
			err = crashError(recovered(recover()), "")
		}
		g.note(err)
	}()
	err = f()
	returned = true
}

// note keeps the first error.
func (g *Group) note(err error) {
	if err == nil {
		return
	}
	g.mu.Lock()
	first := g.err == nil
	if first {
		g.err = err
	}
	g.mu.Unlock()
	if first && g.cancel != nil {
		g.cancel(err)
	}
}

// A groupEntry is one function of a group: the future that calls it, and what counts
// it as returned, once.
type groupEntry struct {
	// at is the goroutine that runs the function; 0 if none does, or goroutines cannot be
	// told apart. It is first, so that it is aligned on 32 bits.
	// Writers: that goroutine, which alone finds itself there.
	at point.Uint64

	group  *Group
	f      func() error
	result JoinHandle[struct{}] // set before WakeBy can be called

	older, newer *groupEntry // holding group.mu

	// counted says that the function was counted.
	// Writers: any, once, by compare-and-swap.
	counted point.Bool
}

func (e *groupEntry) start() {
	e.result = Spawn(e.group.rt.here(), future.Future[struct{}](e))
	if e.result.t.await(waker.New(e)) {
		e.WakeBy(nil)
	}
}

// Poll calls the function.
func (e *groupEntry) Poll(*Context) future.Poll[struct{}] {
	e.at.Store(uint64(self.Goroutine()))
	defer e.at.Store(0)
	return future.Poll[struct{}]{Err: e.f(), Ready: true}
}

// within is what a dump names.
func (e *groupEntry) within() any { return e.f }

// WakeBy is called when the task is done, perhaps twice.
//
// Caller: any.
func (e *groupEntry) WakeBy(from waker.Local) {
	if e.counted.CompareAndSwap(false, true) {
		e.group.note(e.result.t.err())
		e.group.returned(from, e)
	}
}

// unlink takes the entry out of the group's list.
//
// Caller: holding group.mu.
func (e *groupEntry) unlink() {
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		e.group.newest = e.older
	}
	if e.older != nil {
		e.older.newer = e.newer
	}
	e.older, e.newer = nil, nil
}

// returned counts one function less; e is nil for the task of a scope.
func (g *Group) returned(from waker.Local, e *groupEntry) {
	g.mu.Lock()
	if e != nil {
		e.unlink()
	}
	g.active--
	g.mu.Unlock()
	g.changed.WakeAllIn(contextOf(from))
}

// contextOf returns the Context of the poll that a wake comes from, or nil.
func contextOf(from waker.Local) *Context {
	if l, ok := from.(*local); ok {
		l.owes() // what is woken may be ordinary goroutines
		return l.cx
	}
	return nil
}

// below returns a future that is ready when cond, called holding mu, is true.
func (g *Group) below(cond func() bool) future.Future[struct{}] {
	return &groupWait{group: g, cond: cond}
}

type groupWait struct {
	group *Group
	cond  func() bool
	entry waker.Entry
}

// Poll looks at the condition, and waits for a change.
func (w *groupWait) Poll(cx *Context) future.Poll[struct{}] {
	w.group.changed.Register(cx, &w.entry)
	w.group.mu.Lock()
	holds := w.cond()
	w.group.mu.Unlock()
	if !holds {
		return future.Wait[struct{}]()
	}
	w.Drop()
	return future.Of(struct{}{})
}

// Drop leaves the list of those who wait.
func (w *groupWait) Drop() { w.entry.Remove() }
