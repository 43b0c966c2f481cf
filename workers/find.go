// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"math/bits"

	"github.com/pilfer-go/pilfer/deque"
)

const (
	// injectEvery is how many jobs a worker runs before it looks at the
	// injector ahead of its own queue; without it, a worker that feeds itself
	// would starve outside submitters. Prime, so that it does not fall in step
	// with even loops. Go and Tokio use 61 too.
	injectEvery = 61

	// injectBatch bounds what one worker takes from the injector at once, so
	// that a burst is shared. Taken jobs can be stolen again.
	injectBatch = 64

	// maxStreak is how many run-next jobs may follow each other before the
	// oldest job of the queue gets its turn: two tasks that wake each other
	// would starve the rest. Tokio uses 3.
	maxStreak = 3

	// initialQueue and initialForks are first sizes; both grow.
	initialQueue = 256
	initialForks = 64
)

// nextJob looks where a job is cheapest first: the run-next job, the own
// queue, and every so often the injector ahead of both; in a pool with levels, as
// they say.
//
// Caller: owner.
func (w *Worker) nextJob() *Job {
	w.tick++
	if w.tick >= w.lookAt {
		if j := w.look(); j != nil {
			return j
		}
	}
	newest := w.hasNext
	if newest {
		w.hasNext = w.afterPush
		newest = w.streak < w.maxStreak
	}
	var j *Job
	if newest {
		w.streak++
		j = w.queue.PopNewest()
	} else {
		w.streak = 0
		j = w.queue.Pop()
	}
	if j == nil {
		return w.nextLast()
	}
	return j
}

// nextLast takes what is left when the run queue is empty. Jobs of the worker alone are
// so too, though it was the turn of others: a thief was faster.
//
// Caller: owner.
func (w *Worker) nextLast() (j *Job) {
	if w.lanes != nil {
		j = w.nextLow()
	}
	if j == nil && w.own.len() > 0 {
		j = w.own.pop()
	}
	return j
}

// look finds what goes before the run queue when the tick has come: jobs from outside,
// of the worker alone, and of other levels.
//
// Caller: owner.
func (w *Worker) look() *Job {
	if s := w.lanes; s != nil {
		if w.tick >= w.pool.levels.age && s.owed == 0 { // else the turns of few would come again and again
			w.tick = 0
			s.owed = owedAll
		}
		urgent := uint32(s.filled&aboveNormal) | w.pool.levels.raised.Load()
		if s.owed == 0 {
			if urgent == 0 && w.own.len() == 0 {
				return nil
			}
			if l := bits.TrailingZeros32(urgent); l < int(Normal) && s.filled>>l&1 != 0 {
				if j := s.queues[l].Pop(); j != nil {
					return j // as lookByLevel would find after more calls
				}
			}
		}
		return w.lookByLevel(urgent)
	}
	if w.tick >= injectEvery {
		w.tick = 0
		if j := w.nextInjected(); j != nil {
			return j
		}
	}
	if w.own.len() > 0 {
		return w.nextOwned()
	}
	w.lookAt = injectEvery
	return nil
}

// nextInjected is a look at the injector ahead of the own queue.
//
// Caller: owner.
func (w *Worker) nextInjected() *Job {
	switch {
	case w.pool.injector.Empty():
		return nil
	case w.hasNext:
		return w.takeInjected(1) // a job behind the run-next job would be taken for it
	}
	return w.takeInjected(injectBatch)
}

// takeInjected takes a share of the injected jobs, at most that many: the first
// is returned, the rest goes to the own queue.
//
// Caller: owner.
func (w *Worker) takeInjected(most int) *Job {
	share := w.pool.injector.Len()/w.pool.Size() + 1
	j, n, _ := w.pool.injector.PopBatch(w.queue, min(share, most))
	w.count.injected += uint64(n)
	return j
}

// stealOnce asks every other place for jobs, the last good victim first. With
// atLeast 2 it leaves a lone job to its owner, who may be about to run it next.
//
// Caller: owner, searching.
func (w *Worker) stealOnce(atLeast int) *Job {
	places := w.pool.places()
	n := len(places)
	if n == 1 {
		return nil
	}
	if w.victim >= n {
		w.victim = 0
	}
	at := w.victim
	for range n {
		v := places[at]
		if v != w {
			if j := w.stealFrom(v, atLeast); j != nil {
				w.victim = at
				return j
			}
		}
		if at++; at == n {
			at = 0
		}
	}
	w.rng = w.rng*1664525 + 1013904223
	w.victim = int(uint64(w.rng) * uint64(n) >> 32)
	return nil
}

func (w *Worker) stealFrom(v *Worker, atLeast int) *Job {
	switch j, got := v.forkThief.Steal(); got {
	case deque.Taken:
		v.ask()
		w.count.steals++
		w.count.stolen++
		return j
	case deque.Empty: // [offer-race] A1
		v.ask() // [offer-race] A2
	}
	if v.thief.Len() < atLeast {
		return nil
	}
	j, n, got := w.stealHalf(v.thief, w.queue, atLeast)
	if got != deque.Taken {
		return nil
	}
	w.count.steals++
	w.count.stolen += uint64(n)
	return j
}

// stealHalf takes from a victim's queue as many jobs as the pool's thieves do.
//
// Caller: owner.
func (w *Worker) stealHalf(from deque.QueueThief[Job], into *deque.Queue[Job], atLeast int) (*Job, int, deque.Outcome) {
	if w.pool.config.stealOne {
		j, got := from.Steal()
		return j, 1, got
	}
	return from.StealHalf(into, atLeast)
}

// anyVisible reports whether a job lies in any queue of the pool.
//
// Caller: any.
func (p *Pool) anyVisible() bool {
	if !p.injector.Empty() {
		return true
	}
	for _, v := range p.places() {
		if v.thief.Len() > 0 || v.forkThief.Len() > 0 {
			return true
		}
	}
	return p.levels != nil && p.levels.anyVisible(p.places())
}
