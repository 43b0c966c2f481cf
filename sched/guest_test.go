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
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

func TestRunReturnsError(t *testing.T) {
	rt := newRuntime(t, 1)
	boom := errors.New("boom")
	assert.ErrorIs(t, rt.Run(testkit.Within(t), func(*sched.Context) error { return boom }), boom)
	assert.NoError(t, rt.Run(testkit.Within(t), func(*sched.Context) error { return nil }))
}

// TestRunWaitsInside: with one worker the guest must make way for others.
func TestRunWaitsInside(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
			sum := 0
			for i := range 5 {
				sum += value(t, sched.Go(cx, func(*sched.Context) (int, error) { return i, nil }))
			}
			// From outside: the guest does not run it itself.
			sum += value(t, sched.Go(rt, func(*sched.Context) (int, error) { return 100, nil }))
			assert.Equal(t, 110, sum)
			return nil
		}))
	}
}

// TestRunNested: Run inside Run, inside tasks, and waits in between.
func TestRunNested(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		var down func(depth int, cx *sched.Context) error
		calls := 0
		down = func(depth int, cx *sched.Context) error {
			calls++
			if depth == 0 {
				return nil
			}
			h := sched.Go(cx, func(*sched.Context) (int, error) { return depth, nil })
			if err := rt.Run(testkit.Within(t), func(cx *sched.Context) error { return down(depth-1, cx) }); err != nil {
				return err
			}
			assert.Equal(t, depth, value(t, h))
			return nil
		}
		require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error { return down(10, cx) }))
		value(t, sched.Go(rt, func(cx *sched.Context) (int, error) { return 0, down(10, cx) }))
		assert.Equal(t, 22, calls)
	}
}

// TestRunWhileAllWorkersAreBusy: the call is queued.
func TestRunWhileAllWorkersAreBusy(t *testing.T) {
	rt := newRuntime(t, 1)
	release := occupy(t, rt, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, rt.Run(ctx, func(*sched.Context) error { return nil }), context.Canceled)
	var ran point.Bool
	wait := testkit.Background(t, func() {
		assert.NoError(t, rt.Run(testkit.Within(t), func(*sched.Context) error { ran.Store(true); return nil }))
	})
	assert.False(t, ran.Load())
	release()
	wait()
	assert.True(t, ran.Load())
}

func TestRunPanicAndGoexit(t *testing.T) {
	rt := newRuntime(t, 1)
	var p *sched.PanicError
	require.ErrorAs(t, rt.Run(testkit.Within(t), func(*sched.Context) error { panic("oh") }), &p)
	assert.Equal(t, "oh", p.Value)
	testkit.Background(t, func() {
		err := rt.Run(testkit.Within(t), func(*sched.Context) error { goexit(); return nil })
		assert.ErrorIs(t, err, sched.ErrGoexit) // the call was queued; else the caller has ended
	})()
	// The place is free again.
	assert.Equal(t, 1, value(t, sched.Spawn(rt, future.Ready(1))))
	require.NoError(t, rt.Run(testkit.Within(t), func(*sched.Context) error { return nil }))
}

// TestEnterIsRefused: where Call would wait, fail, or be a plain call.
func TestEnterIsRefused(t *testing.T) {
	refused := func(rt *sched.Runtime) bool {
		w, ok := rt.Enter()
		if ok {
			w.Leave()
		}
		return !ok
	}
	rt := newRuntime(t, 2)
	testkit.Eventually(t, "a worker parks", func() bool { return !refused(rt) })
	require.False(t, refused(rt), "the place was left")
	require.NoError(t, rt.Run(testkit.Within(t), func(*sched.Context) error {
		assert.True(t, refused(rt), "inside")
		return nil
	}))
	release := occupy(t, rt, 2)
	require.True(t, refused(rt), "all are busy")
	release()
	require.NoError(t, rt.Close())
	require.True(t, refused(rt), "closed")
	require.True(t, refused(new(sched.Runtime)))
}

// TestEnteredPlaceIsAWorkers: what is forked there is shared, and nobody sits there as well.
func TestEnteredPlaceIsAWorkers(t *testing.T) {
	rt := newRuntime(t, 1)
	var w *workers.Worker
	testkit.Eventually(t, "the worker parks", func() (ok bool) { w, ok = rt.Enter(); return ok })
	h := sched.Go(rt, func(*sched.Context) (int, error) { return 7, nil })
	a, b := workers.Join(w, func(*workers.Worker, int) bool { return h.IsFinished() }, 0,
		func(w *workers.Worker, _ int) *workers.Worker { return w }, 0)
	assert.False(t, a)
	assert.Same(t, w, b)
	w.Leave()
	assert.Equal(t, 7, value(t, h))
}

// TestGuestsAndWorkersAreNeverTooMany counts who runs at once.
func TestGuestsAndWorkersAreNeverTooMany(t *testing.T) {
	const workers = 3
	rt := newRuntime(t, workers)
	var now, most point.Int32
	work := func() {
		n := now.Inc()
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		now.Dec()
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 300 {
				assert.NoError(t, rt.Run(context.Background(), func(cx *sched.Context) error {
					sched.Go(cx, func(*sched.Context) (int, error) { work(); return 0, nil })
					work()
					return nil
				}))
			}
		})
	}
	wg.Wait()
	require.NoError(t, rt.Close())
	assert.LessOrEqual(t, most.Load(), int32(workers))
}
