// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// JoinRest is [Join] for a loop that stays a loop: it calls f(w, a), with rest(w, b)
// on offer to others meanwhile. If somebody has taken that, JoinRest waits for it
// and returns its result and true; else it returns false, and the caller goes on
// with its loop.
//
//	func sum(w *workers.Worker, c children) (total int) {
//		for i := c.from; i < c.of.degree(); i++ {
//			here, rest, taken := workers.JoinRest(w, sum, children{c.of.child(i), 0}, sum, children{c.of, i + 1})
//			total += here
//			if taken {
//				return total + rest
//			}
//		}
//		return total
//	}
//
// What is on offer is all that is left of the loop, so b says where it goes on, and
// rest(w, b) does what the caller would do after JoinRest has returned false. If f
// panics, or calls [runtime.Goexit], rest is run as the second half of a Join is.
//
// Caller: owner, inside a job.
func JoinRest[A, R, B, S any](w *Worker, f func(*Worker, A) R, a A, rest func(*Worker, B) S, b B) (r R, s S, taken bool) {
	if invariant.Enabled {
		w.checkFork(f == nil || rest == nil, "JoinRest")
	}
	h := w.hi
	var fr *frame[B, S]
	if uint(h) < uint(len(w.frames)) {
		fr, _ = w.frames[h].(*frame[B, S])
	}
	if fr == nil {
		fr = newFrame[frame[B, S]](w)
	}
	fr.f = rest
	fr.arg = b
	w.hi = h + 1
	if w.demand.Load() != 0 {
		w.offer()
	}
	r = f(w, a)
	if w.hi != h+1 || w.lo > h {
		if !w.takeBack(h) {
			return r, fr.result(w), true
		}
		return r, s, false
	}
	w.hi = h
	if w.demand.Load() != 0 {
		w.offer()
	}
	return r, s, false
}
