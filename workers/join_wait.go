// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"slices"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

// takeBack ends the fork of level h in the rare cases. It reports true if the
// caller has to run the half, and false if a thief has run it.
//
// Caller: owner.
//
//go:noinline
func (w *Worker) takeBack(h int) bool {
	w.checkSitter()
	w.settleForks(h + 1) // of a function that was left by a panic and recovered
	if w.hi != h+1 {
		panic("pilfer: joins out of order: a worker was used by a job that it was not handed to")
	}
	mine := w.takeTop()
	if mine && w.demand.Load() != 0 {
		w.offer()
	}
	return mine
}

// takeTop takes the newest frame off the stack. It reports whether nobody has
// run it; else it waits until a thief has.
//
// Caller: owner.
func (w *Worker) takeTop() (mine bool) {
	h := w.hi - 1
	if w.lo <= h { // private
		w.hi = h
		return true
	}
	fr := w.frames[h].head()
	if j := w.forks.Pop(); j != nil {
		if invariant.Enabled {
			invariant.Check(j == &fr.Job, "worker %d: the newest published frame is not that of level %d", w.index, h)
		}
		w.hi, w.lo = h, h
		fr.under = nil
		if w.offered--; w.offered <= 0 {
			w.offered = 0
			w.ask() // for the next fork: none is on offer
		}
		return true
	}
	// A thief has it, and has or had all older ones. While it is waited for, its
	// level stays taken: what runs meanwhile forks above it.
	w.offered = 0
	w.waitForThief(fr)
	w.hi, w.lo = h, h
	return false
}

const (
	// joinRounds and joinPause bound how long a join looks for something to do
	// before it sleeps: about 30 us, which is what sleeping and waking costs.
	joinRounds = min(400, point.Most-1)
	joinPause  = 48
)

// waitForThief waits until the stolen frame is done. Meanwhile it runs frames
// that its thief has forked: they are part of it. Any other job might want a lock
// that the joining code holds.
//
// Caller: owner.
func (w *Worker) waitForThief(fr *forkHead) {
	w.payP()
	defer func() {
		if fr.state.Load() != forkDone { // a frame called Goexit, and this goroutine goes after fr
			w.waitForThief(fr)
		}
	}()
	for rounds := 0; fr.state.Load() != forkDone; {
		if j := w.leap(fr); j != nil {
			current := w.current
			w.protect(j)
			w.current = current
			rounds = 0
			continue
		}
		if rounds++; rounds < joinRounds && !w.pool.InChannels() {
			park.Relax(joinPause)
			continue
		}
		w.sleepInJoin(fr)
	}
}

// leap steals a frame from whoever runs fr, if it is part of fr.
//
// Proof: the frame is a descendant of fr. When a worker begins to run a stolen
// frame its own deque is empty: a worker steals only then, except in Help, which
// says so in helping and takes its own frames off the deque. So what lies there
// while it runs fr was forked by fr, or by a job in Help. The frame at index t
// was there when ok looked, after t was read. If ok finds helping to be 0 it is
// none of the latter, and if it finds fr open, it is one of the former. It may be
// gone by the time of the claim; then top has moved, and the claim fails.
// (monotone)
//
// Checked by: TestLeapRunsDescendantsOnly, TestStressJoin.
//
// Caller: the owner of fr.
func (w *Worker) leap(fr *forkHead) *Job {
	t := fr.thief.Load()
	if t == nil || t == w {
		return nil // it has not said who it is
	}
	j, got := t.forkThief.StealIf(func() bool {
		return t.helping.Load() == 0 && fr.state.Load() != forkDone
	})
	switch got {
	case deque.Taken:
		t.ask()
		w.count.steals++
		w.count.stolen++
		return j
	case deque.Empty:
		t.ask()
	}
	return nil
}

// sleepInJoin sleeps until fr is done, its thief offers a frame, or somebody wants
// the place; see join_aside.go.
//
// Proof [leap-race]: the joiner does not sleep while there is a frame to leap to.
//
//	joiner                           the thief's offer
//	  J1  enter the list; count it     Q1  push the frame
//	  J2  look at the thief's deque    Q2  read the number of joiners; wake them
//
// Q1 before J2 in S: J2 sees the frame. Otherwise J1 is before J2, before Q1,
// before Q2, which sees the joiner. (cross) The end of fr itself is told by its
// state, one word. (elect)
//
// Checked by: TestJoinerWakesForOffer, TestStressJoin.
//
// Caller: the owner of fr.
func (w *Worker) sleepInJoin(fr *forkHead) {
	t := fr.thief.Load()
	if t == nil {
		point.YieldTurn() // it may need this P to say who it is
		return
	}
	t.mu.Lock()
	t.joiners = append(t.joiners, w)
	t.mu.Unlock()
	t.waited.Inc()                                             // [leap-race] J1
	nothing := t.helping.Load() != 0 || t.forkThief.Len() == 0 // [leap-race] J2
	if nothing && fr.state.CompareAndSwap(forkOpen, forkAsleep) {
		t.ask()
		w.publish()
		w.unparkNow()
		w.joining.Store(true) // [aside-race] S1
		if !w.wanted() {      // [aside-race] S2
			w.joinParker.Park()
		}
		w.joining.Store(false)
		fr.state.CompareAndSwap(forkAsleep, forkOpen)
	}
	t.mu.Lock()
	t.joiners = slices.DeleteFunc(t.joiners, func(j *Worker) bool { return j == w })
	t.mu.Unlock()
	t.waited.Dec()
	if w.wanted() {
		w.stepAside(fr)
	}
}

// wakeJoiners wakes those who sleep until this worker offers a frame.
//
// Caller: owner.
func (w *Worker) wakeJoiners() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, j := range w.joiners {
		j.joinParker.Unpark()
	}
}
