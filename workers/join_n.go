// SPDX-License-Identifier: Apache-2.0

package workers

// JoinN calls f(w, i) for each i from 0 to n-1, perhaps at the same time, and
// returns when all have returned. It splits the range in halves with [Join], and
// has its rules; on one worker the calls come in order. No allocation.
//
// Caller: owner, inside a job.
func JoinN(w *Worker, n int, f func(w *Worker, i int)) {
	if f == nil {
		refuseNil("JoinN")
	}
	if n > 0 {
		joinSpan(w, span{f, 0, n})
	}
}

// A span is a part of the calls of JoinN, not empty.
type span struct {
	f      func(*Worker, int)
	lo, hi int
}

func joinSpan(w *Worker, s span) struct{} {
	if s.hi-s.lo == 1 {
		s.f(w, s.lo)
		return struct{}{}
	}
	m := int(uint(s.lo+s.hi) / 2)
	Join(w, joinSpan, span{s.f, s.lo, m}, joinSpan, span{s.f, m, s.hi})
	return struct{}{}
}
