// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"math/bits"
	"math/rand/v2"
)

// manyRuns is how many runs the random modes make unless told otherwise.
const manyRuns = 10_000

// random takes each step at random.
type random struct {
	seed uint64
	runs int
	rng  *rand.Rand
}

func (r *random) start(*engine) { r.rng = rand.New(rand.NewPCG(r.seed+uint64(r.runs), 1)) }

func (r *random) pick(e *engine, enabled uint32) *vthread {
	n := r.rng.IntN(bits.OnesCount32(enabled))
	for ; n > 0; n-- {
		enabled &= enabled - 1
	}
	return e.threads[bits.TrailingZeros32(enabled)]
}

func (r *random) took(*engine, *event, *clock) {}
func (r *random) again()                       {}
func (r *random) stuck(*engine)                {}

func (r *random) end(e *engine) bool {
	r.runs++
	return e.opts.MaxRuns > 0 || r.runs < manyRuns
}

// priorities is PCT (Burckhardt and others, ASPLOS 2010): the thread of the
// highest priority runs, and at a few random steps its priority becomes the
// lowest. A bug that needs d changes in n steps is found with a chance of at least
// 1 in threads times n to the d.
type priorities struct {
	seed    uint64
	changes int // in a run
	runs    int
	steps   int // in the longest run so far
	rng     *rand.Rand
	of      []int
	at      []int
	lowest  int
}

func (p *priorities) start(*engine) {
	p.rng = rand.New(rand.NewPCG(p.seed+uint64(p.runs), 2))
	p.of, p.at, p.lowest = p.of[:0], p.at[:0], 0
	for range p.changes {
		p.at = append(p.at, p.rng.IntN(max(p.steps, 10)))
	}
}

func (p *priorities) pick(e *engine, enabled uint32) *vthread {
	for len(p.of) < len(e.threads) {
		p.of = append(p.of, 1+p.rng.IntN(1<<30))
	}
	best := -1
	for i := range e.threads {
		if enabled>>i&1 != 0 && (best < 0 || p.of[i] > p.of[best]) {
			best = i
		}
	}
	for _, at := range p.at {
		if at == e.steps {
			p.lowest--
			p.of[best] = p.lowest
		}
	}
	return e.threads[best]
}

func (p *priorities) took(*engine, *event, *clock) {}
func (p *priorities) again()                       {}
func (p *priorities) stuck(*engine)                {}

func (p *priorities) end(e *engine) bool {
	p.runs++
	p.steps = max(p.steps, e.steps)
	return e.opts.MaxRuns > 0 || p.runs < manyRuns
}

// scripted follows a schedule, and where that does not fit or has ended, stays
// with the thread that runs.
type scripted struct {
	choices []uint8
	strayed bool
}

func (s *scripted) start(*engine) { s.strayed = false }

func (s *scripted) pick(e *engine, enabled uint32) *vthread {
	if d := e.steps; d < len(s.choices) && int(s.choices[d]) < len(e.threads) && (enabled|e.sleepers)>>s.choices[d]&1 != 0 {
		return e.threads[s.choices[d]]
	}
	s.strayed = true
	return e.anyOf(enabled)
}

func (s *scripted) took(*engine, *event, *clock) {}
func (s *scripted) again()                       {}
func (s *scripted) stuck(*engine)                {}
func (s *scripted) end(*engine) bool             { return false }
