// SPDX-License-Identifier: Apache-2.0

//go:build explore

package deque

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// A ledger counts how often each job was taken, and by whom in which order. Plain
// memory: the explorer runs one thread at a time.
type ledger struct {
	x     *explore.X
	jobs  []*int
	taken []int
	last  map[string]int // the newest job that each taker has
}

func newLedger(x *explore.X, n int) *ledger {
	return &ledger{x: x, jobs: numbers(n), taken: make([]int, n), last: map[string]int{}}
}

// take notes a job; nil is none.
func (c *ledger) take(job *int) bool {
	if job == nil {
		return false
	}
	c.taken[*job]++
	c.x.Check(c.taken[*job] == 1, "job %d taken twice", *job)
	return true
}

// inOrder notes a job of a taker that must get jobs in order.
func (c *ledger) inOrder(who string, job *int) bool {
	if !c.take(job) {
		return false
	}
	last, ok := c.last[who]
	c.x.Check(!ok || last < *job, "%s got job %d after %d", who, *job, last)
	c.last[who] = *job
	return true
}

// Push makes a ledger a place for a batch.
func (c *ledger) Push(job *int) { c.take(job) }

// all checks that each of the first n jobs was taken once.
func (c *ledger) all(n int) {
	for i, k := range c.taken {
		want := 0
		if i < n {
			want = 1
		}
		c.x.Check(k == want, "job %d taken %d times, want %d", i, k, want)
	}
}

// deque: the owner carries out a script of pushes (u) and pops (o), each thief
// steals so many times. At the end the owner pops what is left.
func dequeModel(capacity int, script string, thieves ...int) func(x *explore.X) {
	return func(x *explore.X) {
		d := NewDeque[int](capacity)
		c := newLedger(x, len(script))
		pushed := 0
		owner := x.Go("owner", func() {
			for _, op := range script {
				if op == 'u' {
					d.Push(c.jobs[pushed])
					pushed++
				} else {
					c.take(d.Pop())
				}
			}
		})
		for i, n := range thieves {
			name := fmt.Sprint("thief ", i)
			x.Go(name, func() {
				s := d.Stealer()
				for range n {
					job, got := s.Steal()
					x.Check((got == Taken) == (job != nil), "outcome %v with job %v", got, job)
					c.inOrder(name, job)
				}
			})
		}
		owner.Join()
		x.Wait()
		for c.take(d.Pop()) {
		}
		c.all(pushed)
		checkSwept(x, d)
	}
}

// checkSwept checks that an empty deque keeps no job reachable.
func checkSwept(x *explore.X, d *Deque[int]) {
	for i := range d.slots {
		x.Check(d.slots[i].Load() == nil, "slot %d still holds a job", i)
	}
}

func TestExploreLastJob(t *testing.T) {
	explore.Model{
		Structure: "deque, last job", Operations: "push, pop against 2 thieves",
		Run: dequeModel(2, "uo", 1, 1),
	}.Check(t)
}

func TestExploreLastJobAgain(t *testing.T) {
	explore.Model{
		Structure: "deque, last job", Operations: "push, pop, push, pop against a thief that steals 3 times",
		Run: dequeModel(2, "uouo", 3),
	}.Check(t)
}

// Growth from capacity 2: the third push makes a ring of 4.
func TestExploreDeque(t *testing.T) {
	explore.Model{
		Structure: "deque with growth from 2", Operations: "owner: 4 pushes, 2 pops; 2 thieves, 2 steals each",
		Run: dequeModel(2, "uuuuoo", 2, 2),
	}.Check(t)
}

func TestExploreDequeThreeThieves(t *testing.T) {
	explore.Model{
		Structure: "deque with growth from 2", Operations: "owner: 3 pushes, 1 pop; 3 thieves, 1 steal each",
		Run: dequeModel(2, "uuuo", 1, 1, 1),
	}.Check(t)
}

// A ring that is full but for stolen jobs is used again without growth.
func TestExploreDequeReusesSlots(t *testing.T) {
	explore.Model{
		Structure: "deque, slots used again", Operations: "owner: push, push, pop, push, push, pop; thief: 3 steals",
		Run: dequeModel(2, "uuouuo", 3),
	}.Check(t)
}

// The deque shrinks when it is found empty often enough.
func TestExploreDequeShrinks(t *testing.T) {
	explore.Model{
		Structure: "deque that shrinks", Operations: "owner: 3 pushes, 6 pops, push; thief: 2 steals",
		Run: dequeModel(2, "uuuoooooou", 2),
	}.Check(t)
}

func TestExploreDequeWrap(t *testing.T) {
	explore.Model{
		Structure: "deque, index wraps", Operations: "push, pop, push, pop against 2 thieves",
		Run: func(x *explore.X) {
			d := NewDeque[int](2)
			start := int64(^uint64(0)>>1) - 1
			d.top.Store(start)
			d.bottom.Store(start)
			d.next, d.swept, d.high, d.limit = start, start, start, start+2
			c := newLedger(x, 3)
			x.Go("owner", func() {
				for _, job := range c.jobs {
					d.Push(job)
				}
				c.take(d.Pop())
			})
			for range 2 {
				x.Go("thief", func() {
					job, _ := d.Stealer().Steal()
					c.take(job)
				})
			}
			x.Wait()
			for c.take(d.Pop()) {
			}
			c.all(3)
		},
	}.Check(t)
}

// A thief takes half, one after the other.
func TestExploreStealHalf(t *testing.T) {
	explore.Model{
		Structure: "deque, half of it", Operations: "owner: 3 pushes, pop; a thief takes half, another one",
		Run: func(x *explore.X) {
			d := NewDeque[int](2)
			c := newLedger(x, 3)
			x.Go("owner", func() {
				for _, job := range c.jobs {
					d.Push(job)
				}
				c.take(d.Pop())
			})
			x.Go("half", func() {
				first, n, got := d.Stealer().StealHalf(c)
				x.Check((got == Taken) == (n > 0), "%v, %d", got, n)
				c.take(first)
			})
			x.Go("one", func() {
				job, _ := d.Stealer().Steal()
				c.take(job)
			})
			x.Wait()
			for c.take(d.Pop()) {
			}
			c.all(3)
		},
	}.Check(t)
}

// A conditional steal takes the job that was oldest while the condition was looked
// at: the owner takes its job back before it changes the condition.
func TestExploreStealIf(t *testing.T) {
	explore.Model{
		Structure: "deque, steal on a condition", Operations: "owner: push, pop, close, push; thief: 2 steals if open",
		Run: func(x *explore.X) {
			d := NewDeque[int](2)
			var closed explore.Bool
			c := newLedger(x, 2)
			x.Go("owner", func() {
				d.Push(c.jobs[0])
				c.take(d.Pop())
				closed.Store(true)
				d.Push(c.jobs[1])
			})
			x.Go("thief", func() {
				for range 2 {
					job, _ := d.Stealer().StealIf(func() bool { return !closed.Load() })
					if c.take(job) {
						x.Check(*job == 0, "stole the job that was pushed after the close")
					}
				}
			})
			x.Wait()
			for c.take(d.Pop()) {
			}
			c.all(2)
		},
	}.Check(t)
}

// An empty deque is not called empty while an untaken job is in it.
func TestExploreNotEmptyWhileJobs(t *testing.T) {
	explore.Model{
		Structure: "deque, seen after push", Operations: "push before; pop and push against a thief that looks",
		Run: func(x *explore.X) {
			d := NewDeque[int](2)
			c := newLedger(x, 3)
			d.Push(c.jobs[0])
			d.Push(c.jobs[1])
			x.Go("owner", func() {
				c.take(d.Pop()) // one stays, whoever comes
				d.Push(c.jobs[2])
			})
			x.Go("looker", func() {
				x.Check(d.Stealer().Len() > 0, "no job, though one has been there all the time")
				job, got := d.Stealer().Steal()
				x.Check(got != Empty, "%v", got)
				c.take(job)
			})
			x.Wait()
			for c.take(d.Pop()) {
			}
			c.all(3)
		},
	}.Check(t)
}
