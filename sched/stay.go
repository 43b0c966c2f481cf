// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/future"

// stay says whether a task may be polled by another worker than the last time.
type stay uint8

const (
	moves      stay = iota // it may
	staysThere             // not than the first time
	staysHere              // by the one that spawned it, and none other
)

// Stay says that the task stays with the worker that polls it first: whoever wakes it,
// it goes back there, and no other worker and no guest takes it, also while that worker
// is busy. For tasks whose data should stay in one core's cache, and those that use
// what belongs to a thread. One allocation more.
func Stay() TaskOption { return TaskOption{stay: staysThere} }

// Here says that the task stays with the worker that spawns it. It is what a set of
// tasks is made of that must not move, or that share data without locks: spawn the first
// one with [Stay], and the others in its polls with Here; then no two of them are ever
// polled at once, and all on one goroutine. Spawned at a [Runtime], which is no
// worker, it is Stay. In a [RoundRobin] no task ever moves.
func Here() TaskOption { return TaskOption{stay: staysHere} }

// keepIn puts f into a future that stays where it is polled first, or where at is.
func keepIn[T any](at Spawner, s stay, f future.Future[T]) future.Future[T] {
	k := &staying[T]{inner: f}
	if l, ok := at.Local().(*local); ok && s == staysHere && l.w != nil {
		k.home = l
	}
	return k
}

// A staying future is polled in one place only.
type staying[T any] struct {
	inner  future.Future[T]
	home   *local // where it stays; nil before the first poll
	pinned bool   // the executor knows
}

// Poll polls the future, or has itself polled where it belongs.
func (s *staying[T]) Poll(cx *Context) future.Poll[T] {
	l, ok := cx.Local().(*local)
	if !ok || l.rr != nil {
		return s.inner.Poll(cx) // another executor: it is as well with one place
	}
	switch {
	case s.home == nil && !l.isAt(l):
		cx.Pin(nil) // a guest, or a caller: it cannot come back here
		return future.Wait[T]()
	case s.home == nil:
		s.home = l
	case !l.isAt(s.home):
		cx.Pin(s.home)
		return future.Wait[T]()
	}
	if !s.pinned {
		s.pinned = true
		cx.Pin(s.home)
	}
	return s.inner.Poll(cx)
}

// Drop drops the future.
func (s *staying[T]) Drop() { future.Drop(s.inner) }

func (s *staying[T]) within() any { return s.inner }
