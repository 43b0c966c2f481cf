// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// ErrEmpty is returned by [JoinSet.Next] when no task is left in the set.
var ErrEmpty = errors.New("pilfer: join set is empty")

// A JoinSet is a set of tasks whose results are wanted in the order in which
// they come. Make one with [NewJoinSet].
type JoinSet[T any] struct {
	rt *Runtime

	mu    point.Mutex
	live  map[*task[T]]struct{} // holding mu
	ready []*task[T]            // holding mu; oldest first

	waiting waker.List // who waits for the next one
}

// NewJoinSet returns an empty set of tasks of rt.
func NewJoinSet[T any](rt *Runtime) *JoinSet[T] {
	return &JoinSet[T]{rt: rt, live: make(map[*task[T]]struct{})}
}

// Spawn starts a task as [Spawn] does, and adds it to the set.
//
// Caller: any for the set; for at as in [Spawn].
func (s *JoinSet[T]) Spawn(at Spawner, f future.Future[T]) JoinHandle[T] {
	if f == nil {
		refuseNil("JoinSet.Spawn")
	}
	h := Spawn(at, f)
	s.mu.Lock()
	s.live[h.t] = struct{}{}
	s.mu.Unlock()
	e := &setEntry[T]{set: s, task: h.t}
	if h.t.await(waker.New(e)) {
		e.WakeBy(nil)
	}
	return h
}

// Go is [Go] for the set.
//
// Caller: as [JoinSet.Spawn].
func (s *JoinSet[T]) Go(at Spawner, f func(*Context) (T, error)) JoinHandle[T] {
	if f == nil {
		refuseNil("JoinSet.Go")
	}
	return s.Spawn(at, future.Future[T](call[T](f)))
}

// Len returns how many tasks have not been returned by Next.
//
// Caller: any.
func (s *JoinSet[T]) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live) + len(s.ready)
}

// AbortAll aborts all tasks of the set. They still come out of Next.
//
// Caller: any.
func (s *JoinSet[T]) AbortAll() {
	s.mu.Lock()
	tasks := make([]*task[T], 0, len(s.live))
	for t := range s.live {
		tasks = append(tasks, t)
	}
	s.mu.Unlock()
	for _, t := range tasks {
		t.abort()
	}
}

// Next waits for the next task to be done and returns its handle, whose Wait
// returns at once. It returns [ErrEmpty] if no task is left, or the cause why
// ctx ended.
//
// Caller: any; inside a task its worker runs others meanwhile.
func (s *JoinSet[T]) Next(ctx context.Context) (JoinHandle[T], error) {
	return waitFor(ctx, s.rt, s.NextFuture())
}

// NextFuture is [JoinSet.Next] as a future.
//
// Caller: any.
func (s *JoinSet[T]) NextFuture() future.Future[JoinHandle[T]] {
	return &nextInSet[T]{set: s}
}

type nextInSet[T any] struct {
	set   *JoinSet[T]
	entry waker.Entry
}

// Poll is ready when a task of the set is done, or none is left.
func (n *nextInSet[T]) Poll(cx *Context) future.Poll[JoinHandle[T]] {
	if cx.Budget() == 0 {
		// Before a task is taken out that could not be returned.
		cx.Wake()
		return future.Wait[JoinHandle[T]]()
	}
	p := n.set.take()
	if !p.Ready {
		n.set.waiting.Register(cx, &n.entry)
		p = n.set.take()
	}
	if p.Ready {
		cx.Spend()
		n.entry.Remove()
	}
	return p
}

// Drop passes on a wake that came for this waiter.
func (n *nextInSet[T]) Drop() {
	n.entry.Cancel()
}

// take takes the oldest task that is done.
func (s *JoinSet[T]) take() future.Poll[JoinHandle[T]] {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.ready) > 0:
		t := s.ready[0]
		s.ready[0] = nil
		s.ready = s.ready[1:]
		return future.Of(JoinHandle[T]{t})
	case len(s.live) == 0:
		return future.Fail[JoinHandle[T]](ErrEmpty)
	}
	return future.Wait[JoinHandle[T]]()
}

// A setEntry moves a task of a set from live to ready.
type setEntry[T any] struct {
	set  *JoinSet[T]
	task *task[T]
}

// WakeBy is called when the task is done, perhaps twice.
//
// Caller: any.
func (e *setEntry[T]) WakeBy(from waker.Local) {
	s := e.set
	s.mu.Lock()
	_, live := s.live[e.task]
	if live {
		delete(s.live, e.task)
		s.ready = append(s.ready, e.task)
	}
	empty := len(s.live) == 0
	s.mu.Unlock()
	switch {
	case empty:
		s.waiting.WakeAllIn(contextOf(from)) // those who wait for a task that will not come too
	case live:
		s.waiting.WakeOneIn(contextOf(from))
	}
}
