// SPDX-License-Identifier: Apache-2.0

package workers

// Proof [wake-race]: a pushed job is seen by some worker that is not parked.
//
//	push                          park, leave                found work
//	  P1  publish the job           K1  searching--, parked++  F1  searching--
//	  P2  read the idle word        K2  look at every queue    F2  look at every queue
//	      wake one if quiet             wake one if quiet          wake one if quiet
//
// Quiet means: somebody is parked and nobody searches. Take any P1.
//
// P1 before some K2 or F2 in S, with the job still queued then: that step sees
// the job (cross) and either wakes a worker, or somebody searches, or nobody is
// parked. A worker that searches ends by F1 or K1, so its F2 or K2 comes later
// and sees the job again. A worker that is neither parked nor searching runs
// jobs, and ends by K1 as well, after its own queue and a look at all others.
//
// P1 after all K2 and F2 so far: then every K1 and F1 so far is before P2, so
// P2 reads counts in which nobody who has given up is still searching. If P2
// reads quiet it wakes a worker, which searches. If it reads a searcher, that
// one has its K1 or F1 still before it, and its K2 or F2 sees the job. If it
// reads nobody parked, all workers are awake, and the case above holds.
//
// A guest that leaves its place is a park without a search. A wake between K2
// and the sleep is kept: who clears the place's bit gives its parker a permit.
// The woken worker is counted as searching by the step that reserved it, so the
// duty of the search is never dropped between the two.
//
// Checked by: TestStressBurstThenIdle, TestParkSeesLatePush.

// park waits until another goroutine wakes this worker. It returns counted as
// searching.
//
// Caller: owner, without jobs.
func (w *Worker) park() {
	p := w.pool
	w.settle()
	searching := w.searching
	w.searching = false
	after := p.idle.announcePark(w.index, searching) // [wake-race] K1 change the idle word
	p.afterAnnounce(w, after)                        // [wake-race] K2 look once more
	w.sleep()
}

// afterAnnounce is the second half of giving up a place: it looks once more,
// and says so if everybody is idle. The place is no longer the caller's: if
// there is something to do, any parked worker will do, this one included.
//
// Caller: who called announcePark.
func (p *Pool) afterAnnounce(w *Worker, after idleWord) {
	if w != nil && w.attention.Load()&attendHandOver != 0 && p.take(w) { // [handover-race] V2
		if w.handOver() {
			return
		}
		after = p.idle.announcePark(w.index, false) // [handover-race] V1
	}
	switch {
	case p.anyVisible():
		if p.idle.load().quiet() {
			p.wakeOne(nil)
		}
	case p.closing.Load():
		p.wakeAll()
	case after.parked() >= int(p.live.Load()) && p.config.onQuiet != nil:
		p.config.onQuiet()
	}
}

// settle does what must not wait while the worker sleeps.
//
// Caller: owner.
func (w *Worker) settle() {
	w.current = nil
	w.count.parks++
	w.publish()
	w.unparkNow()
	w.payP()
}

// wakeOne wakes the parked worker that is likely the warmest, if one is parked
// and nobody searches. by is the worker that wakes, or nil.
//
// Caller: any.
func (p *Pool) wakeOne(by *Worker) bool {
	if !p.idle.reserveToWake() {
		return false
	}
	if by != nil {
		by.count.wakes++
	}
	p.unparkChosen()
	return true
}

// wakeAll wakes every parked worker, whoever searches.
//
// Caller: any.
func (p *Pool) wakeAll() {
	for p.idle.reserve(oneSearching) {
		p.unparkChosen()
	}
}

// unparkChosen wakes one worker.
//
// Caller: any, with a reservation counted as searching.
func (p *Pool) unparkChosen() {
	p.idle.choose(p).parker.Unpark()
	if p.monitor.asleep.Load() {
		p.monitor.rouse()
	}
}

// wakePlace wakes the worker of place w, if it is parked there.
//
// Caller: any.
func (p *Pool) wakePlace(w *Worker) bool {
	if !p.idle.reserve(oneSearching) {
		return false
	}
	if p.idle.take(w.index) {
		w.parker.Unpark()
		return true
	}
	after := p.idle.giveBack(oneSearching)
	p.afterAnnounce(nil, after)
	return false
}
