// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/self"

// Enter lets the calling goroutine take the place of a parked worker, so that
// it runs jobs itself without waking anybody. It fails while all workers are
// awake: threads that run jobs never exceed the worker count. About 20 ns.
//
// What the guest pushes and takes back are descendants of its own call: jobs
// that a guest before it left in the place go to the injector.
//
// Caller: any goroutine that is not in a job of this pool.
func (p *Pool) Enter() (*Worker, bool) {
	if p.closing.Load() || !p.idle.reserve(0) {
		return nil, false
	}
	w := p.idle.choose(p)
	w.sitDown()
	if p.monitor.asleep.Load() {
		p.monitor.rouse() // it looks after guests too
	}
	return w, true
}

// sitDown makes the calling goroutine the guest of the place.
//
// Caller: owner, who took the place.
func (w *Worker) sitDown() {
	w.guest = true
	w.hi = 0
	w.sitter.Store(uint64(self.Goroutine()))
	if w.queue.OwnerLen() > 0 || w.lanes != nil && w.lanes.filled != 0 {
		w.spillToInjector()
	}
	w.awake()
}

// Leave gives the place back to its worker, which is woken if jobs are left. It panics
// if no guest sits there.
//
// Caller: the guest.
func (w *Worker) Leave() {
	if !w.guest {
		panic("workers: Leave of a place that nobody has entered")
	}
	if w.hi > 0 {
		w.settleForks(0)
	}
	w.hi = nobody
	w.scrubFrames()
	w.guest = false
	w.owesP = false // the guest's P, not the worker's
	w.current = nil
	w.sitter.Store(0)
	if len(w.unparks) > 0 {
		w.unparkNow()
	}
	asked := w.attention.Load()
	if asked&attendSample != 0 {
		w.clearAttention(attendSample)
		w.publish()
	}
	if asked&attendHandOver != 0 && w.handOver() {
		return
	}
	p := w.pool
	after := p.idle.announcePark(w.index, false)                      // [wake-race] K1 change the idle word
	p.afterAnnounce(w, after, attendRetire|attendRecall|attendPosted) // [wake-race] K2 look once more
}

// RunOne runs one job of the guest's own queue, and reports whether there was
// one. The job is told of its own panic, which goes no further; Goexit in a
// job ends the guest's goroutine.
//
// Caller: the guest.
func (w *Worker) RunOne() bool {
	j := w.nextOwn()
	if j == nil {
		return false
	}
	w.unparkNow()
	if w.hi != 0 {
		defer w.unshelve(w.shelve()) // it is no part of what has forked
	}
	w.protect(j)
	return true
}

// RunUntil is RunOne until done says so, which it asks before each job, or until there
// is no job. One deferred function serves all jobs, where each RunOne has its own.
//
// Caller: the guest.
func (w *Worker) RunUntil(done func() bool) {
	if done == nil {
		refuseNil("RunUntil")
	}
	if w.hi != 0 {
		defer w.unshelve(w.shelve()) // as in RunOne
	}
	for !w.runSome(done) {
	}
}

// runSome is RunUntil until a job panics: then it reports false.
func (w *Worker) runSome(done func() bool) (over bool) {
	base, scopes := w.hi, len(w.scopes)
	var running *Job
	defer func() {
		if running != nil {
			crash := w.CrashOf(recover())
			w.settleForks(base)
			w.scopes = w.scopes[:scopes]
			running.Runner.JobCrashed(w, crash)
		}
	}()
	for !done() {
		j := w.nextOwn()
		if j == nil {
			break
		}
		if len(w.unparks) > 0 {
			w.unparkNow()
		}
		running = j
		w.count.jobs++
		j.Runner.RunJob(w)
		if w.hi != base {
			w.settleForks(base)
		}
		running = nil
	}
	return true
}

// nextOwn takes the next job of the own queue only.
func (w *Worker) nextOwn() *Job {
	if w.lanes != nil {
		return w.nextOwnByLevel()
	}
	return w.nextOfQueue()
}
