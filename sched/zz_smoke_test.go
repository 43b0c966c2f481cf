package sched_test

import (
	"context"
	"testing"
	"time"
	"sync/atomic"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

func TestSmoke(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	if err != nil {
		t.Fatal(err)
	}
	h := sched.Go(rt, func(cx *sched.Context) (int, error) { return 42, nil })
	v, err := h.Wait(context.Background())
	if v != 42 || err != nil {
		t.Fatal(v, err)
	}
	var n atomic.Int64
	err = rt.Run(context.Background(), func(cx *sched.Context) error {
		for range 100000 {
			sched.Go(cx, func(cx *sched.Context) (int, error) { n.Add(1); return 0, nil })
		}
		return nil
	})
	for range 100000 {
		sched.Go(rt, func(cx *sched.Context) (int, error) { n.Add(1); return 0, nil })
	}
	if err := rt.Close(); err != nil {
		t.Fatal(err)
	}
	if n.Load() != 200000 {
		t.Fatal(n.Load())
	}
	t.Logf("%+v", rt.Metrics())
}

func bench(b *testing.B, f func(b *testing.B, rt *sched.Runtime)) {
	for _, locked := range []bool{true, false} {
		for _, w := range []int{1, 2} {
			name := "locked"
			if !locked {
				name = "unlocked"
			}
			b.Run(name+string(rune('0'+w)), func(b *testing.B) {
				rt, err := sched.New(sched.Workers(w), sched.LockThreads(locked))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				f(b, rt)
				b.StopTimer()
				rt.Close()
			})
		}
	}
}

var sink *[12]*int

func BenchmarkBareAlloc(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink = new([12]*int)
	}
}

func BenchmarkSpawnInside(b *testing.B) {
	empty := future.FromFunc(func(cx *sched.Context) future.Poll[int] { return future.Of(0) })
	bench(b, func(b *testing.B, rt *sched.Runtime) {
		const batch = 1000
		for i := 0; i < b.N; i += batch {
			p := future.NewPromise[struct{}]()
			left := 0
			_ = left
			h := sched.Go(rt, func(cx *sched.Context) (int, error) {
				var last sched.JoinHandle[int]
				for range batch {
					last = sched.Spawn(cx, empty)
				}
				_ = last
				return 0, nil
			})
			h.Wait(context.Background())
			_ = p
		}
	})
}

func BenchmarkSpawnOutside(b *testing.B) {
	empty := future.FromFunc(func(cx *sched.Context) future.Poll[int] { return future.Of(0) })
	bench(b, func(b *testing.B, rt *sched.Runtime) {
		for i := 0; i < b.N; i++ {
			sched.Spawn(rt, empty)
		}
		rt.Close()
	})
}

func BenchmarkGoroutineJoin(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		done := make(chan struct{})
		go func() { close(done) }()
		<-done
	}
}

func BenchmarkYield(b *testing.B) {
	bench(b, func(b *testing.B, rt *sched.Runtime) {
		const tasks = 200
		each := b.N/tasks + 1
		hs := make([]sched.JoinHandle[int], tasks)
		for i := range hs {
			n := 0
			hs[i] = sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				if n++; n > each {
					return future.Of(0)
				}
				cx.Wake()
				return future.Wait[int]()
			}))
		}
		for _, h := range hs {
			h.Wait(context.Background())
		}
	})
}

func BenchmarkRunEmpty(b *testing.B) {
	bench(b, func(b *testing.B, rt *sched.Runtime) {
		for b.Loop() {
			rt.Run(context.Background(), func(cx *sched.Context) error { return nil })
		}
	})
}

func BenchmarkSpawnWait(b *testing.B) {
	bench(b, func(b *testing.B, rt *sched.Runtime) {
		for b.Loop() {
			sched.Go(rt, func(cx *sched.Context) (int, error) { return 0, nil }).Wait(context.Background())
		}
	})
}

func BenchmarkSpawnWaitIdle(b *testing.B) {
	bench(b, func(b *testing.B, rt *sched.Runtime) {
		var total time.Duration
		for b.Loop() {
			time.Sleep(500 * time.Microsecond)
			t := time.Now()
			sched.Go(rt, func(cx *sched.Context) (int, error) { return 0, nil }).Wait(context.Background())
			total += time.Since(t)
		}
		b.ReportMetric(float64(total)/float64(b.N), "ns/wait")
	})
}
