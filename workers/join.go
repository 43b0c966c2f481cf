// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// Join calls f(w, a) and g(w, b), perhaps at the same time, and returns what
// both return. It runs f itself; g is run by whoever comes first: a worker
// without work, or the caller after f.
//
// f and g are plain functions, so that nothing escapes: no allocation, and a
// price of about two calls (3 ns over them). What they need goes into a and b;
// [JoinFunc] takes closures.
//
// While g is elsewhere, the caller runs only what g has forked, never another
// job, so it is safe to hold a lock across Join. Both halves are always run, once
// each. If one panics, or calls [runtime.Goexit], the caller does so too; the
// other may still run until the next Join that encloses it or the end of the
// job, whichever comes first: code that recovers in between, and touches what the
// halves share, uses [JoinSafe].
//
// Each worker keeps the arguments and the result of its last Join of each depth
// until it runs out of work or its guest leaves; then they are cleared.
//
// Caller: owner, inside a job.
func Join[A, R, B, S any](w *Worker, f func(*Worker, A) R, a A, g func(*Worker, B) S, b B) (R, S) {
	if invariant.Enabled {
		w.checkFork(f == nil || g == nil, "Join")
	}
	h := w.hi
	var fr *frame[B, S]
	if uint(h) < uint(len(w.frames)) {
		fr, _ = w.frames[h].(*frame[B, S])
	}
	if fr == nil {
		fr = newFrame[frame[B, S]](w)
	}
	fr.f = g
	fr.arg = b
	w.hi = h + 1
	if w.demand.Load() != 0 {
		w.offer()
	}
	r := f(w, a)
	if w.hi != h+1 || w.lo > h { // the frame is not on top of the private ones
		if !w.takeBack(h) {
			return r, fr.result(w)
		}
		return r, g(w, b)
	}
	w.hi = h
	if w.demand.Load() != 0 {
		w.offer()
	}
	return r, g(w, b)
}

// JoinSafe is [Join] for code that recovers from panics: if f or g panics or calls
// [runtime.Goexit], all that they have forked, and g itself, is run to its end
// before the panic goes on. It costs a deferred call more, about 3 ns.
//
// Caller: owner, inside a job.
func JoinSafe[A, R, B, S any](w *Worker, f func(*Worker, A) R, a A, g func(*Worker, B) S, b B) (r R, s S) {
	if invariant.Enabled {
		w.checkFork(f == nil || g == nil, "JoinSafe")
	}
	h := w.hi
	var fr *frame[B, S]
	if frames := w.frames; uint(h) < uint(len(frames)) {
		fr, _ = frames[h].(*frame[B, S])
	}
	if fr == nil {
		fr = newFrame[frame[B, S]](w)
	}
	fr.f = g
	fr.arg = b
	w.hi = h + 1
	if w.demand.Load() != 0 {
		w.offer()
	}
	returned := false
	defer func() {
		if !returned {
			w.settleForks(h)
		}
	}()
	r = f(w, a)
	if w.hi != h+1 || w.lo > h {
		if !w.takeBack(h) {
			s = fr.result(w)
			returned = true
			return r, s
		}
	} else if w.hi = h; w.demand.Load() != 0 {
		w.offer()
	}
	s = g(w, b)
	returned = true
	return r, s
}
