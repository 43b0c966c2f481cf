// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// sleepFor is a future of how long a sleep took.
func sleepFor(d time.Duration) future.Future[time.Duration] {
	var start time.Time
	f := timer.Sleep(d)
	return future.FromFunc(func(cx *sched.Context) future.Poll[time.Duration] {
		if start.IsZero() {
			start = time.Now()
		}
		if p := f.Poll(cx); !p.Ready {
			return future.Wait[time.Duration]()
		}
		return future.Of(time.Since(start))
	})
}

// kinds are the runtimes that timers are tested on.
var kinds = []struct {
	name string
	opts []sched.Option
}{
	{"locked", nil},
	{"unlocked", []sched.Option{sched.LockThreads(false)}},
}

func TestSleepInTask(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			rt := newRuntime(t, 2, k.opts...)
			var hs []sched.JoinHandle[time.Duration]
			ds := []time.Duration{0, time.Microsecond, time.Millisecond, 30 * time.Millisecond, -time.Second}
			for _, d := range ds {
				hs = append(hs, sched.Spawn(rt, sleepFor(d)))
			}
			for i, h := range hs {
				assert.GreaterOrEqual(t, value(t, h), max(ds[i], 0))
			}
			took := value(t, sched.Go(rt, func(cx *sched.Context) (time.Duration, error) {
				return sched.Await(cx, sleepFor(5*time.Millisecond))
			}))
			assert.GreaterOrEqual(t, took, 5*time.Millisecond)
			took, err := sched.BlockOn(testkit.Within(t), rt, sleepFor(5*time.Millisecond))
			require.NoError(t, err)
			assert.GreaterOrEqual(t, took, 5*time.Millisecond)
		})
	}
}

// TestEarlierTimerIsSeen: the timekeeper sleeps until a late timer when an early one
// is armed.
func TestEarlierTimerIsSeen(t *testing.T) {
	rt := newRuntime(t, 2)
	late := sched.Spawn(rt, timer.Sleep(time.Hour))
	for d := 400 * time.Millisecond; d > time.Millisecond; d /= 4 {
		value(t, sched.Spawn(rt, sleepFor(d)))
		value(t, sched.Spawn(rt, sleepFor(d/2)))
	}
	assert.False(t, late.IsFinished())
}

// TestBusyWorkersFireTimers: all workers run task after task and leave no P to anybody.
func TestBusyWorkersFireTimers(t *testing.T) {
	rt := newRuntime(t, runtime.GOMAXPROCS(0))
	var stop point.Bool
	for range rt.Workers() {
		sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			if stop.Load() {
				return future.Of(0)
			}
			cx.Wake()
			return future.Wait[int]()
		}))
	}
	for range 20 {
		value(t, sched.Spawn(rt, sleepFor(time.Millisecond)))
	}
	stop.Store(true)
}

// TestIdleRuntimeWithFarTimers makes no step of its own.
func TestIdleRuntimeWithFarTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rt, err := sched.New(sched.Workers(2))
		require.NoError(t, err)
		start := time.Now()
		var hs []sched.JoinHandle[time.Duration]
		for i := range 100 {
			hs = append(hs, sched.Spawn(rt, sleepFor(time.Duration(i+1)*time.Hour)))
		}
		for i, h := range hs {
			took, err := h.Wait(context.Background())
			require.NoError(t, err)
			assert.InDelta(t, time.Duration(i+1)*time.Hour, took, float64(time.Millisecond))
		}
		assert.InDelta(t, 100*time.Hour, time.Since(start), float64(time.Millisecond))
		// A runtime that looks at its timers every millisecond would have looked
		// 360 million times; each look is a sleep of the timekeeper.
		assert.Less(t, sched.TimekeeperLooks(rt), 100*20)
		require.NoError(t, rt.Close())
	})
}

func TestCloseWaitsForTimers(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	h := sched.Spawn(rt, sleepFor(20*time.Millisecond))
	require.NoError(t, rt.Close())
	assert.True(t, h.IsFinished())
	assert.GreaterOrEqual(t, value(t, h), 20*time.Millisecond)
}

// TestShutdownWithPendingTimers gives every handle an answer, and leaves no timer.
func TestShutdownWithPendingTimers(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	var hs []sched.JoinHandle[struct{}]
	for i := range 1000 {
		hs = append(hs, sched.Spawn(rt, timer.Sleep(time.Hour+time.Duration(i))))
	}
	hs = append(hs, sched.Spawn(rt, timer.Timeout(future.Pending[struct{}](), time.Hour)))
	awaits := sched.Go(rt, func(cx *sched.Context) (struct{}, error) { return sched.Await(cx, timer.Sleep(time.Hour)) })
	for sched.ArmedTimers(rt) < 1002 {
		runtime.Gosched()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, rt.Shutdown(ctx), context.Canceled)
	for _, h := range append(hs, awaits) {
		assert.ErrorIs(t, failure(t, h), sched.ErrCanceled)
	}
	assert.Equal(t, 0, sched.ArmedTimers(rt))
}

func TestTimersOfManyRuntimes(t *testing.T) {
	var all sync.WaitGroup
	for range 2*runtime.GOMAXPROCS(0) + 2 {
		all.Go(func() {
			rt, err := sched.New(sched.Workers(2))
			if !assert.NoError(t, err) {
				return
			}
			for range 5 {
				_, err := sched.Spawn(rt, timer.Sleep(time.Millisecond)).Wait(testkit.Within(t))
				assert.NoError(t, err)
			}
			assert.NoError(t, rt.Close())
		})
	}
	all.Wait()
}

// TestStressTimers: tasks sleep, time out, are aborted and woken by each other on
// runtimes that are closed or shut down meanwhile. Every handle gets an answer, and
// nothing is left armed.
func TestStressTimers(t *testing.T) {
	testkit.Stress(t, 700*time.Millisecond, func(rng *rand.Rand) {
		rt, err := sched.New(sched.Workers(1+rng.IntN(3)), sched.LockThreads(rng.IntN(2) == 0))
		require.NoError(t, err)
		var hs []sched.JoinHandle[int]
		var slept, over point.Int64
		n := 1 + rng.IntN(300)
		for range n {
			d := time.Duration(rng.IntN(3_000_000))
			switch rng.IntN(4) {
			case 0:
				hs = append(hs, sched.Spawn(rt, future.Map(timer.Sleep(d), func(struct{}) int { slept.Inc(); return 1 })))
			case 1:
				hs = append(hs, sched.Spawn(rt, timer.Timeout(future.Map(timer.Sleep(d), func(struct{}) int { slept.Inc(); return 1 }), d/2)))
			case 2:
				hs = append(hs, sched.Go(rt, func(cx *sched.Context) (int, error) {
					_, err := sched.Await(cx, timer.Sleep(d))
					return 1, err
				}))
			default:
				h := sched.Spawn(rt, future.Map(future.Race(timer.Sleep(d), timer.Sleep(time.Hour)), func(struct{}) int { over.Inc(); return 1 }))
				hs = append(hs, h)
				if rng.IntN(2) == 0 {
					h.Abort()
				}
			}
		}
		if rng.IntN(3) == 0 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rng.IntN(2_000_000)))
			_ = rt.Shutdown(ctx)
			cancel()
		} else {
			done := make(chan error, 1)
			go func() { done <- rt.Close() }()
			require.NoError(t, testkit.Receive(t, done, "Close"))
		}
		for _, h := range hs {
			require.True(t, h.IsFinished())
			_, err := h.Wait(context.Background())
			if err != nil && !isOneOf(err, sched.ErrCanceled, timer.ErrTimeout, sched.ErrClosed) {
				t.Errorf("unexpected: %v", err)
			}
		}
		require.Equal(t, 0, sched.ArmedTimers(rt))
	})
}

func isOneOf(err error, targets ...error) bool {
	for _, target := range targets {
		if err == target {
			return true
		}
	}
	return false
}

func ExampleClock() {
	clock := timer.NewClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	clock.AutoAdvance(true)
	r := sched.NewRoundRobin(sched.Clock(clock), sched.Seed(1))
	h := sched.Spawn(r, timer.Timeout(timer.Sleep(365*24*time.Hour), time.Minute))
	_, err := h.Wait(context.Background())
	fmt.Println(clock.Now(), err)
	// Output: 2030-01-01 00:01:00 +0000 UTC timer: the time is over
}
