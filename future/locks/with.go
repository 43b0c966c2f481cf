// SPDX-License-Identifier: Apache-2.0

package locks

import "github.com/pilfer-go/pilfer/future"

// A Locker is what [With] holds: a [*Mutex], a [*RWMutex] for writing or by
// [RWMutex.RLocker] for reading, permits of a semaphore by [Semaphore.Permits].
type Locker interface {
	// PollLock locks, or puts w in line; see [Mutex.PollLock].
	PollLock(cx *future.Context, w *Waiter) bool

	// UnlockIn unlocks. A nil cx is no poll.
	UnlockIn(cx *future.Context)
}

// With returns a future that polls f while it holds l, and unlocks l when f is
// ready, however it ends: also when it is dropped, and when f panics.
//
// Caller: any.
func With[T any](l Locker, f future.Future[T]) future.Future[T] {
	if l == nil || f == nil {
		panic("locks: With needs a Locker and a future")
	}
	return &with[T]{l: l, f: f}
}

type with[T any] struct {
	w    Waiter
	l    Locker
	f    future.Future[T] // nil once it was ready or dropped
	held bool
}

// Poll locks, and then polls f.
//
// Caller: owner.
func (h *with[T]) Poll(cx *future.Context) future.Poll[T] {
	if h.f == nil {
		panic("locks: With polled after it was ready or dropped")
	}
	if !h.held {
		if !h.l.PollLock(cx, &h.w) {
			return future.Poll[T]{}
		}
		h.held = true
	}
	p := h.f.Poll(cx)
	if p.Ready {
		h.f, h.held = nil, false
		h.l.UnlockIn(cx)
	}
	return p
}

// Drop drops f, and unlocks or leaves the line.
//
// Caller: owner.
func (h *with[T]) Drop() {
	f, held := h.f, h.held
	h.f, h.held = nil, false
	h.w.Cancel()
	defer func() {
		if held {
			h.l.UnlockIn(nil)
		}
	}()
	future.Drop(f)
}
