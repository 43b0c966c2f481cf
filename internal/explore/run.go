// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// progress is the number of the run that is under way.
var progress atomic.Uint64

// one guards against two explorations at a time: words know one engine only.
var one sync.Mutex

// maxSpawned is how often a thread is resumed at the end of a run that was given
// up, before its goroutine is left behind.
const maxSpawned = 200

// hang is how long one run may take. A model that blocks in something that the
// engine does not see, or that computes for ever, would hang the tests.
const hang = 2 * time.Minute

// spawn starts a thread and lets it come to its first step.
func (e *engine) spawn(name string, body func()) *vthread {
	p := e.running
	if e.aborting {
		p.refuse()
	}
	if len(e.threads) == maxThreads {
		e.fail("too many threads", fmt.Sprintf("a model may have %d", maxThreads))
		p.refuse()
	}
	t := e.admit(name, body)
	p.clock[p.id]++ // what p did before is before all that t does
	t.clock = p.clock
	e.parent, e.next = p, t
	p.suspend()
	if e.aborting {
		p.refuse()
	}
	return t
}

// admit adds a thread to the run.
func (e *engine) admit(name string, body func()) *vthread {
	id := len(e.threads)
	if id == len(e.all) {
		e.all = append(e.all, newThread(e, id))
	}
	if e.all[id].broken {
		e.all[id] = newThread(e, id)
	}
	t := e.all[id]
	t.begin(name, body)
	e.threads = append(e.threads, t)
	return t
}

// ended is called by a thread at its end.
func (e *engine) ended(t *vthread) {
	t.over = true
	t.clock[t.id]++
	switch {
	case e.aborting:
	case e.parent != nil:
		e.next, e.parent = e.parent, nil
	default:
		e.next = e.pick()
	}
}

// explore runs the model until the policy has had enough.
func (e *engine) explore() {
	one.Lock()
	defer one.Unlock()
	strays.Store(0)
	active.Store(e)
	defer active.Store(nil)
	for more := true; more; {
		over := make(chan bool)
		go func() {
			more := false
			defer func() { over <- more }()
			e.session(&more)
		}()
		more = e.await(over)
	}
	active.Store(nil)
	for _, t := range e.all {
		if !t.broken {
			t.stop()
		}
	}
}

// await waits for a session, and ends the process if a run hangs.
func (e *engine) await(over chan bool) bool {
	for last := uint64(0); ; {
		timer := time.NewTimer(hang)
		select {
		case more := <-over:
			timer.Stop()
			return more
		case <-timer.C:
			if now := progress.Load(); now != last {
				last = now
				continue
			}
			stacks := make([]byte, 1<<20)
			panic(fmt.Sprintf("explore: a run has not ended for %v: does the model block in something that the explorer does not see?\n%s",
				hang, stacks[:runtime.Stack(stacks, true)]))
		}
	}
}

// session makes runs on one goroutine. A thread that calls runtime.Goexit takes
// that goroutine with it, as coroutines do: then *more tells that another session
// has to go on.
func (e *engine) session(more *bool) {
	for {
		e.begin()
		*more = true
		e.untilOver(more, false)
		if *more = e.finish(); !*more {
			return
		}
	}
}

// untilOver drives the threads until the run has ended.
func (e *engine) untilOver(more *bool, doomed bool) {
	through := false
	defer func() {
		switch {
		case !through: // a thread has called runtime.Goexit
			e.untilOver(more, true)
		case doomed:
			*more = e.finish()
		}
	}()
	e.loop()
	through = true
}

// loop gives control to one thread after the other.
func (e *engine) loop() {
	for {
		t := e.next
		e.next = nil
		if t == nil {
			if t = e.leftover(); t == nil {
				e.running = nil
				return
			}
		}
		e.running = t
		t.next()
	}
}

// leftover returns a thread of a run that was given up that has not ended yet.
func (e *engine) leftover() *vthread {
	for _, t := range e.threads {
		if t.over || t.broken {
			continue
		}
		e.aborting = true
		if t.left++; t.left > maxSpawned {
			t.broken = true
			continue
		}
		return t
	}
	return nil
}

// begin prepares a run.
func (e *engine) begin() {
	runs++
	progress.Store(runs)
	e.run = runs
	e.threads, e.events, e.words = e.threads[:0], e.events[:0], e.words[:0]
	clear(e.plains)
	e.choices, e.spins = e.choices[:0], e.spins[:0]
	e.next, e.parent, e.last = nil, nil, nil
	e.steps, e.switches, e.preempts, e.roused = 0, 0, 0, 0
	e.free, e.aborting, e.stuck = false, false, false
	if e.trace != nil {
		e.trace.lines = nil
	}
	e.policy.start(e)
	x := &X{e: e}
	e.next = e.admit("main", func() {
		e.model(x)
		x.Wait()
	})
}

// finish ends a run. It reports whether there is to be another.
func (e *engine) finish() bool {
	if n := strays.Load(); n > 0 && e.failure == nil {
		e.fail("stray goroutine", fmt.Sprintf("%d shared steps were made by goroutines that the explorer does not run: start them through point.Go", n))
	}
	if e.void && e.failure == nil {
		e.void = false
		e.policy.again()
		return true
	}
	if e.opts.onRun != nil {
		e.opts.onRun(e)
	}
	if e.failure != nil {
		return false
	}
	return e.policy.end(e)
}

// deadlock ends a run in which no thread can go on.
func (e *engine) deadlock() {
	e.stuck, e.waiting = true, e.blocked()
	if e.opts.allowDeadlock {
		e.policy.stuck(e)
		return
	}
	kind := "deadlock"
	for _, t := range e.threads {
		if !t.over && t.op.kind == kindSpin {
			kind = "livelock"
		}
	}
	e.fail(kind, "no thread can go on: "+e.waiting)
}

// blocked tells what the threads wait for.
func (e *engine) blocked() string {
	text := ""
	for _, t := range e.threads {
		if t.over {
			continue
		}
		if text != "" {
			text += ", "
		}
		switch t.op.kind {
		case kindResume:
			text += t.name + " sleeps and nobody wakes it"
		case kindJoin:
			text += t.name + " waits for the end of " + t.op.target.name
		case kindSpin:
			text += t.name + " spins on words that nobody changes"
		default:
			text += t.name + " waits in " + t.op.kind.String()
		}
	}
	return text
}
