// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/point"

// counters are what a worker has done. Plain words: only who sits in the place
// touches them, so that counting costs no locked instruction.
type counters struct {
	jobs, steals, stolen, injected, parks, wakes uint64
}

// published is the copy of counters that others may read.
type published struct {
	// Writers of all: who sits in the place, between jobs when asked, before it
	// parks and when it ends. Invariant: none decreases.

	jobs     point.Uint64 // Writers: owner.
	steals   point.Uint64 // Writers: owner.
	stolen   point.Uint64 // Writers: owner.
	injected point.Uint64 // Writers: owner.
	parks    point.Uint64 // Writers: owner.
	wakes    point.Uint64 // Writers: owner.
}

// publish makes the counters readable by others.
//
// Caller: owner.
func (w *Worker) publish() {
	store := func(to *point.Uint64, v uint64) {
		if to.Load() != v {
			to.Store(v)
		}
	}
	store(&w.published.jobs, w.count.jobs)
	store(&w.published.steals, w.count.steals)
	store(&w.published.stolen, w.count.stolen)
	store(&w.published.injected, w.count.injected)
	store(&w.published.parks, w.count.parks)
	store(&w.published.wakes, w.count.wakes)
	if f := w.pool.config.onPublish; f != nil && w.local != nil {
		f(w)
	}
}

// WorkerStats counts what one worker has done since the pool was made.
type WorkerStats struct {
	Jobs     uint64 // jobs run
	Steals   uint64 // thefts that succeeded
	Stolen   uint64 // jobs those thefts brought
	Injected uint64 // jobs taken from the injector
	Parks    uint64 // times it went to sleep
	Wakes    uint64 // times it woke another worker
	Queued   int    // jobs in its run queue now
}

// Stats returns what each worker has done. The counts of a worker that sleeps
// are exact; those of a worker that is busy are as old as its last job, or as
// the last but one call of Stats or tick of the watchdog (10 ms) if that is
// younger.
//
// Caller: any.
func (p *Pool) Stats() []WorkerStats {
	places := p.places()
	stats := make([]WorkerStats, len(places))
	for i, w := range places {
		if p.borrow(w) {
			w.publish()
			w.Leave()
		} else {
			w.setAttention(attendSample)
		}
		stats[i] = WorkerStats{
			Jobs:     w.published.jobs.Load(),
			Steals:   w.published.steals.Load(),
			Stolen:   w.published.stolen.Load(),
			Injected: w.published.injected.Load(),
			Parks:    w.published.parks.Load(),
			Wakes:    w.published.wakes.Load(),
			Queued:   w.QueueLen(),
		}
	}
	return stats
}

// borrow enters place w as a guest, if it is parked.
//
// Caller: any.
func (p *Pool) borrow(w *Worker) bool {
	if p.closing.Load() || !p.take(w) {
		return false
	}
	w.guest = true
	return true
}
