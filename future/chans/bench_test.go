// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// benchRuntime returns a runtime for a benchmark.
func benchRuntime(b *testing.B) *sched.Runtime {
	rt, err := sched.New()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rt.Shutdown(testkit.Ended()) })
	return rt
}

func finish(b *testing.B, h sched.JoinHandle[none]) {
	if _, err := h.Wait(context.Background()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOneShot creates, sends and receives in one task. What waits is kept elsewhere, as
// a task would keep it; else it would be on the stack.
func BenchmarkOneShot(b *testing.B) {
	cx, _ := newContext()
	b.Run("pilfer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s, r := chans.OneShot[int]()
			kept.receiver = r
			_ = s.SendIn(cx, 1)
			kept.receiver.Poll(cx)
		}
	})
	b.Run("on the stack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s, r := chans.OneShot[int]()
			_ = s.SendIn(cx, 1)
			r.Poll(cx)
		}
	})
	b.Run("promise", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := future.NewPromise[int]()
			kept.promised = p.Future()
			p.ResolveIn(cx, 1)
			kept.promised.Poll(cx)
		}
	})
	b.Run("go", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			kept.channel = make(chan int, 1)
			kept.channel <- 1
			<-kept.channel
		}
	})
}

// kept is where BenchmarkOneShot keeps what it waits for.
var kept struct {
	receiver *chans.OneReceiver[int]
	promised future.Future[int]
	channel  chan int
}

// BenchmarkHop is one message from a running task to another: a fresh channel each
// time, answered by another.
func BenchmarkHop(b *testing.B) {
	b.Run("pilfer", func(b *testing.B) {
		rt := benchRuntime(b)
		b.ReportAllocs()
		b.ResetTimer()
		finish(b, sched.Spawn(rt, future.Future[none](&pair{left: b.N / 2})))
	})
	b.Run("go", func(b *testing.B) {
		b.ReportAllocs()
		ask := make(chan chan int, 1)
		go func() {
			for answer := range ask {
				answer <- 1
			}
		}()
		for range b.N / 2 {
			answer := make(chan int, 1)
			ask <- answer
			<-answer
		}
		close(ask)
	})
}

// A pair spawns an echo and asks it again and again.
type pair struct {
	left   int
	ask    *chans.Chan[*chans.OneSender[int]]
	answer *chans.OneReceiver[int]
}

func (p *pair) Poll(cx *future.Context) future.Poll[none] {
	if p.ask == nil {
		p.ask = chans.MPSC[*chans.OneSender[int]](1)
		sched.Spawn(cx, future.Future[none](&echo{ask: p.ask}))
	}
	for {
		if p.answer != nil {
			if !p.answer.Poll(cx).Ready {
				return future.Wait[none]()
			}
			p.answer = nil
		}
		if p.left == 0 {
			p.ask.Close()
			return future.Of(none{})
		}
		p.left--
		s, r := chans.OneShot[int]()
		p.answer = r
		_ = p.ask.TrySendIn(cx, s)
	}
}

// An echo answers.
type echo struct {
	ask   *chans.Chan[*chans.OneSender[int]]
	entry waker.Entry
}

func (e *echo) Poll(cx *future.Context) future.Poll[none] {
	for {
		p := e.ask.PollRecv(cx, &e.entry)
		switch {
		case !p.Ready:
			return future.Wait[none]()
		case p.Err != nil:
			return future.Of(none{})
		}
		_ = p.Value.SendIn(cx, 1)
	}
}

// BenchmarkBounded sends through a channel of 1,000: per message.
func BenchmarkBounded(b *testing.B) {
	const capacity = 1000
	for _, producers := range []int{1, 4} {
		for name, make := range map[string]func(int) *chans.Chan[int]{"mpsc": chans.MPSC[int], "mpmc": chans.MPMC[int]} {
			b.Run(fmt.Sprintf("%s/%d", name, producers), func(b *testing.B) {
				rt := benchRuntime(b)
				b.ReportAllocs()
				c := make(capacity)
				b.ResetTimer()
				for i := range producers {
					sched.Spawn(rt, future.Future[none](&producer{c: c, end: share(b.N, producers, i)}))
				}
				finish(b, sched.Spawn(rt, future.Future[none](&drain{c: c, left: b.N})))
			})
		}
		b.Run(fmt.Sprintf("go/%d", producers), func(b *testing.B) {
			b.ReportAllocs()
			ch := make(chan int, capacity)
			b.ResetTimer()
			for i := range producers {
				go func() {
					for v := range share(b.N, producers, i) {
						ch <- v
					}
				}()
			}
			for range b.N {
				<-ch
			}
		})
	}
	b.Run("one goroutine/mpsc", func(b *testing.B) {
		c := chans.MPSC[int](capacity)
		for b.Loop() {
			_ = c.TrySend(1)
			_, _ = c.TryRecv()
		}
	})
	b.Run("one goroutine/unbounded", func(b *testing.B) {
		c := chans.NewUnbounded[int]()
		for b.Loop() {
			_ = c.Send(1)
			_, _ = c.TryRecv()
		}
	})
	b.Run("one goroutine/go", func(b *testing.B) {
		ch := make(chan int, capacity)
		for b.Loop() {
			ch <- 1
			<-ch
		}
	})
}

// share is how many of n the i-th of k sends.
func share(n, k, i int) int { return n*(i+1)/k - n*i/k }

// A drain receives so many messages.
type drain struct {
	c     *chans.Chan[int]
	left  int
	entry waker.Entry
}

func (d *drain) Poll(cx *future.Context) future.Poll[none] {
	for ; d.left > 0; d.left-- {
		if !d.c.PollRecv(cx, &d.entry).Ready {
			return future.Wait[none]()
		}
	}
	return future.Of(none{})
}

// BenchmarkBlockedReceivers is what a task costs that waits at a channel: time to
// spawn and park it, and memory.
func BenchmarkBlockedReceivers(b *testing.B) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	b.Run("pilfer", func(b *testing.B) {
		rt := benchRuntime(b)
		c := chans.MPMC[int](1)
		before := heap()
		hs := make([]sched.JoinHandle[int], b.N)
		b.ResetTimer()
		_ = rt.Run(context.Background(), func(cx *sched.Context) error {
			for i := range hs {
				hs[i] = sched.Spawn(cx, c.RecvFuture())
			}
			return nil
		})
		for c.WaitingReceivers() < b.N {
			runtime.Gosched()
		}
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/float64(b.N), "bytes/task")
		c.Close()
		for _, h := range hs {
			_, _ = h.Wait(context.Background())
		}
	})
	b.Run("go", func(b *testing.B) {
		ch := make(chan int)
		before := heap()
		var wg, parked sync.WaitGroup
		b.ResetTimer()
		parked.Add(b.N)
		for range b.N {
			wg.Go(func() {
				parked.Done()
				<-ch
			})
		}
		parked.Wait()
		b.StopTimer()
		b.ReportMetric(float64(heap()-before)/float64(b.N), "bytes/task")
		close(ch)
		wg.Wait()
	})
}
