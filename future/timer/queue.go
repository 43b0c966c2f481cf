// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/wheel"
	"github.com/pilfer-go/pilfer/waker"
)

// A Host is what an executor keeps as [waker.Local] if it has timers: the futures of
// this package find their Queue through the Context of their poll.
type Host interface {
	// Timers returns the queue of the party that polls. It is called by that
	// party, during the poll.
	Timers() *Queue
}

// A Queue holds the timers that one party of an executor has armed. Whoever
// cancels or fires one may be anybody: the Queue has a lock, held for tens of
// nanoseconds, or for a batch of wakers to be taken out.
//
// On 32-bit machines it must be 64-bit aligned: make it the first field of its struct.
//
// The executor calls [Queue.Fire] when the time of [Queue.Next] has come.
type Queue struct {
	// next is when Fire has something to do, or earlier.
	// Writers: holding mu. Invariant: not after the first timer's time.
	next point.Int64 // first: it needs 64-bit alignment

	// firing is set while somebody fires.
	// Writers: who fires, by compare-and-swap to true and a store to false.
	firing point.Bool

	mu    point.Mutex
	clock *Clock            // set once
	early func(Instant)     // set once
	wheel wheel.Wheel[bell] // holding mu
}

// A bell is what a timer rings, in its entry of the wheel.
type bell struct {
	waker waker.Waker // holding mu, while the entry is in the wheel

	// state is one of the five of an alarm.
	// Writers: its owner before and after the entry is in the wheel; who fires,
	// holding mu, from waiting to rung.
	state point.Uint32
}

// Init makes the queue ready for use. early is called with the time of a timer
// that comes before all others, after it was armed, on the goroutine that armed
// it; whoever waits for Next then looks at it again. It may be nil.
//
// Caller: once, before Start.
func (q *Queue) Init(clock *Clock, early func(Instant)) {
	q.clock = clock
	q.early = early
	q.wheel = wheel.New[bell](clock.shift)
	q.next.Store(int64(Never))
}

// Clock returns the clock of the queue.
//
// Caller: any.
func (q *Queue) Clock() *Clock { return q.clock }

// Next returns when the queue has something to do, or an earlier time; Never if no
// timer is armed.
//
// Caller: any.
func (q *Queue) Next() Instant { return Instant(q.next.Load()) }

// Len returns how many timers are armed.
//
// Caller: any.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.wheel.Len()
}

// fireBatch is how many steps Fire takes for each time it locks: a goroutine that
// arms a timer meanwhile waits as long, a few microseconds.
const fireBatch = 64

// Fire wakes those whose time has come at now, in the order of their times, with
// from as in [waker.Target]. It takes about limit steps, and returns how many it woke,
// and whether it stopped at the limit. If another goroutine is firing it does nothing
// and returns -1: two would only wait for each other's lock.
//
// Caller: any, with a nil from; else the party whose Local that is.
func (q *Queue) Fire(now Instant, from waker.Local, limit int) (woken int, more bool) {
	var batch [fireBatch]waker.Waker
	if !q.firing.CompareAndSwap(false, true) { // elect
		return -1, true
	}
	defer q.firing.Store(false)
	for more = q.Next() <= now; more && limit > 0; limit -= fireBatch {
		n := 0
		q.mu.Lock()
		for range batch {
			var e *wheel.Entry[bell]
			if e, more = q.wheel.Step(int64(now)); !more {
				break
			}
			if e != nil {
				batch[n], e.Value.waker = e.Value.waker, waker.Waker{}
				e.Value.state.Store(rung) // [alarm-race] W1 takes effect here
				n++
			}
		}
		q.next.Store(q.wheel.Next())
		q.mu.Unlock()
		wakeEach(batch[:n], from)
		woken += n
	}
	return woken, more
}

// wakeEach wakes all, also if a waker panics, which it must not: then the panic goes
// on afterwards.
func wakeEach(ws []waker.Waker, from waker.Local) {
	i := 0
	defer func() {
		if i < len(ws) {
			wakeEach(ws[i+1:], from)
		}
	}()
	for ; i < len(ws); i++ {
		w := ws[i]
		ws[i] = waker.Waker{}
		w.WakeBy(from) // [alarm-race] W2
		w.Drop()
	}
}

// hostOf returns the queue of the party that polls with cx.
func hostOf(cx *future.Context, who string) *Queue {
	h, ok := cx.Local().(Host)
	if !ok {
		panic(fmt.Sprintf("timer: %s polled by an executor without timers: its Local is %T, not a timer.Host; spawn it at a runtime, or use sched.BlockOn", who, cx.Local()))
	}
	return h.Timers()
}
