// SPDX-License-Identifier: Apache-2.0

//go:build explore

package workers

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/point"
)

// recovered runs f and returns what it panics with.
func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// A job's own half panics between fork and join, and the code around it recovers: the
// forked half is run once all the same, by a thief or at the next enclosing join.
func TestExplorePanicBetweenForkAndJoin(t *testing.T) {
	explore.Model{
		Structure: "fork-join, panic", Operations: "owner: a join whose own half panics, recovered inside another join; a thief tries twice",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			p := seats(2)
			x.Go("thief", func() { p.sit(1).thieve(2, 0) })
			w := p.sit(0)
			c := &tally{x: x}
			recovers := func(w *Worker, _ int) int {
				v := recovered(func() {
					_, _ = Join(w, func(*Worker, int) int { panic("own half") }, 0, c.leaf(0), 0)
				})
				x.Check(v == "own half", "recovered %v", v)
				return 5
			}
			a, b := Join(w, recovers, 0, c.leaf(1), 0)
			x.Check(a == 5 && b == 1, "the join returns %d and %d", a, b)
			x.Wait()
			c.check(2)
			x.Check(w.hi == 0 && w.lo == 0 && w.forks.OwnerLen() == 0, "the stack is left at %d, %d", w.hi, w.lo)
		},
	}.Check(t)
}

// A stolen half panics, after it has forked: what it forked is run before the panic goes
// on at the join, and the frame serves again.
func TestExploreStolenHalfPanics(t *testing.T) {
	explore.Model{
		Structure: "fork-join, panic", Operations: "owner: a join whose forked half forks and panics, and one more; a thief tries twice",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			p := seats(2)
			x.Go("thief", func() { p.sit(1).thieve(2, 0) })
			w := p.sit(0)
			c := &tally{x: x}
			panics := func(w *Worker, _ int) int {
				_, _ = Join(w, func(*Worker, int) int { panic("forked half") }, 0, c.leaf(0), 0)
				return 0
			}
			settled := w.Forks()
			v := recovered(func() { _, _ = Join(w, c.leaf(1), 0, panics, 0) })
			x.Check(v == "forked half", "recovered %v", v)
			w.Settle(settled)
			x.Check(c.runs[0] == 1, "what the half forked ran %d times before the panic was recovered and settled", c.runs[0])
			_, b := Join(w, c.leaf(2), 0, c.leaf(3), 0)
			x.Check(b == 3, "the second join returns %d", b)
			x.Wait()
			c.check(4)
		},
	}.Check(t)
}

// JoinSafe waits for the other half before the panic goes on.
func TestExploreJoinSafe(t *testing.T) {
	explore.Model{
		Structure: "fork-join, panic", Operations: "owner: a JoinSafe whose own half panics; a thief tries twice",
		Run: func(x *explore.X) {
			p := seats(2)
			x.Go("thief", func() { p.sit(1).thieve(2, 0) })
			w := p.sit(0)
			c := &tally{x: x}
			v := recovered(func() {
				_, _ = JoinSafe(w, func(*Worker, int) int { panic("own half") }, 0, c.leaf(0), 0)
			})
			x.Check(v == "own half", "recovered %v", v)
			c.check(1)
			x.Check(w.hi == 0 && w.lo == 0, "the stack is left at %d, %d", w.hi, w.lo)
			x.Wait()
		},
	}.Check(t)
}

// The first error of a scope cancels the other half, on whichever worker; what runs is
// run once, and the error comes out.
func TestExploreJoinErr(t *testing.T) {
	explore.Model{
		Structure: "fork-join, scope", Operations: "owner: a JoinErr in a scope whose halves both may fail; a thief tries twice",
		Options: explore.Options{Preemptions: 4},
		Run: func(x *explore.X) {
			p := seats(2)
			x.Go("thief", func() { p.sit(1).thieve(2, 0) })
			w := p.sit(0)
			first, second := errors.New("first"), errors.New("second")
			ran := [3]int{}
			err := Try(context.Background(), w, func(w *Worker) error {
				_, _, err := JoinErr(w,
					func(*Worker, int) (int, error) { ran[0]++; return 0, first }, 0,
					func(w *Worker, _ int) (int, error) {
						ran[1]++
						_, _, err := JoinErr(w,
							func(*Worker, int) (int, error) { ran[2]++; return 0, nil }, 0,
							func(*Worker, int) (int, error) { return 0, second }, 0)
						return 0, err
					}, 0)
				return err
			})
			x.Check(errors.Is(err, first) || errors.Is(err, second), "the scope returns %v", err)
			x.Wait()
			x.Check(ran[0] == 1 && ran[1] <= 1 && ran[2] <= 1, "the halves ran %v times", ran)
			x.Check(w.hi == 0 && len(w.scopes) == 0, "the scope leaves %d frames, %d scopes", w.hi, len(w.scopes))
		},
	}.Check(t)
}

// A job that panics or calls Goexit costs its worker nothing: the pool runs the others,
// each once, and closes. A goroutine cannot be ended in an exploration more than once,
// so this is one schedule after the other with few interruptions.
func TestExploreJobPanics(t *testing.T) {
	explore.Model{
		Structure: "pool, crash", Operations: "1 worker; a job that panics and one that does not",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			p, err := New(Count(1), Watchdog(0, nil))
			if err != nil {
				panic(err)
			}
			c := &crasher{}
			ran := 0
			p.Submit(&Job{Runner: c})
			p.Submit(&Job{Runner: Func(func(*Worker) { ran++ })})
			p.Close()
			x.Check(c.crashed.Load() == 1 && ran == 1, "the job crashed %d times, the other ran %d times", c.crashed.Load(), ran)
		},
	}.Check(t)
}

// A crasher is a job that panics.
type crasher struct{ crashed point.Int32 }

func (c *crasher) RunJob(*Worker) { panic("a job") }

func (c *crasher) JobCrashed(_ *Worker, crash Crash) {
	if _, ok := crash.Value.(string); !ok {
		runtime.Goexit() // the exploration ends this run
	}
	c.crashed.Inc()
}
