// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"reflect"
	"runtime"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A forked is a frame of any types.
type forked interface {
	Runner
	head() *forkHead
	function() string
	scrub() (dirty bool)
}

// The states of a frame that was published.
const (
	forkOpen   uint32 = iota // not run to its end
	forkAsleep               // the same, and its owner sleeps until it is
	forkHeld                 // the same, and its owner has stepped aside
	forkDone
)

// A forkHead is the part of a frame that does not depend on its types.
type forkHead struct {
	Job

	owner *Worker // set once

	// thief is who runs the frame, to steal its forks from. Nil until a thief
	// has said so.
	// Writers: the thief, right after its theft; the owner resets it before the
	// frame is used again.
	thief point.Pointer[Worker]

	// state tells the owner that a stolen frame is done. The swap to done is the
	// thief's last access to the frame.
	// Writers: the owner between open and asleep or held, and back to open before
	// the frame is used again; the thief to done. Invariant: done follows one of
	// the others once for each theft.
	state point.Uint32

	hold  *Hold        // of an owner that has stepped aside; with state
	crash *Crash       // how the stolen half left, if it did not return; with state
	under *cancelScope // that of the fork; set when published
}

// A frame is the forked half of a join. It belongs to one level of one worker's
// stack of frames, and is used again whenever a join of its types comes to that
// level.
type frame[B, S any] struct {
	forkHead
	f   func(*Worker, B) S
	arg B
	res S
}

func (fr *frame[B, S]) head() *forkHead { return &fr.forkHead }

func (fr *frame[B, S]) function() string { return functionName(fr.f) }

// functionName returns the name of a function for messages.
func functionName(f any) string {
	if f := runtime.FuncForPC(reflect.ValueOf(f).Pointer()); f != nil {
		return f.Name()
	}
	return "a function"
}

// RunJob runs the half for a thief.
//
// Caller: the thief.
func (fr *frame[B, S]) RunJob(w *Worker) {
	at := fr.begin(w)
	fr.res = fr.f(w, fr.arg)
	fr.end(w, at)
}

// JobCrashed ends the half for its thief.
//
// Caller: the thief.
func (h *forkHead) JobCrashed(_ *Worker, crash Crash) {
	h.crash = &crash
	h.finish()
}

// A standing is what a stolen half finds at its thief, and leaves there.
type standing struct{ hi, scopes int }

// begin makes w the frame's thief.
//
// Caller: the thief.
func (h *forkHead) begin(w *Worker) standing {
	h.thief.Store(w)
	at := standing{w.hi, len(w.scopes)}
	if at.scopes > 0 || h.under != nil {
		w.scopes = append(w.scopes, scopeMark{h.under, w.hi})
	}
	return at
}

// end ends a half that has returned, after all that it forked.
//
// Caller: the thief.
func (h *forkHead) end(w *Worker, at standing) {
	if w.hi != at.hi {
		w.settleForks(at.hi)
	}
	w.scopes = w.scopes[:at.scopes]
	h.finish()
}

// finish tells the owner that the half is done. The frame may be used again at
// once: the owner is read before. One that has stepped aside waits for the end of
// its hold.
//
// Caller: the thief.
func (h *forkHead) finish() {
	owner := h.owner
	switch h.state.Swap(forkDone) { // publish: res, crash
	case forkAsleep:
		owner.joinParker.Unpark()
	case forkHeld:
		h.hold.End()
	}
}

// scrub clears what the frame keeps reachable. It reports whether there was
// something.
//
// Caller: owner of the frame, which is not in use.
func (fr *frame[B, S]) scrub() bool {
	if fr.f == nil {
		return false
	}
	var arg B
	var res S
	fr.f, fr.arg, fr.res = nil, arg, res
	return true
}

// result returns what the thief left, or leaves as its half did.
//
// Caller: owner, the frame done.
func (fr *frame[B, S]) result(w *Worker) S {
	if crash := fr.reset(); crash != nil {
		w.raise(crash)
	}
	return fr.res
}

// reset makes a frame that was stolen ready for use again.
//
// Caller: owner, the frame done.
func (h *forkHead) reset() *Crash {
	crash := h.crash
	h.crash = nil
	h.under = nil
	h.thief.Store(nil)
	h.state.Store(forkOpen)
	return crash
}

// raise leaves the running function as a stolen half did. The value of a panic
// is the same as if the half had not been stolen; its stack is kept for whoever
// reports the crash.
//
// Caller: owner.
func (w *Worker) raise(crash *Crash) {
	if crash.Goexit {
		runtime.Goexit()
	}
	w.stolen = crash
	panic(crash.Value)
}

// newFrame makes the frame of level hi one of this type: another one that was
// used there, or a new one. A place in which nobody sits has the level nobody, so
// that whoever forks there comes here.
//
// Caller: owner.
//
//go:noinline
func newFrame[F any, P interface {
	*F
	forked
}](w *Worker) P {
	w.checkSitter()
	h := w.hi
	if h >= len(w.frames) {
		w.growFrames(h + 1)
	}
	old, others := w.frames[h], w.others[h]
	if old != nil {
		old.scrub()
	}
	for i, o := range others {
		if fr, ok := o.(P); ok {
			if old == nil {
				w.others[h] = slices.Delete(others, i, i+1)
			} else {
				others[i] = old
			}
			w.frames[h] = fr
			return fr
		}
	}
	fr := P(new(F))
	fr.head().owner = w
	fr.head().Runner = fr
	if old != nil {
		w.others[h] = append(others, old)
	}
	w.frames[h] = fr
	return fr
}

// nobody is hi of a place in which nobody sits.
const nobody = -1

const (
	initialFrames = 64
	keptFrames    = 1024 // frames of deeper recursion are given back
)

// growFrames makes room for n levels.
//
// Caller: owner.
func (w *Worker) growFrames(n int) {
	n = max(n, 2*len(w.frames), initialFrames)
	w.frames = append(make([]forked, 0, n), w.frames...)[:n]
	w.others = append(make([][]forked, 0, n), w.others...)[:n]
}

// scrubFrames clears what the frames keep reachable.
//
// Caller: owner, no frame in use.
func (w *Worker) scrubFrames() {
	for h := 0; h < len(w.frames) && w.frames[h] != nil && w.frames[h].scrub(); h++ {
	}
	if len(w.frames) > keptFrames {
		w.frames, w.others = nil, nil
	}
	w.stolen = nil
}
