// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// JoinFunc is [Join] for closures. It costs one allocation, for g, and what the
// closures capture.
//
// Caller: owner, inside a job.
func JoinFunc[R, S any](w *Worker, f func(*Worker) R, g func(*Worker) S) (R, S) {
	if invariant.Enabled {
		w.checkFork(f == nil || g == nil, "JoinFunc")
	}
	h := w.hi
	var fr *funcFrame[S]
	if uint(h) < uint(len(w.frames)) {
		fr, _ = w.frames[h].(*funcFrame[S])
	}
	if fr == nil {
		fr = newFrame[funcFrame[S]](w)
	}
	fr.g = g
	w.hi = h + 1
	if w.demand.Load() != 0 {
		w.offer()
	}
	r := f(w)
	if w.hi != h+1 || w.lo > h {
		if !w.takeBack(h) {
			return r, fr.result(w)
		}
		return r, g(w)
	}
	w.hi = h
	if w.demand.Load() != 0 {
		w.offer()
	}
	return r, g(w)
}

// A funcFrame is a [frame] that holds a closure.
type funcFrame[S any] struct {
	forkHead
	g   func(*Worker) S
	res S
}

func (fr *funcFrame[S]) head() *forkHead  { return &fr.forkHead }
func (fr *funcFrame[S]) function() string { return functionName(fr.g) }

// RunJob runs the half for a thief.
//
// Caller: the thief.
func (fr *funcFrame[S]) RunJob(w *Worker) {
	at := fr.begin(w)
	fr.res = fr.g(w)
	fr.end(w, at)
}

func (fr *funcFrame[S]) scrub() bool {
	if fr.g == nil {
		return false
	}
	var res S
	fr.g, fr.res = nil, res
	return true
}

// result returns what the thief left, or leaves as its half did.
//
// Caller: owner, the frame done.
func (fr *funcFrame[S]) result(w *Worker) S {
	if crash := fr.reset(); crash != nil {
		w.raise(crash)
	}
	return fr.res
}
