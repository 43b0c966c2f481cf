// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"math/bits"

	"github.com/pilfer-go/pilfer/deque"
)

// lowPerLook is how many jobs of level Low may go before one of level Normal that
// comes from outside: a look costs 2 ns, see BenchmarkPrioritiesYield.
const lowPerLook = 8

// lookByLevel is look in a pool with levels: what is owed, then the most urgent that
// the worker has or that came from outside.
//
// Caller: owner.
func (w *Worker) lookByLevel(urgent uint32) *Job {
	if w.lanes.owed != 0 {
		if j := w.pay(); j != nil {
			return j
		}
	}
	if urgent != 0 {
		if j := w.nextUrgent(urgent); j != nil {
			return j
		}
	}
	if w.own.len() > 0 {
		return w.nextOwned()
	}
	return nil
}

// nextLow takes a job of level Low, when there is none of level Normal in the run
// queue.
//
// Caller: owner.
func (w *Worker) nextLow() *Job {
	if w.lanes.filled == 0 {
		return nil // a search finds what is outside
	}
	if w.tick%lowPerLook == 0 {
		if j := w.takeInjectedAt(Normal, injectBatch); j != nil {
			return j
		}
	}
	return w.popLane(Low)
}

// nextUrgent takes a job above Normal: of the higher level first, and of one level
// the worker's own first.
//
// Caller: owner.
func (w *Worker) nextUrgent(where uint32) *Job {
	for l := Urgent; l < Normal; l++ {
		if where&(1<<l) == 0 {
			continue
		}
		if j := w.popLane(l); j != nil {
			return j
		}
		if j := w.takeInjectedAt(l, injectBatch); j != nil {
			return j
		}
	}
	if where&bitDue != 0 {
		return w.pool.levels.takeDue()
	}
	return nil
}

// popLane takes the oldest job of the worker's own of that level, not Normal.
//
// Caller: owner.
func (w *Worker) popLane(level Level) *Job {
	s := w.lanes
	if s.filled&(1<<level) == 0 {
		return nil
	}
	j := s.queues[level].Pop()
	if j == nil {
		s.filled &^= 1 << level
	}
	return j
}

// takeInjectedAt is takeInjected for any level.
//
// Caller: owner.
func (w *Worker) takeInjectedAt(level Level, most int) *Job {
	q := w.pool.levels.injectors[level]
	if q.Empty() {
		if level < Normal {
			w.pool.levels.lower(level)
		}
		return nil
	}
	share := q.Len()/w.pool.Size() + 1
	j, n, _ := q.PopBatch(w.lanes.queues[level], min(share, most))
	w.count.injected += uint64(n)
	if n > 1 {
		w.lanes.fill(level)
	}
	return j
}

// What a worker owes after each age jobs: a turn to the own jobs of each level, one
// to those of each level from outside, and a look at what another worker has that
// is urgent. The lowest bit is paid first, and is that of the lowest level.
const (
	owedOutside = levelCount            // bits from here on: the injectors
	owedBeside  = 2 * levelCount        // the bit of the look beside
	owedAll     = 1<<(owedBeside+1) - 1 // eight jobs at most, and what is found beside
)

// pay takes a job of a level whose turn has come.
//
// Caller: owner.
func (w *Worker) pay() *Job {
	s := w.lanes
	for s.owed != 0 {
		turn := bits.TrailingZeros16(s.owed)
		s.owed &= s.owed - 1
		if j := w.payTurn(turn); j != nil {
			return j
		}
	}
	return nil
}

func (w *Worker) payTurn(turn int) *Job {
	switch {
	case turn == owedBeside:
		return w.lookBeside()
	case turn >= owedOutside:
		level := Level(owedBeside - 1 - turn)
		if level == Normal && w.hasNext {
			return w.takeInjectedAt(level, 1) // a job behind the run-next job would be taken for it
		}
		return w.takeInjectedAt(level, injectBatch)
	}
	if level := Level(levelCount - 1 - turn); level != Normal {
		return w.popLane(level)
	}
	w.hasNext = false // it is the turn of the oldest
	return w.queue.Pop()
}

// idleLevels are those that a look beside takes from a place only if nothing of them was
// run there since the last look: else their turn comes there, and a job that moves is
// slow on both.
var idleLevels = [...]Level{Low, Normal}

// idleEach is how many looks beside at a place go by for one at those levels: the owner
// writes there for each job, so a look takes a line from it and costs both some 100 ns.
const idleEach = 8

// lookBeside steals from one other worker, who may be in a long job: jobs above Normal,
// as this one may run what is less urgent; or one that is not, and does not come to its
// turn there.
//
// Caller: owner.
func (w *Worker) lookBeside() *Job {
	places := w.pool.places()
	s := w.lanes
	s.looks++
	at := int(s.looks % uint(len(places)))
	for len(s.fronts) < len(places) {
		s.fronts = append(s.fronts, [len(idleLevels)]uint64{})
	}
	v := places[at]
	if v == w {
		return nil
	}
	for l := Urgent; l < Normal; l++ {
		if j := w.stealLane(v, l); j != nil {
			return j
		}
	}
	if s.looks/uint(len(places))%idleEach != 0 {
		return nil
	}
	for i, l := range idleLevels {
		from, seen := v.lanes.thieves[l], &s.fronts[at][i]
		front := from.Front()
		moved := front != *seen
		*seen = front
		if !moved && (from.Len() > 1 || l == Low && from.Len() > 0) { // a lone Normal one may be run next
			if j, got := from.Steal(); got == deque.Taken {
				w.count.steals++
				w.count.stolen++
				return j
			}
		}
	}
	return nil
}

// stealLane steals half of v's jobs of that level, not Normal.
//
// Caller: owner.
func (w *Worker) stealLane(v *Worker, level Level) *Job {
	from := v.lanes.thieves[level]
	if from.Len() == 0 {
		return nil
	}
	j, n, got := w.stealHalf(from, w.lanes.queues[level], 1)
	if got != deque.Taken {
		return nil
	}
	w.count.steals++
	w.count.stolen += uint64(n)
	if n > 1 {
		w.lanes.fill(level)
	}
	return j
}

// seekByLevel is one round of a search in a pool with levels: the higher level
// first, wherever its jobs lie.
//
// Caller: owner, searching.
func (w *Worker) seekByLevel(atLeast int) *Job {
	for l := range Level(levelCount) {
		if l == Normal {
			if j := w.pool.levels.takeDue(); j != nil {
				return j
			}
		}
		if j := w.takeInjectedAt(l, injectBatch); j != nil {
			return j
		}
		if l == Normal {
			if j := w.stealOnce(atLeast); j != nil {
				return j
			}
			continue
		}
		for _, v := range w.pool.places() {
			if v != w {
				if j := w.stealLane(v, l); j != nil {
					return j
				}
			}
		}
	}
	return nil
}

// nextOfQueue takes the run-next job, or the oldest of the run queue.
//
// Caller: owner.
func (w *Worker) nextOfQueue() *Job {
	if w.hasNext {
		w.hasNext = w.afterPush
		return w.queue.PopNewest()
	}
	return w.queue.Pop()
}

// nextOwnByLevel takes the most urgent of the own jobs.
//
// Caller: owner.
func (w *Worker) nextOwnByLevel() *Job {
	for l := range Level(levelCount) {
		j := (*Job)(nil)
		if l == Normal {
			j = w.nextOfQueue()
		} else {
			j = w.popLane(l)
		}
		if j != nil {
			return j
		}
	}
	return nil
}
