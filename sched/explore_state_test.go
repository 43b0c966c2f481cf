// SPDX-License-Identifier: Apache-2.0

//go:build explore

package sched

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A life is the word of a task with the least around it: a count for the queue, and a
// stage for the future. What the transitions order is done as run and wait do it.
type life struct {
	core    // of which state and waiters are used
	local   local
	x       *explore.X
	entries point.Int32
	stage   point.Int32
	wanted  int32
	owner   *int // plain: who owns the future
	ends    int
}

func newLife(x *explore.X, first flags, wanted int) *life {
	l := &life{x: x, wanted: int32(wanted), owner: new(int)}
	l.local.cx = waker.NewContext(waker.Noop())
	l.state.init(first)
	l.entries.Store(1)
	return l
}

// turn does what a claim says.
func (l *life) turn(c claim) {
	if c == dropEntry {
		return
	}
	point.Writes(l.owner)
	if c == cancelTask || l.stage.Load() == l.wanted {
		l.end()
		return
	}
	switch l.state.endPoll(false) {
	case queueAgain:
		l.entries.Inc()
	case tearDown:
		point.Writes(l.owner)
		l.end()
	}
}

func (l *life) end() {
	l.ends++
	l.finish(&l.local)
}

// work takes entries until the task is done and none is left.
func (l *life) work() {
	for {
		for l.entries.Load() == 0 {
			if l.state.isDone() {
				return
			}
			explore.Spin()
		}
		l.entries.Dec()
		l.turn(l.state.beginPoll())
	}
}

// workBeside is work for one of several workers.
func (l *life) workBeside() {
	for {
		switch n := l.entries.Load(); {
		case n > 0:
			if l.entries.CompareAndSwap(n, n-1) {
				l.turn(l.state.beginPoll())
			}
		case l.state.isDone():
			return
		default:
			explore.Spin()
		}
	}
}

func (l *life) wake() {
	l.stage.Inc()
	if l.state.wake() {
		l.entries.Inc()
	}
}

// wakeInside is wake as from the poll of another task.
func (l *life) wakeInside() {
	l.stage.Inc()
	if _, push := l.state.wakeInside(); push || l.state.wake() {
		l.entries.Inc()
	}
}

func (l *life) abortIt() (first bool) {
	first, push := l.state.cancel()
	if push {
		l.entries.Inc()
	}
	return first
}

// lifeModel has a worker, wakers, aborters, who waits and polls itself, and who waits.
func lifeModel(first flags, wakers, aborters, callers, joiners int) func(x *explore.X) {
	return func(x *explore.X) {
		l := newLife(x, first, wakers)
		firsts := 0
		for i := range wakers {
			x.Go(fmt.Sprint("waker ", i), l.wake)
		}
		for i := range aborters {
			x.Go(fmt.Sprint("aborter ", i), func() {
				if l.abortIt() {
					firsts++
				}
			})
		}
		for i := range callers {
			x.Go(fmt.Sprint("caller ", i), func() { l.turn(l.state.claimWaiting()) })
		}
		for i := range joiners {
			x.Go(fmt.Sprint("joiner ", i), func() {
				for p := poller.New(); !l.await(waker.New(p)); {
					p.Sleep()
				}
				point.Reads(l.owner)
				x.Check(l.ends == 1, "done, and ended %d times", l.ends)
			})
		}
		x.Go("worker", l.work)
		x.Wait()
		x.Check(l.ends == 1 && firsts <= 1, "ended %d times, aborted %d times", l.ends, firsts)
	}
}

func TestExploreTaskState(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker, aborter, joiner",
		Run: lifeModel(queued, 1, 1, 0, 1),
	}.Check(t)
}

func TestExploreTaskStateJoin(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker, joiner",
		Run: lifeModel(queued, 1, 0, 0, 1),
	}.Check(t)
}

func TestExploreTaskStateAbortJoin(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, aborter, joiner",
		Run: lifeModel(queued, 0, 1, 0, 1),
	}.Check(t)
}

func TestExploreTaskStateInside(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "spawned inside: worker, waker, aborter",
		Run: lifeModel(running, 1, 1, 0, 0),
	}.Check(t)
}

func TestExploreTaskStateTwoWakers(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, 2 wakers, joiner",
		Options: explore.Options{Preemptions: 3},
		Run:     lifeModel(queued, 2, 0, 0, 1),
	}.Check(t)
}

// insideModel has workers, wakers from inside and outside, and aborters.
func insideModel(first flags, inside, outside, aborters, workers int) func(x *explore.X) {
	return func(x *explore.X) {
		l := newLife(x, first, inside+outside)
		firsts := 0
		for i := range inside {
			x.Go(fmt.Sprint("waker inside ", i), l.wakeInside)
		}
		for i := range outside {
			x.Go(fmt.Sprint("waker ", i), l.wake)
		}
		for i := range aborters {
			x.Go(fmt.Sprint("aborter ", i), func() {
				if l.abortIt() {
					firsts++
				}
			})
		}
		for i := range workers {
			x.Go(fmt.Sprint("worker ", i), l.workBeside)
		}
		x.Wait()
		x.Check(l.ends == 1 && firsts <= 1, "ended %d times, aborted %d times", l.ends, firsts)
		x.Check(l.entries.Load() == 0, "%d entries are left", l.entries.Load())
	}
}

func TestExploreTaskStateWokenInside(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "worker, waker from inside, waker from outside, aborter",
		Options: explore.Options{Preemptions: 3},
		Run:     insideModel(running, 1, 1, 1, 1),
	}.Check(t)
}

func TestExploreTaskStateTwoInside(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "2 workers, 2 wakers from inside",
		Options: explore.Options{Preemptions: 2},
		Run:     insideModel(queued, 2, 0, 0, 2),
	}.Check(t)
}

func TestExploreTaskStateInsideShared(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "of stale entries: worker, waker from inside, aborter",
		Run: insideModel(queued|shared, 1, 0, 1, 1),
	}.Check(t)
}

// A caller that waits for an anywhere task polls it out of turn; its entry is stale then.
func TestExploreTaskStateClaimed(t *testing.T) {
	explore.Model{
		Structure: "task state", Operations: "anywhere: worker, caller that polls it, waker, aborter",
		Options: explore.Options{Preemptions: 3},
		Run:     lifeModel(queued|shared|anywhere, 1, 1, 1, 0),
	}.Check(t)
}
