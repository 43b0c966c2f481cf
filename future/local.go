// SPDX-License-Identifier: Apache-2.0

package future

import "fmt"

// A Local is a value that goes along with a task: what a thread-local variable is
// to a thread. It is the name of the value; [Scoped] says what it is for one future
// and for all that this polls, and [Inherit] hands it to a task that is spawned.
//
// Make it once, as a package variable. Arguments are better where they can be
// passed; a Local is for what every future would only pass on, such as the name of
// a request in a log.
type Local[T any] struct{ name string }

// NewLocal returns a Local that has no value anywhere. The name is for messages.
//
// Caller: any.
func NewLocal[T any](name string) *Local[T] { return &Local[T]{name} }

// A binding is one value in force, and those outside of it.
type binding struct {
	key   any
	value any
	outer *binding
}

func bindings(cx *Context) *binding {
	b, _ := cx.Values().(*binding)
	return b
}

// Get returns the value that is in force in the poll that cx belongs to.
//
// Caller: owner of cx.
func (l *Local[T]) Get(cx *Context) (v T, ok bool) {
	for b := bindings(cx); b != nil; b = b.outer {
		if b.key == any(l) {
			return b.value.(T), true
		}
	}
	return v, false
}

// Must is [Local.Get] where there must be a value. It panics if there is none.
//
// Caller: owner of cx.
func (l *Local[T]) Must(cx *Context) T {
	v, ok := l.Get(cx)
	if !ok {
		panic(fmt.Sprintf("future: the Local %q has no value here: no Scoped around this future, or its task was spawned without Inherit", l.name))
	}
	return v
}

// Scoped returns a future that ends as f does. While f is polled, the value of l is
// v; in Drop there is no value.
//
// Caller: any.
func Scoped[T, U any](l *Local[T], v T, f Future[U]) Future[U] {
	refuseNil(f, "Scoped")
	if l == nil {
		panic("future: nil Local given to Scoped")
	}
	return &scoped[U]{f: f, own: &binding{key: l, value: v}}
}

// Inherit returns a future that ends as f does, and is polled with the values that
// are in force in the poll of cx: so that a task that is spawned has the values of
// its parent.
//
//	sched.Spawn(cx, future.Inherit(cx, f))
//
// Caller: owner of cx.
func Inherit[U any](cx *Context, f Future[U]) Future[U] {
	refuseNil(f, "Inherit")
	values := bindings(cx)
	if values == nil {
		return f
	}
	return &scoped[U]{f: f, own: values, fixed: true}
}

// A scoped future sets values around its polls.
type scoped[U any] struct {
	f     Future[U] // nil once it was ready or dropped
	own   *binding
	fixed bool // own is all there is; else it goes on with what is outside
}

// Poll polls f.
//
// Caller: owner.
func (s *scoped[U]) Poll(cx *Context) Poll[U] {
	if s.f == nil {
		ended("Scoped or Inherit")
	}
	if !s.fixed {
		if outer := bindings(cx); outer != s.own.outer {
			// Others may hold the binding that it was, by Inherit.
			s.own = &binding{s.own.key, s.own.value, outer}
		}
	}
	before := cx.SetValues(s.own)
	defer cx.SetValues(before)
	p := s.f.Poll(cx)
	if p.Ready {
		s.f, s.own = nil, nil
	}
	return p
}

// Drop drops f.
//
// Caller: owner.
func (s *scoped[U]) Drop() {
	f := s.f
	s.f, s.own = nil, nil
	Drop(f)
}
