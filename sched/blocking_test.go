// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestSpawnBlockingIsBounded(t *testing.T) {
	const bound = 3
	rt := newRuntime(t, 1, sched.MaxBlocking(bound))
	var now, most point.Int32
	var order []int
	var mu sync.Mutex
	on := make(chan struct{}, 100)
	off := make(chan struct{})
	var handles []sched.JoinHandle[int]
	for i := range 20 {
		handles = append(handles, sched.SpawnBlocking(rt, func(context.Context) (int, error) {
			n := now.Inc()
			mu.Lock()
			most.Store(max(most.Load(), n))
			order = append(order, i)
			mu.Unlock()
			on <- struct{}{}
			<-off
			now.Dec()
			return i, nil
		}))
	}
	for range bound {
		testkit.Receive(t, on, "a function")
	}
	// The worker is free for tasks.
	poolGoesOn(t, rt)
	assert.Equal(t, 20, rt.Metrics().Blocking)
	close(off)
	for i, h := range handles {
		assert.Equal(t, i, value(t, h))
	}
	assert.LessOrEqual(t, most.Load(), int32(bound))
	assert.Len(t, order, 20)
	require.NoError(t, rt.Close())
	assert.Zero(t, rt.Metrics().Blocking)
}

func TestSpawnBlockingAbort(t *testing.T) {
	rt := newRuntime(t, 1, sched.MaxBlocking(1))
	on, ended := make(chan struct{}), make(chan struct{})
	running := sched.SpawnBlocking(rt, func(ctx context.Context) (int, error) {
		close(on)
		<-ctx.Done()
		close(ended)
		return 1, nil
	})
	testkit.Receive(t, on, "the function")
	called := false
	waiting := sched.SpawnBlocking(rt, func(context.Context) (int, error) { called = true; return 1, nil })
	waiting.Abort()
	assert.ErrorIs(t, failure(t, waiting), sched.ErrCanceled)
	running.Abort()
	assert.ErrorIs(t, failure(t, running), sched.ErrCanceled)
	testkit.Receive(t, ended, "the end of the function's context")
	require.NoError(t, rt.Close())
	assert.False(t, called, "nobody wants the result of an aborted function")
}

// TestSpawnBlockingFromInside: tasks at one worker wait for functions that wait
// for each other.
func TestSpawnBlockingFromInside(t *testing.T) {
	rt := newRuntime(t, 1)
	sum := value(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
		ch := make(chan int)
		a := sched.SpawnBlocking(cx, func(context.Context) (int, error) { return <-ch, nil })
		b := sched.SpawnBlocking(cx, func(context.Context) (int, error) { ch <- 20; return 1, nil })
		x, err := sched.Await(cx, a)
		if err != nil {
			return 0, err
		}
		y, err := b.Wait(testkit.Within(t))
		return x + y, err
	}))
	assert.Equal(t, 21, sum)
}
