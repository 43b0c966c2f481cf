// SPDX-License-Identifier: Apache-2.0

package workers

// A shelf is what [Worker.Help] puts aside of the waiting job, so that the jobs
// it runs meanwhile find the place as between jobs.
type shelf struct {
	base, lo int
	helping  uint32
	scopes   []scopeMark
}

// shelve takes the frames of the waiting job off the deque, as far as they are
// not stolen, and makes their levels the ground on which other jobs stand.
//
// Caller: owner.
func (w *Worker) shelve() shelf {
	s := shelf{w.base, w.lo, w.helping.Load(), w.scopes}
	w.helping.Store(s.helping + 1)
	for s.lo > w.base && w.forks.Pop() != nil {
		s.lo--
		w.frames[s.lo].head().under = nil
	}
	w.base, w.lo, w.offered = w.hi, w.hi, 0
	w.scopes = nil
	w.ask()
	return s
}

// unshelve undoes shelve. It is deferred: a job that Help runs may end the
// waiting one by Goexit.
//
// Caller: owner.
func (w *Worker) unshelve(s shelf) {
	w.base, w.lo, w.scopes = s.base, s.lo, s.scopes
	w.helping.Store(s.helping)
	w.ask()
}
