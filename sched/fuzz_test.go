// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"math/rand/v2"
	"testing"
)

// A slowTask is what taskState must agree with: the same life in plain words.
type slowTask struct {
	place    place
	stale    bool // stale entries may lie in queues
	woken    bool
	canceled bool
	entries  int
}

type place uint8

const (
	asleep  place = iota
	lined         // an entry is to be claimed
	carried       // the entry owns the task
	polled        // somebody polls it
	finished
)

func (s *slowTask) begin() claim {
	s.entries--
	switch s.place {
	case lined, carried:
		s.place, s.woken = polled, false
		return s.order()
	}
	return dropEntry
}

func (s *slowTask) claim() claim {
	if s.place != lined {
		return dropEntry
	}
	s.place, s.stale = polled, true
	return s.order()
}

func (s *slowTask) giveBack() {
	s.place, s.woken = lined, false
	s.entries++
}

func (s *slowTask) order() claim {
	if s.canceled {
		return cancelTask
	}
	return pollTask
}

func (s *slowTask) end(again bool) afterPoll {
	switch {
	case s.canceled:
		return tearDown
	case !again && !s.woken:
		s.place = asleep
		return dropUntilWoken
	}
	s.entries++
	s.place = carried
	if s.stale {
		s.place, s.woken = lined, false
	}
	return queueAgain
}

func (s *slowTask) wake() bool {
	switch s.place {
	case asleep:
		s.place = lined
		s.entries++
		return true
	case carried, polled:
		s.woken = true
	}
	return false
}

func (s *slowTask) wakeInside() bool {
	if s.place != asleep || s.stale {
		return false
	}
	s.place = carried
	s.entries++
	return true
}

func (s *slowTask) cancel() (first, push bool) {
	if s.canceled || s.place == finished {
		return false, false
	}
	s.canceled = true
	if s.place == asleep {
		s.place = lined
		s.entries++
		return true, true
	}
	return true, false
}

// word is what the word must hold.
func (s *slowTask) word() flags {
	f := [...]flags{0, queued, running, running, done}[s.place]
	if f == done {
		return f
	}
	for bit, on := range map[flags]bool{shared: s.stale, woken: s.woken, canceled: s.canceled} {
		if on {
			f |= bit
		}
	}
	return f
}

// againstTwin runs a script of operations on both; what nobody could do then is
// passed over.
func againstTwin(t *testing.T, script []byte) {
	var fast taskState
	slow := slowTask{place: lined, entries: 1}
	fast.init(queued)
	if len(script) > 0 && script[0]%2 == 1 {
		slow.place = carried
		fast.init(running)
	}
	for step, op := range script {
		var got, want any
		switch op % 8 {
		case 0, 1:
			if slow.entries == 0 {
				continue
			}
			got, want = fast.beginPoll(), slow.begin()
		case 2:
			got, want = fast.claimWaiting(), slow.claim()
			if want != dropEntry && op >= 200 { // by a spawn that looks again
				fast.giveBack()
				slow.giveBack()
			}
		case 3, 4:
			if slow.place != polled {
				continue
			}
			got, want = fast.endPoll(op%2 == 0), slow.end(op%2 == 0)
			if want == tearDown {
				fast.finish()
				slow.place = finished
			}
		case 5:
			if op < 128 {
				got, want = fast.wake(), slow.wake()
				break
			}
			_, push := fast.wakeInside()
			got, want = push, slow.wakeInside()
		case 6:
			f1, p1 := fast.cancel()
			f2, p2 := slow.cancel()
			got, want = [2]bool{f1, p1}, [2]bool{f2, p2}
		case 7:
			if slow.place != polled || op < 200 {
				continue
			}
			fast.finish()
			slow.place = finished
		}
		if got != want {
			t.Fatalf("step %d (%d): got %v, want %v; script %v", step, op%8, got, want, script)
		}
		if fast.load() != slow.word() {
			t.Fatalf("step %d (%d): word %v, want %v; script %v", step, op%8, fast.load(), slow.word(), script)
		}
	}
	if slow.entries == 0 && (slow.place == lined || slow.place == carried) {
		t.Fatalf("the task waits for an entry that nobody pushed; script %v", script)
	}
}

func FuzzTaskStateAgainstTwin(f *testing.F) {
	f.Add([]byte{0, 5, 3, 0, 3, 5, 0, 255})
	f.Add([]byte{1, 0, 4, 0, 6, 3})
	f.Add([]byte{2, 0, 5, 3, 2, 3, 5, 1, 4, 0, 255, 0})
	f.Fuzz(againstTwin)
}

func TestTaskStateAgainstTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		script := make([]byte, rng.IntN(40))
		for i := range script {
			script[i] = byte(rng.Uint32())
		}
		againstTwin(t, script)
	}
}
