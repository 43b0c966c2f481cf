// SPDX-License-Identifier: Apache-2.0

package workers

import "github.com/pilfer-go/pilfer/internal/invariant"

// JoinErr is [Join] for functions that fail. If f fails, g is not run unless a
// thief has begun it. Inside [Try] an error cancels all of the scope: a JoinErr
// that begins later runs nothing and returns the error that came first.
//
// If both halves fail, f's error is returned. A panic is not an error: see Join.
//
// Caller: owner, inside a job.
func JoinErr[A, R, B, S any](w *Worker, f func(*Worker, A) (R, error), a A, g func(*Worker, B) (S, error), b B) (r R, s S, err error) {
	if invariant.Enabled {
		w.checkFork(f == nil || g == nil, "JoinErr")
	}
	if err = w.Err(); err != nil {
		return r, s, err
	}
	h := w.hi
	var fr *errFrame[B, S]
	if uint(h) < uint(len(w.frames)) {
		fr, _ = w.frames[h].(*errFrame[B, S])
	}
	if fr == nil {
		fr = newFrame[errFrame[B, S]](w)
	}
	fr.f = g
	fr.arg = b
	w.hi = h + 1
	if w.demand.Load() != 0 {
		w.offer()
	}
	if r, err = f(w, a); err != nil {
		w.scope().cancel(err)
	}
	if w.hi != h+1 || w.lo > h {
		if !w.takeBack(h) {
			var other error
			if s, other = fr.result(w); err == nil {
				err = other
			}
			return r, s, err
		}
	} else if w.hi = h; w.demand.Load() != 0 {
		w.offer()
	}
	if err == nil {
		err = w.Err()
	}
	if err != nil {
		return r, s, err
	}
	if s, err = g(w, b); err != nil {
		w.scope().cancel(err)
	}
	return r, s, err
}

// An errFrame is a [frame] whose half may fail.
type errFrame[B, S any] struct {
	forkHead
	f   func(*Worker, B) (S, error)
	arg B
	res S
	err error
}

func (fr *errFrame[B, S]) head() *forkHead  { return &fr.forkHead }
func (fr *errFrame[B, S]) function() string { return functionName(fr.f) }

// RunJob runs the half for a thief, unless it is canceled.
//
// Caller: the thief.
func (fr *errFrame[B, S]) RunJob(w *Worker) {
	at := fr.begin(w)
	if fr.err = fr.under.err(); fr.err == nil {
		if fr.res, fr.err = fr.f(w, fr.arg); fr.err != nil {
			fr.under.cancel(fr.err)
		}
	} else {
		var none S
		fr.res = none // not what an earlier join has left here
	}
	fr.end(w, at)
}

func (fr *errFrame[B, S]) scrub() bool {
	if fr.f == nil {
		return false
	}
	var arg B
	var res S
	fr.f, fr.arg, fr.res, fr.err = nil, arg, res, nil
	return true
}

// result returns what the thief left, or leaves as its half did.
//
// Caller: owner, the frame done.
func (fr *errFrame[B, S]) result(w *Worker) (S, error) {
	if crash := fr.reset(); crash != nil {
		w.raise(crash)
	}
	return fr.res, fr.err
}
