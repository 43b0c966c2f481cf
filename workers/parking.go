// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

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
// Checked by: TestStressBurstThenIdle, TestParkSeesLatePush, TestPushWakesAtOnce,
// TestSearcherPassesTheDutyOn.

// park waits until another goroutine wakes this worker. It returns counted as
// searching.
//
// Caller: owner, without jobs.
func (w *Worker) park() {
	p := w.pool
	w.settle()
	searching, atMost := w.searching, w.atMost
	w.searching = false
	after := p.idle.announcePark(w.index, searching)                  // [wake-race] K1 change the idle word; [close-race] K1; [retire-race] B1; [post-race] B1
	p.afterAnnounce(w, after, attendRetire|attendRecall|attendPosted) // [wake-race] K2 look once more
	w.sleep(atMost)
}

// afterAnnounce is the second half of giving up a place: it answers what its
// worker was asked meanwhile, then looks once more. The place is no longer the
// caller's, who may touch its atomic words only. wakeFor is what the worker of
// the place is to be woken for; one that waits inside a job cannot end.
//
// Caller: who called announcePark.
func (p *Pool) afterAnnounce(w *Worker, after idleWord, wakeFor uint32) {
	// Again after each announcement: a request may have come while the place
	// was taken.
	for w.attention.Load()&attendHandOver != 0 && p.take(w) { // [handover-race] V2
		if w.handOver() {
			return
		}
		after = p.idle.announcePark(w.index, false) // [handover-race] V1
	}
	if w.attention.Load()&wakeFor != 0 && p.wakePlace(w) { // [retire-race] B2, [recall-race] M2, [post-race] B2
		return // its worker is counted as searching, and looks
	}
	if wakeFor&attendRetire == 0 && p.closing.Load() && !p.anyVisible() {
		return // Close is not to wake it: it would find nothing, and sleep again
	}
	p.lookOnceMore(after)
}

// lookOnceMore wakes a worker if there is something to do, and says so if
// everybody is idle. Any parked worker will do, the caller's own included.
//
// Caller: any that made the number of parked places grow, or of live ones fall;
// after is what it read then.
func (p *Pool) lookOnceMore(after idleWord) {
	switch {
	case p.anyVisible():
		if p.idle.load().quiet() {
			p.wakeOne(nil)
		}
	case p.closing.Load(): // [close-race] K2 so long as workers sleep, wake them to end
		p.wakeAll()
	case after.parked() >= int(p.live.Load()) && p.config.onQuiet != nil:
		p.config.onQuiet()
	}
}

// settle does what must not wait while the worker sleeps.
//
// Caller: owner.
func (w *Worker) settle() {
	if invariant.Enabled {
		invariant.Check(w.own.len() == 0, "worker %d sleeps, and %d jobs are its alone", w.index, w.own.len())
	}
	w.current = nil
	w.hi = nobody
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
		by.checkSitter()
		by.count.wakes++
	}
	p.unparkChosen()
	return true
}

// wakeAll wakes every worker that is parked when it comes to its place, once,
// whoever searches.
//
// Caller: any.
func (p *Pool) wakeAll() {
	for _, w := range p.places() {
		p.wakePlace(w)
	}
}

// unparkChosen wakes one worker.
//
// Caller: any, with a reservation counted as searching.
func (p *Pool) unparkChosen() { p.unpark(p.idle.choose(p)) }

// wakePlace wakes the worker of place w. It fails only if it saw that the place
// is not parked.
//
// Caller: any.
func (p *Pool) wakePlace(w *Worker) bool {
	if !p.takePlace(w.index, oneSearching) {
		return false
	}
	p.unpark(w)
	return true
}

// unpark ends the sleep of the worker of place w, and that of the monitor.
//
// Caller: who took the place, counted as searching.
func (p *Pool) unpark(w *Worker) {
	w.parker.Unpark()
	if p.monitor.asleep.Load() {
		p.monitor.rouse()
	}
}

// take takes place w for the caller to sit in. It fails only if it saw that the
// place is not parked.
//
// Caller: any.
func (p *Pool) take(w *Worker) bool { return p.takePlace(w.index, 0) }

// takeBack takes a place for its own worker, whose sleep was over by time, and counts
// that as searching. It fails if somebody has taken the place, who will wake the
// worker, or sits there until it is announced again.
//
// Caller: the worker of the place.
func (p *Pool) takeBack(w *Worker) bool {
	if !p.takePlace(w.index, oneSearching) {
		return false
	}
	if p.monitor.asleep.Load() {
		p.monitor.rouse()
	}
	return true
}

// takePlace takes place i, and adds then to the counts.
//
// The bit may be set while no place can be reserved: another goroutine stands
// between its two steps. It either takes this very bit, or another one and then
// a count is added that belongs to ours, or it gives its reservation back. None
// of them would come back for us: whoever asked for this place would wait for
// ever. So this waits for them; they have a few instructions to go.
//
// Caller: any.
func (p *Pool) takePlace(i int, then idleWord) bool {
	for tries := 1; p.idle.isParked(i); tries++ {
		if p.idle.reserve(then) {
			if p.idle.take(i) {
				return true
			}
			p.giveBack(then)
		} else if tries%takeTries == 0 {
			point.YieldTurn() // they may need this P
		}
	}
	return false
}

// giveBack undoes a reservation. It may have hidden a parked place from a push, or
// from the last worker that parked: what they did not do is done here.
//
// Caller: any, with a reservation.
func (p *Pool) giveBack(then idleWord) { p.lookOnceMore(p.idle.giveBack(then)) }

// takeTries is how often takePlace looks before it yields.
const takeTries = min(64, point.Most-1)
