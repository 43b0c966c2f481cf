// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

func TestFlow(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		f := graph.NewFlow(t.Context(), rt, "f", graph.StopRun)
		var order point.Int32
		var all []graph.Dep
		var tasks []*graph.Task[int32]
		for i := range 200 {
			before := slices.Clone(all[max(0, i-3):])
			task := graph.Submit(f, "", func(context.Context) (int32, error) {
				for _, b := range before {
					if v, err := b.(*graph.Task[int32]).Value(); err != nil || v == 0 {
						t.Error("ran before ", b)
					}
				}
				return order.Inc(), nil
			}, before...)
			all, tasks = append(all, task), append(tasks, task)
		}
		require.NoError(t, f.Wait(t.Context()))
		for i, task := range tasks {
			v, err := task.Value()
			require.NoError(t, err)
			require.EqualValues(t, i+1, v)
		}
		require.Panics(t, func() { graph.Submit(f, "late", constant(1)) })
	})
}

func TestFlowFails(t *testing.T) {
	rt := newRuntime(t, 2)
	broken := errors.New("broken")
	f := graph.NewFlow(t.Context(), rt, "f", graph.StopDependents)
	a := graph.Submit(f, "a", func(context.Context) (int, error) { return 0, broken })
	b := graph.Submit(f, "b", constant(1), a)
	c := graph.Submit(f, "c", constant(2))
	d := graph.Submit(f, "d", func(context.Context) (int, error) { panic("oops") }, c)
	err := f.Wait(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "graph f: node a: broken")
	var crash *sched.PanicError
	require.ErrorAs(t, err, &crash)
	_, err = b.Value()
	require.ErrorIs(t, err, graph.ErrSkipped)
	v, err := c.Value()
	require.NoError(t, err)
	require.Equal(t, 2, v)
	_, err = d.Value()
	require.ErrorAs(t, err, &crash)

	closed, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	f = graph.NewFlow(t.Context(), closed, "f", graph.StopRun)
	graph.Submit(f, "a", constant(1))
	require.ErrorIs(t, f.Wait(t.Context()), sched.ErrClosed)
}
