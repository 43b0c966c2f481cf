// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func next[T any](t *testing.T, s *sched.JoinSet[T]) T {
	t.Helper()
	h, err := s.Next(testkit.Within(t))
	require.NoError(t, err)
	return value(t, h)
}

func TestJoinSetInOrderOfCompletion(t *testing.T) {
	rt := newRuntime(t, 1)
	s := sched.NewJoinSet[int](rt)
	gates := []*gate{newGate(), newGate(), newGate()}
	for i, g := range gates {
		s.Spawn(rt, future.Map(future.Future[int](g), func(int) int { return i }))
	}
	assert.Equal(t, 3, s.Len())
	for _, i := range []int{2, 0, 1} {
		testkit.Receive(t, gates[i].polled, "first poll")
		gates[i].open()
		assert.Equal(t, i, next(t, s))
	}
	assert.Zero(t, s.Len())
	_, err := s.Next(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrEmpty)
}

func TestJoinSetAbortAll(t *testing.T) {
	rt := newRuntime(t, 2)
	s := sched.NewJoinSet[int](rt)
	for range 20 {
		s.Spawn(rt, future.Future[int](newGate()))
	}
	s.AbortAll()
	for range 20 {
		h, err := s.Next(testkit.Within(t))
		require.NoError(t, err)
		assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
	}
	_, err := s.Next(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrEmpty)
}

func TestJoinSetInsideTask(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		assert.Equal(t, 45, value(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
			s := sched.NewJoinSet[int](rt)
			for i := range 10 {
				s.Go(cx, func(*sched.Context) (int, error) { return i, nil })
			}
			sum := 0
			for range 5 {
				sum += next(t, s)
			}
			for range 5 { // the same as a future
				h, err := sched.Await(cx, s.NextFuture())
				if err != nil {
					return 0, err
				}
				sum += value(t, h)
			}
			return sum, nil
		})))
	}
}

// TestJoinSetWaiterThatGivesUp: it must not swallow the wake of another.
func TestJoinSetWaiterThatGivesUp(t *testing.T) {
	rt := newRuntime(t, 1)
	s := sched.NewJoinSet[int](rt)
	g, other := newGate(), newGate()
	s.Spawn(rt, future.Future[int](g))
	s.Spawn(rt, future.Future[int](other)) // so that the set does not become empty
	testkit.Receive(t, g.polled, "first poll")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 3 {
		_, err := s.Next(ctx)
		assert.ErrorIs(t, err, context.Canceled)
	}
	patient, registered := s.NextFuture(), make(chan struct{})
	h := sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[sched.JoinHandle[int]] {
		p := patient.Poll(cx)
		if !p.Ready {
			close(registered)
		}
		return p
	}))
	testkit.Receive(t, registered, "the patient waiter")
	g.open()
	assert.Equal(t, 2, value(t, value(t, h)))
}

// TestJoinSetManyWaiters: as many as tasks, and some too many.
func TestJoinSetManyWaiters(t *testing.T) {
	rt := newRuntime(t, 2)
	s := sched.NewJoinSet[int](rt)
	gates := make([]*gate, 10)
	for i := range gates {
		gates[i] = newGate()
		s.Spawn(rt, future.Future[int](gates[i]))
		testkit.Receive(t, gates[i].polled, "first poll")
	}
	errs := make(chan error, 15)
	for range 15 {
		go func() { _, err := s.Next(testkit.Within(t)); errs <- err }()
	}
	for _, g := range gates {
		g.open()
	}
	got, empty := 0, 0
	for range 15 {
		if err := testkit.Receive(t, errs, "Next"); err == nil {
			got++
		} else {
			assert.ErrorIs(t, err, sched.ErrEmpty)
			empty++
		}
	}
	assert.Equal(t, [2]int{10, 5}, [2]int{got, empty})
}
