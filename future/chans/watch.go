// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"context"
	"iter"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Watch holds one value, the latest, and tells who watches that it has changed.
// Values in between are skipped: it is for settings and states, not for messages.
// The zero Watch holds T's zero value.
type Watch[T any] struct {
	// version counts the changes, times two; it is odd once the watch is closed.
	// Writers: holding mu. Invariant: never decreases.
	version point.Uint64

	mu    point.Mutex
	value T // holding mu

	waiting waker.List
}

// NewWatch returns a watch of v.
//
// Caller: any.
func NewWatch[T any](v T) *Watch[T] { return &Watch[T]{value: v} }

// Get returns the value.
//
// Caller: any.
func (w *Watch[T]) Get() T {
	v, _ := w.get()
	return v
}

func (w *Watch[T]) get() (T, uint64) {
	w.mu.Lock()
	defer w.mu.Unlock() // takes effect here
	return w.value, w.version.Load()
}

// Set changes the value to v and wakes who watches. It returns [ErrClosed] if the
// watch is closed.
//
// Caller: any.
func (w *Watch[T]) Set(v T) error { return w.SetIn(nil, v) }

// SetIn is Set from inside the poll that cx belongs to; see [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (w *Watch[T]) SetIn(cx *future.Context, v T) error {
	return w.change(cx, func(at *T) bool {
		*at = v
		return true
	})
}

// Update calls f with the value, which it may change, and wakes who watches if f
// reports that it did. Nobody else sees or changes the value meanwhile, so f must
// be short, and must not use the watch. It returns [ErrClosed] if the watch is
// closed.
//
// Caller: any.
func (w *Watch[T]) Update(f func(v *T) (changed bool)) error {
	if f == nil {
		panic("chans: nil function given to Update")
	}
	return w.change(nil, f)
}

func (w *Watch[T]) change(cx *future.Context, f func(*T) bool) error {
	changed, err := w.apply(f)
	if changed {
		w.waiting.WakeAllIn(cx) // as [chan-race] C2
	}
	return err
}

func (w *Watch[T]) apply(f func(*T) bool) (changed bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock() // also if f panics
	s := w.version.Load()
	if s&1 != 0 {
		return false, ErrClosed
	}
	if !f(&w.value) {
		return false, nil
	}
	w.version.Store(s + 2) // takes effect here
	return true, nil
}

// Close says that the value will not change again. It reports whether it is the
// first to do so.
//
// Caller: any.
func (w *Watch[T]) Close() bool {
	w.mu.Lock()
	s := w.version.Load()
	w.version.Store(s | 1) // takes effect here
	w.mu.Unlock()
	w.waiting.WakeAll()
	return s&1 == 0
}

// Watcher returns a receiver that has seen the value that is there: it is ready at
// the next change.
//
// Caller: any.
func (w *Watch[T]) Watcher() *Watcher[T] { return &Watcher[T]{w: w, seen: w.version.Load() / 2} }

// A Watcher is told of the changes of a [Watch], which makes it. It has one owner at
// a time.
type Watcher[T any] struct {
	w     *Watch[T]
	seen  uint64 // the change that its owner knows of
	over  bool   // dropped
	entry waker.Entry
}

// Get returns the value, which then counts as seen.
//
// Caller: owner.
func (r *Watcher[T]) Get() T {
	v, s := r.w.get()
	r.seen = s / 2
	return v
}

// Changed reports whether the value has changed since it was last seen.
//
// Caller: owner.
func (r *Watcher[T]) Changed() bool { return r.w.version.Load()/2 != r.seen }

// next returns the value if it has changed, or [ErrEmpty] or [ErrClosed].
func (r *Watcher[T]) next() (v T, err error) {
	if r.over {
		panic("chans: a Watcher was used after it was dropped")
	}
	switch s := r.w.version.Load(); { // takes effect here, unless it has changed
	case s/2 != r.seen:
		return r.Get(), nil
	case s&1 != 0:
		return v, ErrClosed
	default:
		return v, ErrEmpty
	}
}

// Poll makes a Watcher a [future.Future] of the next change: one that may be polled
// again after it was ready. Its value is the latest. When the watch is closed and
// its last value was seen, it fails with [ErrClosed].
//
// Caller: owner.
func (r *Watcher[T]) Poll(cx *future.Context) future.Poll[T] {
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[T]{}
	}
	v, err := r.next()
	if err == ErrEmpty {
		r.w.waiting.Register(cx, &r.entry)
		if v, err = r.next(); err == ErrEmpty {
			return future.Poll[T]{}
		}
	}
	cx.Spend()
	r.entry.Remove()
	return future.Poll[T]{Value: v, Err: err, Ready: true}
}

// Next blocks the calling goroutine until the value has changed since it was last
// seen, or until ctx ends; then it returns the cause, and may be called again.
//
// Caller: owner: a goroutine that may sleep, not a task.
func (r *Watcher[T]) Next(ctx context.Context) (T, error) {
	if v, err := r.next(); err != ErrEmpty {
		return v, err
	}
	return future.Block(ctx, future.Future[T](waitFor[T]{r.Poll, r.unwait}))
}

// All yields the value after each change, until the watch is closed or ctx ends:
// ask ctx which it was.
//
// Caller: owner: a goroutine that may sleep, not a task.
func (r *Watcher[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, err := r.Next(ctx)
			if err != nil || !yield(v) {
				return
			}
		}
	}
}

func (r *Watcher[T]) unwait() { r.entry.Remove() }

// Drop ends the watching.
//
// Caller: owner.
func (r *Watcher[T]) Drop() {
	r.over = true
	r.entry.Remove()
}
