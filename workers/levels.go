// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"

	"github.com/pilfer-go/pilfer/deque"
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/internal/point"
)

// A Level says how soon a job is to be run, in a pool that was made with [Levels].
type Level uint8

// The levels, the most urgent first. All other pushes are of level Normal.
const (
	Urgent Level = iota
	High
	Normal
	Low

	levelCount = 4
)

func (l Level) String() string {
	if l < levelCount {
		return [levelCount]string{"urgent", "high", "normal", "low"}[l]
	}
	return fmt.Sprintf("Level(%d)", uint8(l))
}

// Levels makes the pool tell jobs apart by their [Level]: a worker runs the most
// urgent jobs that it has first, and of each level the oldest. So that no level
// starves, each gets turns of its own: once in age jobs that a worker runs, the next
// ones are the oldest of each level in its queues, and the oldest of each level from
// outside. So the oldest of a level waits for age+8 others at most, and an urgent
// one for eight that are less so. The default is no levels.
//
// Without it [Worker.PushAt] and [Pool.SubmitAt] take every level for Normal.
func Levels(age int) Option { return func(c *config) { c.age, c.levels = age, true } }

// maxAge bounds the option, so that a worker's count of jobs need not be wider.
const maxAge = 1 << 20

// leveled is what a pool with levels has besides.
type leveled struct {
	age uint32 // set once

	// injectors hold the jobs from outside, by level; that of Normal is the pool's.
	injectors [levelCount]*deque.Injector[Job]

	// raised has a bit for each level above Normal that has jobs from outside, so
	// that a worker learns of them by one load before each job.
	// Writers: any. Invariant: see [raise-race].
	raised point.Uint32

	due dueQueue
}

// A lane set is what a worker of such a pool has besides.
type laneSet struct {
	// queues hold the worker's own jobs, by level; that of Normal is its run queue.
	queues  [levelCount]*deque.Queue[Job]
	thieves [levelCount]deque.QueueThief[Job] // set once

	// Used by who sits in the place only.
	filled uint8  // by level: not known to be empty; never that of Normal
	owed   uint16 // whose turn has come; see pay
	looks  uint   // beside: at one place after the other

	// fronts is where the queues of each place stood when this worker looked at them.
	fronts [][len(idleLevels)]uint64
}

const (
	aboveNormal = 1<<Normal - 1   // the bits of the levels above Normal
	bitDue      = 1 << levelCount // in raised: the due queue has jobs

	// laneRoom is the first size of a lane; it grows.
	laneRoom = 64
)

func newLeveled(p *Pool, age int) *leveled {
	ls := &leveled{age: uint32(age)}
	for l := range ls.injectors {
		ls.injectors[l] = deque.NewInjector[Job]()
	}
	ls.injectors[Normal] = p.injector
	return ls
}

func newLaneSet(w *Worker) *laneSet {
	s := &laneSet{}
	for l := range s.queues {
		s.queues[l] = w.queue
		if Level(l) != Normal {
			s.queues[l] = deque.NewQueue[Job](laneRoom)
		}
		s.thieves[l] = s.queues[l].Thief()
	}
	return s
}

// HasLevels reports whether the pool tells levels apart.
//
// Caller: any.
func (p *Pool) HasLevels() bool { return p.levels != nil }

// PushAt is [Worker.Push] for a job of that level.
//
// Caller: owner.
func (w *Worker) PushAt(level Level, j *Job) {
	if w.lanes == nil || level == Normal {
		w.Push(j)
		return
	}
	w.pushLane(level, j, "PushAt")  // [wake-race] P1 publish the job
	if w.pool.idle.load().quiet() { // [wake-race] P2 read the idle word
		w.pool.wakeOne(w)
	}
}

// PushYieldedAt is [Worker.PushYielded] for a job of that level.
//
// Caller: owner.
func (w *Worker) PushYieldedAt(level Level, j *Job) {
	if w.lanes == nil || level == Normal {
		w.PushYielded(j)
		return
	}
	alone := w.lanes.filled == 0 && w.queue.OwnerLen() == 0
	w.pushLane(level, j, "PushYieldedAt")
	if !alone && w.pool.idle.load().quiet() {
		w.pool.wakeOne(w)
	}
}

func (w *Worker) pushLane(level Level, j *Job, who string) {
	if invariant.Enabled {
		w.checkSitter()
		checkJob(j, who)
	}
	if level >= levelCount {
		refuseLevel(who, level)
	}
	w.lanes.queues[level].Push(j)
	w.lanes.fill(level)
}

// fill notes that a queue has jobs.
//
// Caller: owner.
func (s *laneSet) fill(level Level) {
	if level != Normal {
		s.filled |= 1 << level
	}
}

// Proof [raise-race]: a worker that looks at raised after a submit has returned
// sees the level's bit, until the level's injector was found empty.
//
//	SubmitAt                    lower
//	  S1  push into the injector  L1  clear the bit
//	  S2  set the bit             L2  look at the injector; jobs: set the bit
//
// S2 after L1 in S: the bit is set. Otherwise S1, S2, L1, L2: L2 sees the job and
// sets it, or the job was taken. (cross) A job whose bit is not set is late, not
// lost: who finds nothing else to do, and whose turn it is, looks at the injectors.
//
// Checked by: TestUrgentFromOutsideIsNext, TestStressLevels.

// SubmitAt is [Pool.Submit] for a job of that level.
//
// Caller: any.
func (p *Pool) SubmitAt(level Level, j *Job) {
	ls := p.levels
	if ls == nil || level == Normal {
		p.Submit(j)
		return
	}
	checkJob(j, "SubmitAt")
	if level >= levelCount {
		refuseLevel("SubmitAt", level)
	}
	ls.injectors[level].Push(j) // [raise-race] S1; [wake-race] P1 publish the job
	if level < Normal {
		ls.raise(1 << level) // [raise-race] S2
	}
	if p.idle.load().quiet() { // [wake-race] P2 read the idle word
		p.wakeOne(nil)
	}
}

// raise sets a bit.
//
// Caller: any.
func (ls *leveled) raise(bit uint32) {
	for {
		old := ls.raised.Load()
		if old&bit != 0 || ls.raised.CompareAndSwap(old, old|bit) {
			return
		}
	}
}

// lower clears the bit of a level whose injector was found empty.
//
// Caller: any.
func (ls *leveled) lower(level Level) {
	bit := uint32(1) << level
	for old := ls.raised.Load(); old&bit != 0; old = ls.raised.Load() {
		if ls.raised.CompareAndSwap(old, old&^bit) { // [raise-race] L1
			break
		}
	}
	if !ls.injectors[level].Empty() { // [raise-race] L2
		ls.raise(bit)
	}
}

// anyVisible reports whether a job lies in a queue that pools without levels do
// not have.
//
// Caller: any.
func (ls *leveled) anyVisible(places []*Worker) bool {
	for _, q := range ls.injectors {
		if !q.Empty() {
			return true
		}
	}
	if ls.due.len() > 0 {
		return true
	}
	for _, v := range places {
		for _, t := range v.lanes.thieves {
			if t.Len() > 0 {
				return true
			}
		}
	}
	return false
}

// len returns how many jobs lie in the lanes but that of Normal; a hint.
//
// Caller: any.
func (s *laneSet) len() int {
	if s == nil {
		return 0
	}
	n := 0
	for l, t := range s.thieves {
		if Level(l) != Normal {
			n += t.Len()
		}
	}
	return n
}
