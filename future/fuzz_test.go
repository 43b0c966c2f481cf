// SPDX-License-Identifier: Apache-2.0

package future

import (
	"slices"
	"testing"
)

// Children of the fuzzed combinators: more than few, so that they have wakers of
// their own.
const fuzzed = few + 4

// A slowSet is what a combinator of many children must agree with: who is polled
// at the next poll, in which order.
type slowSet struct {
	due   []int
	over  [fuzzed]bool // the child has ended
	armed [fuzzed]bool // the child will be ready at its next poll
}

func newSlowSet() *slowSet {
	s := new(slowSet)
	for i := range fuzzed {
		s.due = append(s.due, i)
	}
	return s
}

func (s *slowSet) wake(i int) {
	if !slices.Contains(s.due, i) {
		s.due = append(s.due, i)
	}
}

// poll returns who is polled, and whether all have ended.
func (s *slowSet) poll(first bool) (polled []int, ready bool) {
	left := s.due
	s.due = nil
	for _, i := range left {
		if s.over[i] {
			continue
		}
		polled = append(polled, i)
		if s.over[i] = s.armed[i]; s.over[i] && first {
			return polled, true
		}
	}
	return polled, !slices.Contains(s.over[:], false)
}

// Bytes are operations: a to l wake a child, A to L make it ready at its next
// poll and wake it, . polls the combinator.
func FuzzManyAgainstTwin(f *testing.F) {
	f.Add([]byte(".abc.ABC.ccc."), false)
	f.Add([]byte("AB.lkj.LKJIHGFEDC."), false)
	f.Add([]byte(".aAbB.ab."), true)
	f.Add([]byte("..l.k.jJ."), true)
	f.Fuzz(func(t *testing.T, script []byte, isRace bool) {
		var (
			slow   = newSlowSet()
			k      = new(task)
			polled []int
			wakers [fuzzed]func()
			armed  [fuzzed]bool
			fs     [fuzzed]Future[int]
		)
		for i := range fs {
			fs[i] = FromFunc(func(cx *Context) Poll[int] {
				polled = append(polled, i)
				w := cx.Waker()
				wakers[i] = w.WakeByRef
				if armed[i] {
					return Of(i)
				}
				return Wait[int]()
			})
		}
		m := adapt(JoinAll(fs[:]...))
		if isRace {
			m = adapt(Race(fs[:]...))
		}
		woken := false // the task has a wake that no poll has answered
		for step, op := range script {
			switch {
			case op >= 'a' && op < 'a'+fuzzed || op >= 'A' && op < 'A'+fuzzed:
				i := int(op|0x20) - 'a'
				if op < 'a' {
					armed[i], slow.armed[i] = true, true
				}
				if wakers[i] == nil {
					continue // not polled yet: it has no waker
				}
				wakers[i]()
				slow.wake(i)
				if k.woken() > 1 {
					t.Fatalf("step %d (%c) of %q: the task was woken twice", step, op, script)
				}
				woken = true
			case op == '.':
				polled = nil
				ready := m.poll(k.cx())
				want, wantReady := slow.poll(isRace)
				if ready != wantReady || !slices.Equal(polled, want) {
					t.Fatalf("step %d of %q: ready %v, want %v; polled %v, want %v",
						step, script, ready, wantReady, polled, want)
				}
				if woken = false; ready {
					return
				}
			}
			if woken && k.woken() > 0 {
				t.Fatalf("step %d (%c) of %q: a stray wake", step, op, script)
			}
		}
		m.drop()
		if n := k.alive.Load(); n != 0 {
			t.Fatalf("%q: %d wakers left", script, n)
		}
	})
}
