// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/waker"
)

// bellContext returns a Context that rings b.
func bellContext(b bell) *Context { return waker.NewContext(waker.New(b)) }

// newEndedContext returns a context that ended because of errTest.
func newEndedContext() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errTest)
	return ctx, func() { cancel(nil) }
}

func TestFromContext(t *testing.T) {
	t.Run("has ended", func(t *testing.T) {
		ctx, cancel := newEndedContext()
		defer cancel()
		require.Equal(t, Fail[struct{}](errTest), await(FromContext(ctx)))
	})
	t.Run("ends", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		f, b := FromContext(ctx), newBell()
		require.False(t, f.Poll(bellContext(b)).Ready)
		require.False(t, f.Poll(bellContext(b)).Ready)
		cancel(errTest)
		<-b
		require.Equal(t, Fail[struct{}](errTest), f.Poll(bellContext(b)))
		require.PanicsWithValue(t, "future: FromContext"+endedSuffix, func() { f.Poll(bellContext(b)) })
	})
	t.Run("dropped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f, k := FromContext(ctx), new(task)
		require.False(t, f.Poll(k.cx()).Ready)
		Drop(f)
		Drop(f)
		require.Zero(t, k.alive.Load())
		cancel()
		require.Zero(t, k.woken())
	})
	t.Run("never ends", func(t *testing.T) {
		cx := new(task).cx()
		f := FromContext(context.Background())
		require.False(t, f.Poll(cx).Ready)
		require.False(t, cx.Taken(), "nobody will wake it")
	})
}

// A context that lives on does not keep a future that has ended.
func TestFromContextRetainsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var gone weak.Pointer[ending]
	func() {
		e := newEnding(ctx)
		gone = weak.Make(e)
		require.False(t, e.Poll(new(task).cx()).Ready)
		e.Drop()
	}()
	runtime.GC()
	require.Nil(t, gone.Value())
}

func TestWithContext(t *testing.T) {
	t.Run("ended before the first poll", func(t *testing.T) {
		ctx, cancel := newEndedContext()
		defer cancel()
		w := &ward{t: t}
		require.Equal(t, Fail[int](errTest), await(WithContext(ctx, w.value(0, 5))))
		require.Equal(t, []int{0}, w.polls(), "not started")
		w.allEnded()
	})
	t.Run("the future is first", func(t *testing.T) {
		w, k := &ward{t: t}, new(task)
		ctx, cancel := context.WithCancel(t.Context())
		f := WithContext(ctx, w.value(1, 5))
		require.False(t, f.Poll(k.cx()).Ready)
		require.Equal(t, Of(5), f.Poll(k.cx()))
		require.Zero(t, k.alive.Load())
		cancel()
		require.Zero(t, k.woken())
	})
	t.Run("the context is first", func(t *testing.T) {
		w, b := &ward{t: t}, newBell()
		ctx, cancel := context.WithCancelCause(t.Context())
		f := WithContext(ctx, w.value(10, 5))
		require.False(t, f.Poll(bellContext(b)).Ready)
		cancel(errTest)
		<-b
		require.Equal(t, Fail[int](errTest), f.Poll(bellContext(b)))
		w.allEnded()
	})
	t.Run("both at once: the result counts", func(t *testing.T) {
		w, b := &ward{t: t}, newBell()
		ctx, cancel := context.WithCancel(t.Context())
		f := WithContext(ctx, w.value(1, 5))
		require.False(t, f.Poll(bellContext(b)).Ready)
		cancel()
		<-b
		require.Equal(t, Of(5), f.Poll(bellContext(b)))
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		require.ErrorIs(t, await(WithContext(ctx, Pending[int]())).Err, context.DeadlineExceeded)
	})
}

func TestToContext(t *testing.T) {
	w := &ward{t: t}
	t.Run("a value", func(t *testing.T) {
		ctx, f := ToContext(t.Context(), w.value(1, 5))
		k := new(task)
		require.False(t, f.Poll(k.cx()).Ready)
		require.NoError(t, ctx.Err())
		require.Equal(t, Of(5), f.Poll(k.cx()))
		<-ctx.Done()
		require.Equal(t, context.Canceled, context.Cause(ctx))
	})
	t.Run("an error", func(t *testing.T) {
		ctx, f := ToContext(t.Context(), w.fail(0, errTest))
		require.Equal(t, Fail[int](errTest), await(f))
		require.Equal(t, errTest, context.Cause(ctx))
	})
	t.Run("dropped", func(t *testing.T) {
		ctx, f := ToContext(t.Context(), w.value(1, 5))
		Drop(f)
		require.Equal(t, context.Canceled, context.Cause(ctx))
	})
	t.Run("the parent ends", func(t *testing.T) {
		parent, cancel := newEndedContext()
		defer cancel()
		ctx, f := ToContext(parent, w.value(0, 5))
		require.Equal(t, errTest, context.Cause(ctx))
		require.Equal(t, Of(5), await(f), "f goes on")
	})
	w.allEnded()
}
