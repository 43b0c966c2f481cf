// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// A slotTask yields once and is done, again and again.
type slotTask struct{ polls int }

func (s *slotTask) Poll(cx *sched.Context) future.Poll[int] {
	if s.polls++; s.polls%2 == 1 {
		cx.Wake()
		return future.Wait[int]()
	}
	return future.Of(1)
}

// BenchmarkStatic spawns tasks that yield once, and runs them to their end, 64 at a
// time: ns and allocations for each task, in a static executor, a round-robin one, a
// pool with one worker, and with goroutines and a channel in between.
func BenchmarkStatic(b *testing.B) {
	const slots = 64
	var tasks [slots]slotTask
	b.Run("static", func(b *testing.B) {
		s := newStatic(b, slots)
		var handles [slots]sched.StaticTask[int]
		b.ReportAllocs()
		b.ResetTimer()
		for n := 0; n < b.N; n += slots {
			for i := range tasks {
				h, err := s.Spawn(&tasks[i])
				if err != nil {
					b.Fatal(err)
				}
				handles[i] = h
			}
			s.Run()
			for _, h := range handles {
				if !h.Take().Ready {
					b.Fatal("not done")
				}
			}
		}
	})
	b.Run("roundrobin", func(b *testing.B) {
		r := sched.NewRoundRobin()
		b.ReportAllocs()
		b.ResetTimer()
		for n := 0; n < b.N; n += slots {
			for i := range tasks {
				sched.Spawn(r, future.Future[int](&tasks[i]))
			}
			if r.Run() != slots {
				b.Fatal("not done")
			}
		}
	})
	b.Run("pool", func(b *testing.B) {
		rt := newRuntime(b, 1)
		b.ReportAllocs()
		b.ResetTimer()
		s := &spawner{left: b.N, spawn: func(cx *sched.Context, i int) sched.JoinHandle[int] {
			return sched.Spawn(cx, future.Future[int](&slotTask{}))
		}}
		_, err := sched.Spawn(rt, future.Future[int](s)).Wait(testkit.Within(b))
		require.NoError(b, err)
	})
	b.Run("goroutine", func(b *testing.B) {
		b.ReportAllocs()
		done := make(chan int, slots)
		for n := 0; n < b.N; n += slots {
			for range slots {
				go func() {
					// As the task: one turn, then another.
					done <- 1
				}()
			}
			for range slots {
				<-done
			}
		}
	})
}
