// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Once holds a value that is made once, by a future, when it is first wanted.
// Others that want it meanwhile wait. If making it fails or is dropped, the next
// in line makes it by its own future. Where the value is made without waiting,
// sync.OnceValue is simpler.
//
// The zero Once has no value. It must not be copied.
type Once[T any] struct {
	_ noCopy

	// done says that value is set.
	// Writers: holding gate, once, to true (publish: value).
	done  point.Bool
	value T
	gate  gate // held while the value is made
}

// Value returns the value, if it was made.
//
// Caller: any.
func (o *Once[T]) Value() (v T, ok bool) {
	if !o.done.Load() { // sees publish
		return v, false
	}
	return o.value, true
}

// Set sets the value, and reports false if there is one or it is being made.
//
// Caller: any.
func (o *Once[T]) Set(v T) bool {
	if o.done.Load() || !o.gate.try(1, 1) {
		return false
	}
	set := !o.done.Load()
	if set {
		o.finish(v)
	}
	o.gate.giveBack(nil, 1)
	return set
}

// finish makes the value visible.
//
// Caller: holding gate.
func (o *Once[T]) finish(v T) {
	o.value = v
	o.done.Store(true) // publish: value
}

// Future returns a future of the value. If it is the first in line it calls f and
// polls what that returns, and its error is then the result of this future only.
//
// Caller: any.
func (o *Once[T]) Future(f func() future.Future[T]) future.Future[T] {
	if f == nil {
		panic("locks: nil function given to Once.Future")
	}
	return &making[T]{o: o, f: f}
}

// Get is [Once.Future] for an ordinary goroutine: it blocks until there is a
// value, or until ctx ends; then it returns the cause.
//
// Caller: any goroutine that may sleep: not a task.
func (o *Once[T]) Get(ctx context.Context, f func() future.Future[T]) (T, error) {
	if v, ok := o.Value(); ok {
		return v, nil
	}
	return future.Block(ctx, o.Future(f))
}

type making[T any] struct {
	w     Waiter
	o     *Once[T] // nil once it was ready or dropped
	f     func() future.Future[T]
	inner future.Future[T] // set while it makes the value
	holds bool
}

// Poll waits for its turn, and makes the value if nobody has.
//
// Caller: owner.
func (m *making[T]) Poll(cx *future.Context) future.Poll[T] {
	o := m.o
	if o == nil {
		panic("locks: the future of a Once was polled after it was ready or dropped")
	}
	if !m.holds {
		if m.w.at == nil && o.done.Load() {
			if !cx.Spend() {
				return future.Poll[T]{}
			}
			m.o, m.f = nil, nil
			return future.Of(o.value)
		}
		if !o.gate.poll(cx, &m.w, 1, 1) {
			return future.Poll[T]{}
		}
		m.holds = true
		if o.done.Load() {
			m.end(cx)
			return future.Of(o.value)
		}
		m.inner = m.f()
		m.f = nil
		if m.inner == nil {
			panic("locks: the function given to Once returned no future")
		}
	}
	p := m.inner.Poll(cx)
	if !p.Ready {
		return future.Poll[T]{}
	}
	m.inner = nil
	if p.Err == nil {
		o.finish(p.Value)
	}
	m.end(cx)
	return p
}

// end lets the next have its turn.
func (m *making[T]) end(cx *future.Context) {
	o := m.o
	m.o, m.f, m.holds = nil, nil, false
	o.gate.giveBack(cx.Local(), 1)
}

// Drop drops what makes the value, and lets the next do it.
//
// Caller: owner.
func (m *making[T]) Drop() {
	inner, holds := m.inner, m.holds
	m.inner = nil
	m.w.Cancel()
	defer func() {
		if holds {
			m.end(nil)
		}
		m.o = nil
	}()
	future.Drop(inner)
}
