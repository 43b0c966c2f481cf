// SPDX-License-Identifier: Apache-2.0

package future

// OrElse returns a future that goes on with the future that g makes of f's error.
// If f has a value, so does it, and g is not called. It is [Then] for errors: g
// must not block, and its result is polled at once.
//
// Caller: any.
func OrElse[T any](f Future[T], g func(error) Future[T]) Future[T] {
	refuseNil(f, "OrElse")
	if g == nil {
		noFunction("OrElse")
	}
	return &orElse[T]{f: f, g: g}
}

// orElse is in its first step while g is set.
type orElse[T any] struct {
	f Future[T] // nil once it was ready or dropped
	g func(error) Future[T]
}

// Poll polls the future of its step.
//
// Caller: owner.
func (o *orElse[T]) Poll(cx *Context) Poll[T] {
	if o.f == nil {
		ended("OrElse")
	}
	p := o.f.Poll(cx)
	if !p.Ready {
		return p
	}
	g := o.g
	o.f, o.g = nil, nil // before g, which may panic
	if p.Err == nil || g == nil {
		return p
	}
	next := g(p.Err)
	refuseNil(next, "OrElse by its function")
	if p = next.Poll(cx); !p.Ready {
		o.f = next
	}
	return p
}

// Drop drops the future of its step.
//
// Caller: owner.
func (o *orElse[T]) Drop() {
	f := o.f
	o.f, o.g = nil, nil
	Drop(f)
}

// Inspect returns a future that ends as f does, after it has shown the result to
// g: for a log or a count. g must not block.
//
// Caller: any.
func Inspect[T any](f Future[T], g func(v T, err error)) Future[T] {
	refuseNil(f, "Inspect")
	if g == nil {
		noFunction("Inspect")
	}
	return &inspected[T]{f, g}
}

type inspected[T any] struct {
	f Future[T] // nil once it was ready or dropped
	g func(T, error)
}

// Poll polls f.
//
// Caller: owner.
func (i *inspected[T]) Poll(cx *Context) Poll[T] {
	if i.f == nil {
		ended("Inspect")
	}
	p := i.f.Poll(cx)
	if p.Ready {
		g := i.g
		i.f, i.g = nil, nil // before g, which may panic
		g(p.Value, p.Err)
	}
	return p
}

// Drop drops f; g is not called.
//
// Caller: owner.
func (i *inspected[T]) Drop() {
	f := i.f
	i.f, i.g = nil, nil
	Drop(f)
}

// Fuse returns a future that ends as f does, and is Pending whenever it is polled
// after that, instead of a panic: for a loop that polls several futures again and
// again. [Fused.Ended] says which it is.
//
// Caller: any.
func Fuse[T any](f Future[T]) *Fused[T] {
	refuseNil(f, "Fuse")
	return &Fused[T]{f}
}

// A Fused is a future that may be polled after its end; see [Fuse].
type Fused[T any] struct{ f Future[T] } // nil once it was ready or dropped

// Poll polls f, if that has not ended. It keeps no waker if it has.
//
// Caller: owner.
func (u *Fused[T]) Poll(cx *Context) Poll[T] {
	if u.f == nil {
		return Poll[T]{}
	}
	p := u.f.Poll(cx)
	if p.Ready {
		u.f = nil
	}
	return p
}

// Ended reports whether f was ready or dropped.
//
// Caller: owner.
func (u *Fused[T]) Ended() bool { return u.f == nil }

// Drop drops f, if that has not ended. It may be called again.
//
// Caller: owner.
func (u *Fused[T]) Drop() {
	f := u.f
	u.f = nil
	Drop(f)
}
