// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestHandleOfFinishedTask(t *testing.T) {
	rt := newRuntime(t, 1)
	h := sched.Spawn(rt, future.Ready(1))
	value(t, h)
	assert.True(t, h.IsFinished())
	assert.False(t, h.Abort(), "abort of a task that is done")
	testkit.Receive(t, h.Done(), "Done after the end")
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	v, err := h.Wait(canceled) // the result counts, not the context
	assert.NoError(t, err)
	assert.Equal(t, 1, v)
}

func TestHandleWaitEndsWithContext(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	testkit.Receive(t, g.polled, "first poll")
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	wait := testkit.Background(t, func() {
		_, err := h.Wait(ctx)
		assert.ErrorIs(t, err, gone)
	})
	cancel(gone)
	wait()
	assert.False(t, h.IsFinished(), "the task goes on")
	g.open()
	assert.Equal(t, 2, value(t, h))
}

// TestHandleManyWaiters lets goroutines, tasks and channels wait for one task.
func TestHandleManyWaiters(t *testing.T) {
	rt := newRuntime(t, 2)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	testkit.Receive(t, g.polled, "first poll")
	var wg, waiting sync.WaitGroup
	for range 20 {
		wg.Go(func() { value(t, h) })
		wg.Go(func() { testkit.Receive(t, h.Done(), "Done") })
	}
	var tasks []sched.JoinHandle[int]
	for range 20 {
		waiting.Add(1)
		first := sync.OnceFunc(waiting.Done)
		tasks = append(tasks, sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			p := h.Poll(cx)
			first()
			return p
		})))
	}
	waiting.Wait()
	g.open()
	for _, task := range tasks {
		assert.Equal(t, 2, value(t, task))
	}
	wg.Wait()
}

// TestHandleDoneIsOneChannel: a loop may ask for it in every round.
func TestHandleDoneIsOneChannel(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	assert.Equal(t, h.Done(), h.Done())
	g.open()
	testkit.Receive(t, h.Done(), "Done")
}

func TestHandleIDs(t *testing.T) {
	rt := newRuntime(t, 1)
	seen := map[uint64]bool{}
	var keep []sched.JoinHandle[int]
	for range 1000 {
		h := sched.Spawn(rt, future.Ready(1))
		keep = append(keep, h)
		assert.False(t, seen[h.ID()])
		seen[h.ID()] = true
	}
	assert.Equal(t, keep[3].ID(), keep[3].ID())
}

func TestAbortQueuedTask(t *testing.T) {
	rt := newRuntime(t, 1)
	release := occupy(t, rt, 1)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	assert.True(t, h.Abort())
	assert.False(t, h.Abort(), "second abort")
	release()
	assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
	assert.ErrorIs(t, failure(t, h), context.Canceled)
	assert.Zero(t, g.polls.Load())
	assert.True(t, g.dropped())
}

func TestAbortQueuedTaskFromInside(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	inner := value(t, sched.Go(rt, func(cx *sched.Context) (sched.JoinHandle[int], error) {
		h := sched.Spawn(cx, future.Future[int](g))
		h.Abort()
		return h, nil
	}))
	assert.ErrorIs(t, failure(t, inner), sched.ErrCanceled)
	assert.Zero(t, g.polls.Load())
	assert.True(t, g.dropped())
}

func TestAbortWaitingTask(t *testing.T) {
	rt := newRuntime(t, 2)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	testkit.Receive(t, g.polled, "first poll")
	assert.True(t, h.Abort())
	assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
	assert.True(t, g.dropped())
	g.open() // a wake after the end is harmless
}

// TestAbortRunningTask: a poll under way ends, and its result counts; if there
// is none, the task is torn down.
func TestAbortRunningTask(t *testing.T) {
	for _, ready := range []bool{true, false} {
		rt := newRuntime(t, 2)
		on, off := make(chan struct{}), make(chan struct{})
		g := newGate()
		h := sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			on <- struct{}{}
			<-off
			if ready {
				return future.Of(9)
			}
			return g.Poll(cx)
		}))
		testkit.Receive(t, on, "poll")
		assert.True(t, h.Abort())
		assert.False(t, h.IsFinished())
		close(off)
		if ready {
			assert.Equal(t, 9, value(t, h))
		} else {
			assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
			assert.EqualValues(t, 1, g.polls.Load())
		}
	}
}

func TestAbortYieldingTask(t *testing.T) {
	rt := newRuntime(t, 1)
	on := make(chan struct{}, 1)
	h := sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		select {
		case on <- struct{}{}:
		default:
		}
		cx.Wake()
		return future.Wait[int]()
	}))
	testkit.Receive(t, on, "poll")
	h.Abort()
	assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
}

// TestDroppedHandleDetaches: nobody holds the handle, and the task ends all the
// same.
func TestDroppedHandleDetaches(t *testing.T) {
	rt := newRuntime(t, 1)
	done := make(chan struct{})
	g := newGate()
	sched.Spawn(rt, future.Map(future.Future[int](g), func(int) int { close(done); return 0 }))
	testkit.Receive(t, g.polled, "first poll")
	g.open()
	testkit.Receive(t, done, "task")
}

func TestHandleIsAFuture(t *testing.T) {
	rt := newRuntime(t, 2)
	one, two := sched.Spawn(rt, future.Ready(1)), newGate()
	h := sched.Spawn(rt, future.Join[int, int](one, sched.Spawn(rt, future.Future[int](two))))
	testkit.Receive(t, two.polled, "first poll")
	two.open()
	got, err := h.Wait(testkit.Within(t))
	require.NoError(t, err)
	assert.Equal(t, future.Pair[int, int]{First: 1, Second: 2}, got)
}

// A poll may be ready with both: the error takes nothing from the value.
func TestValueBesideError(t *testing.T) {
	rt := newRuntime(t, 1)
	boom := errors.New("boom")
	h := sched.Go(rt, func(*sched.Context) (int, error) { return 7, boom })
	for range 2 { // and they stay
		got, err := h.Wait(context.Background())
		require.Equal(t, 7, got)
		require.Same(t, boom, err)
	}
}
