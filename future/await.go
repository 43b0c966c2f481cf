// SPDX-License-Identifier: Apache-2.0

package future

import (
	"runtime"

	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/waker"
)

// An unwinding is the panic by which a body unwinds whose future was dropped.
type unwinding struct{}

func (unwinding) Error() string {
	return "future: the task was aborted in Get; this panic unwinds the body of its Async and must not be recovered from"
}

// Get waits for f in the body of an [Async], and returns its value or its error. If
// f is ready it costs a few nanoseconds more than a poll; else the body is left here
// until f is ready, and its worker does other work.
//
// If the future of the body is dropped meanwhile, f is dropped, and Get panics so
// that the body unwinds. A body that recovers from that and calls Get again is ended
// by runtime.Goexit.
//
// It panics if it is called outside of the body, or by a future that another Get of
// the same body polls.
//
// Caller: the body that y was handed to.
func Get[T any](y *Await, f Future[T]) (T, error) {
	refuseNil(f, "Get")
	if y.state != runs {
		y.misused()
	}
	y.state = polls
	ready := false
	defer func() {
		y.state = runs
		if !ready {
			Drop(f)
		}
	}()
	if y.aborted {
		y.unwind()
	}
	for {
		if p := f.Poll(y.cx); p.Ready {
			ready = true
			return p.Value, p.Err
		}
		y.beforeWait()
		y.yield(struct{}{})
		if y.state = polls; y.aborted {
			y.unwind()
		}
	}
}

// beforeWait is what comes before the switch out of the body.
func (y *Await) beforeWait() {
	if y.goroutine != self.Goroutine() {
		panic("future: Get on another goroutine than the body's")
	}
	if !y.fits(y.host) {
		panic(lockMisuse + " before it waits in Get")
	}
	y.leave()
	y.state = waits
}

// unwind ends the body.
func (y *Await) unwind() {
	if y.unwound {
		runtime.Goexit()
	}
	y.unwound = true
	panic(unwinding{})
}

// misused panics because Get may not be called.
func (y *Await) misused() {
	switch {
	case y.state == over:
		panic("future: Get with an Await whose body has returned")
	case y.state == polls:
		panic("future: Get inside a Get of the same Await: a body waits for one future at a time")
	}
	panic("future: Get outside of the body that the Await was handed to")
}

// Context returns the Context of the poll that is under way, for what a future could
// do with it. It is another one after each Get. It is nil while the body unwinds.
//
// Caller: the body that y was handed to.
func (y *Await) Context() *Context { return y.cx }

// Local makes the body a place to spawn at, as a Context does.
//
// Caller: the body that y was handed to.
func (y *Await) Local() waker.Local { return y.cx.Local() }

// Coroutines is a set of bodies that wait, for the [Host] that keeps them. The zero
// Coroutines is empty. It belongs to one goroutine.
type Coroutines struct {
	first *Await
	n     int
}

// Add adds y.
//
// Caller: owner.
func (c *Coroutines) Add(y *Await) {
	y.after = c.first
	if c.first != nil {
		c.first.before = y
	}
	c.first = y
	c.n++
}

// Remove removes y, which is in the set.
//
// Caller: owner.
func (c *Coroutines) Remove(y *Await) {
	if y.before != nil {
		y.before.after = y.after
	} else {
		c.first = y.after
	}
	if y.after != nil {
		y.after.before = y.before
	}
	y.before, y.after = nil, nil
	c.n--
}

// Len returns how many there are.
//
// Caller: owner.
func (c *Coroutines) Len() int { return c.n }

// AbortAll lets all unwind that wait. What panics in one is given to report, and
// keeps none of the others.
//
// Caller: owner, where they may be resumed.
func (c *Coroutines) AbortAll(report func(panicked any)) {
	for c.first != nil {
		c.abortFirst(report)
	}
}

func (c *Coroutines) abortFirst(report func(any)) {
	y := c.first
	defer func() {
		if v := recover(); v != nil {
			report(v)
		}
		if c.first == y {
			c.Remove(y) // it cannot be resumed
		}
	}()
	y.abort()
}
