// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"math/bits"
)

// A node is a state on the path of the depth-first search, with the choice that
// the current run makes in it. Sets of threads are sets of bits.
type node struct {
	enabled   uint32 // who can take a step
	backtrack uint32 // who has to be tried
	done      uint32 // who was tried: all that follows has been explored
	sleep     uint32 // who need not be tried: explored from an earlier state
	tid       uint8  // the choice
	steps     uint32 // what the threads are about to do, to notice a model that is not deterministic
	prev      int8   // who took the step before, or -1
	preempts  int    // on the way here
}

// A search explores all runs, depth first.
type search struct {
	reduce bool // leave out runs that differ by steps that commute only
	bound  int  // preemptions at most, or negative

	nodes  []node
	branch int // up to here the path is that of the run before
	pruned int
	cut    bool // something was left out because of the bound
}

func (s *search) start(*engine) {}

func (s *search) pick(e *engine, enabled uint32) *vthread {
	d, steps := e.steps, e.nextSteps()
	if d < len(s.nodes) {
		n := &s.nodes[d]
		if n.enabled != enabled || n.steps != steps {
			e.fail("not deterministic", fmt.Sprintf("the same schedule has led to another state before step %d: the model, or what it runs, depends on something besides the schedule", d+1))
			return nil
		}
		return e.threads[n.tid]
	}
	n := node{enabled: enabled, steps: steps, prev: -1}
	if d > 0 {
		n.prev = int8(s.nodes[d-1].tid)
		n.preempts = e.preempts
		if s.sleeps() {
			n.sleep = s.sleepAfter(e, d-1)
		}
	}
	can := enabled &^ n.sleep
	if can == 0 {
		s.pruned++
		s.waits(e)
		return nil
	}
	t := e.anyOf(can)
	n.tid = uint8(t.id)
	n.backtrack = 1 << t.id
	if !s.reduce {
		n.backtrack = enabled
	}
	s.nodes = append(s.nodes, n)
	if s.reduce && s.bound >= 0 {
		s.pending(e)
	}
	return t
}

// nextSteps returns a digest of what all threads are about to do.
func (e *engine) nextSteps() uint32 {
	h := uint32(2166136261)
	for _, t := range e.threads {
		next := uint32(t.op.word)<<8 | uint32(t.op.kind)
		if t.over {
			next = 1 << 31
		}
		h = (h ^ next) * 16777619
	}
	return h
}

// sleeps says whether sleep sets are in use. They rely on runs that were explored
// elsewhere, which a bound may have left out.
func (s *search) sleeps() bool { return s.reduce && s.bound < 0 }

// sleepAfter returns the sleep set of the state after step d of the run.
func (s *search) sleepAfter(e *engine, d int) uint32 {
	n := &s.nodes[d]
	set := n.sleep | n.done
	ev := &e.events[d]
	for rest := set; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros32(rest)
		if o := &e.threads[i].op; o.word != noWord && ev.word != noWord &&
			(o.word == ev.word && (ev.write || o.kind.mayWrite()) || ev.write && o.kind.mayWrite() && e.spunOn(o.word, ev.word)) {
			set &^= 1 << i
		}
	}
	return set
}

func (s *search) took(e *engine, ev *event, pre *clock) {
	if s.sleeps() && len(e.events) > s.branch {
		s.races(e, ev, pre)
	}
}

func (s *search) again() { *s = search{reduce: s.reduce, bound: s.bound} }

func (s *search) stuck(e *engine) {
	switch {
	case !s.reduce || e.free:
	case s.bound >= 0:
		s.pending(e)
	default:
		s.waits(e)
	}
}

func (s *search) end(e *engine) bool {
	for d := len(s.nodes) - 1; d >= 0; d-- {
		n := &s.nodes[d]
		n.done |= 1 << n.tid
		can := n.backtrack &^ n.done &^ n.sleep
		for rest := can; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros32(rest)
			if s.bound >= 0 && n.preempts+n.cost(i) > s.bound {
				n.done |= 1 << i
				s.cut = true
				continue
			}
			n.tid = uint8(i)
			s.nodes = s.nodes[:d+1]
			s.branch = d
			return true
		}
	}
	return false
}

// cost returns how many preemptions the choice of thread i is.
func (n *node) cost(i int) int {
	if n.prev >= 0 && int(n.prev) != i && n.enabled>>n.prev&1 != 0 {
		return 1
	}
	return 0
}
