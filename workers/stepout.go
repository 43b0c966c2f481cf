// SPDX-License-Identifier: Apache-2.0

package workers

import "slices"

// A guest that waits inside its call must not sleep in its place: with one
// worker, nobody else could run what it waits for. So it leaves the place and
// comes back to the same one, because its call holds the worker: whoever sits
// there then hands the place over between two jobs.

// stepOut leaves the guest's place until h ends.
//
// Caller: the guest, its own queue empty.
func (w *Worker) stepOut(h *Hold) {
	current := w.current
	w.pool.done.Add(1) // Close waits for us; the place's worker counts meanwhile
	w.Leave()
	for !h.ended.Load() {
		h.parker.Park()
	}
	w.comeBack(h)
	w.pool.done.Done()
	w.sitDown()
	w.current = current
}

// comeBack takes the place again: itself if it is parked, else from whoever
// sits there.
//
// Proof [handover-race]: the guest gets its place back. (If it has a worker; see
// [vacant-race].)
//
//	comeBack                        the sitter
//	  G1  attention |= handover       V1  announcePark sets the place's bit
//	  G2  take looks at the bit       V2  read attention
//
// V1 before G2 in S: G2 takes the place, unless somebody else did, who is the
// sitter then. Otherwise G1 is before G2, before V1, before V2: V2 sees the
// request and hands the place over. (cross) A sitter that does not park reads
// attention between two jobs, or before it sleeps in a join: see [aside-race].
//
// Checked by: TestGuestStepsOutAndComesBack, TestPlaceIsLeftBeforeItIsAskedFor,
// TestManyGuestsShareOnePlace, TestHelpWhileGuestsComeAndGo.
func (w *Worker) comeBack(h *Hold) {
	if w.pool.take(w) {
		return
	}
	w.mu.Lock()
	w.steppers = append(w.steppers, h)
	w.mu.Unlock()
	w.setAttention(attendHandOver) // [handover-race] G1, [vacant-race] Y1, [aside-race] W1
	if w.pool.take(w) {            // [handover-race] G2
		w.mu.Lock()
		w.steppers = slices.DeleteFunc(w.steppers, func(o *Hold) bool { return o == h })
		w.mu.Unlock()
		return
	}
	w.rouseJoiner()
	w.revive()
	for !h.returned.Load() {
		h.parker.Park()
	}
	h.returned.Store(false)
}

// handOver gives the place to the first guest that wants it back. It reports
// whether there was one; then the place is no longer the caller's. The jobs that
// lie in it go to the others: the guest would keep them waiting.
//
// Caller: owner, between jobs, not searching.
func (w *Worker) handOver() bool {
	w.clearAttention(attendHandOver)
	w.mu.Lock()
	if len(w.steppers) == 0 {
		w.mu.Unlock()
		return false
	}
	h := w.steppers[0]
	w.steppers = slices.Delete(w.steppers, 0, 1)
	more := len(w.steppers) > 0
	w.mu.Unlock()
	if more {
		w.setAttention(attendHandOver)
	}
	w.spillToInjector()
	w.unparkNow()
	w.payP()
	h.returned.Store(true) // publish: the place is the guest's
	h.parker.Unpark()
	return true
}
