// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// autoClock jumps from timer to timer.
func autoClock() *timer.Clock {
	c := timer.NewClock(epoch)
	c.AutoAdvance(true)
	return c
}

// TestAutoAdvanceOnPool: a day passes in no time, and each timer at its own moment,
// whoever waits in which way.
func TestAutoAdvanceOnPool(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			clock := autoClock()
			rt := newRuntime(t, 2, append(k.opts, sched.Clock(clock))...)
			var seen []time.Duration
			value(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
				for _, d := range []time.Duration{time.Hour, time.Nanosecond, 24 * time.Hour} {
					if _, err := sched.Await(cx, timer.Sleep(d)); err != nil {
						return 0, err
					}
					seen = append(seen, clock.Now().Sub(epoch))
				}
				return 0, nil
			}))
			assert.Equal(t, []time.Duration{time.Hour, time.Hour + 1, 25*time.Hour + 1}, seen)

			_, err := sched.BlockOn(testkit.Within(t), rt, timer.Sleep(time.Hour))
			require.NoError(t, err)
			assert.Equal(t, 26*time.Hour+1, clock.Now().Sub(epoch))
			require.NoError(t, rt.Run(testkit.Within(t), func(cx *sched.Context) error {
				_, err := sched.Await(cx, timer.Timeout(future.Pending[int](), time.Hour))
				assert.Equal(t, timer.ErrTimeout, err)
				return nil
			}))
			assert.Equal(t, 27*time.Hour+1, clock.Now().Sub(epoch))
			value(t, sched.Spawn(rt, timer.Sleep(time.Minute)))
			assert.Equal(t, 27*time.Hour+time.Minute+1, clock.Now().Sub(epoch))
		})
	}
}

// TestTimeStandsWhileSomethingRuns: neither a task nor a blocking function sees the
// clock jump.
func TestTimeStandsWhileSomethingRuns(t *testing.T) {
	clock := autoClock()
	rt := newRuntime(t, 2, sched.Clock(clock))
	slept := sched.Spawn(rt, timer.Sleep(time.Hour)) // after the other's end, or before its start
	go func() { _, _ = slept.Wait(context.Background()) }()
	for range 20 {
		h := sched.SpawnBlocking(rt, func(context.Context) (time.Duration, error) {
			start := clock.Now()
			time.Sleep(2 * time.Millisecond) // what a clock that does not wait would use to jump
			return clock.Now().Sub(start), nil
		})
		sched.Spawn(rt, timer.Sleep(time.Minute))
		assert.Zero(t, value(t, h))
	}
}

// TestWhoBeginsWaitsForAJump: whatever begins while the clock is about to jump, as nothing
// runs, reads the time after it.
func TestWhoBeginsWaitsForAJump(t *testing.T) {
	ctx := testkit.Within(t)
	blockOn := func(rt *sched.Runtime, f func()) error {
		_, err := sched.BlockOn(ctx, rt, future.Lazy(func() (int, error) { f(); return 0, nil }))
		return err
	}
	for name, begin := range map[string]func(rt *sched.Runtime, f func()) error{
		"a task": func(rt *sched.Runtime, f func()) error {
			_, err := sched.Go(rt, func(*sched.Context) (int, error) { f(); return 0, nil }).Wait(ctx)
			return err
		},
		"a guest": func(rt *sched.Runtime, f func()) error {
			return rt.Run(ctx, func(*sched.Context) error { f(); return nil })
		},
		"a future that its caller polls": blockOn,
		"a future that its caller polls beside guests": func(rt *sched.Runtime, f func()) error {
			for range 2 {
				go func() { _ = rt.Run(ctx, func(*sched.Context) error { return nil }) }()
			}
			for until := time.Now().Add(time.Second); rt.Parked() > 0 && time.Now().Before(until); {
				runtime.Gosched()
			}
			return blockOn(rt, f)
		},
		"a blocking function": func(rt *sched.Runtime, f func()) error {
			_, err := sched.SpawnBlocking(rt, func(context.Context) (int, error) { f(); return 0, nil }).Wait(ctx)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := autoClock()
			rt := newRuntime(t, 2, sched.Clock(clock))
			testkit.Eventually(t, "the workers sleep", func() bool { return rt.Parked() == 2 })
			var read time.Time
			done := make(chan error, 1)
			require.True(t, clock.IdleIf(func() timer.Instant {
				go func() { done <- begin(rt, func() { read = clock.Now() }) }()
				time.Sleep(2 * time.Millisecond) // what it would use to read the clock too early
				return clock.Instant() + timer.Instant(time.Hour)
			}))
			require.NoError(t, testkit.Receive(t, done, name))
			assert.Equal(t, epoch.Add(time.Hour), read)
		})
	}
}

// TestTimeGoesOnWhileSomethingWaits: whoever is counted as busy outside and waits for a
// task does not hold the clock, however often it is counted.
func TestTimeGoesOnWhileSomethingWaits(t *testing.T) {
	hour := func() future.Future[struct{}] { return timer.Sleep(time.Hour) }
	wait := func(rt *sched.Runtime) error {
		_, err := sched.Spawn(rt, hour()).Wait(context.Background())
		return err
	}
	t.Run("a blocking function", func(t *testing.T) {
		rt := newRuntime(t, 1, sched.Clock(autoClock()))
		value(t, sched.SpawnBlocking(rt, func(context.Context) (int, error) { return 0, wait(rt) }))
	})
	t.Run("a task that its caller polls", func(t *testing.T) {
		rt := newRuntime(t, 1, sched.Clock(autoClock()))
		release := occupy(t, rt, 1)
		value(t, sched.GoWith(rt, func(*sched.Context) (int, error) {
			release() // it is polled beside the workers
			return 0, wait(rt)
		}, sched.Anywhere()))
	})
	t.Run("a future that its caller polls", func(t *testing.T) {
		rt := newRuntime(t, 1, sched.Clock(autoClock()))
		_, err := sched.BlockOn(testkit.Within(t), rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			_, err := sched.Await(cx, hour())
			return future.Poll[int]{Err: err, Ready: true}
		}))
		require.NoError(t, err)
	})
	t.Run("jobs that a task drives", func(t *testing.T) {
		rt := newRuntime(t, 1, sched.Clock(autoClock()))
		value(t, sched.Go(rt, func(cx *sched.Context) (int, error) {
			p := future.NewPromise[struct{}]()
			sched.Go(cx, func(cx *sched.Context) (int, error) {
				_, err := sched.Await(cx, hour())
				p.Resolve(struct{}{})
				return 0, err
			})
			return 0, rt.Drive(context.Background(), nil, p.Future())
		}))
	})
}

func TestAutoAdvanceSetLate(t *testing.T) {
	clock := timer.NewClock(epoch)
	rt := newRuntime(t, 2, sched.Clock(clock))
	h := sched.Spawn(rt, timer.Sleep(time.Hour))
	for sched.ArmedTimers(rt) == 0 {
		time.Sleep(time.Millisecond)
	}
	clock.AutoAdvance(true)
	value(t, h)
	assert.Equal(t, epoch.Add(time.Hour), clock.Now())
}

// TestClockByHandOnPool: nothing comes by itself, and Advance lets come what is due.
func TestClockByHandOnPool(t *testing.T) {
	clock := timer.NewClock(epoch)
	rt := newRuntime(t, 2, sched.Clock(clock))
	early, late := sched.Spawn(rt, timer.Sleep(time.Hour)), sched.Spawn(rt, timer.Sleep(time.Hour+1))
	for sched.ArmedTimers(rt) < 2 {
		time.Sleep(time.Millisecond)
	}
	clock.Advance(time.Hour)
	value(t, early)
	assert.False(t, late.IsFinished())
	assert.Equal(t, 1, sched.ArmedTimers(rt))
	clock.Resume() // it runs on with the system's
	value(t, late)
	clock.Pause()
	now := clock.Now()
	assert.Greater(t, now, epoch.Add(time.Hour).Add(-1))
	assert.Equal(t, now, clock.Now())
}

func TestCloseWithAutoAdvance(t *testing.T) {
	clock := autoClock()
	rt, err := sched.New(sched.Workers(2), sched.Clock(clock))
	require.NoError(t, err)
	h := sched.Spawn(rt, timer.Sleep(time.Hour))
	done := make(chan error, 1)
	go func() { done <- rt.Close() }()
	require.NoError(t, testkit.Receive(t, done, "Close"))
	value(t, h)
	clock.Advance(1) // it has forgotten the runtime
	_, err = sched.New(sched.Clock(clock), sched.Workers(-1))
	assert.Error(t, err)
	other, err := sched.New(sched.Clock(clock), sched.Workers(1))
	require.NoError(t, err)
	require.NoError(t, other.Close())
}

// story is a program of tasks that sleep and write down when they woke.
func story(opts ...sched.Option) string {
	clock := autoClock()
	r := sched.NewRoundRobin(append(opts, sched.Clock(clock))...)
	var log string
	for i := range 5 {
		sched.Go(r, func(cx *sched.Context) (int, error) {
			for n := range 3 {
				_, _ = sched.Await(cx, timer.Sleep(time.Duration(1+(i*n)%3)*time.Hour))
				log += fmt.Sprintf("%d at %v, ", i, clock.Now().Sub(epoch))
			}
			return 0, nil
		})
		every := timer.Every(2 * time.Hour)
		sched.Spawn(r, timer.Timeout(future.Then(every.Tick(), func(at time.Time) future.Future[int] {
			log += fmt.Sprintf("tick %d at %v, ", i, at.Sub(epoch))
			return future.Map(every.Tick(), func(time.Time) int { log += fmt.Sprintf("tick %d, ", i); return 0 })
		}), time.Duration(i)*time.Hour))
	}
	r.Run()
	return log
}

// TestReplayBySeed: the same seed tells the same story, and other seeds others.
func TestReplayBySeed(t *testing.T) {
	plain := story()
	stories := map[string]uint64{plain: 0}
	for seed := range uint64(20) {
		told := story(sched.Seed(seed))
		require.Equal(t, told, story(sched.Seed(seed)), "seed %d", seed)
		stories[told] = seed
	}
	assert.Greater(t, len(stories), 10)
	assert.Equal(t, plain, story())
}

// TestRoundRobinRealTime: who waits for a task sleeps until its timer, and is woken by
// others before.
func TestRoundRobinRealTime(t *testing.T) {
	r := sched.NewRoundRobin()
	sched.Spawn(r, timer.Sleep(time.Hour))
	assert.Zero(t, r.Run())
	assert.True(t, r.Waiting())
	h := sched.Spawn(r, sleepFor(5*time.Millisecond))
	v, err := h.Wait(testkit.Within(t))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, v, 5*time.Millisecond)

	p := future.NewPromise[int]()
	var polled point.Bool
	f := p.Future()
	foreign := sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		got := f.Poll(cx)
		polled.Store(true)
		return got
	}))
	wait := testkit.Background(t, func() {
		for !polled.Load() {
			time.Sleep(time.Millisecond)
		}
		p.Resolve(3)
	})
	n, err := foreign.Wait(testkit.Within(t))
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = sched.Spawn(r, timer.Sleep(time.Hour)).Wait(ctx)
	assert.ErrorIs(t, err, context.DeadlineExceeded)

	still := sched.NewRoundRobin(sched.Clock(timer.NewClock(epoch)))
	_, err = sched.Spawn(still, timer.Sleep(1)).Wait(testkit.Within(t))
	assert.ErrorIs(t, err, sched.ErrStalled)
}

// A wait in the middle of a poll rests, whoever makes the poll: a guest, a caller beside
// busy workers, a task that calls BlockOn, a node that is driven.
func TestAutoAdvanceWithWaitsInPolls(t *testing.T) {
	sleepy := func() future.Future[int] {
		return future.FromFunc(func(cx *sched.Context) future.Poll[int] {
			for range 3 {
				if _, err := sched.Await(cx, timer.Sleep(time.Hour)); err != nil {
					return future.Fail[int](err)
				}
			}
			return future.Of(3)
		})
	}
	for _, n := range []int{1, 2} {
		clock := autoClock()
		rt, err := sched.New(sched.Workers(n), sched.Clock(clock))
		require.NoError(t, err)
		three := func(v int, err error) {
			t.Helper()
			require.NoError(t, err)
			require.Equal(t, 3, v)
		}
		ctx := testkit.Within(t)
		for range 10 {
			three(sched.BlockOn(ctx, rt, sleepy()))
			three(sched.Go(rt, func(*sched.Context) (int, error) { return sched.BlockOn(ctx, rt, sleepy()) }).Wait(ctx))
			three(sched.BlockOn(ctx, rt, future.Async(func(y *future.Await) (int, error) {
				_, err := future.Get(y, timer.Sleep(time.Hour))
				return 3, err
			})))
			require.NoError(t, rt.Run(ctx, func(cx *sched.Context) error {
				three(sched.Await(cx, sleepy()))
				return nil
			}))

			// Beside workers that are busy until the caller sleeps.
			held, let := make(chan bool, n), make(chan bool)
			for range n {
				sched.Go(rt, func(*sched.Context) (int, error) { held <- true; <-let; return 0, nil })
			}
			for range n {
				testkit.Receive(t, held, "a worker")
			}
			three(sched.BlockOn(ctx, rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				close(let)
				return sleepy().Poll(cx)
			})))
		}
		require.Equal(t, 10*(3+3+1+3+3)*time.Hour, clock.Now().Sub(epoch))
		require.NoError(t, rt.Close())
	}
}
