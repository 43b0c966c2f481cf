// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Cond is a place to wait for a change of what a [Mutex] guards; see sync.Cond
// for the pattern. Often a [Notify] or a channel says more.
type Cond struct {
	_ noCopy

	// L is held by who waits, and while the condition is changed.
	L *Mutex

	line line
}

// NewCond returns a Cond of l.
//
// Caller: any.
func NewCond(l *Mutex) *Cond {
	if l == nil {
		panic("locks: nil Mutex given to NewCond")
	}
	return &Cond{L: l}
}

// Future takes over the caller's lock of L. Its first poll gives L free; it is
// ready after a [Cond.Signal] or [Cond.Broadcast] that comes later, and then its
// owner holds L again. If it is dropped, L is not held, and a Signal that it had
// goes to the next. As with sync.Cond, look at the condition again afterwards.
//
// Caller: who holds L.
func (c *Cond) Future() future.Future[struct{}] { return &condWait{c: c} }

// Wait gives L free and blocks the calling goroutine until Signal or Broadcast
// wakes it, or until ctx ends; then it returns the cause. Either way the caller
// holds L again.
//
// Caller: who holds L: a goroutine that may sleep, not a task.
func (c *Cond) Wait(ctx context.Context) error {
	err := block(ctx, c.Future())
	if err != nil {
		_ = c.L.Lock(context.Background()) // which never ends
	}
	return err
}

// Signal wakes the one that waits longest, if there is one.
//
// Caller: any; mostly holding L.
func (c *Cond) Signal() { c.wake(nil, 1, granted) }

// SignalIn is Signal from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (c *Cond) SignalIn(cx *future.Context) { c.wake(cx.Local(), 1, granted) }

// Broadcast wakes all that wait.
//
// Caller: any; mostly holding L.
func (c *Cond) Broadcast() { c.wake(nil, -1, grantedAll) }

// BroadcastIn is Broadcast from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (c *Cond) BroadcastIn(cx *future.Context) { c.wake(cx.Local(), -1, grantedAll) }

// wake wakes up to n, or all if n is negative.
func (c *Cond) wake(from waker.Local, n int, as uint32) {
	var woken batch
	c.line.mu.Lock()
	for ; n != 0 && c.line.oldest != nil; n-- {
		woken.add(c.line.choose(c.line.oldest, as))
	}
	c.line.mu.Unlock() // takes effect here
	woken.wake(from)
}

// leave takes w out of the line, or passes on the signal that it had.
//
// Caller: the waiter.
func (c *Cond) leave(w *Waiter) {
	c.line.mu.Lock()
	was := w.state.Load()
	if was == waiting {
		c.line.unlink(w)
	}
	c.line.mu.Unlock()
	if was == waiting {
		w.waker.Drop()
	}
	w.reset()
	if was == granted {
		c.Signal()
	}
}

type condStep uint8

const (
	condHolds   condStep = iota // not polled: it has L
	condWaits                   // registered, without L
	condRelocks                 // woken, in line for L
	condOver
)

type condWait struct {
	c      *Cond
	step   condStep
	signal Waiter // kept until L is held, so that a drop passes a signal on
	lock   Waiter
}

// Poll takes the next step.
//
// Caller: owner.
func (f *condWait) Poll(cx *future.Context) future.Poll[struct{}] {
	switch f.step {
	case condHolds:
		f.signal.enter(f.c)
		f.signal.waker = cx.Waker()
		f.signal.state = point.Uint32Of(waiting) // plain: nobody else can see it yet
		f.c.line.mu.Lock()
		f.c.line.link(&f.signal)
		f.c.line.mu.Unlock()
		f.step = condWaits
		f.c.L.UnlockIn(cx) // after the registration: a signal cannot fall in between
		return future.Poll[struct{}]{}
	case condWaits:
		if f.signal.state.Load() == waiting {
			f.c.line.again(cx, &f.signal)
			return future.Poll[struct{}]{}
		}
		f.step = condRelocks
	case condOver:
		panic("locks: the future of a Cond was polled after it was ready or dropped")
	}
	if !f.c.L.PollLock(cx, &f.lock) {
		return future.Poll[struct{}]{}
	}
	f.step = condOver
	f.signal.reset()
	return future.Of(struct{}{})
}

// Drop gives up whatever it has: L, its place, or a signal.
//
// Caller: owner.
func (f *condWait) Drop() {
	step := f.step
	f.step = condOver
	switch step {
	case condHolds:
		f.c.L.Unlock()
	case condWaits, condRelocks:
		f.lock.Cancel()
		f.signal.Cancel()
	}
}
