// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// What a task does, one after the other.
type opKind uint8

const (
	opYield   opKind = iota
	opSleep          // until a timer
	opSpawn          // a task, and go on
	opJoin           // a task, and wait for it
	opDetach         // a detached task, and wait for it
	opSend           // into the channel, for a while
	opRecv           // from it, for a while
	opLock           // the mutex, for some steps
	opHold           // the mutex, by a task that holds it from one poll to the next
	opFork           // fork-join
	opBlock          // a blocking function
	opScope          // two tasks that cannot outlive it
	opSet            // two tasks, in the order in which they end
	opPromise        // another task settles it, perhaps
	opMachine        // a task that waits without a stack
	opForever        // a task that only a shutdown ends
	opLoop           // a parallel call
	opGraph          // a graph
	opPanic
	opGoexit
	opKinds
)

// An op is one step of a script.
type op struct {
	kind opKind
	n    int
	sub  []*script

	loop  *loopPlan
	graph *graphPlan
}

func (o op) wait() time.Duration { return time.Duration(1+o.n%7) * time.Second }

// A script is what one task does. It is made before the run, so that it is the same
// in every schedule.
type script struct {
	id  int
	ops []op
}

// A fault is something that one thread does to the others.
type fault struct {
	kind  faultKind
	n     int
	after int // steps
}

type faultKind uint8

var (
	opNames    = [...]string{"yield", "sleep", "spawn", "join", "detach", "send", "recv", "lock", "hold", "fork", "block", "scope", "set", "promise", "machine", "forever", "loop", "graph", "panic", "goexit"}
	callNames  = [...]string{"spawn", "wait", "detached", "run", "fork", "blockOn", "group", "loop", "graph"}
	faultNames = [...]string{"abort", "resize", "end", "close", "stop", "nudge"}
)

func (s *script) String() string {
	text := fmt.Sprintf("%d{", s.id)
	for i, o := range s.ops {
		if i > 0 {
			text += " "
		}
		text += fmt.Sprintf("%s:%d", opNames[o.kind], o.n)
		for _, sub := range o.sub {
			text += sub.String()
		}
		text += inside(o.loop, o.graph)
	}
	return text + "}"
}

// inside is what is in a parallel call, or a graph.
func inside(l *loopPlan, g *graphPlan) string {
	switch {
	case l != nil:
		return l.String()
	case g != nil:
		return g.String()
	}
	return ""
}

// String is the plan for a report.
func (p *plan) String() string {
	text := fmt.Sprintf("%d workers, portable %v, %d blocking, room %d, calm %v, stop %v\n",
		p.workers, p.portable, p.blocking, p.room, p.calm, p.stop)
	for i, calls := range p.callers {
		text += fmt.Sprintf("caller %d:", i)
		for _, c := range calls {
			text += fmt.Sprintf(" %s:%d%v%s", callNames[c.kind], c.n, c.what, inside(c.loop, c.graph))
		}
		text += "\n"
	}
	for _, f := range p.faults {
		text += fmt.Sprintf("fault %s:%d after %d steps\n", faultNames[f.kind], f.n, f.after)
	}
	return text
}

const (
	faultAbort  faultKind = iota // of the task that was spawned so many before
	faultResize                  // to so many workers
	faultEnd                     // of the context of a caller
	faultClose                   // while everything is under way
	faultStop                    // Shutdown with a context that has ended
	faultNudge                   // a message into the channel and one out, and the mutex
	faultKinds
)

// A plan is all that a seed decides besides the schedule.
type plan struct {
	seed     uint64
	rng      *rand.Rand
	workers  int
	portable bool
	blocking int // threads for blocking functions
	room     int // of the channel
	calm     bool
	stop     bool // Shutdown in place of Close at the end
	callers  [][]call
	faults   []fault
	scripts  int
	blocks   int // that may still be made
	goexits  bool
	panics   bool
	forever  bool // tasks that only a shutdown ends
}

// What a goroutine outside of the runtime does.
type callKind uint8

const (
	callSpawn    callKind = iota // and leave it
	callWait                     // spawn, and wait
	callDetached                 // likewise, for a task that the caller may poll
	callRun                      // a guest
	callFork                     // a guest that forks
	callBlockOn
	callGroup
	callLoop
	callGraph
	callKinds
)

type call struct {
	kind callKind
	n    int
	what *script

	loop  *loopPlan
	graph *graphPlan
}

// newPlan makes a plan. A calm one has no faults and no crashes: there every task
// must succeed.
func newPlan(seed uint64) *plan {
	rng := rand.New(rand.NewPCG(seed, 0x51))
	p := &plan{seed: seed, rng: rng, workers: 1 + rng.IntN(3), portable: rng.IntN(8) == 0,
		blocking: 1 + rng.IntN(2), room: 1 + rng.IntN(2), calm: rng.IntN(3) == 0, stop: rng.IntN(3) == 0, blocks: 2}
	p.panics = !p.calm && rng.IntN(3) == 0
	p.goexits = !p.calm && rng.IntN(12) == 0
	p.stop = p.stop && !p.calm
	p.forever = p.stop
	for range 1 + rng.IntN(2) {
		var calls []call
		for range 1 + rng.IntN(3) {
			calls = append(calls, p.call())
		}
		p.callers = append(p.callers, calls)
	}
	if p.calm {
		return p
	}
	resizes := 0
	for range 1 + rng.IntN(4) {
		f := fault{faultKind(rng.IntN(int(faultKinds))), rng.IntN(100), rng.IntN(1 + rng.IntN(1500))}
		if f.kind == faultResize {
			if resizes++; resizes > 2 {
				f.kind = faultAbort
			}
		}
		if f.kind == faultClose && p.forever {
			f.kind = faultStop
		}
		p.faults = append(p.faults, f)
	}
	if p.forever {
		p.faults[len(p.faults)-1].kind = faultStop
	}
	return p
}

// call makes one.
func (p *plan) call() call {
	c := call{kind: callKind(p.rng.IntN(int(callKinds))), n: p.rng.IntN(100)}
	switch c.kind {
	case callLoop:
		c.loop = p.loop()
	case callGraph:
		c.graph = p.newGraph()
	default:
		c.what = p.script(0)
	}
	return c
}

// script makes one, with those of the tasks that it spawns.
func (p *plan) script(depth int) *script {
	p.scripts++
	s := &script{id: p.scripts}
	for range 1 + p.rng.IntN(3) {
		s.ops = append(s.ops, p.op(depth))
	}
	return s
}

func (p *plan) op(depth int) op {
	o := op{kind: opKind(p.rng.IntN(int(opKinds))), n: p.rng.IntN(1000)}
	subs := 0
	switch o.kind {
	case opSpawn, opJoin, opDetach, opMachine:
		subs = 1
	case opScope, opSet:
		subs = 2
	case opForever:
		if !p.forever {
			o.kind = opLock
		}
	case opPanic:
		if !p.panics {
			o.kind = opYield
		}
	case opGoexit:
		if !p.goexits {
			o.kind = opLock
		}
	case opLoop:
		o.loop = p.loop()
	case opGraph:
		o.graph = p.newGraph()
	case opBlock:
		if p.blocks--; p.blocks < 0 {
			o.kind = opFork
		}
	}
	if subs > 0 && (depth >= 2 || p.scripts > 12) {
		o.kind, subs = opYield, 0
	}
	for range subs {
		o.sub = append(o.sub, p.script(depth+1))
	}
	return o
}
