// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// A groupLike is what errgroup.Group and sched.Group have in common: all of it.
type groupLike interface {
	Go(func() error)
	TryGo(func() error) bool
	SetLimit(int)
	Wait() error
}

var (
	_ groupLike = (*errgroup.Group)(nil)
	_ groupLike = (*sched.Group)(nil)
)

var (
	errFirst  = errors.New("first")
	errSecond = errors.New("second")
)

// groupFacts hold for both.
var groupFacts = map[string]func(*testing.T, groupLike, context.Context){
	"nothing to wait for": func(t *testing.T, g groupLike, ctx context.Context) {
		assert.NoError(t, g.Wait())
		assert.ErrorIs(t, context.Cause(ctx), context.Canceled)
	},
	"all run": func(t *testing.T, g groupLike, _ context.Context) {
		var n point.Int32
		for range 100 {
			g.Go(func() error { n.Inc(); return nil })
		}
		assert.NoError(t, g.Wait())
		assert.EqualValues(t, 100, n.Load())
	},
	"the first error cancels and is returned": func(t *testing.T, g groupLike, ctx context.Context) {
		g.Go(func() error { return errFirst })
		g.Go(func() error { <-ctx.Done(); return errSecond })
		assert.ErrorIs(t, g.Wait(), errFirst)
		assert.ErrorIs(t, context.Cause(ctx), errFirst)
	},
	"a group can be used again": func(t *testing.T, g groupLike, _ context.Context) {
		g.Go(func() error { return nil })
		assert.NoError(t, g.Wait())
		g.Go(func() error { return errFirst })
		assert.ErrorIs(t, g.Wait(), errFirst)
		assert.ErrorIs(t, g.Wait(), errFirst, "the error stays")
	},
	"limit": func(t *testing.T, g groupLike, _ context.Context) {
		g.SetLimit(2)
		var now, most point.Int32
		for range 50 {
			g.Go(func() error {
				n := now.Inc()
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				now.Dec()
				return nil
			})
		}
		assert.NoError(t, g.Wait())
		assert.LessOrEqual(t, most.Load(), int32(2))
	},
	"TryGo at the limit": func(t *testing.T, g groupLike, _ context.Context) {
		g.SetLimit(1)
		off := make(chan struct{})
		assert.True(t, g.TryGo(func() error { <-off; return nil }))
		assert.False(t, g.TryGo(func() error { t.Error("ran over the limit"); return nil }))
		close(off)
		assert.NoError(t, g.Wait())
		assert.True(t, g.TryGo(func() error { return nil }))
		assert.NoError(t, g.Wait())
	},
	"no limit": func(t *testing.T, g groupLike, _ context.Context) {
		g.SetLimit(0)
		assert.False(t, g.TryGo(func() error { return nil }))
		g.SetLimit(-1)
		assert.True(t, g.TryGo(func() error { return nil }))
		assert.NoError(t, g.Wait())
	},
	"SetLimit while functions are active": func(t *testing.T, g groupLike, _ context.Context) {
		off := make(chan struct{})
		g.SetLimit(2)
		g.Go(func() error { <-off; return nil })
		assert.Panics(t, func() { g.SetLimit(3) })
		close(off)
		assert.NoError(t, g.Wait())
	},
	"many wait": func(t *testing.T, g groupLike, _ context.Context) {
		off := make(chan struct{})
		g.Go(func() error { <-off; return errFirst })
		one := testkit.Background(t, func() { assert.ErrorIs(t, g.Wait(), errFirst) })
		two := testkit.Background(t, func() { assert.ErrorIs(t, g.Wait(), errFirst) })
		close(off)
		one()
		two()
	},
}

func TestGroupIsLikeErrgroup(t *testing.T) {
	for name, fact := range groupFacts {
		t.Run(name, func(t *testing.T) {
			t.Run("errgroup", func(t *testing.T) {
				g, ctx := errgroup.WithContext(context.Background())
				fact(t, g, ctx)
			})
			t.Run("pilfer", func(t *testing.T) {
				g, ctx := newRuntime(t, 2).WithContext(context.Background())
				fact(t, g, ctx)
			})
		})
	}
}

func TestGroupWithoutContext(t *testing.T) {
	g := newRuntime(t, 1).Group()
	g.Go(func() error { return errFirst })
	assert.ErrorIs(t, g.Wait(), errFirst)
}

func TestGroupPanicAndGoexit(t *testing.T) {
	rt := newRuntime(t, 1)
	g, ctx := rt.WithContext(context.Background())
	g.Go(func() error { panic("oh") })
	var p *sched.PanicError
	require.ErrorAs(t, g.Wait(), &p)
	assert.ErrorAs(t, context.Cause(ctx), &p)
	g = rt.Group()
	g.Go(func() error { goexit(); return nil })
	assert.ErrorIs(t, g.Wait(), sched.ErrGoexit)
	poolGoesOn(t, rt)
}

// TestGroupLimitInsideTasks: functions that start others at the limit, with one
// worker. errgroup deadlocks here.
func TestGroupLimitInsideTasks(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers)
		g := rt.Group()
		g.SetLimit(2)
		var ran point.Int32
		var tree func(depth int) func() error
		tree = func(depth int) func() error {
			return func() error {
				ran.Inc()
				for range 3 {
					if depth > 0 {
						g.Go(tree(depth - 1))
					}
				}
				return nil
			}
		}
		g.Go(tree(4))
		assert.NoError(t, g.Wait())
		assert.EqualValues(t, 121, ran.Load())

		// A crash of a function that ran inline comes back too.
		g = rt.Group()
		g.SetLimit(1)
		g.Go(func() error {
			g.Go(func() error { panic("oh") })
			return nil
		})
		var p *sched.PanicError
		require.ErrorAs(t, g.Wait(), &p)
	}
}

// TestGroupWaitInsideTasks: nested groups with one worker.
func TestGroupWaitInsideTasks(t *testing.T) {
	rt := newRuntime(t, 1)
	var ran point.Int32
	var nest func(depth int) error
	nest = func(depth int) error {
		ran.Inc()
		if depth == 0 {
			return nil
		}
		g := rt.Group()
		for range 2 {
			g.Go(func() error { return nest(depth - 1) })
		}
		return g.Wait()
	}
	require.NoError(t, rt.Run(testkit.Within(t), func(*sched.Context) error { return nest(6) }))
	value(t, sched.Go(rt, func(*sched.Context) (int, error) { return 0, nest(6) }))
	assert.EqualValues(t, 2*127, ran.Load())
}
