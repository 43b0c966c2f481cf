// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// While a task blocks, others run, in the same place if there is only one; and it gets
// its Context back as it was.
func TestBlock(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		oops := errors.New("oops")
		f := func(cx *Context) (int, error) {
			before := cx.Local().(*local)
			ch := make(chan int)
			err := Block(cx, func() error {
				h := Go(rt, func(cx *Context) (int, error) {
					return 0, Block(cx, func() error { ch <- 7; return nil })
				})
				v := <-ch
				_, err := h.Wait(ctx)
				return errors.Join(err, fmt.Errorf("%d: %w", v, oops))
			})
			if !errors.Is(err, oops) {
				return 0, err
			}
			if before != cx.Local() || before.cx != cx {
				return 0, errors.New("another Context")
			}
			return Await(cx, future.Future[int](Go(cx, func(*Context) (int, error) { return 8, nil })))
		}
		for range 10 {
			v, err := Go(rt, f).Wait(ctx)
			require.NoError(t, err)
			require.Equal(t, 8, v)
			require.NoError(t, rt.Run(ctx, func(cx *Context) error { _, err := f(cx); return err }))
			v, err = Spawn(rt, future.Async(func(y *future.Await) (int, error) {
				if _, err := future.Get(y, future.YieldNow()); err != nil {
					return 0, err
				}
				return 8, Block(y.Context(), func() error {
					_, err := Go(rt, func(*Context) (int, error) { return 0, nil }).Wait(ctx)
					return err
				})
			})).Wait(ctx)
			require.NoError(t, err)
			require.Equal(t, 8, v)
		}
	})
}

func TestBlockThatCrashes(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		for range 20 {
			_, err := Go(rt, func(cx *Context) (int, error) {
				return 0, Block(cx, func() error { panic("boom") })
			}).Wait(ctx)
			require.ErrorContains(t, err, "boom")
			_, err = Go(rt, func(cx *Context) (int, error) {
				return 0, Block(cx, func() error { runtime.Goexit(); return nil })
			}).Wait(ctx)
			require.ErrorIs(t, err, ErrGoexit)
		}
	})
}

// Shutdown waits for a task that blocks: nobody can end that.
func TestBlockDuringShutdown(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		began, let := make(chan bool), make(chan bool)
		h := Go(rt, func(cx *Context) (int, error) {
			return 7, Block(cx, func() error { close(began); <-let; return nil })
		})
		testkit.Receive(t, began, "the task")
		closed := testkit.Background(t, func() {
			if err := rt.Shutdown(testkit.Ended()); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		testkit.Receive(t, rt.ctx.Done(), "the end of patience")
		require.False(t, h.IsFinished())
		close(let)
		closed()
		v, err := h.Wait(testkit.Within(t))
		require.NoError(t, err)
		require.Equal(t, 7, v)
	})
}

func TestBlockWithoutPlace(t *testing.T) {
	r := NewRoundRobin()
	v, err := Go(r, func(cx *Context) (int, error) { return 3, Block(cx, func() error { return nil }) }).Wait(testkit.Within(t))
	require.NoError(t, err)
	require.Equal(t, 3, v)
	require.PanicsWithValue(t, "pilfer: spawn at a *waker.Context whose Local is <nil>: want a runtime, or the worker or Context of a running task",
		func() { _ = Block(new(Context), func() error { return nil }) })
}

func ExampleBlock() {
	rt, _ := New(Workers(1))
	defer rt.Close()
	lines := make(chan string)
	h := Go(rt, func(cx *Context) (string, error) {
		var line string
		err := Block(cx, func() error { line = <-lines; return nil })
		return line, err
	})
	Go(rt, func(*Context) (int, error) { // the only worker is free for this
		go func() { lines <- "hello" }()
		return 0, nil
	})
	fmt.Println(h.Wait(context.Background()))
	// Output: hello <nil>
}
