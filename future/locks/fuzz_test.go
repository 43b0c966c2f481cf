// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future/locks"
)

const (
	twinSize    = 3
	twinWaiters = 5
)

// A twin is a semaphore of twinSize permits that is obviously right.
type twin struct {
	free  int
	line  []int             // who waits, oldest first
	need  [twinWaiters]int  // what each asked for
	given [twinWaiters]bool // chosen, and does not know yet
	holds [twinWaiters]bool // knows
}

func (s *twin) serve() {
	for len(s.line) > 0 && s.need[s.line[0]] <= s.free {
		i := s.line[0]
		s.line = s.line[1:]
		s.free -= s.need[i]
		s.given[i] = true
	}
}

func (s *twin) poll(i, n int) bool {
	if !s.given[i] && !slices.Contains(s.line, i) {
		s.need[i] = n
		s.line = append(s.line, i)
		s.serve()
	}
	s.holds[i] = s.given[i]
	s.given[i] = false
	return s.holds[i]
}

func (s *twin) giveUp(i int) {
	if at := slices.Index(s.line, i); at >= 0 {
		s.line = slices.Delete(s.line, at, at+1)
	}
	if s.given[i] || s.holds[i] {
		s.given[i], s.holds[i] = false, false
		s.free += s.need[i]
	}
	s.serve()
}

// A script is bytes: who, and what it does. It polls for 1, 2 or 3 permits; or it
// gives up, be it its place or its permits; or somebody tries for one permit.
func FuzzGateAgainstTwin(f *testing.F) {
	for _, script := range []string{"", "abcde", "\x00\x05\x0a\x0f\x14\x03\x08\x0d", "\x02\x05\x0a\x03\x08\x0d\x12", "\x0a\x05\x03\x04\x08\x09\x12\x0d\x04\x17\x00\x05"} {
		f.Add([]byte(script))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		slow := &twin{free: twinSize}
		fast := locks.NewSemaphore(twinSize)
		var waiters [twinWaiters]locks.Waiter
		hands := make([]*hand, twinWaiters)
		for i := range hands {
			hands[i] = newHand()
		}
		for step, b := range script {
			i, op := int(b)%twinWaiters, int(b)/twinWaiters%5
			what := fmt.Sprintf("step %d of %q: waiter %d, op %d", step, script, i, op)
			switch {
			case op < 3 && slow.holds[i]: // it has what it wanted
			case op < 3:
				n := op + 1
				if slow.given[i] || slices.Contains(slow.line, i) {
					n = slow.need[i]
				}
				want := slow.poll(i, n)
				require.Equal(t, want, fast.PollAcquire(hands[i].cx, &waiters[i], n), what)
			case op == 3:
				holds := slow.holds[i]
				slow.giveUp(i)
				if holds {
					fast.Release(slow.need[i])
				} else {
					waiters[i].Cancel()
				}
			default:
				want := slow.free >= 1 && len(slow.line) == 0
				require.Equal(t, want, fast.TryAcquire(1), what)
				if want {
					fast.Release(1)
				}
			}
			require.Equal(t, slow.free, fast.Available(), what)
			for j, h := range hands {
				if slow.given[j] {
					require.True(t, h.flag.IsSet(), "%s: waiter %d was chosen and not woken", what, j)
				} else {
					h.woken()
				}
			}
		}
	})
}
