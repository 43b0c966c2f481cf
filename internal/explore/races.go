// SPDX-License-Identifier: Apache-2.0

package explore

import "math/bits"

// Dynamic partial-order reduction with source sets and sleep sets (Abdulla,
// Aronis, Jonsson, Sagonas: Optimal dynamic partial order reduction, POPL 2014,
// algorithm 1). Two steps of different threads on one word depend on each other
// if one of them writes. Each step is compared with the earlier ones that it
// depends on and that do not happen before it otherwise: for each such race there
// has to be a run in which the two come in the other order.
//
// A step that may have to wait (a lock) races not with the step that let it
// through (the unlock), which cannot come second, but with the last one before
// which it could have been taken.

// races looks for the steps that could have come after ev, the last step of the
// run, and did not. pre is the clock of its thread before.
func (s *search) races(e *engine, ev *event, pre *clock) {
	if ev.kind == kindSpin {
		s.spinRace(e, ev)
		return
	}
	if ev.word == noWord {
		return
	}
	if ev.write {
		s.spinsFor(e, ev)
	}
	h := e.words[ev.word].hist
	if g := guards[ev.kind]; g != always {
		for i := len(h) - 1; i >= 0; i-- {
			f := &e.events[h[i]]
			if f.write || ev.write {
				if !f.seenBy(pre) && g.open(f.bit) {
					s.reverse(e, int(h[i]), ev)
					if f.write {
						return
					}
				} else if f.write && f.seenBy(pre) {
					return
				}
			}
		}
		return
	}
	anyRead := false
	for i := len(h) - 1; i >= 0; i-- {
		f := &e.events[h[i]]
		if f.write {
			if !anyRead && !f.seenBy(pre) {
				s.reverse(e, int(h[i]), ev)
			}
			return
		}
		if !ev.write {
			continue
		}
		anyRead = true
		if !f.seenBy(pre) && !e.beforeLaterRead(h[i:]) {
			s.reverse(e, int(h[i]), ev)
		}
	}
}

// beforeLaterRead says whether the first of the events happens before another.
func (e *engine) beforeLaterRead(h []int32) bool {
	for _, j := range h[1:] {
		if e.events[h[0]].before(&e.events[j]) {
			return true
		}
	}
	return false
}

// enablers calls f for the first write to each word that the thread has looked at
// since its last spin.
func (t *vthread) enablers(f func(at int32)) {
	for _, s := range t.seen {
		w := &t.e.words[s.word]
		unseen := w.writes - s.writes
		for i := len(w.hist) - 1; i >= 0 && unseen > 0; i-- {
			if t.e.events[w.hist[i]].write {
				if unseen--; unseen == 0 {
					f(w.hist[i])
				}
			}
		}
	}
}

// enabler returns the first of the writes that let the thread's spin through, or
// -1.
func (t *vthread) enabler() int32 {
	first := int32(-1)
	t.enablers(func(at int32) {
		if first < 0 || at < first {
			first = at
		}
	})
	return first
}

// spinRace looks for a run in which another write lets the spin through before the
// first one is done.
func (s *search) spinRace(e *engine, ev *event) {
	t := e.threads[ev.tid]
	first := t.enabler()
	if first < 0 {
		return
	}
	other := false
	t.enablers(func(at int32) {
		other = other || !e.events[first].before(&e.events[at])
	})
	if other {
		s.reverse(e, int(first), ev)
	}
}

// spunOn says whether a thread may be about to wait for a change of either word: then
// the order of writes to them decides which one lets it through.
func (e *engine) spunOn(a, b int32) bool {
	for rest := e.spinners; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros32(rest)
		if i >= len(e.threads) {
			break
		}
		found := 0
		for _, v := range e.threads[i].seen {
			if v.word == a || v.word == b {
				found++
			}
		}
		if found == 2 {
			return true
		}
	}
	return false
}

// spinsFor looks for spins before ev that ev could have let through ahead of the
// write that did.
func (s *search) spinsFor(e *engine, ev *event) {
	for i := range e.spins {
		sp := &e.spins[i]
		if sp.first >= 0 && sp.waitedFor(ev.word) &&
			!e.events[sp.at].before(ev) && !e.events[sp.first].before(ev) {
			s.reverse(e, int(sp.first), ev)
		}
	}
}

// reverse sees to it that there is a run in which ev, the last step, comes before
// the step at i: what does not depend on that step goes ahead of it. Of the threads
// that can begin such a run one has to be tried in the state before i.
func (s *search) reverse(e *engine, i int, ev *event) {
	n, first := &s.nodes[i], &e.events[i]
	var b beginners
	for j := i + 1; j < len(e.events); j++ {
		if f := &e.events[j]; f != ev && !first.before(f) {
			b.add(f)
		}
	}
	if ev.kind != kindSpin { // its enabler is among the others
		b.add(ev)
	}
	if b.set&(n.backtrack|n.done|n.sleep) != 0 {
		return
	}
	can := b.set & n.enabled
	switch {
	case can == 0: // cannot be, but then try all
		n.backtrack |= n.enabled
	case can>>ev.tid&1 != 0:
		n.backtrack |= 1 << ev.tid
	default:
		n.backtrack |= 1 << bits.TrailingZeros32(can)
	}
}

// beginners is which threads can begin a sequence of events, in any order that
// respects what depends on what.
type beginners struct {
	set, seen uint32
	first     [maxThreads]uint16
}

func (b *beginners) add(f *event) {
	if b.seen>>f.tid&1 != 0 {
		return
	}
	begins := true
	for rest := b.seen; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros32(rest)
		if f.clock[i] >= b.first[i] {
			begins = false
			break
		}
	}
	b.seen |= 1 << f.tid
	b.first[f.tid] = f.seq
	if begins {
		b.set |= 1 << f.tid
	}
}

// waits looks for races of the steps that threads wait for at the end of a run, in
// vain.
func (s *search) waits(e *engine) {
	for _, t := range e.threads {
		if t.over || !t.ready || t.op.word == noWord || t.enabled() {
			continue
		}
		ev := &event{tid: uint8(t.id), kind: t.op.kind, write: t.op.kind.mayWrite(), word: t.op.word, clock: t.clock}
		ev.clock[t.id]++
		ev.seq = ev.clock[t.id]
		s.races(e, ev, &t.clock)
	}
}
