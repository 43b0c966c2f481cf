// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/workers"
)

// isQuiet reports whether Close would go on.
func isQuiet(rt *Runtime) bool { return rt.quiet.IsOpen() }

// TestLateQuiet: a worker found everybody asleep and stopped for a second right
// there. What it says then is too old to be believed.
func TestLateQuiet(t *testing.T) {
	rt, err := New(Workers(2))
	require.NoError(t, err)
	late := func(what string) {
		rt.closing.Store(true)
		rt.poolQuiet()
		assert.False(t, isQuiet(rt), what)
		rt.closing.Store(false)
	}
	on, off := make(chan struct{}), make(chan struct{})
	hold := func() { on <- struct{}{}; <-off }

	h := Go(rt, func(*Context) (int, error) { hold(); return 0, nil })
	<-on
	late("a task is polled")
	off <- struct{}{}
	_, err = h.Wait(context.Background())
	require.NoError(t, err)

	go func() { _ = rt.Run(context.Background(), func(*Context) error { hold(); return nil }) }()
	<-on
	late("a guest runs")
	off <- struct{}{}

	b := SpawnBlocking(rt, func(context.Context) (int, error) { hold(); return 0, nil })
	<-on
	late("a blocking function runs")
	b.Abort()
	_, err = b.Wait(context.Background())
	require.ErrorIs(t, err, ErrCanceled)
	late("a blocking function runs for nobody")
	off <- struct{}{}

	p := future.NewPromise[int]()
	polled := make(chan struct{}, 4)
	f := p.Future()
	w := Spawn(rt, future.FromFunc(func(cx *Context) future.Poll[int] {
		got := f.Poll(cx)
		polled <- struct{}{}
		return got
	}))
	<-polled
	late("a task waits")
	p.Resolve(1)
	_, err = w.Wait(context.Background())
	require.NoError(t, err)

	require.NoError(t, rt.Close())
}

// TestSealedRuntimeRefuses: a spawn that did not see closing comes after all
// others were done, and a worker takes its entry before it looks again.
func TestSealedRuntimeRefuses(t *testing.T) {
	rt, err := New(Workers(1))
	require.NoError(t, err)
	waiting := Spawn(rt, future.YieldNow())
	_, err = waiting.Wait(context.Background())
	require.NoError(t, err)
	rt.ending.set(sealed)
	polled := false
	h := Go(rt, func(*Context) (int, error) { polled = true; return 0, nil })
	_, err = h.Wait(context.Background())
	assert.ErrorIs(t, err, ErrClosed)
	assert.False(t, polled)
	require.NoError(t, rt.Close())
}

// TestTakeBackOfPolledTask: the spawn comes to its second look only after the task
// was polled and woken again.
func TestTakeBackOfPolledTask(t *testing.T) {
	rt, err := New(Workers(1))
	require.NoError(t, err)
	polled, on, off := make(chan struct{}), make(chan struct{}), make(chan struct{})
	p := future.NewPromise[int]()
	f := p.Future()
	n := 0
	h := Spawn(rt, future.FromFunc(func(cx *Context) future.Poll[int] {
		got := f.Poll(cx)
		if n++; n == 1 {
			close(polled)
		}
		return got
	}))
	<-polled
	busy := Go(rt, func(*Context) (int, error) { close(on); <-off; return 0, nil })
	<-on
	p.Resolve(7) // it lies in the queue
	require.True(t, h.t.state.load().has(queued))
	h.t.takeBack()
	close(off)
	v, err := h.Wait(context.Background())
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
	_, err = busy.Wait(context.Background())
	require.NoError(t, err)
	require.NoError(t, rt.Close())
}

// TestLateGuestIsRefused: the call has seen a runtime that is open, and stopped
// for a second before it took a place.
func TestLateGuestIsRefused(t *testing.T) {
	rt, err := New(Workers(1))
	require.NoError(t, err)
	var w *workers.Worker
	for ok := false; !ok; { // until the worker is parked
		w, ok = rt.pool.Enter()
	}
	rt.closing.Store(true)
	called := false
	assert.ErrorIs(t, rt.runGuest(w, func(*Context) error { called = true; return nil }), ErrClosed)
	assert.False(t, called)
	require.NoError(t, rt.Close())
}

// TestWaitersOfNestedTask: F waits for X inside, and so does a caller outside, on
// whom F then waits. The caller must not wait for the end of F.
func TestWaitersOfNestedTask(t *testing.T) {
	rt, err := New(Workers(1))
	require.NoError(t, err)
	p := future.NewPromise[int]()
	x := Spawn(rt, p.Future())
	told := make(chan struct{})
	outer := Go(rt, func(*Context) (int, error) {
		v, err := x.Wait(context.Background())
		<-told
		return v, err
	})
	go func() {
		_, _ = x.Wait(context.Background())
		close(told)
	}()
	for waiters := 0; waiters < 2; { // until both wait
		waiters = 0
		for at := x.t.waiters.Load(); at != nil; at = at.next {
			waiters++
		}
		runtime.Gosched()
	}
	p.Resolve(7)
	v, err := outer.Wait(context.Background())
	assert.NoError(t, err)
	assert.Equal(t, 7, v)
	require.NoError(t, rt.Close())
}
