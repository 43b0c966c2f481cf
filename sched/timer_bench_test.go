// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

const million = 1_000_000

// BenchmarkTimerArm makes and arms a million timers with times between one and two
// hours, in random order; BenchmarkTimerCancel takes them back, in the order in
// which they were armed. Beside them time.AfterFunc and its Stop.
func BenchmarkTimerArm(b *testing.B)    { armAndCancel(b, true) }
func BenchmarkTimerCancel(b *testing.B) { armAndCancel(b, false) }

func armAndCancel(b *testing.B, arm bool) {
	rng := rand.New(rand.NewPCG(1, 0))
	spans := make([]time.Duration, million)
	for i := range spans {
		spans[i] = time.Hour + time.Duration(rng.Int64N(int64(time.Hour)))
	}
	measure := func(b *testing.B, armOne, cancelOne func(i int)) {
		b.ReportAllocs()
		var before, after runtime.MemStats
		var bytes uint64
		var took time.Duration
		n := 0
		for b.Loop() {
			runtime.ReadMemStats(&before)
			start := time.Now()
			for i := range spans {
				armOne(i)
			}
			if arm {
				took += time.Since(start)
			}
			runtime.ReadMemStats(&after)
			bytes += after.TotalAlloc - before.TotalAlloc
			start = time.Now()
			for i := range spans {
				cancelOne(i)
			}
			if !arm {
				took += time.Since(start)
			}
			n += len(spans)
		}
		b.ReportMetric(float64(took.Nanoseconds())/float64(n), "ns/timer")
		if arm {
			b.ReportMetric(float64(bytes)/float64(n), "B/timer")
		}
	}
	b.Run("pilfer", func(b *testing.B) {
		rt := newRuntime(b, 2)
		require.NoError(b, rt.Run(context.Background(), func(cx *sched.Context) error {
			fs := make([]future.Future[struct{}], len(spans))
			measure(b, func(i int) {
				fs[i] = timer.Sleep(spans[i])
				fs[i].Poll(cx)
			}, func(i int) { future.Drop(fs[i]) })
			return nil
		}))
	})
	b.Run("time.AfterFunc", func(b *testing.B) {
		ts := make([]*time.Timer, len(spans))
		nothing := func() {}
		measure(b, func(i int) { ts[i] = time.AfterFunc(spans[i], nothing) }, func(i int) { ts[i].Stop() })
	})
}

// BenchmarkTimerArmCancel is the life of most timeouts: armed, and taken back at
// once.
func BenchmarkTimerArmCancel(b *testing.B) {
	b.Run("pilfer", func(b *testing.B) {
		rt := newRuntime(b, 2)
		require.NoError(b, rt.Run(context.Background(), func(cx *sched.Context) error {
			b.ReportAllocs()
			for b.Loop() {
				f := timer.Sleep(time.Minute)
				f.Poll(cx)
				future.Drop(f)
			}
			return nil
		}))
	})
	b.Run("time.AfterFunc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			time.AfterFunc(time.Minute, func() {}).Stop()
		}
	})
}

// fireWithin arms n timers, to fire within span once all are armed, and returns how
// late they were, sorted. arm lets a timer write that down.
func fireWithin(n int, span time.Duration, arm func(*delay)) []time.Duration {
	rng := rand.New(rand.NewPCG(1, 0))
	begin := time.Now().Add(time.Duration(n) * 2 * time.Microsecond)
	delays := make([]delay, n)
	for i := range delays {
		delays[i].at = begin.Add(time.Duration(rng.Int64N(int64(span))))
		arm(&delays[i])
	}
	time.Sleep(time.Until(begin.Add(span)))
	late := make([]time.Duration, n)
	for i := range delays {
		for late[i] = time.Duration(delays[i].late.Load()); late[i] == 0; late[i] = time.Duration(delays[i].late.Load()) {
			time.Sleep(time.Millisecond)
		}
	}
	slices.Sort(late)
	return late
}

// A delay is how late a timer was, once it has fired.
type delay struct {
	late point.Int64
	at   time.Time
}

func (d *delay) fired() { d.late.Store(int64(time.Since(d.at))) }

// A sleeper is a task that waits for one timer.
type sleeper struct {
	future.Future[struct{}]
	d *delay
}

func (s *sleeper) Poll(cx *sched.Context) future.Poll[struct{}] {
	p := s.Future.Poll(cx)
	if p.Ready {
		s.d.fired()
	}
	return p
}

func (s *sleeper) Drop() { future.Drop(s.Future) }

// BenchmarkTimerFire lets a million timers fire within a second, and reports how
// late.
func BenchmarkTimerFire(b *testing.B) {
	measure := func(b *testing.B, arm func(*delay)) {
		var late []time.Duration
		for b.Loop() {
			runtime.GC()
			late = fireWithin(million, time.Second, arm)
		}
		for _, p := range []struct {
			name string
			at   float64
		}{{"p50", 0.5}, {"p99", 0.99}, {"max", 1}} {
			b.ReportMetric(late[int(p.at*(million-1))].Seconds()*1000, p.name+"-ms")
		}
	}
	for _, o := range []struct {
		name string
		opts []sched.Option
	}{{"pilfer", nil}, {"pilfer-unlocked", []sched.Option{sched.LockThreads(false)}}} {
		b.Run(o.name, func(b *testing.B) {
			rt := newRuntime(b, 2, o.opts...)
			measure(b, func(d *delay) { sched.Spawn(rt, future.Future[struct{}](&sleeper{timer.SleepUntil(d.at), d})) })
		})
	}
	b.Run("time.AfterFunc", func(b *testing.B) {
		measure(b, func(d *delay) { time.AfterFunc(time.Until(d.at), d.fired) })
	})
}

// BenchmarkTimerPark spawns a million tasks that sleep, and reports the time until
// all wait, and the bytes that each takes.
func BenchmarkTimerPark(b *testing.B) {
	for b.Loop() {
		rt := newRuntime(b, 2)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start := time.Now()
		value(b, sched.Go(rt, func(cx *sched.Context) (int, error) {
			for i := range million {
				sched.Spawn(cx, timer.Sleep(time.Hour+time.Duration(i)*time.Millisecond))
			}
			return 0, nil
		}))
		for rt.Metrics().Started < million+1 {
			time.Sleep(time.Millisecond)
		}
		took := time.Since(start)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(took.Seconds()*1000, "ms")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/million, "B/sleep")
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		require.ErrorIs(b, rt.Shutdown(ctx), context.Canceled)
	}
}
