// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A TaskScope is a set of tasks that cannot outlive a call: see [Scope].
type TaskScope struct {
	group *Group
	at    Spawner

	mu    point.Mutex
	cores []*core // holding mu; those that may be live
	live  int     // holding mu
	ended bool    // holding mu: the first failure has aborted the others
}

// Scope calls body on the calling goroutine, and returns when body has returned
// and all tasks started in the scope are done, however body ends. So tasks may
// use what body's caller owns. The first failure of body or of a task aborts the
// tasks of the scope and is returned; so does the end of ctx.
//
// at is where the tasks are spawned. Inside a task, Scope's worker runs others
// while it waits.
//
// Caller: as [Spawn].
func Scope(ctx context.Context, at Spawner, body func(*TaskScope) error) error {
	s := &TaskScope{group: runtimeOf(at).Group(), at: at}
	defer context.AfterFunc(ctx, func() { s.fail(context.Cause(ctx)) })()
	returned := false
	defer func() {
		if !returned { // a panic or Goexit goes on after the tasks are done
			s.fail(ErrCanceled)
			_ = s.group.Wait()
		}
	}()
	err := body(s)
	returned = true
	if err != nil {
		s.fail(err)
	}
	return s.group.Wait()
}

// Go starts a task of the scope.
//
// Caller: body, and tasks of the scope.
func (s *TaskScope) Go(f func(*Context) error) {
	SpawnIn(s, future.Future[struct{}](call[struct{}](func(cx *Context) (struct{}, error) {
		return struct{}{}, f(cx)
	})))
}

// SpawnIn starts a task of the scope, as [Spawn] does.
//
// Caller: the scope's body, and its tasks.
func SpawnIn[T any](s *TaskScope, f future.Future[T]) JoinHandle[T] {
	g := s.group
	g.mu.Lock()
	g.active++
	g.mu.Unlock()
	at := s.at
	if w := g.rt.pool.Current(); w != nil {
		at = w
	}
	h := Spawn(at, f)
	s.add(&h.t.core)
	e := &scopeEntry{scope: s, core: &h.t.core, result: func() error { return h.t.err }}
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
	s.ended = true
	cores := append([]*core(nil), s.cores...)
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
func (e *scopeEntry) WakeBy(waker.Local) {
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
	g := s.group
	g.mu.Lock()
	g.active--
	g.mu.Unlock()
	g.changed.WakeAll()
}
