// SPDX-License-Identifier: Apache-2.0

//go:build explore

package workers

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/self"
)

// seats makes a pool of so many places in which threads of the model sit, and no
// worker goroutines.
func seats(n int) *Pool {
	p := &Pool{config: config{lock: true}, injector: deque.NewInjector[Job]()}
	all := make([]*Worker, n)
	for i := range all {
		all[i] = newWorker(p, i)
	}
	p.all.Store(&all)
	p.size.Store(int32(n))
	p.live.Store(int32(n))
	return p
}

// sit makes the calling thread who sits in place i.
func (p *Pool) sit(i int) *Worker {
	w := p.places()[i]
	w.sitter.Store(uint64(self.Goroutine()))
	w.hi = 0
	return w
}

// thieve has a worker look at the other places so often, and run what it finds as
// step does.
func (w *Worker) thieve(rounds int, from ...int) {
	for range rounds {
		for _, v := range from {
			if j := w.stealFrom(w.pool.places()[v], 1); j != nil {
				w.run(j)
			}
		}
	}
}

// run runs a job as step does, or serve after a crash.
func (w *Worker) run(j *Job) {
	w.current = j
	w.protect(j)
	w.current = nil
}

// A tally counts how often each half was run, and who ran it.
type tally struct {
	x    *explore.X
	runs [8]int
}

func (c *tally) ran(i int) { c.runs[i]++ }

func (c *tally) check(n int) {
	for i, ran := range c.runs[:n] {
		c.x.Check(ran == 1, "half %d ran %d times", i, ran)
	}
}

// leaf is a half that forks nothing.
func (c *tally) leaf(i int) func(w *Worker, add int) int {
	return func(_ *Worker, add int) int {
		c.ran(i)
		return i + add
	}
}

func joinModel(joins, thieves, rounds int) func(x *explore.X) {
	return func(x *explore.X) {
		p := seats(1 + thieves)
		for i := range thieves {
			x.Go(fmt.Sprint("thief ", i+1), func() { p.sit(i+1).thieve(rounds, 0) })
		}
		w := p.sit(0)
		c := &tally{x: x}
		for i := range joins {
			a, b := Join(w, c.leaf(2*i), 100, c.leaf(2*i+1), 200)
			x.Check(a == 2*i+100 && b == 2*i+201, "join %d returns %d and %d", i, a, b)
			x.Check(w.hi == 0 && w.lo == 0, "join %d leaves the stack at %d, %d", i, w.hi, w.lo)
		}
		x.Wait()
		c.check(2 * joins)
		x.Check(w.forks.OwnerLen() == 0, "a frame is left on offer")
	}
}

func TestExploreJoin(t *testing.T) {
	explore.Model{
		Structure: "fork-join", Operations: "owner: 2 joins that use one frame; a thief tries twice",
		Run: joinModel(2, 1, 2),
	}.Check(t)
}

func TestExploreJoinTwoThieves(t *testing.T) {
	explore.Model{
		Structure: "fork-join", Operations: "owner: a join; 2 thieves try twice",
		Run: joinModel(1, 2, 2),
	}.Check(t)
}

// The frames of an enclosing join are private or on offer when those of an inner one
// are taken back: lazy publication in both directions.
func TestExploreJoinNested(t *testing.T) {
	explore.Model{
		Structure: "fork-join, private and shared frames", Operations: "owner: 3 joins inside each other; a thief tries twice",
		Run: func(x *explore.X) {
			p := seats(2)
			x.Go("thief", func() { p.sit(1).thieve(2, 0) })
			w := p.sit(0)
			c := &tally{x: x}
			inner := func(w *Worker, _ int) int {
				a, b := Join(w, c.leaf(0), 0, c.leaf(1), 0)
				return a + b
			}
			middle := func(w *Worker, _ int) int {
				a, b := Join(w, inner, 0, c.leaf(2), 0)
				return a + b
			}
			a, b := Join(w, middle, 0, c.leaf(3), 0)
			x.Check(a == 3 && b == 3, "the joins return %d and %d", a, b)
			x.Wait()
			c.check(4)
			x.Check(w.hi == 0 && w.lo == 0 && w.forks.OwnerLen() == 0, "the stack is left at %d, %d, with %d on offer", w.hi, w.lo, w.forks.OwnerLen())
		},
	}.Check(t)
}

// generations is a chain of stolen halves: each forks the next, which another worker
// steals, or the one that waits leaps to. Frames are used a second time.
func generations(depth, rounds int) func(x *explore.X) {
	return func(x *explore.X) {
		p := seats(depth)
		for i := 1; i < depth; i++ {
			x.Go(fmt.Sprint("thief ", i), func() { p.sit(i).thieve(rounds, i-1) })
		}
		w := p.sit(0)
		c := &tally{x: x}
		var half func(w *Worker, n int) int
		half = func(w *Worker, n int) int {
			c.ran(n)
			if n+1 == depth {
				return 1
			}
			a, b := Join(w, func(*Worker, int) int { return 0 }, 0, half, n+1)
			return a + b + 1
		}
		got := half(w, 0)
		x.Check(got == depth, "%d generations return %d", depth, got)
		x.Wait()
		c.check(depth)
		for i, w := range p.places() {
			x.Check(w.lo == 0 && w.forks.Stealer().Len() == 0, "frames of worker %d are left", i)
			x.Check(w.waited.Load() == 0 && len(w.joiners) == 0, "worker %d has joiners", i)
		}
	}
}

func TestExploreLeap(t *testing.T) {
	explore.Model{
		Structure: "leapfrog", Operations: "a half and the one that it forks; 2 thieves, in a row",
		Options: explore.Options{Preemptions: 3},
		Run:     generations(3, 1),
	}.Check(t)
}

func TestExploreLeapThreeGenerations(t *testing.T) {
	explore.Model{
		Structure: "leapfrog", Operations: "3 generations of halves; 3 thieves, in a row",
		Options: explore.Options{Preemptions: 3},
		Run:     generations(4, 1),
	}.Check(t)
}

// thieveOne steals one job from place i, as soon as there is one, and runs it.
func (w *Worker) thieveOne(i int) {
	j := w.stealFrom(w.pool.places()[i], 1)
	for j == nil {
		explore.Spin()
		j = w.stealFrom(w.pool.places()[i], 1)
	}
	w.run(j)
}

// untilStolen is a half that ends when the one beside it was stolen, if it is on offer.
func untilStolen(w *Worker, _ int) int {
	for w.forks.OwnerLen() > 0 {
		explore.Spin()
	}
	return 0
}

// A locker is a worker that holds a lock across its joins: while one waits, it must run
// nothing but what the stolen half has forked.
type locker struct {
	tally
	locked bool
}

func (l *locker) stranger(w *Worker, i int) int {
	l.x.Check(w.index != 0 || !l.locked, "a join runs what its half has not forked")
	l.ran(i)
	return 0
}

// other is a job whose fork the worker with the lock must not run.
func (l *locker) other(forks, strange int) *Job {
	return &Job{Runner: Func(func(w *Worker) { _, _ = Join(w, l.leaf(forks), 0, l.stranger, strange) })}
}

// The thief is done with the half soon, and forks for a job of its own.
func TestExploreLeapDescendantsOnly(t *testing.T) {
	explore.Model{
		Structure: "leapfrog, descendants only", Operations: "owner: a join with a lock held; the thief runs the half, then forks for a job of its own",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			p := seats(2)
			l := &locker{tally: tally{x: x}}
			x.Go("thief", func() {
				w := p.sit(1)
				w.thieveOne(0)
				w.run(l.other(3, 4))
			})
			w := p.sit(0)
			l.locked = true
			nested := func(w *Worker, _ int) int {
				_, b := Join(w, l.leaf(0), 0, l.leaf(1), 0)
				return b
			}
			_, b := Join(w, untilStolen, 0, nested, 0)
			x.Check(b == 1, "the join returns %d", b)
			l.ran(2)
			l.locked = false
			x.Wait()
			l.check(5)
		},
	}.Check(t)
}

// The frame of the first join, which one thief has run, is used for the second, which
// another one steals: whoever has run it first is no concern of the second.
func TestExploreLeapRecycledFrame(t *testing.T) {
	explore.Model{
		Structure: "leapfrog, recycled frames", Operations: "owner: 2 joins with a lock held; a thief for each, the first forks for a job of its own",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p := seats(3)
			l := &locker{tally: tally{x: x}}
			x.Go("first thief", func() {
				w := p.sit(1)
				w.thieveOne(0)
				w.run(l.other(2, 3))
			})
			w := p.sit(0)
			l.locked = true
			_, b := Join(w, untilStolen, 0, l.leaf(0), 0)
			x.Check(b == 0, "the first join returns %d", b)
			x.Go("second thief", func() { p.sit(2).thieveOne(0) })
			w.ask()
			_, b = Join(w, untilStolen, 0, l.leaf(1), 0)
			x.Check(b == 1, "the second join returns %d", b)
			l.locked = false
			x.Wait()
			l.check(4)
		},
	}.Check(t)
}

// A frame that the thief has on offer is run by the one that waits for it, though it may
// be about to sleep: the thief waits for that.
func TestExploreJoinerSeesOffer(t *testing.T) {
	explore.Model{
		Structure: "leapfrog, sleep in a join", Operations: "owner: a join; the thief forks, and waits until what is on offer is stolen",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			p := seats(2)
			c := &tally{x: x}
			x.Go("thief", func() { p.sit(1).thieveOne(0) })
			nested := func(w *Worker, _ int) int {
				_, b := Join(w, untilStolen, 0, c.leaf(0), 0)
				return b
			}
			_, b := Join(p.sit(0), untilStolen, 0, nested, 0)
			x.Check(b == 0, "the join returns %d", b)
			x.Wait()
			c.check(1)
		},
	}.Check(t)
}
