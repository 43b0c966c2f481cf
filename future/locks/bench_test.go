// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sync/semaphore"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func benchRuntime(b *testing.B, opts ...sched.Option) *sched.Runtime {
	rt, err := sched.New(opts...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = rt.Shutdown(testkit.Ended()) })
	return rt
}

// BenchmarkUncontended locks and unlocks what nobody else wants.
func BenchmarkUncontended(b *testing.B) {
	cx := newHand().cx
	var (
		m  locks.Mutex
		rw locks.RWMutex
		s  = locks.NewSemaphore(4)
		w  locks.Waiter
		gm sync.Mutex
		gs = semaphore.NewWeighted(4)
		n  int
	)
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"Semaphore/poll", func() { s.PollAcquire(cx, &w, 1); s.ReleaseIn(cx, 1) }},
		{"Semaphore/x", func() { _ = gs.Acquire(context.Background(), 1); gs.Release(1) }},
		{"Mutex/poll", func() { m.PollLock(cx, &w); m.UnlockIn(cx) }},
		{"Mutex/try", func() { m.TryLock(); m.Unlock() }},
		{"Mutex/future", func() { m.LockFuture().Poll(cx); m.UnlockIn(cx) }},
		{"Mutex/go", func() { gm.Lock(); n++; gm.Unlock() }},
		{"RWMutex/poll read", func() { rw.PollRLock(cx, &w); rw.RUnlockIn(cx) }},
		{"RWMutex/poll write", func() { rw.PollLock(cx, &w); rw.UnlockIn(cx) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.run()
			}
		})
	}
}

// A passer locks and unlocks again and again, as one of many.
type passer struct {
	m     *locks.Mutex
	left  int
	lined func() // at its first wait
	w     locks.Waiter
}

func (p *passer) Poll(cx *future.Context) future.Poll[none] {
	for p.left > 0 {
		if !p.m.PollLock(cx, &p.w) {
			if p.lined != nil {
				p.lined()
				p.lined = nil
			}
			return future.Wait[none]()
		}
		p.left--
		p.m.UnlockIn(cx)
	}
	return future.Of(none{})
}

func (p *passer) Drop() { p.w.Cancel() }

// BenchmarkHandOver has 1,000 tasks that each want one mutex all the time: per lock.
// All are in line at the start, so each unlock hands over to another task.
func BenchmarkHandOver(b *testing.B) {
	const tasks = 1000
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("pilfer/%d", workers), func(b *testing.B) {
			rt := benchRuntime(b, sched.Workers(workers))
			var m locks.Mutex
			m.TryLock()
			hs := make([]sched.JoinHandle[none], tasks)
			var lined sync.WaitGroup
			lined.Add(tasks)
			for i := range hs {
				hs[i] = sched.Spawn(rt, future.Future[none](&passer{m: &m, left: b.N/tasks + 1, lined: lined.Done}))
			}
			lined.Wait()
			b.ReportAllocs()
			b.ResetTimer()
			m.Unlock()
			for _, h := range hs {
				_, _ = h.Wait(context.Background())
			}
		})
	}
	b.Run("go", func(b *testing.B) {
		var m sync.Mutex
		var wg sync.WaitGroup
		n := 0
		m.Lock()
		for range tasks {
			wg.Go(func() {
				for range b.N/tasks + 1 {
					m.Lock()
					n++
					m.Unlock()
				}
			})
		}
		b.ResetTimer()
		m.Unlock()
		wg.Wait()
	})
}

// A pinger and its partner tell each other by turns.
type pinger struct {
	mine, other *locks.Notify
	left        int
	told        bool // the other, and waits for the answer
	w           locks.Waiter
	begins      bool
}

func (p *pinger) Poll(cx *future.Context) future.Poll[none] {
	for p.left > 0 {
		if p.begins && !p.told {
			p.told = true
			p.other.OneIn(cx)
		}
		if !p.mine.Poll(cx, &p.w) {
			return future.Wait[none]()
		}
		p.left--
		p.told = false
		if !p.begins {
			p.other.OneIn(cx)
		}
	}
	return future.Of(none{})
}

// BenchmarkNotify is a round trip between two tasks.
func BenchmarkNotify(b *testing.B) {
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("pilfer/%d", workers), func(b *testing.B) {
			rt := benchRuntime(b, sched.Workers(workers))
			var there, back locks.Notify
			b.ReportAllocs()
			b.ResetTimer()
			_ = rt.Run(context.Background(), func(cx *sched.Context) error {
				sched.Spawn(cx, future.Future[none](&pinger{mine: &there, other: &back, left: b.N}))
				h := sched.Spawn(cx, future.Future[none](&pinger{mine: &back, other: &there, left: b.N, begins: true}))
				_, err := sched.Await(cx, future.Future[none](h))
				return err
			})
		})
	}
	b.Run("go", func(b *testing.B) {
		there, back := make(chan none), make(chan none)
		go func() {
			for range there {
				back <- none{}
			}
		}()
		b.ResetTimer()
		for range b.N {
			there <- none{}
			<-back
		}
		close(there)
	})
}
