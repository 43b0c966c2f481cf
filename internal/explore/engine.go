// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"github.com/pilfer-go/pilfer/internal/self"
)

// active is the engine whose runs are under way, or nil: then all words are plain
// atomics.
var active atomic.Pointer[engine]

// runs numbers the runs of the process, so that a word knows whether it has been
// seen in this one.
var runs uint64

// An engine runs a model again and again.
type engine struct {
	opts   Options
	model  func(*X)
	policy policy

	// spinners is the threads that call Spin. The exploration begins again when
	// another one turns out to.
	spinners uint32

	// Of the current run.

	run      uint64
	all      []*vthread // by id; a coroutine serves many runs
	threads  []*vthread // those of this run
	words    []word
	plains   map[unsafe.Pointer]*plain
	events   []event
	spins    []spin
	running  *vthread
	next     *vthread // who runs when the running thread suspends; nil: the run is over
	parent   *vthread // who has started a thread that has not come to its first step
	steps    int
	last     *vthread // who took the last step
	switches int
	preempts int
	choices  []uint8 // who took each step
	free     bool    // the run is of no more interest: end it somehow
	aborting bool
	void     bool // the run does not count: the exploration begins again
	failure  *Failure
	stuck    bool   // ended in a deadlock that the options allow
	waiting  string // what the threads of a deadlock wait for
	sleepers uint32 // who may wake up by itself
	roused   int    // how many did
	trace    *tracer
	wokenBy  [maxThreads]clock // of the step that woke each thread
}

// A policy decides who takes the next step.
type policy interface {
	// start begins a run.
	start(e *engine)

	// pick chooses among the threads that can take a step: a set of bits, not
	// empty. A nil result says that the run need not be continued.
	pick(e *engine, enabled uint32) *vthread

	// took tells of the step that was just taken, the last of e.events, before the
	// clock of its thread is what it says; pre is the clock that the thread had.
	took(e *engine, ev *event, pre *clock)

	// again begins the exploration from the start.
	again()

	// stuck tells of a deadlock, at the end of a run.
	stuck(e *engine)

	// end ends a run, and says whether there is another.
	end(e *engine) bool
}

// here returns the engine if the caller is its running thread.
//
// Caller: any.
func here() *engine {
	e := active.Load()
	if e == nil {
		return nil
	}
	if t := e.running; t == nil || t.g != self.Goroutine() {
		e.stray()
		return nil
	}
	return e
}

// stray notes that a goroutine that the engine does not run has made a shared
// step: nobody can tell what the exploration is worth then.
//
// Caller: any.
func (e *engine) stray() { strays.Add(1) }

var strays atomic.Int64

// before is called by the running thread ahead of each step, and returns when it
// is that step's turn.
func (e *engine) before(m *mark, k kind) *vthread {
	t := e.running
	t.op = op{kind: k, word: e.wordOf(m)}
	e.turn(t)
	return t
}

// turn waits for the turn of t's next step.
func (e *engine) turn(t *vthread) {
	if e.aborting {
		t.refuse()
	}
	t.ready = true
	if e.parent != nil { // the first step: back to who started the thread
		e.next, e.parent = e.parent, nil
		t.suspend()
	} else if n := e.pick(); n != t {
		e.next = n
		t.suspend()
	}
	if e.aborting {
		t.refuse()
	}
	t.ready = false
}

// wordOf returns the index of the word with that mark.
func (e *engine) wordOf(m *mark) int32 {
	if m.run != e.run {
		m.run, m.id = e.run, int32(len(e.words))
		if len(e.words) < cap(e.words) {
			e.words = e.words[:len(e.words)+1]
			w := &e.words[m.id]
			*w = word{hist: w.hist[:0], sleep: w.sleep[:0]}
		} else {
			e.words = append(e.words, word{})
		}
	}
	return m.id
}

// pick chooses who takes the next step; nil ends the run.
func (e *engine) pick() *vthread {
	if e.failure != nil || e.void {
		return nil
	}
	var enabled uint32
	e.sleepers = 0
	alive := false
	for i, t := range e.threads {
		alive = alive || !t.over
		switch {
		case t.enabled():
			enabled |= 1 << i
		case t.ready && !t.over && t.op.kind == kindResume && e.roused < e.opts.Spurious:
			e.sleepers |= 1 << i
		}
	}
	if enabled == 0 {
		if alive {
			e.deadlock()
		}
		return nil
	}
	if e.steps >= e.opts.MaxSteps {
		e.fail("livelock", "the run has not ended after as many steps as the bound allows")
		return nil
	}
	var t *vthread
	if !e.free {
		if t = e.policy.pick(e, enabled); t == nil {
			e.free = true
		}
	}
	if t == nil {
		t = e.anyOf(enabled)
	}
	if t != e.last && e.last != nil {
		e.switches++
		if enabled>>e.last.id&1 != 0 {
			e.preempts++
		}
	}
	e.last = t
	e.choices = append(e.choices, uint8(t.id))
	return t
}

// anyOf prefers the thread that ran last, so that a trace has few switches.
func (e *engine) anyOf(enabled uint32) *vthread {
	if e.last != nil && enabled>>e.last.id&1 != 0 {
		return e.last
	}
	for i := range e.threads {
		if enabled>>i&1 != 0 {
			return e.threads[i]
		}
	}
	return nil
}

// after records the step that t has just taken. old and now are shown in traces.
func (e *engine) after(t *vthread, write bool, old, now uint64) {
	id := t.op.word
	w := &e.words[id]
	e.steps++
	pre := t.clock
	ev := e.record(t, write)
	ev.bit = w.bit
	ev.clock.join(&w.stored)
	if write {
		ev.clock.join(&w.read)
	}
	n := int32(len(e.events) - 1)
	if !e.free {
		e.policy.took(e, ev, &pre)
	}
	w.hist = append(w.hist, n)
	if write {
		w.stored, w.read = ev.clock, clock{}
		w.writes++
	} else {
		w.read.join(&ev.clock)
	}
	t.clock = ev.clock
	if e.spinners>>t.id&1 != 0 {
		t.saw(id)
	}
	if e.trace != nil {
		e.trace.step(t, ev, old, now)
	}
}

// record appends an event of t's op with t's clock.
func (e *engine) record(t *vthread, write bool) *event {
	e.events = append(e.events, event{tid: uint8(t.id), kind: t.op.kind, write: write, word: t.op.word})
	ev := &e.events[len(e.events)-1]
	ev.clock = t.clock
	ev.clock[t.id]++
	ev.seq = ev.clock[t.id]
	return ev
}

// rouse ends the sleep of t though nobody woke it.
func (e *engine) rouse(t *vthread) {
	e.roused++
	w := &e.words[t.bed]
	w.sleep = slices.DeleteFunc(w.sleep, func(s *vthread) bool { return s == t })
	if e.trace != nil {
		e.trace.note(t, "wakes up by itself")
	}
}

// pass takes a step that touches no word.
func (e *engine) pass(t *vthread, k kind, target *vthread) {
	if k == kindSpin && e.spinners>>t.id&1 == 0 && !e.aborting {
		e.spinners |= 1 << t.id
		e.void = true
	}
	t.op = op{kind: k, word: noWord, target: target}
	e.turn(t)
	e.steps++
	pre := t.clock
	ev := e.record(t, false)
	switch k {
	case kindResume:
		if t.woken {
			ev.clock.join(&e.wokenBy[t.id])
		} else {
			e.rouse(t)
		}
		t.woken = false
	case kindJoin:
		ev.clock.join(&target.clock)
	case kindSpin:
		if first := t.enabler(); first >= 0 {
			ev.clock.join(&e.events[first].clock)
		}
	}
	if !e.free {
		e.policy.took(e, ev, &pre)
	}
	t.clock = ev.clock
	if k == kindSpin {
		e.spins = append(e.spins, spin{int32(len(e.events) - 1), t.enabler(), slices.Clone(t.seen)})
		t.seen = t.seen[:0]
	}
	if e.trace != nil {
		e.trace.step(t, ev, 0, 0)
	}
}
