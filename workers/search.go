// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
)

const (
	// searchRounds and searchPause bound how long a worker looks for work
	// before it parks, with a pause after each round: about 15 us in all. That
	// is as long as a caller in the kernel needs to wake up and submit again;
	// see the row wake-tight of bench. Longer spinning withholds the P from the very
	// goroutines that would bring work.
	searchRounds = min(150, point.Most-1)
	searchPause  = 48

	// portableRounds is searchRounds for workers that park in Go channels: there
	// the goroutine that would bring work needs this very P.
	portableRounds = min(2, point.Most-1)
)

// search looks for work elsewhere until it finds some or gives up. A search
// that finds work ends; one that gives up stays counted, for park to end it.
//
// Caller: owner.
func (w *Worker) search() *Job {
	p := w.pool
	if !w.searching {
		if !p.idle.tryBeginSearch(p.Size()) {
			return nil
		}
		w.searching = true
	}
	w.unparkNow()
	rounds := searchRounds
	if p.InChannels() {
		rounds = portableRounds
	}
	for round := 1; ; round++ {
		last := round == rounds || p.closing.Load() || w.attention.Load() != 0
		// A lone job may be its owner's run-next job: take it on the last
		// round only, else two tasks that wake each other are torn apart.
		// The last round must take it: it is in sight, so a worker that
		// parked beside it would wake itself again and again.
		atLeast := 2
		if last {
			atLeast = 1
		}
		if j := w.seek(atLeast); j != nil {
			w.endSearch()
			return j
		}
		if last {
			return nil
		}
		park.Relax(searchPause)
	}
}

// seek is one round of a search.
//
// Caller: owner, searching.
func (w *Worker) seek(atLeast int) *Job {
	if w.lanes != nil {
		return w.seekByLevel(atLeast)
	}
	if j := w.takeInjected(injectBatch); j != nil {
		return j
	}
	return w.stealOnce(atLeast)
}

// InChannels reports whether a worker that parks now does so in a Go channel, and not
// in the kernel.
//
// Caller: any.
func (p *Pool) InChannels() bool { return p.portable || p.pressure.High() }

// endSearch ends the worker's search with a job in hand. The last searcher
// wakes the next worker if more jobs are in sight: pushes that saw a search
// under way woke nobody. [wake-race]
//
// Caller: owner, searching.
func (w *Worker) endSearch() {
	w.searching = false
	if w.pool.idle.endSearch() && w.pool.anyVisible() { // [wake-race] F1 end, F2 look
		w.pool.wakeOne(w)
	}
}
