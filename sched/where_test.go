// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

func TestWhere(t *testing.T) {
	rt := newRuntime(t, 2)
	ctx := context.Background()
	w, at, err := sched.Where(rt)
	require.NoError(t, err)
	require.Nil(t, w)
	require.Same(t, rt, at)
	_, err = sched.Go(rt, func(cx *sched.Context) (int, error) {
		return sched.Call(ctx, cx, func(mine *workers.Worker) (int, error) {
			for _, from := range []sched.Spawner{cx, mine} {
				w, at, err := sched.Where(from)
				require.NoError(t, err)
				require.Same(t, mine, w)
				require.Same(t, rt, at)
			}
			return 0, nil
		})
	}).Wait(ctx)
	require.NoError(t, err)

	rr := sched.NewRoundRobin()
	_, _, err = sched.Where(rr)
	require.ErrorIs(t, err, sched.ErrNoWorker)

	closed, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	_, _, err = sched.Where(closed)
	require.ErrorIs(t, err, sched.ErrClosed)
}
