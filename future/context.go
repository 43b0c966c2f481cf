// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"

	"github.com/pilfer-go/pilfer/waker"
)

// FromContext returns a future that fails with [context.Cause] when ctx ends. It
// is never ready with a value.
//
// Caller: any.
func FromContext(ctx context.Context) Future[struct{}] { return newEnding(ctx) }

// An ending waits for the end of a context.
type ending struct {
	ctx  context.Context // nil once it ended or the future was dropped
	stop func() bool     // takes the callback back; nil before there is one

	// cell holds the waker of the task that polls.
	cell waker.Cell
}

func newEnding(ctx context.Context) *ending {
	if ctx == nil {
		panic("future: nil context")
	}
	return &ending{ctx: ctx}
}

// Poll looks whether the context has ended, and asks it to call back if not.
//
// Caller: owner.
func (e *ending) Poll(cx *Context) Poll[struct{}] {
	ctx := e.ctx
	if ctx == nil {
		ended("FromContext")
	}
	if ctx.Err() == nil {
		if ctx.Done() == nil {
			return Poll[struct{}]{} // it never ends: nobody will wake us
		}
		// As [promise-race] F1 and F2: the context changes Err before it calls
		// us back.
		e.cell.Register(cx)
		if e.stop == nil {
			e.stop = context.AfterFunc(ctx, e.cell.Wake)
		}
		if ctx.Err() == nil {
			return Poll[struct{}]{}
		}
	}
	if !cx.Spend() {
		return Poll[struct{}]{}
	}
	e.Drop()
	return Fail[struct{}](context.Cause(ctx))
}

// Drop takes the callback back.
//
// Caller: owner.
func (e *ending) Drop() {
	stop := e.stop
	e.ctx, e.stop = nil, nil
	if stop != nil {
		stop()
		w := e.cell.Take()
		w.Drop()
	}
}

// WithContext returns a future that ends as f does, unless ctx ends first: then
// it fails with [context.Cause], and f is dropped. If ctx has ended before the
// first poll, f is not polled; later, a result that comes together with the end
// counts.
//
// Caller: any.
func WithContext[T any](ctx context.Context, f Future[T]) Future[T] {
	refuseNil(f, "WithContext")
	return &withContext[T]{f: f, end: newEnding(ctx)}
}

type withContext[T any] struct {
	f      Future[T] // nil once it was ready or dropped
	end    *ending
	polled bool
}

// Poll polls f, and then looks at the context.
//
// Caller: owner.
func (w *withContext[T]) Poll(cx *Context) Poll[T] {
	if w.f == nil {
		ended("WithContext")
	}
	if !w.polled {
		w.polled = true
		if ctx := w.end.ctx; ctx.Err() != nil {
			w.Drop()
			return Fail[T](context.Cause(ctx))
		}
	}
	p := w.f.Poll(cx)
	if p.Ready {
		w.f = nil
		w.Drop()
		return p
	}
	if end := w.end.Poll(cx); end.Ready {
		w.Drop()
		return Fail[T](end.Err)
	}
	return Poll[T]{}
}

// Drop drops f and takes the callback back.
//
// Caller: owner.
func (w *withContext[T]) Drop() {
	f, end := w.f, w.end
	w.f, w.end = nil, nil
	if end != nil {
		end.Drop()
	}
	Drop(f)
}

// ToContext returns a context that ends when f does, and the future that polls f
// and ends as it does. The context's cause is f's error, or [context.Canceled] if
// f has a value or is dropped. The end of parent ends the context, but not f: see
// [WithContext] for that.
//
// The future is what makes f go on: hand it to an executor, or drop it, which
// ends the context.
//
// Caller: any.
func ToContext[T any](parent context.Context, f Future[T]) (context.Context, Future[T]) {
	refuseNil(f, "ToContext")
	ctx, cancel := context.WithCancelCause(parent)
	return ctx, &toContext[T]{f, cancel}
}

type toContext[T any] struct {
	f      Future[T] // nil once it was ready or dropped
	cancel context.CancelCauseFunc
}

// Poll polls f, and ends the context after it.
//
// Caller: owner.
func (t *toContext[T]) Poll(cx *Context) Poll[T] {
	if t.f == nil {
		ended("ToContext")
	}
	p := t.f.Poll(cx)
	if p.Ready {
		t.f = nil
		t.cancel(p.Err)
	}
	return p
}

// Drop drops f and ends the context.
//
// Caller: owner.
func (t *toContext[T]) Drop() {
	f := t.f
	t.f = nil
	if f != nil {
		t.cancel(nil)
		Drop(f)
	}
}
