// SPDX-License-Identifier: Apache-2.0

//go:build explore

package deque

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// queueModel: the owner carries out a script of pushes (u), batches of two (b),
// pops of the oldest (o) and the newest (n). A thief with 1 to its name steals one
// job each time, with h it takes half into a queue of its own, with H it does so if
// there are two jobs at least.
func queueModel(capacity int, script string, thieves ...string) func(x *explore.X) {
	return func(x *explore.X) {
		q := NewQueue[int](capacity)
		total := strings.Count(script, "u") + 2*strings.Count(script, "b")
		c := newLedger(x, total)
		owner := x.Go("owner", func() {
			pushed := 0
			for _, op := range script {
				switch op {
				case 'u':
					q.Push(c.jobs[pushed])
					pushed++
				case 'b':
					q.PushBatch(c.jobs[pushed : pushed+2])
					pushed += 2
				case 'o':
					c.take(q.Pop())
				case 'n':
					c.take(q.PopNewest())
				}
			}
		})
		for i, kinds := range thieves {
			name := fmt.Sprint("thief ", i)
			x.Go(name, func() {
				own := NewQueue[int](2)
				for _, kind := range kinds {
					c.rob(name, q.Thief(), own, kind)
				}
			})
		}
		owner.Join()
		x.Wait()
		for c.take(q.Pop()) {
		}
		c.all(total)
		for i, job := range q.slots {
			x.Check(job == nil, "slot %d still holds a job", i)
		}
		q.Push(new(int))
		_, got := q.Thief().Steal()
		x.Check(got == Taken, "nobody is at work, and a theft says %v", got)
	}
}

// rob makes one theft and notes what it brings.
func (c *ledger) rob(name string, from QueueThief[int], own *Queue[int], kind rune) {
	if kind == '1' {
		job, got := from.Steal()
		c.x.Check((got == Taken) == (job != nil), "outcome %v with job %v", got, job)
		c.inOrder(name, job)
		return
	}
	least := 1
	if kind == 'H' {
		least = 2
	}
	first, n, got := from.StealHalf(own, least)
	c.x.Check((got == Taken) == (n > 0), "outcome %v with %d jobs", got, n)
	c.inOrder(name, first)
	for n--; n > 0; n-- {
		c.x.Check(c.inOrder(name, own.Pop()), "%d jobs are missing in the thief's queue", n)
	}
	c.x.Check(own.Pop() == nil, "the thief has more than it was told")
}

func TestExploreQueue(t *testing.T) {
	explore.Model{
		Structure: "queue with growth from 2", Operations: "owner: 3 pushes, 2 pops; a thief takes half, another one",
		Run: queueModel(2, "uuuoo", "h", "1"),
	}.Check(t)
}

func TestExploreQueueNewest(t *testing.T) {
	explore.Model{
		Structure: "queue, newest first", Operations: "owner: push, push, pop newest, push, pop newest; a thief takes half twice",
		Run: queueModel(2, "uunun", "hh"),
	}.Check(t)
}

// Two thieves, so that one session follows another while the owner foils.
func TestExploreQueueNewestTwoThieves(t *testing.T) {
	explore.Model{
		Structure: "queue, newest first", Operations: "owner: push, push, pop newest, pop; 2 thieves, 1 steal each",
		Run: queueModel(2, "uuno", "1", "1"),
	}.Check(t)
}

func TestExploreQueueAtLeastTwo(t *testing.T) {
	explore.Model{
		Structure: "queue, two jobs at least", Operations: "owner: 3 pushes, pop newest, pop; a thief takes half of two or more, twice",
		Run: queueModel(2, "uuuno", "HH"),
	}.Check(t)
}

// The ring is full while a thief has a session open: the owner takes a new one, and
// then uses its slots again.
func TestExploreQueueFullRing(t *testing.T) {
	explore.Model{
		Structure: "queue, full ring under a thief", Operations: "owner: push, push, pop, pop, 3 pushes; a thief takes half twice",
		Run: queueModel(2, "uuoouuu", "hh"),
	}.Check(t)
}

func TestExploreQueueSlotsUsedAgain(t *testing.T) {
	explore.Model{
		Structure: "queue, slots used again", Operations: "owner: 5 pushes and pops in turn; a thief takes half twice",
		Run: queueModel(2, "uuouou", "h1"),
	}.Check(t)
}

func TestExploreQueueBatch(t *testing.T) {
	explore.Model{
		Structure: "queue, batches", Operations: "owner: batch of 2, pop, batch of 2, pop newest; a thief takes half twice",
		Run: queueModel(2, "bobn", "hh"),
	}.Check(t)
}

func TestExploreQueueShrinks(t *testing.T) {
	explore.Model{
		Structure: "queue that shrinks", Operations: "owner: 3 pushes, 5 pops, push; a thief takes half",
		Run: queueModel(2, "uuuooooou", "h"),
	}.Check(t)
}

// Slots that have come free are used again: the ring stays.
func TestExploreQueueKeepsRing(t *testing.T) {
	explore.Model{
		Structure: "queue, slots used again", Operations: "owner: push and pop, four times, in one ring; a theft before",
		Run: func(x *explore.X) {
			q := NewQueue[int](2)
			ring := q.ring.Load()
			q.Push(new(int))
			x.Go("thief", func() { q.Thief().Steal() })
			x.Wait()
			for range 4 {
				q.Push(new(int))
				x.Check(q.Pop() != nil && q.ring.Load() == ring, "a job is lost, or the ring is another one")
			}
		},
	}.Check(t)
}

// A thief that has been told of a job by Len, and an untaken job that stays.
func TestExploreQueueNotEmptyWhileJobs(t *testing.T) {
	explore.Model{
		Structure: "queue, seen after push", Operations: "push before; pop newest, push against a thief that looks",
		Run: func(x *explore.X) {
			q := NewQueue[int](2)
			c := newLedger(x, 3)
			q.Push(c.jobs[0])
			q.Push(c.jobs[1])
			x.Go("owner", func() {
				c.take(q.PopNewest())
				q.Push(c.jobs[2])
			})
			x.Go("looker", func() {
				x.Check(q.Thief().Len() > 0, "no job, though one has been there all the time")
				job, got := q.Thief().Steal()
				x.Check(got != Empty, "%v", got)
				c.take(job)
			})
			x.Wait()
			for c.take(q.Pop()) {
			}
			c.all(3)
		},
	}.Check(t)
}
