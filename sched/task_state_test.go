// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (c claim) String() string {
	return [...]string{"?", "dropEntry", "pollTask", "cancelTask", "takeEntry"}[c]
}

func (a afterPoll) String() string {
	return [...]string{"?", "dropUntilWoken", "queueAgain", "tearDown"}[a]
}

// apply lets an event happen to the word, and returns the order that it gives.
func apply(s *taskState, event string) string {
	switch event {
	case "beginPoll":
		return s.beginPoll().String()
	case "claimWaiting":
		return s.claimWaiting().String()
	case "endPoll":
		return s.endPoll(false).String()
	case "endPoll again":
		return s.endPoll(true).String()
	case "giveBack":
		s.giveBack()
		return "push"
	case "wake":
		if s.wake() {
			return "push"
		}
		return "nothing"
	case "wake inside":
		if _, push := s.wakeInside(); push {
			return "push"
		}
		return "nothing"
	case "cancel":
		first, push := s.cancel()
		return fmt.Sprintf("first=%t push=%t", first, push)
	case "finish":
		s.finish()
		return "nothing"
	}
	panic("no event " + event)
}

// A transition is a row of the table: what an event does to a state. The rows for
// Anywhere tasks that do not name them are the same with the bit.
type transition struct {
	from  flags
	event string
	to    flags
	order string
}

var transitions = []transition{
	// An entry comes up.
	{queued, "beginPoll", running, "pollTask"},
	{queued | shared, "beginPoll", running | shared, "pollTask"},
	{queued | canceled, "beginPoll", running | canceled, "cancelTask"},
	{queued | shared | canceled, "beginPoll", running | shared | canceled, "cancelTask"},
	{running, "beginPoll", running, "pollTask"}, // the entry owned it
	{running | woken, "beginPoll", running, "pollTask"},
	{running | canceled, "beginPoll", running | canceled, "cancelTask"},
	{running | woken | canceled, "beginPoll", running | canceled, "cancelTask"},
	{running | shared, "beginPoll", running | shared, "dropEntry"}, // stale
	{running | shared | woken, "beginPoll", running | shared | woken, "dropEntry"},
	{running | shared | canceled, "beginPoll", running | shared | canceled, "dropEntry"},
	{running | shared | woken | canceled, "beginPoll", running | shared | woken | canceled, "dropEntry"},
	{0, "beginPoll", 0, "dropEntry"},
	{shared, "beginPoll", shared, "dropEntry"},
	{done, "beginPoll", done, "dropEntry"},

	// A waiting caller comes first.
	{queued, "claimWaiting", running | shared, "pollTask"},
	{queued | shared, "claimWaiting", running | shared, "pollTask"},
	{queued | canceled, "claimWaiting", running | shared | canceled, "cancelTask"},
	{queued | shared | canceled, "claimWaiting", running | shared | canceled, "cancelTask"},
	{running, "claimWaiting", running, "dropEntry"},
	{running | woken, "claimWaiting", running | woken, "dropEntry"},
	{running | shared, "claimWaiting", running | shared, "dropEntry"},
	{0, "claimWaiting", 0, "dropEntry"},
	{shared, "claimWaiting", shared, "dropEntry"},
	{done, "claimWaiting", done, "dropEntry"},

	// The caller finds that it must not keep it.
	{running | shared, "giveBack", queued | shared, "push"},
	{running | shared | woken, "giveBack", queued | shared, "push"},
	{running | shared | canceled, "giveBack", queued | shared | canceled, "push"},
	{running | shared | woken | canceled, "giveBack", queued | shared | canceled, "push"},

	// The owner has polled it.
	{running, "endPoll", 0, "dropUntilWoken"},
	{running | shared, "endPoll", shared, "dropUntilWoken"},
	{running | woken, "endPoll", running | woken, "queueAgain"}, // the entry owns it
	{running | shared | woken, "endPoll", queued | shared, "queueAgain"},
	{running | canceled, "endPoll", running | canceled, "tearDown"},
	{running | woken | canceled, "endPoll", running | woken | canceled, "tearDown"},
	{running | shared | canceled, "endPoll", running | shared | canceled, "tearDown"},
	{running | shared | woken | canceled, "endPoll", running | shared | woken | canceled, "tearDown"},
	{running, "endPoll again", running, "queueAgain"},
	{running | woken, "endPoll again", running | woken, "queueAgain"},
	{running | shared, "endPoll again", queued | shared, "queueAgain"},
	{running | shared | woken, "endPoll again", queued | shared, "queueAgain"},
	{running | canceled, "endPoll again", running | canceled, "tearDown"},
	{running | woken | canceled, "endPoll again", running | woken | canceled, "tearDown"},
	{running | shared | canceled, "endPoll again", running | shared | canceled, "tearDown"},
	{running | shared | woken | canceled, "endPoll again", running | shared | woken | canceled, "tearDown"},
	{running | anywhere, "endPoll again", queued | anywhere, "queueAgain"},
	{running | woken | anywhere, "endPoll", queued | anywhere, "queueAgain"},

	// A wake.
	{0, "wake", queued, "push"},
	{shared, "wake", queued | shared, "push"},
	{running, "wake", running | woken, "nothing"},
	{running | shared, "wake", running | shared | woken, "nothing"},
	{running | canceled, "wake", running | woken | canceled, "nothing"},
	{running | shared | canceled, "wake", running | shared | woken | canceled, "nothing"},
	{running | woken, "wake", running | woken, "nothing"},
	{running | shared | woken, "wake", running | shared | woken, "nothing"},
	{queued, "wake", queued, "nothing"},
	{queued | shared, "wake", queued | shared, "nothing"},
	{queued | canceled, "wake", queued | canceled, "nothing"},
	{done, "wake", done, "nothing"},

	// A wake from inside: a plain task that waits is the entry's. All others are left
	// to a wake.
	{0, "wake inside", running, "push"},
	{timed, "wake inside", running | timed, "push"},
	{levelFlags(High), "wake inside", running | levelFlags(High), "push"},
	{anywhere, "wake inside", anywhere, "nothing"},
	{pinned, "wake inside", pinned, "nothing"},
	{shared, "wake inside", shared, "nothing"},
	{queued, "wake inside", queued, "nothing"},
	{queued | canceled, "wake inside", queued | canceled, "nothing"},
	{running, "wake inside", running, "nothing"},
	{running | woken, "wake inside", running | woken, "nothing"},
	{running | canceled, "wake inside", running | canceled, "nothing"},
	{done, "wake inside", done, "nothing"},

	// An abort.
	{0, "cancel", queued | canceled, "first=true push=true"},
	{shared, "cancel", queued | shared | canceled, "first=true push=true"},
	{queued, "cancel", queued | canceled, "first=true push=false"},
	{queued | shared, "cancel", queued | shared | canceled, "first=true push=false"},
	{running, "cancel", running | canceled, "first=true push=false"},
	{running | woken, "cancel", running | woken | canceled, "first=true push=false"},
	{running | shared, "cancel", running | shared | canceled, "first=true push=false"},
	{running | shared | woken, "cancel", running | shared | woken | canceled, "first=true push=false"},
	{queued | canceled, "cancel", queued | canceled, "first=false push=false"},
	{running | canceled, "cancel", running | canceled, "first=false push=false"},
	{done, "cancel", done, "first=false push=false"},

	// The end: whatever was set is forgotten.
	{running, "finish", done, "nothing"},
	{running | woken, "finish", done, "nothing"},
	{running | shared | woken | canceled, "finish", done, "nothing"},
}

// special says whether a row is not the same for an Anywhere task.
func (r transition) special() bool {
	return r.order == "queueAgain" || r.from.has(anywhere) || // yields into the queue
		r.to == done || r.event == "wake inside"
}

func TestTaskStateTable(t *testing.T) {
	check := func(r transition) {
		var s taskState
		s.init(r.from)
		order := apply(&s, r.event)
		assert.Equal(t, r.order, order, "%v, %s", r.from, r.event)
		assert.Equal(t, r.to.String(), s.load().String(), "%v, %s", r.from, r.event)
	}
	for _, r := range transitions {
		check(r)
		if !r.special() {
			check(transition{r.from | anywhere, r.event, r.to | anywhere, r.order})
		}
	}
}

// TestTaskStateTableIsWhole walks from the first states through all events that
// may happen, and wants the table to know every step.
func TestTaskStateTableIsWhole(t *testing.T) {
	// legal says who may do what: the owner's steps need an owner who polls.
	legal := func(from flags, event string) bool {
		switch event {
		case "endPoll", "endPoll again", "finish":
			return from.has(running)
		case "giveBack":
			return from.has(running) && from.has(shared)
		case "claimWaiting", "wake", "wake inside", "cancel", "beginPoll":
			return true
		}
		return false
	}
	known := map[string]transition{}
	events := map[string]bool{}
	for _, r := range transitions {
		known[fmt.Sprint(r.from, r.event)] = r
		events[r.event] = true
	}
	seen := map[flags]bool{}
	todo := []flags{queued, running}
	for len(todo) > 0 {
		from := todo[0]
		todo = todo[1:]
		if seen[from] {
			continue
		}
		seen[from] = true
		require.LessOrEqual(t, alternatives(from), 1, "%v", from)
		for event := range events {
			if !legal(from, event) {
				continue
			}
			var s taskState
			s.init(from)
			order := apply(&s, event)
			if r, ok := known[fmt.Sprint(from, event)]; ok {
				assert.Equal(t, r.order, order, "%v, %s", from, event)
			} else if order == "dropEntry" || order == "nothing" || order == "first=false push=false" {
				if event != "finish" {
					assert.Equal(t, from, s.load(), "not in the table, and changes something: %v, %s", from, event)
				}
			} else {
				t.Errorf("not in the table: {%v, %q, %v, %q}", from, event, s.load(), order)
			}
			todo = append(todo, s.load())
		}
	}
	t.Logf("%d states", len(seen))
}

// alternatives counts those of queued, running and done that are set.
func alternatives(f flags) (n int) {
	for _, b := range []flags{queued, running, done} {
		if f.has(b) {
			n++
		}
	}
	return n
}
