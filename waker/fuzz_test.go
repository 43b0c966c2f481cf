// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"slices"
	"testing"
)

// A slowCell is what a Cell must agree with: id 0 is nobody.
type slowCell struct {
	waker     int
	claimed   bool
	overtaken bool
}

func (s *slowCell) register(id int) (self bool) {
	if s.claimed {
		return true
	}
	s.waker = id
	return false
}

func (s *slowCell) claim() bool {
	was := s.claimed
	s.claimed = true
	return !was
}

func (s *slowCell) write(id int) (self bool) {
	self = s.overtaken
	s.waker, s.claimed, s.overtaken = id, false, false
	if self {
		s.waker = 0
	}
	return self
}

func (s *slowCell) take() int {
	if s.claimed {
		s.overtaken = true
		return 0
	}
	id := s.waker
	s.waker = 0
	return id
}

// Bytes are operations: a to e register a waker, A to E claim the cell for one,
// . ends that registration, w wakes, t takes and drops.
func FuzzCellAgainstTwin(f *testing.F) {
	f.Add([]byte("awwbbtw"))
	f.Add([]byte("Aw.aw"))
	f.Add([]byte("aBwt.Ba.w"))
	f.Add([]byte("aA.wAt.wCc.w"))
	f.Fuzz(func(t *testing.T, script []byte) {
		var (
			cell    Cell
			slow    slowCell
			targets [5]counted
			writing int // the id whose claim stands
			waker   Waker
		)
		for step, op := range script {
			var got, want int // the id that was woken
			for id := range targets {
				targets[id].wakes = 0
			}
			switch {
			case op >= 'a' && op <= 'e':
				id := int(op-'a') + 1
				cell.Register(NewContext(New(&targets[id-1])))
				if slow.register(id) {
					want = id
				}
			case op >= 'A' && op <= 'E':
				id := int(op-'A') + 1
				if cell.claim() != slow.claim() {
					t.Fatalf("step %d (%c) of %q: claims differ", step, op, script)
				}
				if writing == 0 {
					writing, waker = id, New(&targets[id-1]).Clone()
				}
			case op == '.' && writing != 0:
				if ok := cell.write(&waker); ok == slow.write(writing) {
					t.Fatalf("step %d (%c) of %q: write %v", step, op, script, ok)
				}
				waker.Drop()
				writing = 0
			case op == 't':
				w := cell.Take()
				w.Drop()
				slow.take()
			case op == 'w':
				cell.Wake()
				want = slow.take()
			}
			for id := range targets {
				if n := targets[id].wakes; n > 1 {
					t.Fatalf("step %d (%c) of %q: %d wakes", step, op, script, n)
				} else if n == 1 {
					got = id + 1
				}
			}
			if got != want {
				t.Fatalf("step %d (%c) of %q: woke %d, want %d", step, op, script, got, want)
			}
		}
		waker.Drop()
		last := cell.Take()
		last.Drop()
		if writing != 0 && cell.claimedWith() {
			cell.write(&waker)
			waker.Drop()
		}
		for id := range targets {
			if c := &targets[id]; c.clones != c.drops {
				t.Fatalf("%q: waker %d cloned %d times, given back %d times", script, id, c.clones, c.drops)
			}
		}
	})
}

// claimedWith reports whether a claim stands.
func (c *Cell) claimedWith() bool {
	s := c.state.Load()
	return s == claimed || s == overtaken
}

// A slowList is what a List must agree with.
type slowList struct {
	order []int // ids of the entries, oldest first
	state [4]entryState
}

func (s *slowList) register(id int) {
	if s.state[id] != waiting {
		s.order = append(s.order, id)
		s.state[id] = waiting
	}
}

func (s *slowList) wakeOne() []int {
	if len(s.order) == 0 {
		return nil
	}
	id := s.order[0]
	s.order = s.order[1:]
	s.state[id] = wokenAlone
	return []int{id}
}

func (s *slowList) wakeAll() []int {
	all := s.order
	s.order = nil
	for _, id := range all {
		s.state[id] = wokenWithAll
	}
	return all
}

func (s *slowList) remove(id int) entryState {
	was := s.state[id]
	s.state[id] = idle
	s.order = slices.DeleteFunc(slices.Clone(s.order), func(x int) bool { return x == id })
	return was
}

// Bytes are operations: a to d register an entry, A to D remove one, 1 to 4
// cancel one, w wakes one, W wakes all.
func FuzzListAgainstTwin(f *testing.F) {
	f.Add([]byte("abcwWabA"))
	f.Add([]byte("abcdBw1w3W"))
	f.Add([]byte("abw1w2cdW34"))
	f.Add([]byte("aaabbwwwaAABb"))
	f.Fuzz(func(t *testing.T, script []byte) {
		var (
			c       crowd
			slow    slowList
			entries [4]Entry
		)
		for step, op := range script {
			c.woken = nil
			var want []int
			got, expected := 0, 0 // what the call answers
			switch {
			case op >= 'a' && op <= 'd':
				id := int(op - 'a')
				c.list.Register(c.cx(id), &entries[id])
				slow.register(id)
			case op >= 'A' && op <= 'D':
				id := int(op - 'A')
				got = number(entries[id].Remove())
				expected = number(slow.remove(id).woken())
			case op >= '1' && op <= '4':
				id := int(op - '1')
				got = number(entries[id].Cancel())
				was := slow.remove(id)
				expected = number(was.woken())
				if was == wokenAlone {
					want = slow.wakeOne()
				}
			case op == 'w':
				got = number(c.list.WakeOne())
				want = slow.wakeOne()
				expected = len(want)
			case op == 'W':
				got = c.list.WakeAll()
				want = slow.wakeAll()
				expected = len(want)
			}
			if got != expected || !slices.Equal(c.woken, want) {
				t.Fatalf("step %d (%c) of %q: answer %d, want %d; woke %v, want %v",
					step, op, script, got, expected, c.woken, want)
			}
			if c.list.Len() != len(slow.order) {
				t.Fatalf("step %d (%c) of %q: %d wait, want %d", step, op, script, c.list.Len(), len(slow.order))
			}
			for id := range entries {
				if entries[id].Woken() != slow.state[id].woken() {
					t.Fatalf("step %d (%c) of %q: entry %d woken %v", step, op, script, id, entries[id].Woken())
				}
			}
		}
	})
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
