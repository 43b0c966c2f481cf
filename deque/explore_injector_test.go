// SPDX-License-Identifier: Apache-2.0

//go:build explore

package deque

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// injectorModel: each producer pushes so many jobs, as one batch if the number is
// negative; each consumer pops so many times, and as batches if it is negative.
// Segments have two slots.
func injectorModel(producers, consumers []int) func(x *explore.X) {
	return func(x *explore.X) {
		q := NewInjector[int]()
		total := 0
		for _, n := range producers {
			total += max(n, -n)
		}
		c := newLedger(x, total)
		next := 0
		for i, n := range producers {
			jobs := c.jobs[next : next+max(n, -n)]
			next += len(jobs)
			x.Go(fmt.Sprint("producer ", i), func() {
				if n < 0 {
					q.PushBatch(jobs)
				} else {
					for _, job := range jobs {
						q.Push(job)
					}
				}
				if consumers == nil {
					x.Check(!q.Empty(), "empty right after a push, and nobody has taken")
				}
			})
		}
		for i, n := range consumers {
			name := fmt.Sprint("consumer ", i)
			x.Go(name, func() {
				own := NewQueue[int](2)
				for range max(n, -n) {
					if n > 0 {
						job, got := q.Pop()
						x.Check((got == Taken) == (job != nil), "outcome %v with job %v", got, job)
						c.take(job)
						continue
					}
					first, k, got := q.PopBatch(own, 3)
					x.Check((got == Taken) == (k > 0), "outcome %v with %d jobs", got, k)
					c.take(first)
					for k--; k > 0; k-- {
						x.Check(c.take(own.Pop()), "%d jobs are missing in the consumer's queue", k)
					}
				}
			})
		}
		x.Wait()
		segments := 0
		for at := q.head.Load(); at != nil; at = at.next.Load() {
			segments++
		}
		x.Check(consumers != nil || segments == (total+1)/2, "%d jobs fill %d segments", total, segments)
		left := 0
		for {
			job, got := q.Pop()
			if c.take(job); job != nil {
				left++
			}
			if got == Empty {
				break
			}
		}
		c.all(total)
		last := q.head.Load()
		x.Check(last.claimed.Load() <= last.reserved.Load(), "a slot was claimed that nobody has reserved")
		x.Check(q.Empty() && q.Len() == 0, "not empty at the end")
	}
}

func TestExploreInjector(t *testing.T) {
	explore.Model{
		Structure: "injector, segments of 2", Operations: "producers: 2 pushes and 1; consumer: 2 pops",
		Run: injectorModel([]int{2, 1}, []int{2}),
	}.Check(t)
}

func TestExploreInjectorTwoConsumers(t *testing.T) {
	explore.Model{
		Structure: "injector, segments of 2", Operations: "producer: 3 pushes; 2 consumers, 1 pop each",
		Run: injectorModel([]int{3}, []int{1, 1}),
	}.Check(t)
}

// Two producers come to the end of a segment at once.
func TestExploreInjectorSegmentHandOver(t *testing.T) {
	explore.Model{
		Structure: "injector, segment hand-over", Operations: "2 producers, 2 pushes each; nobody pops",
		Run: injectorModel([]int{2, 2}, nil),
	}.Check(t)
}

// A batch comes to the end of a segment.
func TestExploreInjectorBatchHandOver(t *testing.T) {
	explore.Model{
		Structure: "injector, segment hand-over", Operations: "producers: batch of 3, 1 push; nobody pops",
		Run: injectorModel([]int{-3, 1}, nil),
	}.Check(t)
}

func TestExploreInjectorBatch(t *testing.T) {
	explore.Model{
		Structure: "injector, batches", Operations: "producers: batch of 3, 1 push; consumer: 1 batch of up to 3",
		Run: injectorModel([]int{-3, 1}, []int{-1}),
	}.Check(t)
}

func TestExploreInjectorBatches(t *testing.T) {
	explore.Model{
		Structure: "injector, batches", Operations: "producer: batch of 4; 2 consumers: a batch and a pop",
		Run: injectorModel([]int{-4}, []int{-1, 1}),
	}.Check(t)
}

// Once a push has returned, neither Empty nor Pop says that there is nothing until
// the job is claimed.
func TestExploreInjectorSeen(t *testing.T) {
	explore.Model{
		Structure: "injector, seen after push", Operations: "1 job is there; 2 pushes and 1 pop against a look with Empty and Pop",
		Run: func(x *explore.X) {
			q := NewInjector[int]()
			c := newLedger(x, 5)
			q.Push(c.jobs[0])
			q.Push(c.jobs[1])
			x.Go("producer", func() {
				q.Push(c.jobs[2])
				q.Push(c.jobs[3])
			})
			x.Go("consumer", func() {
				job, _ := q.Pop()
				c.take(job)
			})
			x.Go("looker", func() {
				x.Check(!q.Empty(), "empty, though one job has been there all the time")
				x.Check(q.Len() > 0, "length 0, though one job has been there all the time")
				job, got := q.Pop()
				x.Check(got != Empty, "%v", got)
				c.take(job)
			})
			x.Wait()
			for {
				job, got := q.Pop()
				c.take(job)
				if got == Empty {
					break
				}
			}
			c.all(4)
		},
	}.Check(t)
}
