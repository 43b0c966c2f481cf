// SPDX-License-Identifier: Apache-2.0

package explore

// Reduction with a bound on preemptions (Coons, Musuvathi, McKinley: Bounded
// partial-order reduction, OOPSLA 2013). A run that is left out as equivalent to
// another must not need fewer preemptions than that one. So there are no sleep
// sets, and for each race the other thread is also tried where the thread that it
// races with began its stretch of steps: there it costs no preemption.

// pending looks for the earlier steps that race with the next step of each thread.
func (s *search) pending(e *engine) {
	for i, t := range e.threads {
		if t.over || !t.ready {
			continue
		}
		if t.op.kind == kindSpin && t.enabled() {
			t.enablers(func(at int32) { s.tryBefore(e, int(at), i) })
			continue
		}
		if t.op.kind == kindJoin && t.op.target.over {
			s.tryBeforeLast(e, t.op.target.id, i)
			continue
		}
		if t.op.kind == kindResume && t.woken {
			s.tryBefore(e, int(t.wokenAt), i)
			continue
		}
		if t.op.word == noWord {
			continue
		}
		if t.op.kind.mayWrite() {
			for k := range e.spins {
				if sp := &e.spins[k]; sp.first >= 0 && sp.waitedFor(t.op.word) && !e.events[sp.at].seenBy(&t.clock) {
					s.tryBefore(e, int(sp.first), i)
				}
			}
		}
		g := guards[t.op.kind]
		mayWrite := t.op.kind.mayWrite()
		h := e.words[t.op.word].hist
		for j := len(h) - 1; j >= 0; j-- {
			f := &e.events[h[j]]
			if !f.write && !mayWrite || int(f.tid) == i {
				if f.write {
					break
				}
				continue
			}
			if f.seenBy(&t.clock) {
				if f.write {
					break
				}
				continue
			}
			// An unlock counts too: a thread that waits for it is left without a
			// preemption.
			s.tryBefore(e, int(h[j]), i)
			if f.write && g.open(f.bit) {
				break
			}
		}
	}
}

// tryBefore has thread i tried in the state before step at, and where that step's
// thread was switched to.
func (s *search) tryBefore(e *engine, at, i int) {
	s.try(at, i)
	start := at
	for start > 0 && s.nodes[start-1].tid == s.nodes[at].tid {
		start--
	}
	if start != at {
		s.try(start, i)
	}
}

// try has thread i tried in a state, or everybody who can go on if it cannot.
func (s *search) try(at, i int) {
	n := &s.nodes[at]
	if n.enabled>>i&1 != 0 {
		n.backtrack |= 1 << i
	} else {
		n.backtrack |= n.enabled
	}
}

// tryBeforeLast has thread i tried before the last step of another one.
func (s *search) tryBeforeLast(e *engine, of, i int) {
	for at := len(e.events) - 1; at >= 0; at-- {
		if int(e.events[at].tid) == of {
			s.tryBefore(e, at, i)
			return
		}
	}
}
