// SPDX-License-Identifier: Apache-2.0

package future

import "context"

// A Token is a node of a tree of cancellation, in the form that tasks use: to
// cancel it cancels all below it, and nothing above. It is a context.Context seen
// from the other side, so it fits wherever one is wanted: a deadline, a request.
//
// A Token may be used by any number of goroutines and tasks. Make one with
// [NewToken].
type Token struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// NewToken returns a token below ctx: it is canceled when ctx ends, or by
// [Token.Cancel]. Who made it cancels it in the end, or ctx keeps it.
//
// Caller: any.
func NewToken(ctx context.Context) *Token {
	if ctx == nil {
		panic("future: nil context")
	}
	t := &Token{}
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	return t
}

// Child returns a token below t.
//
// Caller: any.
func (t *Token) Child() *Token { return NewToken(t.ctx) }

// Cancel cancels t and all below it. The first cause stands; nil means
// [context.Canceled].
//
// Caller: any.
func (t *Token) Cancel(cause error) { t.cancel(cause) }

// Cause returns why t was canceled, or nil if it was not.
//
// Caller: any.
func (t *Token) Cause() error { return context.Cause(t.ctx) }

// Context returns t as a context.Context.
//
// Caller: any.
func (t *Token) Context() context.Context { return t.ctx }

// Done returns a future that fails with the cause when t is canceled, and is never
// ready with a value.
//
// Caller: any.
func (t *Token) Done() Future[struct{}] { return FromContext(t.ctx) }

// Under returns a future that ends as f does, unless t is canceled first: then it
// fails with the cause, and f is dropped. It is [WithContext] for a Token.
//
// Caller: any.
func Under[T any](t *Token, f Future[T]) Future[T] {
	if t == nil {
		panic("future: nil Token given to Under")
	}
	return WithContext(t.ctx, f)
}
