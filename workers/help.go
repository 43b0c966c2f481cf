// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"time"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
)

// Current returns the worker in whose place the calling goroutine sits, or nil
// if the goroutine runs no job of this pool. It looks at every place: use it
// where the alternative is to block.
//
// Caller: any.
func (p *Pool) Current() *Worker {
	me := uint64(self.Goroutine())
	if me == 0 {
		return nil
	}
	for _, w := range p.places() {
		if w.sitter.Load() == me {
			return w
		}
	}
	return nil
}

// A Hold is one wait inside a job; see [Worker.Help].
type Hold struct {
	parker park.Parker // of a guest that has stepped out; first, for its alignment

	worker *Worker // set once
	guest  bool    // set once

	// ended says that the wait may be over.
	// Writers: End sets it; Help clears it when it returns.
	ended point.Bool

	// returned says that the guest has its place back.
	// Writers: handOver sets it; the guest clears it.
	returned point.Bool
}

// NewHold returns a hold for the running job.
//
// Caller: owner, inside a job.
func (w *Worker) NewHold() *Hold {
	w.checkSitter()
	h := &Hold{worker: w, guest: w.guest}
	if h.guest {
		h.parker.Init(w.pool.portable)
	}
	return h
}

// End makes Help return.
//
// Caller: any.
func (h *Hold) End() {
	h.ended.Store(true) // [recall-race] L1
	if h.guest {
		h.parker.Unpark()
	} else {
		h.worker.recall()
	}
}

// Help runs other jobs on the calling goroutine until h.End is called, so that
// a job can wait without withholding its worker. If there is nothing to run the
// goroutine sleeps, and the place is free for others meanwhile.
//
// A job that Help runs may need a lock that the waiting job holds; then neither
// goes on. A guest runs only what its own call pushed. If a job that Help runs
// calls runtime.Goexit, the waiting job ends with it.
//
// Caller: owner, inside the job that made h.
func (w *Worker) Help(h *Hold) {
	w.checkSitter()
	outer := w.current
	defer w.unshelve(w.shelve())
	for !h.ended.Swap(false) {
		j := w.nextHelp(h)
		switch {
		case j != nil:
			w.unparkNow()
			w.current = outer // whose crash it is if protect does not return
			w.protect(j)
		case w.guest:
			w.stepOut(h)
		default:
			w.parkHelper(h)
		}
	}
	w.current = outer
	if w.searching {
		w.endSearch() // the job goes on
	}
	w.unparkNow() // those whom it made to wait need not wait for its end
}

// nextHelp finds the next job for a worker or guest that waits inside a job.
func (w *Worker) nextHelp(h *Hold) *Job {
	if w.guest {
		return w.nextOwn()
	}
	if w.attention.Load() != 0 {
		w.attend(h) // it cannot end here
	}
	if j := w.nextJob(); j != nil {
		if w.searching {
			w.endSearch()
		}
		return j
	}
	w.payP()
	j, pushed := w.lookAround()
	if pushed {
		if j = w.nextJob(); w.searching {
			w.endSearch()
		}
	}
	return j
}

// parkHelper is [Worker.park] for a worker that waits inside a job: it must
// wake up for the job's sake too.
//
// Proof [recall-race]: the worker does not sleep on after its wait has ended.
//
//	End                               parkHelper
//	  L1  ended.Store(true)             H1  announcePark sets the place's bit
//	  L2  attention |= recall           H2  read ended; true: do as End does
//	  L3  wakePlace looks at the bit        sleep
//
//	attend, with a guest that          any that took the place for a while
//	wants the place                      M1  announcePark sets the bit again
//	  N1  attention &^= recall           M2  read attention; recall: as L3
//	  N2  read ended, after the place
//	      is the guest's; as H2
//
// L1 before H2 in S: H2 sees it. Otherwise H1, H2, L1, L2, L3 (cross): L3 finds
// the bit and wakes the worker, or the bit is gone. Then a waker took it and
// gives the permit; or somebody else took it, and gives the place up by M1 and
// M2: M1 before L3, then L3 finds the bit; else L2 is before L3, before M1,
// before M2, which sees it. (cross)
//
// Nobody clears the recall bit while the worker sleeps. N1 may clear one that
// was meant for a sleep to come: then L1 is before L2, before N1, before N2,
// which sees it.
//
// Checked by: TestHelpEnds, TestHelpWhileGuestsComeAndGo, TestRecallDuringReservation,
// TestEndWhileAttending, TestEndBeforeHandOver.
func (w *Worker) parkHelper(h *Hold) {
	w.settle()
	searching, atMost := w.searching, w.atMost
	w.searching = false
	after := w.pool.idle.announcePark(w.index, searching) // [recall-race] H1, [wake-race] K1
	if h.ended.Load() {                                   // [recall-race] H2
		w.recall()
	} else {
		w.pool.afterAnnounce(w, after, attendRecall|attendPosted) // [wake-race] K2
	}
	w.sleep(atMost)
	w.clearAttention(attendRecall)
}

// recall wakes the worker that sleeps inside a job in this place.
//
// Caller: any.
func (w *Worker) recall() {
	w.setAttention(attendRecall) // [recall-race] L2; [aside-race] W1
	if !w.pool.wakePlace(w) {    // [recall-race] L3
		w.rouseJoiner()
	}
}

// sleep waits until somebody gives the place to its worker, or, if atMost is positive,
// until that time is over and the place is free. The worker is then counted as
// searching.
//
// Caller: the worker, after it has given the place up.
func (w *Worker) sleep(atMost time.Duration) {
	me := uint64(self.Goroutine())
	slept := false
	switch {
	case atMost > 0 && w.parker.ParkFor(atMost):
	case atMost > 0 && w.pool.takeBack(w):
		slept = true
	default:
		w.parker.Park()
	}
	// One that slept its time out may come late without the pressure rising: a Go timer
	// would have fired no earlier.
	if !slept && w.pool.anyVisible() {
		w.parker.Mind()
	}
	w.slept = slept
	w.sitter.Store(me)
	w.hi = 0
	w.searching = true
	w.awake()
}

// awake says that somebody has come to the place.
//
// Caller: owner, when the idle set has counted the place as awake.
func (w *Worker) awake() {
	if f := w.pool.config.onAwake; f != nil {
		f()
	}
}
