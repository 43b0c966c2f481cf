// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"math/bits"
	"math/rand/v2"
)

// How bad the weather is. A run of a whole runtime has some thousand steps; each of
// these comes a few times in it.
const (
	stallOneIn  = 150 // steps until the thread that would run stands still
	longestHold = 1500
	lateOneIn   = 4 // wakes that come late
	rouseOneIn  = 60
	longBurst   = 200 // steps that one thread may take without another
)

// storm takes each step at random, in bursts of all lengths, as threads on a busy
// machine do. Some stand still for long, some are woken late, some wake up though
// nobody woke them, if the options allow it.
type storm struct {
	seed  uint64
	runs  int
	rng   *rand.Rand
	until [maxThreads]int  // the step until which a thread stands still
	late  [maxThreads]bool // it was decided whether its wake comes late
	burst int
}

func (s *storm) start(*engine) {
	s.rng = rand.New(rand.NewPCG(s.seed+uint64(s.runs), 3))
	s.until, s.late, s.burst = [maxThreads]int{}, [maxThreads]bool{}, 0
}

func (s *storm) pick(e *engine, enabled uint32) *vthread {
	if e.sleepers != 0 && s.rng.IntN(rouseOneIn) == 0 {
		return e.threads[s.one(e.sleepers)]
	}
	var up uint32
	for set := enabled; set != 0; set &= set - 1 {
		i := bits.TrailingZeros32(set)
		s.lateness(e, i)
		if s.until[i] <= e.steps {
			up |= 1 << i
		}
	}
	if up == 0 { // they only stand still as long as others move
		return e.threads[s.first(enabled)]
	}
	if e.last != nil && s.burst > 0 && up>>e.last.id&1 != 0 {
		s.burst--
		return e.last
	}
	at := s.one(up)
	if s.rng.IntN(stallOneIn) == 0 && bits.OnesCount32(up) > 1 {
		s.until[at] = e.steps + s.rng.IntN(longestHold)
		at = s.one(up &^ (1 << at))
	}
	s.burst = s.rng.IntN(1 + s.rng.IntN(1+s.rng.IntN(longBurst)))
	return e.threads[at]
}

// lateness decides once for each wake whether it comes late.
func (s *storm) lateness(e *engine, i int) {
	woken := e.threads[i].op.kind == kindResume
	if woken && !s.late[i] && s.rng.IntN(lateOneIn) == 0 {
		s.until[i] = e.steps + s.rng.IntN(longestHold)
	}
	s.late[i] = woken
}

// one chooses a thread.
func (s *storm) one(set uint32) int {
	for n := s.rng.IntN(bits.OnesCount32(set)); n > 0; n-- {
		set &= set - 1
	}
	return bits.TrailingZeros32(set)
}

// first returns the thread that stands still for the shortest time.
func (s *storm) first(set uint32) int {
	best := bits.TrailingZeros32(set)
	for ; set != 0; set &= set - 1 {
		if i := bits.TrailingZeros32(set); s.until[i] < s.until[best] {
			best = i
		}
	}
	return best
}

func (s *storm) took(*engine, *event, *clock) {}
func (s *storm) again()                       {}
func (s *storm) stuck(*engine)                {}

func (s *storm) end(e *engine) bool {
	s.runs++
	return e.opts.MaxRuns > 0 || s.runs < manyRuns
}
