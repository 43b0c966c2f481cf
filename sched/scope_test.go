// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// inEveryPlace calls f with spawners outside and inside, with one and two workers.
func inEveryPlace(t *testing.T, f func(t *testing.T, at sched.Spawner)) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		t.Run("outside", func(t *testing.T) { f(t, rt) })
		t.Run("guest", func(t *testing.T) {
			require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error { f(t, cx); return nil }))
		})
		t.Run("task", func(t *testing.T) {
			value(t, sched.Go(rt, func(cx *sched.Context) (int, error) { f(t, cx); return 0, nil }))
		})
	}
}

func TestScopeWaitsForItsTasks(t *testing.T) {
	inEveryPlace(t, func(t *testing.T, at sched.Spawner) {
		var ran point.Int32
		require.NoError(t, sched.Scope(testkit.Within(t), at, func(s *sched.TaskScope) error {
			for range 100 { // enough that the list of tasks is cleaned
				s.Go(func(*sched.Context) error {
					sched.SpawnIn(s, future.Lazy(func() (int, error) { ran.Inc(); return 0, nil }))
					ran.Inc()
					return nil
				})
			}
			return nil
		}))
		assert.EqualValues(t, 200, ran.Load())
	})
}

func TestScopeFirstFailureAbortsTheOthers(t *testing.T) {
	inEveryPlace(t, func(t *testing.T, at sched.Spawner) {
		var gates []*gate
		err := sched.Scope(testkit.Within(t), at, func(s *sched.TaskScope) error {
			for range 50 {
				g := newGate()
				gates = append(gates, g)
				sched.SpawnIn(s, future.Future[int](g))
			}
			s.Go(func(*sched.Context) error { return errFirst })
			return nil
		})
		assert.ErrorIs(t, err, errFirst)
		for _, g := range gates {
			assert.True(t, g.dropped(), "Scope was left before its task")
		}
	})
}

func TestScopeBodyFails(t *testing.T) {
	inEveryPlace(t, func(t *testing.T, at sched.Spawner) {
		g := newGate()
		assert.ErrorIs(t, sched.Scope(testkit.Within(t), at, func(s *sched.TaskScope) error {
			sched.SpawnIn(s, future.Future[int](g))
			return errFirst
		}), errFirst)
		assert.True(t, g.dropped())

		g = newGate()
		assert.PanicsWithValue(t, "oh", func() {
			_ = sched.Scope(testkit.Within(t), at, func(s *sched.TaskScope) error {
				sched.SpawnIn(s, future.Future[int](g))
				panic("oh")
			})
		})
		assert.True(t, g.dropped())

		var p *sched.PanicError
		assert.ErrorAs(t, sched.Scope(testkit.Within(t), at, func(s *sched.TaskScope) error {
			s.Go(func(*sched.Context) error { panic("in a task") })
			return nil
		}), &p)
	})
}

func TestScopeEndsWithContext(t *testing.T) {
	rt := newRuntime(t, 2)
	ctx, cancel := context.WithCancelCause(context.Background())
	g := newGate()
	wait := testkit.Background(t, func() {
		assert.ErrorIs(t, sched.Scope(ctx, rt, func(s *sched.TaskScope) error {
			sched.SpawnIn(s, future.Future[int](g))
			return nil
		}), errFirst)
	})
	testkit.Receive(t, g.polled, "first poll")
	cancel(errFirst)
	wait()
	assert.True(t, g.dropped())
	assert.ErrorIs(t, sched.Scope(ctx, rt, func(*sched.TaskScope) error { t.Error("called"); return nil }), errFirst)
}

func TestScopeLeft(t *testing.T) {
	rt := newRuntime(t, 1)
	var left *sched.TaskScope
	require.NoError(t, sched.Scope(testkit.Within(t), rt, func(s *sched.TaskScope) error { left = s; return nil }))
	assert.PanicsWithValue(t, "pilfer: spawn in a TaskScope whose Scope has returned",
		func() { left.Go(func(*sched.Context) error { return nil }) })
	assert.Zero(t, left.Active(), "a Scope that is about to return would wait for it")
}
