// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"slices"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A TaskScope is a set of tasks that cannot outlive a call: see [Scope].
type TaskScope struct {
	group *Group

	mu    point.Mutex
	cores []*core // holding mu; those that may be live
	live  int     // holding mu
	ended bool    // holding mu: the first failure has aborted the others
	left  bool    // holding mu: Scope has returned
}

// Scope calls body on the calling goroutine, and returns when body has returned
// and all tasks started in the scope are done, however body ends. So tasks may
// use what body's caller owns. The first failure of body or of a task aborts the
// tasks of the scope and is returned; so does the end of ctx.
//
// at says which runtime the tasks are for. Inside a task, Scope's worker runs
// others while it waits. If ctx has ended already, body is not called.
//
// Caller: as [Spawn].
func Scope(ctx context.Context, at Spawner, body func(*TaskScope) error) error {
	if body == nil {
		refuseNil("Scope")
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s := &TaskScope{group: runtimeOf(at).Group()}
	defer park.AfterEnd(ctx, func() { s.fail(context.Cause(ctx)) })()
	returned := false
	defer func() {
		if !returned { // a panic or Goexit goes on after the tasks are done
			s.fail(ErrCanceled)
			_ = s.leave()
		}
	}()
	err := body(s)
	returned = true
	if err != nil {
		s.fail(err)
	}
	return s.leave()
}

// leave waits for the tasks of the scope. On a round-robin executor where they
// wait for something that never comes, it aborts them.
func (s *TaskScope) leave() error {
	g := s.group
	for {
		_, err := waitFor(context.Background(), g.rt, g.below(func() bool { return g.active == 0 }))
		if err == nil {
			break
		}
		s.fail(err)
	}
	s.mu.Lock()
	s.left = true
	s.mu.Unlock()
	return g.Wait()
}

// Go starts a task of the scope.
//
// Caller: the scope's body, and its tasks.
func (s *TaskScope) Go(f func(*Context) error) {
	if f == nil {
		refuseNil("TaskScope.Go")
	}
	SpawnIn(s, future.Future[struct{}](call[struct{}](func(cx *Context) (struct{}, error) {
		return struct{}{}, f(cx)
	})))
}

// SpawnIn starts a task of the scope, as [Spawn] does. It panics if Scope has
// returned.
//
// Caller: the scope's body, and its tasks.
func SpawnIn[T any](s *TaskScope, f future.Future[T]) JoinHandle[T] {
	if f == nil {
		refuseNil("SpawnIn")
	}
	g := s.group
	g.mu.Lock()
	g.active++
	g.mu.Unlock()
	s.mu.Lock()
	left := s.left
	s.mu.Unlock()
	if left {
		g.returned(nil, nil) // or the Wait of a Scope that is about to return would not end
		panic("pilfer: spawn in a TaskScope whose Scope has returned")
	}
	h := Spawn(g.rt.here(), f)
	s.add(&h.t.core)
	e := &scopeEntry{scope: s, core: &h.t.core, result: h.t.err}
	if h.t.await(waker.New(e)) {
		e.WakeBy(nil)
	}
	return h
}

// add remembers a task, to abort it. It forgets those that are done, at times.
func (s *TaskScope) add(c *core) {
	s.mu.Lock()
	s.live++
	if len(s.cores) >= 2*s.live+64 {
		kept := s.cores[:0]
		for _, old := range s.cores {
			if !old.state.isDone() {
				kept = append(kept, old)
			}
		}
		clear(s.cores[len(kept):])
		s.cores = kept
	}
	s.cores = append(s.cores, c)
	abort := s.ended
	s.mu.Unlock()
	if abort {
		c.abort()
	}
}

// fail keeps the first error, and aborts the tasks of the scope.
func (s *TaskScope) fail(err error) {
	s.group.note(err)
	s.mu.Lock()
	var cores []*core
	if !s.ended { // later ones are aborted by add
		s.ended = true
		cores = slices.Clone(s.cores)
	}
	s.mu.Unlock()
	for _, c := range cores {
		c.abort()
	}
}

// A scopeEntry counts one task of a scope as done, once.
type scopeEntry struct {
	scope  *TaskScope
	core   *core
	result func() error

	// counted says that the task was counted.
	// Writers: any, once, by compare-and-swap.
	counted point.Bool
}

// WakeBy is called when the task is done, perhaps twice.
//
// Caller: any.
func (e *scopeEntry) WakeBy(from waker.Local) {
	if !e.counted.CompareAndSwap(false, true) {
		return
	}
	s := e.scope
	if err := e.result(); err != nil {
		s.fail(err)
	}
	s.mu.Lock()
	s.live--
	s.mu.Unlock()
	s.group.returned(from, nil)
}
