// SPDX-License-Identifier: Apache-2.0

package explore

import "fmt"

// An X is what a model gets: it starts threads and checks. It can stand for the
// *testing.T of an assertion library.
type X struct{ e *engine }

// A Thread is a thread of a model.
type Thread struct{ t *vthread }

// Go starts a thread. At the end of the model all threads that the calling one
// has started are waited for.
//
// Caller: a thread of the model.
func (x *X) Go(name string, f func()) *Thread {
	p := x.e.running
	t := x.e.spawn(name, f)
	p.started = append(p.started, t)
	return &Thread{t}
}

// Wait waits for the threads that the calling one has started.
//
// Caller: a thread of the model.
func (x *X) Wait() {
	t := x.e.running
	for len(t.started) > 0 {
		child := t.started[0]
		t.started = t.started[1:]
		x.e.pass(t, kindJoin, child)
	}
}

// Join waits for the end of the thread.
//
// Caller: a thread of the model.
func (c *Thread) Join() { c.t.e.pass(c.t.e.running, kindJoin, c.t) }

// Check ends the run as failed unless ok.
//
// Caller: a thread of the model.
func (x *X) Check(ok bool, format string, args ...any) {
	if !ok {
		x.Errorf(format, args...)
		x.FailNow()
	}
}

// Errorf notes a failure. The run ends at the next step.
//
// Caller: a thread of the model.
func (x *X) Errorf(format string, args ...any) {
	x.e.fail("failed check", fmt.Sprintf(format, args...))
}

// FailNow ends the run as failed.
//
// Caller: a thread of the model.
func (x *X) FailNow() {
	x.e.fail("failed check", "no reason given")
	panic(abort{})
}

// fail notes the first failure of a run.
func (e *engine) fail(kind, what string) {
	if e.failure == nil && !e.aborting {
		e.failure = &Failure{Kind: kind, What: what, choices: append([]uint8{}, e.choices...)}
	}
}

// Start starts f as a thread of the exploration under way, or as a goroutine if
// the caller is in none. It is what point.Go stands for.
//
// Caller: any.
func Start(f func()) {
	e := here()
	if e == nil {
		go f()
		return
	}
	e.spawn(fmt.Sprintf("goroutine %d", len(e.threads)), f)
}

// OwnSteps returns how many steps the calling thread has taken, if it is one of an
// exploration. What other threads do in between changes nothing of it.
//
// Caller: any.
func OwnSteps() (n int, ok bool) {
	e := here()
	if e == nil {
		return 0, false
	}
	return int(e.running.clock[e.running.id]), true
}

// Exploring says whether the caller is a thread of an exploration.
//
// Caller: any.
func Exploring() bool { return here() != nil }
