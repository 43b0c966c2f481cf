// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// after is ready when d has passed.
func after(d time.Duration) future.Future[time.Time] {
	p := future.NewPromise[time.Time]()
	f, started := p.Future(), false
	return future.FromFunc(func(cx *sched.Context) future.Poll[time.Time] {
		if !started {
			started = true
			time.AfterFunc(d, func() { p.Resolve(time.Now()) })
		}
		return f.Poll(cx)
	})
}

// TestVirtualTime is a user's test: an hour passes in no time.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := sched.New(sched.Workers(2))
		require.NoError(t, err)
		start := time.Now()
		hour := sched.Spawn(rt, after(time.Hour))
		day := sched.Go(rt, func(cx *sched.Context) (time.Time, error) { return sched.Await(cx, after(24*time.Hour)) })

		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err = hour.Wait(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start))

		at, err := hour.Wait(context.Background())
		require.NoError(t, err)
		assert.Equal(t, time.Hour, at.Sub(start))
		synctest.Wait()
		assert.False(t, day.IsFinished())

		require.NoError(t, rt.Close()) // waits for the day
		assert.True(t, day.IsFinished())
		assert.Equal(t, 24*time.Hour, time.Since(start))
	})
}

func TestVirtualTimeShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := sched.New(sched.Workers(1))
		require.NoError(t, err)
		never := sched.Spawn(rt, future.Future[int](newGate()))
		blocked := sched.SpawnBlocking(rt, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		start := time.Now()
		assert.ErrorIs(t, rt.Shutdown(ctx), context.DeadlineExceeded)
		assert.Equal(t, 5*time.Second, time.Since(start))
		for _, h := range []sched.JoinHandle[int]{never, blocked} {
			_, err := h.Wait(context.Background())
			assert.ErrorIs(t, err, sched.ErrCanceled)
		}
	})
}
