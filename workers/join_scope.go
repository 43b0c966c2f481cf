// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"

	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A cancelScope is a part of a fork-join computation that is canceled as one.
type cancelScope struct {
	outer *cancelScope // set once

	// cause is why the scope was canceled.
	// Writers: any, by compare-and-swap from nil. Invariant: once set, stays.
	cause point.Pointer[error]
}

// A scopeMark says which forks of a worker belong to a scope.
type scopeMark struct {
	scope *cancelScope
	from  int // the first level of the stack of frames that does
}

// Try calls f in a scope of its own: the first error of a [JoinErr] in it, and the
// end of ctx, cancel the others. It returns f's error, or the cause of ctx.
//
// The delay of a cancellation is one fork: after it each worker begins one half of a
// JoinErr at most, the one before which it had looked already, and the worker that
// cancels begins none. What runs goes on, until it forks or returns. That of a context
// takes the start of a goroutine more. Plain [Join] runs both halves always; code in it
// may ask [Worker.Err].
//
// Caller: owner, inside a job.
func Try(ctx context.Context, w *Worker, f func(w *Worker) error) error {
	w.checkSitter()
	if f == nil {
		refuseNil("Try")
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s := &cancelScope{outer: w.scope()}
	if ctx.Done() != nil {
		defer park.AfterEnd(ctx, func() { s.cancel(context.Cause(ctx)) })()
	}
	n := len(w.scopes)
	w.scopes = append(w.scopes, scopeMark{s, w.hi})
	defer func() { w.scopes = w.scopes[:n] }()
	return f(w)
}

// Err returns why the scope of the running code was canceled, or nil. It costs a
// load or two.
//
// Caller: owner, inside a job.
func (w *Worker) Err() error {
	if invariant.Enabled {
		w.checkSitter()
	}
	if len(w.scopes) == 0 {
		return nil
	}
	return w.scope().err()
}

// scope returns the scope of the running code, or nil.
//
// Caller: owner.
func (w *Worker) scope() *cancelScope {
	if n := len(w.scopes); n > 0 {
		return w.scopes[n-1].scope
	}
	return nil
}

// scopeAt returns the scope of the frame of a level, or nil.
//
// Caller: owner.
func (w *Worker) scopeAt(level int) *cancelScope {
	for i := len(w.scopes) - 1; i >= 0; i-- {
		if w.scopes[i].from <= level {
			return w.scopes[i].scope
		}
	}
	return nil
}

// cancel cancels the scope. The first cause stays.
//
// Caller: any.
func (s *cancelScope) cancel(err error) {
	if s != nil && s.cause.Load() == nil {
		s.cause.CompareAndSwap(nil, &err)
	}
}

// err returns why the scope or one around it was canceled.
//
// Caller: any.
func (s *cancelScope) err() error {
	for ; s != nil; s = s.outer {
		if e := s.cause.Load(); e != nil {
			return *e
		}
	}
	return nil
}
