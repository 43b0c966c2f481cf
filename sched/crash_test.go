// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

func goexit() { runtime.Goexit() }

// silent is a log for tests that provoke reports.
func silent() sched.Option {
	return sched.Watchdog(0, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// poolGoesOn checks that all workers still run tasks.
func poolGoesOn(t *testing.T, rt *sched.Runtime) {
	t.Helper()
	occupy(t, rt, rt.Workers())()
	assert.Equal(t, 1, value(t, sched.Spawn(rt, future.Ready(1))))
}

func TestPanicInTask(t *testing.T) {
	rt := newRuntime(t, 2)
	for range 20 {
		var p *sched.PanicError
		require.ErrorAs(t, failure(t, sched.Go(rt, func(*sched.Context) (int, error) { panic("oh") })), &p)
		assert.Equal(t, "oh", p.Value)
		assert.Contains(t, string(p.Stack), "TestPanicInTask")
	}
	poolGoesOn(t, rt)
}

func TestPanicWithErrorUnwraps(t *testing.T) {
	rt := newRuntime(t, 1)
	err := failure(t, sched.Go(rt, func(*sched.Context) (int, error) { panic(io.ErrUnexpectedEOF) }))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NoError(t, errors.Unwrap(&sched.PanicError{Value: 3}))
	var nilPanic *runtime.PanicNilError
	assert.ErrorAs(t, failure(t, sched.Go(rt, func(*sched.Context) (int, error) { panic(nil) })), &nilPanic)
}

// TestGoexitInTask: more often than loops may be nested in one goroutine.
func TestGoexitInTask(t *testing.T) {
	rt := newRuntime(t, 2)
	for range 50 {
		assert.ErrorIs(t, failure(t, sched.Go(rt, func(*sched.Context) (int, error) { goexit(); return 0, nil })), sched.ErrGoexit)
	}
	poolGoesOn(t, rt)
}

// TestCrashInNestedTask: a task that runs on top of a waiting one crashes. A panic
// is its own; Goexit takes the goroutine from under both.
func TestCrashInNestedTask(t *testing.T) {
	for _, depth := range []int{1, 3} {
		rt := newRuntime(t, 1)
		var nest func(depth int, crash func()) func(*sched.Context) (error, error)
		nest = func(depth int, crash func()) func(*sched.Context) (error, error) {
			return func(cx *sched.Context) (error, error) {
				if depth == 0 {
					crash()
				}
				inner := sched.Go(cx, nest(depth-1, crash))
				first, err := inner.Wait(testkit.Within(t))
				return errors.Join(first, err), nil
			}
		}
		var p *sched.PanicError
		assert.ErrorAs(t, value(t, sched.Go(rt, nest(depth, func() { panic("oh") }))), &p)
		assert.ErrorIs(t, failure(t, sched.Go(rt, nest(depth, goexit))), sched.ErrGoexit)
		poolGoesOn(t, rt)
	}
}

// TestCrashDropsTheFuture: what the future holds is given back.
func TestCrashDropsTheFuture(t *testing.T) {
	rt := newRuntime(t, 1)
	for name, crash := range map[string]func(){"panic": func() { panic("oh") }, "Goexit": goexit} {
		g := newGate()
		h := sched.Spawn(rt, future.Join[int, int](g, future.Lazy(func() (int, error) { crash(); return 0, nil })))
		require.Error(t, failure(t, h))
		assert.True(t, g.dropped(), name)
	}
}

// A badDrop waits for ever and crashes when it is dropped.
type badDrop struct {
	future.Future[int]
	crash func()
}

func (b badDrop) Drop() { b.crash() }

func TestCrashInDrop(t *testing.T) {
	rt := newRuntime(t, 2)
	for range 20 {
		g := newGate()
		h := sched.Spawn(rt, future.Future[int](badDrop{g, func() { panic("oh") }}))
		testkit.Receive(t, g.polled, "first poll")
		h.Abort()
		var p *sched.PanicError
		require.ErrorAs(t, failure(t, h), &p)

		g = newGate()
		h = sched.Spawn(rt, future.Future[int](badDrop{g, goexit}))
		testkit.Receive(t, g.polled, "first poll")
		h.Abort()
		assert.ErrorIs(t, failure(t, h), sched.ErrGoexit)

		// Both crash: the first counts.
		lazy := future.Lazy(func() (int, error) { panic("first") })
		h = sched.Spawn(rt, future.Future[int](badDrop{lazy, func() { panic("second") }}))
		require.ErrorAs(t, failure(t, h), &p)
		assert.Equal(t, "first", p.Value)
		h = sched.Spawn(rt, future.Future[int](badDrop{future.Lazy(func() (int, error) { panic("first") }), goexit}))
		require.ErrorAs(t, failure(t, h), &p)
	}
	poolGoesOn(t, rt)
}

func TestCrashInBlockingFunction(t *testing.T) {
	rt := newRuntime(t, 1, sched.MaxBlocking(1))
	for range 5 {
		var p *sched.PanicError
		require.ErrorAs(t, failure(t, sched.SpawnBlocking(rt, func(context.Context) (int, error) { panic("oh") })), &p)
		assert.Equal(t, "oh", p.Value)
		h := sched.SpawnBlocking(rt, func(context.Context) (int, error) { goexit(); return 0, nil })
		assert.ErrorIs(t, failure(t, h), sched.ErrGoexit)
	}
	assert.Equal(t, 1, value(t, sched.SpawnBlocking(rt, func(context.Context) (int, error) { return 1, nil })))
}

// TestCrashInWaker: a waker must not panic. If one does, those behind it in the
// list are told all the same, and the task keeps its result.
func TestCrashInWaker(t *testing.T) {
	for name, crash := range map[string]func(){"panic": func() { panic("oh") }, "Goexit": goexit} {
		t.Run(name, func(t *testing.T) {
			rt := newRuntime(t, 1, silent())
			g := newGate()
			h := sched.Spawn(rt, future.Future[int](g))
			testkit.Receive(t, g.polled, "first poll")
			var told []int
			last := make(chan struct{})
			for i := range 5 {
				cx := waker.NewContext(waker.Func(func() {
					told = append(told, i)
					if i == 4 {
						close(last)
					}
					if i%2 == 1 {
						crash()
					}
				}))
				assert.False(t, h.Poll(cx).Ready)
			}
			g.open()
			testkit.Receive(t, last, "the last waker")
			assert.Equal(t, []int{0, 1, 2, 3, 4}, told)
			assert.Equal(t, 2, value(t, h))
			poolGoesOn(t, rt)
		})
	}
}

// TestCrashInWakerOfCrashedTask: both at once must not take the process down.
func TestCrashInWakerOfCrashedTask(t *testing.T) {
	rt := newRuntime(t, 1, silent())
	start := make(chan struct{})
	h := sched.Go(rt, func(*sched.Context) (int, error) { <-start; panic("oh") })
	h.Poll(waker.NewContext(waker.Func(func() { panic("waker") })))
	close(start)
	var p *sched.PanicError
	require.ErrorAs(t, failure(t, h), &p)
	assert.Equal(t, "oh", p.Value)
	poolGoesOn(t, rt)
}
