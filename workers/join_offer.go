// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"math"

	"github.com/pilfer-go/pilfer/internal/self"
)

// Publishing forks.
//
// A fork costs little only while nobody else can see it: each step that others
// see costs as much as the whole fork. But a frame that nobody sees cannot be
// stolen, and its owner may sit in a long leaf.
//
// Refused:
//   - Publish every fork, as the textbook does: 25 ns each.
//   - Keep a fixed number published: 1 is too few for coarse trees (half of the
//     workers idle in a left-deep one), 8 costs twice as much on fine ones.
//   - Publish while workers are without work: reading their count costs little,
//     but what is published only once somebody is idle comes a leaf too late.
//
// Chosen: the owner looks at one word, demand, at each fork and each join. Thieves
// set it: when they take a frame, and when they find none. Then the owner offers
// as many frames as there are workers without work, and twice as many as were
// stolen since it looked last: those were taken during one leaf, so as many will
// be during the next. With fine leaves that is one at a time; with coarse ones
// there is enough. Taking an offered frame back costs 10 ns more.

// offer answers the demand of thieves: it publishes the oldest private frames.
//
// Caller: owner, inside a job.
//
//go:noinline
func (w *Worker) offer() {
	w.checkSitter()
	w.demand.Store(0) // [offer-race] O1
	n := w.forks.OwnerLen()
	want := max(w.pool.hungry(), 2*(w.offered-n))
	pushed := false
	for n < want && w.lo < w.hi {
		h := w.frames[w.lo].head()
		h.under = w.scopeAt(w.lo)
		w.lo++
		w.forks.Push(&h.Job) // [wake-race] P1, [leap-race] Q1 publish the frame
		n++
		pushed = true
	}
	w.offered = n
	if n < want {
		w.demand.Store(1) // for the next fork
	}
	if !pushed {
		return
	}
	if w.pool.idle.load().quiet() { // [wake-race] P2
		w.pool.wakeOne(w)
	}
	if w.waited.Load() != 0 { // [leap-race] Q2
		w.wakeJoiners()
	}
}

// hungry returns how many frames a worker should have on offer, as far as the
// number of workers without work tells: one at least, as a theft costs the
// thief less if it need not wait for the owner's next fork. All, by [OfferAll].
//
// Caller: any.
func (p *Pool) hungry() int {
	if p.config.offerAll {
		return math.MaxInt
	}
	if p.Size() == 1 {
		return 0
	}
	word := p.idle.load()
	return max(1, word.parked()+word.searching())
}

// ask tells the worker that its frames are wanted.
//
// Caller: any thief.
func (w *Worker) ask() {
	if w.demand.Load() == 0 {
		w.demand.Store(1) // [offer-race] A2
	}
}

// Proof [offer-race]: a worker without work that found no frame is seen by the
// owner's next fork or join, if the owner has a private frame then.
//
//	thief                                  the owner
//	  A1  look at the owner's deque: empty   O1  demand.Store(0)
//	  A2  demand.Store(1), if it is 0        O2  publish frames
//
// A2 after O1 in S: the owner's next look finds 1. A2 before O1, or not done
// because it read a 1 from before O1: then O1 belongs to an offer that began
// after A1, and counts the thief, which was counted in the idle word before A1;
// it publishes what is private, or, if nothing is, sets demand itself. (cross)
//
// Nothing is lost but time if it fails: the owner runs its frames itself.
//
// Checked by: TestThiefIsSeenByNextFork.

// checkSitter panics if another goroutine uses the worker. It is called where a
// fork costs more anyway; the first one of a job is such a place.
func (w *Worker) checkSitter() {
	if me := uint64(self.Goroutine()); me != 0 && w.sitter.Load() != me {
		panic(fmt.Sprintf("pilfer: worker %d is used by a goroutine that does not run its job: "+
			"a worker may be used only by the job it was handed to, until that returns", w.index))
	}
}

// Hungry reports whether another worker has asked for work since this one
// looked last. Code that splits its work only on demand, as loops do, forks
// then. It costs one load.
//
// Caller: owner, inside a job.
func (w *Worker) Hungry() bool { return w.demand.Load() != 0 }
