// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// Owner alone: the price of the locked instructions.
func BenchmarkOwner(b *testing.B) {
	job := new(int)
	queue, deque, rival := NewQueue[int](256), NewDeque[int](256), &twin{}
	full := NewDeque[int](256)
	full.Push(job)
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"queue/push+pop", func() { queue.Push(job); queue.Pop() }},
		{"queue/push+popnewest", func() { queue.Push(job); queue.PopNewest() }},
		{"deque/push+pop/of1", func() { deque.Push(job); deque.Pop() }},
		{"deque/push+pop/of2", func() { full.Push(job); full.Pop() }},
		{"twin/push+newest", func() { rival.push(job); rival.newest() }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.do()
			}
		})
	}
	b.Run("queue/pushbatch16+pop16", func(b *testing.B) {
		jobs := slices.Repeat([]*int{job}, 16)
		for b.Loop() {
			queue.PushBatch(jobs)
			for range jobs {
				queue.Pop()
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(16*b.N), "ns/job")
	})
}

// One thief takes half again and again, alone.
func BenchmarkStealHalf(b *testing.B) {
	for _, n := range []int{1, 2, 16, 256} {
		b.Run(fmt.Sprintf("queue/of%d", n), func(b *testing.B) {
			q, own := NewQueue[int](512), NewQueue[int](512)
			jobs := slices.Repeat([]*int{new(int)}, n)
			stolen := 0
			for b.Loop() {
				q.PushBatch(jobs[:n-q.OwnerLen()])
				_, k, _ := q.Thief().StealHalf(own, 1)
				stolen += k
				for own.Pop() != nil {
				}
			}
			b.ReportMetric(float64(stolen)/float64(b.N), "jobs/steal")
		})
	}
}

// An injectorRival is what the injector is compared with.
type injectorRival struct {
	name string
	push func(*int)
	pop  func() *int
}

func injectorRivals() []injectorRival {
	injector, mutex, sharded := NewInjector[int](), &twin{}, &shards{}
	batched, own := NewInjector[int](), NewQueue[int](64)
	channel := make(chan *int, 1<<16)
	return []injectorRival{
		{"injector", injector.Push, func() *int { job, _ := injector.Pop(); return job }},
		{"injector-by-32", batched.Push, func() *int {
			if job := own.Pop(); job != nil {
				return job
			}
			job, _, _ := batched.PopBatch(own, 32)
			return job
		}},
		{"mutex", func(job *int) { mutex.push(job) }, mutex.oldest},
		{"shards", sharded.push, sharded.pop},
		{"channel", func(job *int) { channel <- job }, func() *int {
			select {
			case job := <-channel:
				return job
			default:
				return nil
			}
		}},
	}
}

// Producers submit while one consumer takes. Beside the time per job it tells how
// long 64 jobs in a row took; the worst of them is a consumer that the Go scheduler
// stopped, whatever the structure.
func BenchmarkInject(b *testing.B) {
	for _, producers := range []int{1, 8} {
		for _, r := range injectorRivals() {
			b.Run(fmt.Sprintf("%s/producers%d", r.name, producers), func(b *testing.B) {
				b.ReportAllocs()
				job := new(int)
				var done sync.WaitGroup
				for p := range producers {
					share := b.N / producers
					if p == 0 {
						share = b.N - share*(producers-1)
					}
					done.Go(func() {
						for range share {
							r.push(job)
						}
					})
				}
				var gaps []time.Duration
				last := time.Now()
				for taken := 0; taken < b.N; {
					if r.pop() != nil {
						taken++
						if taken%64 == 0 {
							now := time.Now()
							gaps = append(gaps, now.Sub(last))
							last = now
						}
					} else {
						runtime.Gosched()
					}
				}
				done.Wait()
				slices.Sort(gaps)
				if n := len(gaps); n > 0 {
					b.ReportMetric(float64(gaps[n*99/100].Microseconds()), "us/64jobs-p99")
					b.ReportMetric(float64(gaps[n*999/1000].Microseconds()), "us/64jobs-p99.9")
				}
			})
		}
	}
}

// One goroutine submits and takes: the price without any contention.
func BenchmarkInjectAlone(b *testing.B) {
	for _, r := range injectorRivals() {
		b.Run(r.name, func(b *testing.B) {
			job := new(int)
			b.ReportAllocs()
			for b.Loop() {
				r.push(job)
				r.pop()
			}
		})
	}
}
