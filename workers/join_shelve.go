// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// A shelf is what [Worker.Help] puts aside of the waiting job, so that the jobs
// it runs meanwhile, and guests, find the place as between jobs. They may leave in
// any order: so each has a stack of frames of its own.
type shelf struct {
	stack  frameStack // if hi > 0
	hi, lo int
	scopes []scopeMark
	stolen *Crash
}

// A frameStack holds the frames of fork-join, by level.
type frameStack struct {
	frames []forked
	others [][]forked
}

// shelve takes the frames of the waiting job off the deque, as far as they are
// not stolen, and puts them aside.
//
// Caller: owner.
func (w *Worker) shelve() shelf {
	w.helping.Store(w.helping.Load() + 1)
	for w.lo > 0 && w.forks.Pop() != nil {
		w.lo--
		w.frames[w.lo].head().under = nil
	}
	s := shelf{hi: w.hi, lo: w.lo, scopes: w.scopes, stolen: w.stolen}
	if s.hi > 0 {
		s.stack = frameStack{w.frames, w.others}
		w.frames, w.others = w.spare.frames, w.spare.others
		w.spare = frameStack{}
	}
	w.hi, w.lo, w.offered, w.scopes, w.stolen = 0, 0, 0, nil, nil
	w.ask()
	return s
}

// unshelve undoes shelve. It is deferred: a job that Help runs may end the
// waiting one by Goexit.
//
// Caller: owner.
func (w *Worker) unshelve(s shelf) {
	if invariant.Enabled {
		invariant.Check(w.hi == 0, "worker %d: %d forks of a job that has ended", w.index, w.hi)
	}
	if s.hi > 0 {
		w.scrubFrames()
		w.spare = frameStack{w.frames, w.others}
		w.frames, w.others = s.stack.frames, s.stack.others
	}
	w.hi, w.lo, w.offered, w.scopes, w.stolen = s.hi, s.lo, 0, s.scopes, s.stolen
	w.helping.Store(w.helping.Load() - 1)
	w.ask()
}
