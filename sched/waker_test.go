// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// A handOut gives its waker away at its first poll, and counts its polls. It is
// ready when it is told to be.
type handOut struct {
	out   chan waker.Waker
	polls chan int
	n     int
	ready point.Bool
}

func newHandOut() *handOut {
	return &handOut{out: make(chan waker.Waker, 1), polls: make(chan int, 100)}
}

func (h *handOut) Poll(cx *future.Context) future.Poll[int] {
	if h.n++; h.n == 1 {
		h.out <- cx.Waker()
	}
	h.polls <- h.n
	return future.Poll[int]{Value: h.n, Ready: h.ready.Load()}
}

func TestWakerFiredTwice(t *testing.T) {
	rt := newRuntime(t, 1)
	f := newHandOut()
	h := sched.Spawn(rt, future.Future[int](f))
	w := testkit.Receive(t, f.out, "waker")
	testkit.Receive(t, f.polls, "first poll")
	release := occupy(t, rt, 1)
	w.WakeByRef()
	w.WakeByRef() // while the task is queued: one poll answers both
	release()
	assert.Equal(t, 2, testkit.Receive(t, f.polls, "second poll"))
	poolGoesOn(t, rt)
	f.ready.Store(true)
	w.WakeByRef()
	assert.Equal(t, 3, value(t, h), "polled once too often")
}

// TestWakerDuringPoll: the wake is not lost.
func TestWakerDuringPoll(t *testing.T) {
	rt := newRuntime(t, 2)
	polls := 0
	h := sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		if polls++; polls < 5 {
			w := cx.Waker()
			if polls%2 == 0 {
				done := make(chan struct{})
				go func() { w.Wake(); close(done) }()
				<-done
			} else {
				w.WakeIn(cx)
			}
			return future.Wait[int]()
		}
		return future.Of(polls)
	}))
	assert.Equal(t, 5, value(t, h))
}

func TestWakerAfterCompletion(t *testing.T) {
	rt := newRuntime(t, 1)
	f := newHandOut()
	h := sched.Spawn(rt, future.Future[int](f))
	w := testkit.Receive(t, f.out, "waker")
	poolGoesOn(t, rt) // so the first poll has ended
	f.ready.Store(true)
	w.WakeByRef()
	assert.Equal(t, 2, value(t, h))
	w.WakeByRef()
	poolGoesOn(t, rt)
	assert.Equal(t, 2, f.n, "polled after it was ready")
	require.NoError(t, rt.Close())
	w.WakeByRef() // after the runtime
}

// TestWakerFromAnotherRuntime: the task goes back to its own.
func TestWakerFromAnotherRuntime(t *testing.T) {
	mine, other := newRuntime(t, 1), newRuntime(t, 1)
	f := newHandOut()
	h := sched.Spawn(mine, future.Future[int](f))
	w := testkit.Receive(t, f.out, "waker")
	poolGoesOn(t, mine) // so the first poll has ended
	f.ready.Store(true)
	value(t, sched.Go(other, func(cx *sched.Context) (int, error) { w.WakeIn(cx); return 0, nil }))
	assert.Equal(t, 2, value(t, h))
	assert.Zero(t, other.Metrics().Queued)
	// A task of one runtime that waits for a task of the other.
	inner := sched.Spawn(other, sched.YieldNow())
	value(t, sched.Spawn(mine, inner))
}

func TestWakerFromCleanup(t *testing.T) {
	rt := newRuntime(t, 1)
	f := newHandOut()
	h := sched.Spawn(rt, future.Future[int](f))
	testkit.Receive(t, f.polls, "first poll")
	poolGoesOn(t, rt) // so it has ended
	f.ready.Store(true)
	func() {
		garbage := new([16]int)
		runtime.AddCleanup(garbage, func(w waker.Waker) { w.Wake() }, testkit.Receive(t, f.out, "waker"))
	}()
	for !h.IsFinished() {
		runtime.GC()
	}
	assert.Equal(t, 2, value(t, h))
}

func TestWakerFromFinalizer(t *testing.T) {
	rt := newRuntime(t, 1)
	f := newHandOut()
	h := sched.Spawn(rt, future.Future[int](f))
	testkit.Receive(t, f.polls, "first poll")
	poolGoesOn(t, rt) // so it has ended
	f.ready.Store(true)
	func() {
		w := testkit.Receive(t, f.out, "waker")
		garbage := &struct{ name string }{"garbage"}
		runtime.SetFinalizer(garbage, func(any) { w.WakeByRef() })
	}()
	for !h.IsFinished() {
		runtime.GC()
	}
	assert.Equal(t, 2, value(t, h))
}

// TestWakerFromTimer wakes many tasks at once from timers, in their first poll or
// after it.
func TestWakerFromTimer(t *testing.T) {
	rt := newRuntime(t, 2)
	var wg sync.WaitGroup
	for range 50 {
		f := newHandOut()
		h := sched.Spawn(rt, future.Future[int](f))
		w := testkit.Receive(t, f.out, "waker")
		f.ready.Store(true)
		time.AfterFunc(time.Millisecond, w.WakeByRef)
		wg.Go(func() { value(t, h) })
	}
	wg.Wait()
}

// TestWaitingTaskIsNotCollected: only the registry knows it.
func TestWaitingTaskIsNotCollected(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	done := make(chan struct{})
	func() {
		inner := future.Future[int](g)
		sched.Spawn(rt, future.Map(inner, func(int) int { close(done); return 1 }))
	}()
	testkit.Receive(t, g.polled, "first poll")
	runtime.GC()
	g.open()
	testkit.Receive(t, done, "the task")
}
