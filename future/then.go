// SPDX-License-Identifier: Apache-2.0

package future

// Then returns a future that goes on with the future that g makes of f's value.
// If f fails, so does it, and g is not called. g must not block, and its result
// is polled at once.
//
// Caller: any.
func Then[T, U any](f Future[T], g func(T) Future[U]) Future[U] {
	refuseNil(f, "Then")
	if g == nil {
		noFunction("Then")
	}
	return &then[T, U]{first: f, g: g}
}

// then is in its first step while first is set, in its second while second is.
type then[T, U any] struct {
	first  Future[T]
	g      func(T) Future[U]
	second Future[U]
}

// Poll polls the future of its step.
//
// Caller: owner.
func (t *then[T, U]) Poll(cx *Context) Poll[U] {
	if t.second == nil {
		if t.first == nil {
			ended("Then")
		}
		p := t.first.Poll(cx)
		if !p.Ready {
			return Poll[U]{}
		}
		g := t.g
		t.first, t.g = nil, nil // before g, which may panic
		if p.Err != nil {
			return Fail[U](p.Err)
		}
		t.second = g(p.Value)
		refuseNil(t.second, "Then by its function")
	}
	p := t.second.Poll(cx)
	if p.Ready {
		t.second = nil
	}
	return p
}

// Drop drops the future of its step.
//
// Caller: owner.
func (t *then[T, U]) Drop() {
	first, second := t.first, t.second
	t.first, t.g, t.second = nil, nil, nil
	Drop(first)
	Drop(second)
}
