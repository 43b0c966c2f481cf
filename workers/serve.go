// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"

	"github.com/pilfer-go/pilfer/internal/park"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
)

// maxNested bounds how many loops may run inside deferred functions of one
// goroutine, each left behind by a job that called runtime.Goexit. Then a new
// goroutine takes the place. 16 loops need a few KB of stack.
const maxNested = 16

// A sitting is one goroutine's time in a place. It is apart from [Worker]
// because a goroutine that calls runtime.Goexit too often is succeeded by
// another, and still has deferred functions to run.
type sitting struct {
	w      *Worker
	gone   bool // the loop ended by itself
	passed bool // another goroutine has the place
	nested int  // loops inside deferred functions
}

// main is the worker's goroutine.
func (w *Worker) main() {
	s := &sitting{w: w}
	if w.pool.config.lock && !point.Exploring() {
		runtime.LockOSThread()
	}
	defer s.leave()
	w.sitter.Store(uint64(self.Goroutine()))
	w.hi = 0
	w.awake()
	w.enter()
	s.loops()
}

// loops serves until the worker ends, through all panics.
func (s *sitting) loops() {
	for !s.gone && !s.passed {
		s.serve()
	}
}

// serve runs jobs until the worker ends or a job crashes. Its recover serves
// all jobs: none pays for a deferred function of its own.
//
// runtime.Goexit cannot be stopped, but its deferred functions may run for
// ever: the next loop runs inside one, on the same goroutine and thread.
func (s *sitting) serve() {
	defer func() {
		if s.gone || s.passed {
			return
		}
		crash := s.w.CrashOf(recover())
		s.w.crashed(crash)
		if s.w.guest {
			s.pass()
			return
		}
		if !crash.Goexit {
			return // to loops
		}
		if s.nested++; s.nested < maxNested || s.w.kept > 0 {
			s.loops()
			return
		}
		s.passed = true
		s.w.sitter.Store(0) // another goroutine may get our number
		point.Go(s.w.main)
	}()
	for s.w.step() {
	}
	if s.w.guest {
		s.pass()
		return
	}
	s.gone = true
}

// pass ends the time of a goroutine whose job has called Block: the place has another
// worker.
func (s *sitting) pass() {
	s.passed = true
	s.w.Leave()
}

// leave ends the goroutine's time in its place, and the place's time with a
// goroutine unless somebody else has it.
func (s *sitting) leave() {
	if !s.passed {
		s.w.exit()
	}
	// A thread that is tied to a CPU ends with its goroutine, which a lock that
	// is left brings about: Go would run other goroutines on it.
	if c := &s.w.pool.config; c.lock && !c.pin && !point.Exploring() {
		runtime.UnlockOSThread()
	}
}

// step runs one job, or waits for one. It reports whether to go on.
//
// Caller: owner.
func (w *Worker) step() bool {
	if w.attention.Load() != 0 && w.attend(nil) {
		return false
	}
	j := w.nextJob()
	if j == nil {
		if j = w.find(); j == nil {
			return !w.ending()
		}
	} else if w.searching {
		w.endSearch() // woken for a job that lay in its own queue
	}
	if len(w.unparks) > 0 {
		w.unparkNow()
	}
	w.current = j
	w.count.jobs++
	j.Runner.RunJob(w)
	if w.hi != 0 {
		w.settleForks(0)
	}
	return !w.guest // else the job has lent the place; see Block
}

// find looks for work elsewhere, and parks if there is none. It returns nil
// after a park, or when the worker may have to end.
//
// Caller: owner, its queues empty.
func (w *Worker) find() *Job {
	w.payP()
	w.scrubFrames()
	w.current = nil // it has returned: a panic in a hook is not its own
	if j, pushed := w.lookAround(); j != nil || pushed {
		return j
	}
	if !w.ending() {
		w.park()
	}
	return nil
}

// lookAround looks for work elsewhere, and asks OnIdle: first, if the worker has slept
// as long as that said, else last. If neither brings a job, the worker is about to park.
//
// Caller: owner, its queues empty.
func (w *Worker) lookAround() (j *Job, pushed bool) {
	first := w.slept
	w.slept = false
	if first && w.onIdle() {
		return nil, true
	}
	if j = w.search(); j != nil {
		return j, false
	}
	return nil, !first && w.onIdle()
}

// onIdle calls the hook of [OnIdle], and reports whether that has pushed a job.
//
// Caller: owner, about to park.
func (w *Worker) onIdle() (pushed bool) {
	w.atMost = 0
	if f := w.pool.config.onIdle; f != nil {
		pushed, w.atMost = f(w)
	}
	return pushed
}

// ending reports whether the pool is closing and nothing is left to do.
func (w *Worker) ending() bool {
	return w.pool.closing.Load() && // [spill-race] I2
		!w.pool.anyVisible() && // [spill-race] I3
		w.attention.Load()&attendPosted == 0
}

// crashed tells the job that crashed, in whatever loop it ran.
func (w *Worker) crashed(crash Crash) {
	j := w.current
	if j == nil {
		panic(crash.Value) // ours, not the user's
	}
	w.settleForks(0)
	w.scopes = w.scopes[:0]
	w.current = nil
	j.Runner.JobCrashed(w, crash)
}

// attend answers the requests to this worker. It reports whether the worker
// has given its jobs away and must end, if it is not inside a job. h is the wait
// inside a job that the worker is in, or nil.
//
// Caller: owner, between jobs.
func (w *Worker) attend(h *Hold) (end bool) {
	if h == nil {
		w.current = nil // it has returned: a panic in a hook is not its own
	}
	asked := w.attention.Load()
	if asked&attendSample != 0 {
		w.clearAttention(attendSample)
		w.publish()
	}
	if asked&attendRecall != 0 {
		w.clearAttention(attendRecall) // [recall-race] N1 awake, so it looks by itself
	}
	if asked&attendPosted != 0 {
		w.takePosted()
	}
	if asked&attendHandOver != 0 {
		if w.searching {
			w.endSearch()
		}
		if w.own.len() > 0 {
			w.setAttention(attendPosted) // who sat here wakes the worker for them
		}
		if w.handOver() {
			if h != nil && h.ended.Load() { // [recall-race] N2
				w.recall()
			}
			w.sleep(0)
		}
	}
	switch {
	case asked&attendRetire == 0 || w.own.len() > 0:
	case w.kept > 0:
		w.clearAttention(attendRetire)
		w.retires = true // see Keep
	default:
		w.spillToInjector()         // [spill-race] J1
		if !w.pool.closing.Load() { // [spill-race] J2
			return true
		}
		w.clearAttention(attendRetire) // it ends as all do, once there are no jobs
	}
	return false
}

// Proof [spill-race]: jobs that a retiring worker gives away are run, though the
// pool closes.
//
//	the retiring worker       Close          another worker
//	  J1  inject its jobs       I1  closing    I2  read closing
//	  J2  read closing                         I3  look at every queue; end if empty
//
// Not closing at J2: then J1 is before J2, before I1, before any I2 that lets a
// worker end, before its I3, which sees the jobs. (cross) There is such a worker:
// a pool that is open has one that does not retire. Closing at J2: the others
// may have ended, so this one goes on until nothing is left. A job that was posted to
// a worker before Close is seen in the same way, as that too is looked at after I2.
//
// Checked by: TestRetireDuringClose, TestStressExactlyOnce, TestExploreSpillBeforeClose,
// TestExplorePostToTheNudged.

func (w *Worker) clearAttention(bits uint32) {
	for {
		old := w.attention.Load()
		if w.attention.CompareAndSwap(old, old&^bits) {
			return
		}
	}
}

func (w *Worker) setAttention(bits uint32) {
	for {
		old := w.attention.Load()
		if old&bits == bits || w.attention.CompareAndSwap(old, old|bits) {
			return
		}
	}
}

// spillToInjector gives all jobs of a worker that ends to the others.
//
// Caller: owner.
func (w *Worker) spillToInjector() {
	w.hasNext = false
	for j := w.queue.Pop(); j != nil; j = w.queue.Pop() {
		w.pool.Submit(j)
	}
	if w.lanes == nil {
		return
	}
	for l := range Level(levelCount) {
		for j := w.popLane(l); j != nil; j = w.popLane(l) {
			w.pool.SubmitAt(l, j)
		}
	}
}

// payP lets the goroutines run that this worker's jobs made runnable: they sit
// in this P's queue, and nobody else takes them while the worker spins or
// sleeps in the kernel, for up to 10 ms. A worker that sleeps in a channel
// gives up its P by that.
//
// Caller: owner.
func (w *Worker) payP() {
	if w.owesP {
		w.owesP = false
		if !w.pool.InChannels() {
			park.Yield()
		}
	}
}
