// SPDX-License-Identifier: Apache-2.0

package future

// Map returns a future of g applied to f's value. If f fails, so does it, and g
// is not called. g must not block.
//
// Caller: any.
func Map[T, U any](f Future[T], g func(T) U) Future[U] {
	refuseNil(f, "Map")
	if g == nil {
		noFunction("Map")
	}
	return &mapped[T, U]{f, g}
}

type mapped[T, U any] struct {
	f Future[T] // nil once it was ready or dropped
	g func(T) U
}

// Poll polls f, and calls g once f has a value.
//
// Caller: owner.
func (m *mapped[T, U]) Poll(cx *Context) Poll[U] {
	if m.f == nil {
		ended("Map")
	}
	p := m.f.Poll(cx)
	if !p.Ready {
		return Poll[U]{}
	}
	g := m.g
	m.f, m.g = nil, nil // before g, which may panic
	if p.Err != nil {
		return Fail[U](p.Err)
	}
	return Of(g(p.Value))
}

// Drop drops f.
//
// Caller: owner.
func (m *mapped[T, U]) Drop() {
	f := m.f
	m.f, m.g = nil, nil
	Drop(f)
}

// MapErr returns a future that fails with what g makes of f's error, for one, to
// say what was tried. A value passes unchanged, and g is not called. If g returns
// nil, the future is ready with T's zero value.
//
// Caller: any.
func MapErr[T any](f Future[T], g func(error) error) Future[T] {
	refuseNil(f, "MapErr")
	if g == nil {
		noFunction("MapErr")
	}
	return &mappedErr[T]{f, g}
}

type mappedErr[T any] struct {
	f Future[T] // nil once it was ready or dropped
	g func(error) error
}

// Poll polls f, and calls g once f has failed.
//
// Caller: owner.
func (m *mappedErr[T]) Poll(cx *Context) Poll[T] {
	if m.f == nil {
		ended("MapErr")
	}
	p := m.f.Poll(cx)
	if !p.Ready {
		return p
	}
	g := m.g
	m.f, m.g = nil, nil // before g, which may panic
	if p.Err == nil {
		return p
	}
	return Fail[T](g(p.Err))
}

// Drop drops f.
//
// Caller: owner.
func (m *mappedErr[T]) Drop() {
	f := m.f
	m.f, m.g = nil, nil
	Drop(f)
}
