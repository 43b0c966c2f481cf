// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

// The task is woken after the caller has polled it once, and before the caller
// sleeps; the only worker is busy until the answer has come.
func TestAnywhereWokenBeforeCallerSleeps(t *testing.T) {
	rt, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	var stop point.Bool
	started := make(chan struct{})
	busy := sched.Go(rt, func(*sched.Context) (int, error) {
		close(started)
		for !stop.Load() {
			runtime.Gosched() // a long computation
		}
		return 0, nil
	})
	<-started
	for n := range 20 {
		p := future.NewPromise[int]()
		inner, asked := p.Future(), false
		h := sched.SpawnWith(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			got := inner.Poll(cx)
			if !asked {
				asked = true
				p.Resolve(n) // a wake in the middle of the poll
			}
			return got
		}), sched.Anywhere())
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		got, err := h.Wait(ctx)
		cancel()
		require.NoError(t, err, "the caller slept on a task that it could have polled")
		require.Equal(t, n, got)
	}
	stop.Store(true)
	_, err = busy.Wait(context.Background())
	require.NoError(t, err)
	require.NoError(t, rt.Close())
}
