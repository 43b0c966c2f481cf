// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/point"

// A join that sleeps keeps its place, as it has it back at once then. But a job
// may be under way in the same place on another goroutine: its worker's, which
// waits inside a job, took the place while a guest was away, and had to give it
// back; or that of a guest that has stepped out. If the half that the join waits
// for needs that job, nobody goes on. So a join that would sleep while somebody
// wants the place steps aside.
//
// It does not while it only spins: what it waits for is short then, or it sleeps
// soon.

// wanted reports whether another goroutine needs this place to go on with its
// job, or with those that it alone may run. The worker's own request means nothing to
// the worker: the job is below, on this very stack.
//
// Caller: owner.
func (w *Worker) wanted() bool {
	asked := w.attention.Load()
	return asked&attendHandOver != 0 || w.guest && asked&(attendRecall|attendPosted) != 0
}

// rouseJoiner wakes who sleeps in a join in this place.
//
// Proof [aside-race]: a join does not sleep in a place that is asked for.
//
//	the joiner                   recall, comeBack, Post
//	  S1  joining.Store(true)      W1  attention |= recall, handover or posted
//	  S2  read attention           W2  find the place not parked; read joining
//
// W1 before S2 in S: S2 sees it. Otherwise S1, S2, W1, W2: W2 sees the joiner.
// (cross) If the place was parked at W2 nobody joins there; who takes it later
// reads attention after W1.
//
// Checked by: TestJoinStepsAsideForTheWorker, TestJoinStepsAsideForAGuest,
// TestJoinStepsAsideForAPostedJob.
//
// Caller: any, after it has set attention.
func (w *Worker) rouseJoiner() {
	if w.joining.Load() { // [aside-race] W2
		w.joinParker.Unpark()
	}
}

// stepAside lets others have the place. A guest has it back when fr is done; a
// worker as soon as it is free.
//
// Caller: the owner of fr, wanted.
func (w *Worker) stepAside(fr *forkHead) {
	h := w.NewHold()
	fr.hold = h
	if !fr.state.CompareAndSwap(forkOpen, forkHeld) { // publish: hold
		fr.hold = nil
		return // it is done
	}
	w.leaveJoin(h)
	if !fr.state.CompareAndSwap(forkHeld, forkOpen) {
		for !h.ended.Load() { // the thief has yet to read fr.hold
			point.YieldTurn()
		}
	}
	fr.hold = nil
}

// leaveJoin is the part of stepAside in which others have the place.
//
// Caller: owner.
func (w *Worker) leaveJoin(h *Hold) {
	outer := w.current
	if f := w.pool.config.onAside; f != nil {
		defer f(w)()
	}
	defer w.unshelve(w.shelve())
	if w.guest {
		w.stepOut(h)
	} else if w.handOver() {
		w.sleep(0)
		w.endSearch() // what it was woken for is for others
	}
	w.current = outer
}
