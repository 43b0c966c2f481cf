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

// steps returns a task that writes its name in each of n polls.
func steps(log *[]string, name string, n int) future.Future[int] {
	return future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		*log = append(*log, name)
		if n--; n > 0 {
			cx.Wake()
			return future.Wait[int]()
		}
		return future.Of(0)
	})
}

func TestRoundRobinOrder(t *testing.T) {
	for range 3 { // the same every time
		r := sched.NewRoundRobin()
		var log []string
		sched.Spawn(r, steps(&log, "a", 3))
		sched.Spawn(r, steps(&log, "b", 1))
		sched.Go(r, func(cx *sched.Context) (int, error) {
			log = append(log, "c")
			sched.Spawn(cx, steps(&log, "d", 2))
			return 0, nil
		})
		assert.Empty(t, log, "polled before Run")
		assert.Equal(t, 4, r.Run())
		assert.Equal(t, []string{"a", "b", "c", "a", "d", "a", "d"}, log)
		assert.Zero(t, r.Run())
		assert.False(t, r.Waiting())
	}
}

// TestRoundRobinForeignWakes: tasks go on in the order in which they were woken.
func TestRoundRobinForeignWakes(t *testing.T) {
	r := sched.NewRoundRobin()
	var log []int
	var wakers []waker.Waker
	for i := range 10 {
		first := true
		sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			if first {
				first = false
				wakers = append(wakers, cx.Waker())
				return future.Wait[int]()
			}
			log = append(log, i)
			return future.Of(i)
		}))
	}
	assert.Zero(t, r.Run())
	assert.True(t, r.Waiting())
	testkit.Background(t, func() {
		for _, i := range []int{3, 1, 4, 1, 5, 9, 2, 6} {
			wakers[i].WakeByRef()
		}
	})()
	assert.Equal(t, 7, r.Run())
	assert.Equal(t, []int{3, 1, 4, 5, 9, 2, 6}, log)
	assert.True(t, r.Waiting())
}

func TestRoundRobinWaitDrives(t *testing.T) {
	r := sched.NewRoundRobin()
	h := sched.Spawn(r, future.Map(sched.YieldNow(), func(struct{}) int { return 5 }))
	assert.Equal(t, 5, value(t, h))
	stuck := sched.Spawn(r, future.Future[int](newGate()))
	_, err := stuck.Wait(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrStalled)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = stuck.Wait(ctx)
	assert.ErrorIs(t, err, context.Canceled)
	assert.True(t, stuck.Abort())
	assert.Equal(t, 1, r.Run())
	_, err = stuck.Wait(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrCanceled)
}

// TestRoundRobinWaitsInside: Wait and Await inside tasks run the others, and
// leave the task its own Context.
func TestRoundRobinWaitsInside(t *testing.T) {
	r := sched.NewRoundRobin()
	own := newGate()
	h := sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		if own.polls.Load() == 0 {
			v, err := sched.Spawn(cx, future.Map(sched.YieldNow(), func(struct{}) int { return 1 })).Wait(context.Background())
			assert.NoError(t, err)
			w, err := sched.Await(cx, future.Map(sched.YieldNow(), func(struct{}) int { return 2 }))
			assert.NoError(t, err)
			assert.Equal(t, 3, v+w)
		}
		return own.Poll(cx)
	}))
	r.Run()
	assert.False(t, h.IsFinished())
	own.open()
	r.Run()
	assert.True(t, h.IsFinished(), "the task gave away another's waker")
}

func TestRoundRobinAwaitStalls(t *testing.T) {
	r := sched.NewRoundRobin()
	g := newGate()
	h := sched.Go(r, func(cx *sched.Context) (int, error) { return sched.Await(cx, future.Future[int](g)) })
	r.Run()
	_, err := h.Wait(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrStalled)
	assert.True(t, g.dropped())
}

func TestRoundRobinCrash(t *testing.T) {
	r := sched.NewRoundRobin()
	h := sched.Go(r, func(*sched.Context) (int, error) { panic("oh") })
	after := sched.Spawn(r, future.Ready(1))
	assert.Equal(t, 2, r.Run())
	var p *sched.PanicError
	_, err := h.Wait(testkit.Within(t))
	require.ErrorAs(t, err, &p)
	assert.True(t, after.IsFinished())

	gone := sched.Go(r, func(*sched.Context) (int, error) { goexit(); return 0, nil })
	testkit.Background(t, func() { r.Run() })() // ends the goroutine that runs it
	_, err = gone.Wait(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrGoexit)
}

// TestRoundRobinScope: a scope inside a task of the simple executor.
func TestRoundRobinScope(t *testing.T) {
	r := sched.NewRoundRobin()
	sum := 0
	h := sched.Go(r, func(cx *sched.Context) (int, error) {
		return 0, sched.Scope(context.Background(), cx, func(s *sched.TaskScope) error {
			for i := range 5 {
				s.Go(func(*sched.Context) error { sum += i; return nil })
			}
			return nil
		})
	})
	assert.Equal(t, 6, r.Run())
	assert.NoError(t, failure(t, h))
	assert.Equal(t, 10, sum)

	g := newGate() // nothing will open it
	h = sched.Go(r, func(cx *sched.Context) (int, error) {
		return 0, sched.Scope(context.Background(), cx, func(s *sched.TaskScope) error {
			sched.SpawnIn(s, future.Future[int](g))
			return nil
		})
	})
	r.Run()
	assert.ErrorIs(t, failure(t, h), sched.ErrStalled)
	assert.True(t, g.dropped(), "the scope was left before its task")
}

func TestRoundRobinBlocking(t *testing.T) {
	r := sched.NewRoundRobin()
	boom := errors.New("boom")
	h := sched.SpawnBlocking(r, func(context.Context) (int, error) { return 0, boom })
	for !h.IsFinished() {
		r.Run()
	}
	_, err := h.Wait(testkit.Within(t))
	assert.ErrorIs(t, err, boom)
}
