// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// TestAwaitNestedDeep waits inside tasks that wait inside tasks.
func TestAwaitNestedDeep(t *testing.T) {
	waits := map[string]func(*sched.Context, sched.JoinHandle[int]) (int, error){
		"await": func(cx *sched.Context, h sched.JoinHandle[int]) (int, error) { return sched.Await(cx, h) },
		"wait":  func(_ *sched.Context, h sched.JoinHandle[int]) (int, error) { return h.Wait(testkit.Within(t)) },
	}
	for name, wait := range waits {
		for _, workers := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				rt := newRuntime(t, workers)
				var fib func(n int) func(*sched.Context) (int, error)
				fib = func(n int) func(*sched.Context) (int, error) {
					return func(cx *sched.Context) (int, error) {
						if n < 2 {
							return n, nil
						}
						a, b := sched.Go(cx, fib(n-1)), sched.Go(cx, fib(n-2))
						x, err := wait(cx, a)
						if err != nil {
							return 0, err
						}
						y, err := wait(cx, b)
						return x + y, err
					}
				}
				assert.Equal(t, 144, value(t, sched.Go(rt, fib(12))))
			})
		}
	}
}

// TestAwaitKeepsItsContext: tasks that ran meanwhile do not leave their waker or
// budget behind.
func TestAwaitKeepsItsContext(t *testing.T) {
	rt := newRuntime(t, 1)
	own := newGate()
	first := true
	h := sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		if !first {
			return own.Poll(cx)
		}
		first = false
		for range 3 {
			v, err := sched.Await(cx, sched.Go(cx, func(cx *sched.Context) (int, error) {
				return sched.Await(cx, future.Map(sched.YieldNow(), func(struct{}) int { return 1 }))
			}))
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
		}
		return own.Poll(cx)
	}))
	testkit.Receive(t, own.polled, "the poll after the waits")
	own.open()
	assert.Equal(t, 2, value(t, h))
}

func TestAwaitWokenFromOutside(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		g := newGate()
		h := sched.Go(rt, func(cx *sched.Context) (int, error) { return sched.Await(cx, future.Future[int](g)) })
		testkit.Receive(t, g.polled, "first poll")
		// The worker is not withheld meanwhile.
		assert.Equal(t, 1, value(t, sched.Spawn(rt, future.Ready(1))))
		g.open()
		assert.Equal(t, 2, value(t, h))
	}
}

func TestAwaitInsideRun(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	wait := testkit.Background(t, func() {
		assert.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
			v, err := sched.Await(cx, future.Future[int](g))
			assert.Equal(t, 2, v)
			return err
		}))
	})
	testkit.Receive(t, g.polled, "first poll")
	assert.Equal(t, 1, value(t, sched.Spawn(rt, future.Ready(1))), "the place was withheld")
	g.open()
	wait()
}

func TestAwaitInsideBlockOn(t *testing.T) {
	rt := newRuntime(t, 1)
	occupy(t, rt, 1) // so that the caller polls without a place
	g := newGate()
	wait := testkit.Background(t, func() {
		v, err := sched.BlockOn(testkit.Within(t), rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			v, err := sched.Await(cx, future.Future[int](g))
			return future.Poll[int]{Value: v, Err: err, Ready: true}
		}))
		assert.NoError(t, err)
		assert.Equal(t, 2, v)
	})
	testkit.Receive(t, g.polled, "first poll")
	g.open()
	wait()
}

func TestWaitInsideEndsWithContext(t *testing.T) {
	rt := newRuntime(t, 1)
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	g := newGate()
	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		return sched.Spawn(cx, future.Future[int](g)).Wait(ctx)
	})
	testkit.Receive(t, g.polled, "first poll")
	cancel(gone)
	assert.ErrorIs(t, failure(t, h), gone)
	g.open()
}

// TestAwaitDropsWhatItGivesUp: a panic in the poll, or the end of the runtime.
func TestAwaitDropsWhatItGivesUp(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	h := sched.Go(rt, func(cx *sched.Context) (int, error) {
		p, err := sched.Await(cx, future.Join[int, int](g, future.Lazy(func() (int, error) { panic("oh") })))
		return p.First, err
	})
	var p *sched.PanicError
	require.ErrorAs(t, failure(t, h), &p)
	assert.True(t, g.dropped())
}

func TestAwaitEndsWithShutdown(t *testing.T) {
	for _, how := range []string{"worker", "guest", "outside"} {
		t.Run(how, func(t *testing.T) {
			rt := newRuntime(t, 1)
			g := newGate()
			f := func(cx *sched.Context) (int, error) { return sched.Await(cx, future.Future[int](g)) }
			var wait func()
			switch how {
			case "worker":
				h := sched.Go(rt, f)
				wait = func() { assert.ErrorIs(t, failure(t, h), sched.ErrCanceled) }
			case "guest":
				wait = testkit.Background(t, func() {
					assert.ErrorIs(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error { _, err := f(cx); return err }), sched.ErrCanceled)
				})
			case "outside":
				release := occupy(t, rt, 1)
				wait = testkit.Background(t, func() {
					_, err := sched.BlockOn(testkit.Within(t), rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
						v, err := f(cx)
						return future.Poll[int]{Value: v, Err: err, Ready: true}
					}))
					assert.ErrorIs(t, err, sched.ErrCanceled)
				})
				testkit.Receive(t, g.polled, "first poll")
				release()
			}
			testkit.Receive(t, g.polled, "first poll")
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			assert.ErrorIs(t, rt.Shutdown(ctx), context.Canceled)
			wait()
			assert.True(t, g.dropped())
		})
	}
}

func TestAwaitWithForeignContextPanics(t *testing.T) {
	assert.PanicsWithValue(t, "pilfer: Await with a Context of another executor (<nil>)", func() {
		_, _ = sched.Await(waker.NewContext(waker.Noop()), future.Ready(1))
	})
}

// The values of a task are in force in what it awaits, and not in the tasks that
// run meanwhile.
func TestAwaitKeepsLocals(t *testing.T) {
	rt := newRuntime(t, 1)
	name := future.NewLocal[string]("name")
	get := func(cx *future.Context) future.Poll[string] {
		v, _ := name.Get(cx)
		return future.Of(v)
	}
	var other sched.JoinHandle[string]
	awaits := future.FromFunc(func(cx *future.Context) future.Poll[string] {
		other = sched.Spawn(cx, future.Future[string](future.FromFunc(get)))
		inside, err := sched.Await(cx, future.Then(future.YieldNow(), func(struct{}) future.Future[string] {
			return future.FromFunc(get)
		}))
		if err != nil {
			return future.Fail[string](err)
		}
		return future.Of(inside)
	})
	require.Equal(t, "a", value(t, sched.Spawn(rt, future.Scoped(name, "a", future.Future[string](awaits)))))
	require.Empty(t, value(t, other))
}
