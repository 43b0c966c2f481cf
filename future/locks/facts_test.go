// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// Each mistake panics, and the message says what it was.
func TestMistakesPanic(t *testing.T) {
	h := newHand()
	ready := func(f future.Future[none]) func() {
		return func() {
			require.True(t, f.Poll(h.cx).Ready)
			f.Poll(h.cx)
		}
	}
	var m locks.Mutex
	var rw locks.RWMutex
	s := locks.NewSemaphore(2)
	for _, c := range []struct {
		name string
		want string
		do   func()
	}{
		{"unlock of unlocked", "Unlock of a Mutex that is not locked", m.Unlock},
		{"second unlock", "Unlock of a Mutex that is not locked", func() {
			m.TryLock()
			m.Unlock()
			m.Unlock()
		}},
		{"write unlock of unlocked", "not locked for writing", rw.Unlock},
		{"read unlock of unlocked", "not locked for reading", rw.RUnlock},
		{"write unlock of a reader", "not locked for writing", func() {
			require.True(t, rw.TryRLock())
			defer rw.RUnlock()
			rw.Unlock()
		}},
		{"read unlock of a writer", "not locked for reading", func() {
			require.True(t, rw.TryLock())
			defer rw.Unlock()
			rw.RUnlock()
		}},
		{"downgrade of a reader", "Downgrade of an RWMutex", func() {
			require.True(t, rw.TryRLock())
			defer rw.RUnlock()
			rw.Downgrade()
		}},
		{"release of untaken", "Release of 1 permits, more than are taken", func() { s.Release(1) }},
		{"release of too many", "Release of 3 permits", func() {
			require.True(t, s.TryAcquire(2))
			defer s.Release(2)
			s.Release(3)
		}},
		{"negative release", "Release of -1 permits", func() { s.Release(-1) }},
		{"negative try", "TryAcquire of -1 permits", func() { s.TryAcquire(-1) }},
		{"negative acquire", "Acquire of -1 permits", func() { _ = s.Acquire(t.Context(), -1) }},
		{"poll for too many", locks.ErrTooMany.Error(), func() { s.PollAcquire(h.cx, new(locks.Waiter), 3) }},
		{"too many as Locker", locks.ErrTooMany.Error(), func() { s.Permits(3) }},
		{"negative semaphore", "NewSemaphore of -1", func() { locks.NewSemaphore(-1) }},
		{"huge semaphore", "NewSemaphore of", func() { locks.NewSemaphore(locks.MaxPermits + 1) }},
		{"cond of nothing", "nil Mutex given to NewCond", func() { locks.NewCond(nil) }},
		{"barrier for nobody", "NewBarrier for 0", func() { locks.NewBarrier(0) }},
		{"lock polled again", "polled after it was ready", ready(new(locks.Mutex).LockFuture())},
		{"notify polled again", "polled after it was ready", func() {
			var n locks.Notify
			n.One()
			ready(n.Future())()
		}},
		{"barrier polled again", "polled after it was ready", func() {
			ready(future.Map(locks.NewBarrier(1).Future(), func(bool) none { return none{} }))
			f := locks.NewBarrier(1).Future()
			f.Poll(h.cx)
			f.Poll(h.cx)
		}},
		{"once polled again", "polled after it was ready", func() {
			var o locks.Once[none]
			ready(o.Future(func() future.Future[none] { return future.Ready(none{}) }))()
		}},
		{"cond polled again", "polled after it was ready", func() {
			var m locks.Mutex
			c := locks.NewCond(&m)
			require.True(t, m.TryLock())
			f := c.Future()
			f.Poll(h.cx)
			c.Signal()
			ready(f)()
		}},
		{"with polled again", "polled after it was ready", ready(locks.With(new(locks.Mutex), future.Ready(none{})))},
		{"with nothing", "With needs", func() { locks.With[none](&m, nil) }},
		{"once without a function", "nil function given to Once", func() { new(locks.Once[int]).Future(nil) }},
		{"once without a future", "returned no future", func() {
			new(locks.Once[int]).Future(func() future.Future[int] { return nil }).Poll(h.cx)
		}},
		{"waiter at two locks", "a second lock before it was through", func() {
			var a, b locks.Mutex
			var w locks.Waiter
			a.TryLock()
			b.TryLock()
			a.PollLock(h.cx, &w)
			b.PollLock(h.cx, &w)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				v := recover()
				require.NotNil(t, v)
				if err, ok := v.(error); ok {
					v = err.Error()
				}
				require.Contains(t, v, c.want)
			}()
			c.do()
		})
	}
	require.False(t, m.Locked())
	require.True(t, rw.TryLock(), "a refused unlock changed something")
	require.Equal(t, 2, s.Available())
}

// Who waits gets the lock in the order of the first polls, and cannot be
// overtaken, not even by who tries while it is being handed over.
func TestMutexIsFair(t *testing.T) {
	var m locks.Mutex
	require.True(t, m.TryLock())
	hands := make([]*hand, 5)
	waiters := make([]locks.Waiter, 5)
	for i := range hands {
		hands[i] = newHand()
		require.False(t, hands[i].locks(&m, &waiters[i]))
	}
	for i := range hands {
		m.Unlock()
		require.False(t, m.TryLock(), "overtaken")
		require.True(t, m.Locked())
		for j, h := range hands {
			require.Equal(t, i == j, h.woken(), "hand over %d wakes %d", i, j)
		}
		require.True(t, hands[i].locks(&m, &waiters[i]))
	}
	m.Unlock()
	require.True(t, m.TryLock())
}

// Readers share; a writer waits for them, and later readers wait behind it.
func TestRWMutexIsFair(t *testing.T) {
	var m locks.RWMutex
	h := newHand()
	var w, r1, r2, w2 locks.Waiter
	require.True(t, m.TryRLock())
	require.True(t, m.TryRLock())
	require.False(t, m.TryLock())
	require.False(t, m.PollLock(h.cx, &w))
	require.False(t, m.TryRLock(), "a reader overtook the writer")
	require.False(t, m.PollRLock(h.cx, &r1))
	require.False(t, m.PollRLock(h.cx, &r2))
	require.False(t, m.PollLock(h.cx, &w2))
	m.RUnlock()
	require.False(t, m.PollLock(h.cx, &w), "one still reads")
	m.RUnlock()
	require.True(t, m.PollLock(h.cx, &w))
	require.False(t, m.PollRLock(h.cx, &r1))
	m.Downgrade()
	require.True(t, m.PollRLock(h.cx, &r1), "readers in a row come together")
	require.True(t, m.PollRLock(h.cx, &r2))
	require.False(t, m.PollLock(h.cx, &w2))
	for range 3 {
		m.RUnlock()
	}
	require.True(t, m.PollLock(h.cx, &w2))
	m.UnlockIn(h.cx)
	require.True(t, m.TryLock())
}

// One who needs many permits is not overtaken; when it leaves, those behind it
// are served with what is free.
func TestSemaphoreFIFO(t *testing.T) {
	s := locks.NewSemaphore(3)
	h := newHand()
	var large, small, rest locks.Waiter
	require.True(t, s.TryAcquire(1))
	require.Equal(t, 2, s.Available())
	require.False(t, s.PollAcquire(h.cx, &large, 3))
	require.False(t, s.TryAcquire(1), "overtaken")
	require.False(t, s.PollAcquire(h.cx, &small, 1))
	require.False(t, s.PollAcquire(h.cx, &rest, 2))
	large.Cancel()
	large.Cancel() // nothing to leave
	require.True(t, h.woken())
	require.True(t, s.PollAcquire(h.cx, &small, 1))
	require.False(t, s.PollAcquire(h.cx, &rest, 2))
	s.Release(1)
	require.True(t, s.PollAcquire(h.cx, &rest, 2))
	s.ReleaseIn(h.cx, 3)
	require.Equal(t, 3, s.Available())
	require.True(t, s.TryAcquire(0))
	require.ErrorIs(t, s.Acquire(testkit.Within(t), 4), locks.ErrTooMany)
	require.Equal(t, 3, s.Size())
}

// What One tells is for one, remembered once; what All tells is for those who
// wait.
func TestNotify(t *testing.T) {
	var n locks.Notify
	h := newHand()
	var a, b, c locks.Waiter
	n.One()
	n.One()
	require.True(t, n.Poll(h.cx, &a))
	require.False(t, n.Poll(h.cx, &a), "remembered twice")
	require.False(t, n.Poll(h.cx, &b))
	n.OneIn(h.cx)
	require.False(t, n.Poll(h.cx, &b), "the oldest is first")
	require.True(t, n.Poll(h.cx, &a))
	require.Zero(t, new(locks.Notify).All())
	require.False(t, n.Poll(h.cx, &a))
	require.Equal(t, 2, n.AllIn(h.cx))
	require.False(t, n.Poll(h.cx, &c), "All is not remembered")
	b.Cancel()
	require.False(t, n.Poll(h.cx, &c), "told together with others, there is nothing to pass on")
	require.True(t, n.Poll(h.cx, &a))
	require.False(t, n.Poll(h.cx, &b))
	n.One()
	c.Cancel()
	require.True(t, n.Poll(h.cx, &b), "passed on")
	require.NoError(t, func() error { n.One(); return n.Wait(testkit.Within(t)) }())
}

// A budget that is used up stops a task that always finds its lock free, and
// nothing is taken meanwhile.
func TestBudget(t *testing.T) {
	var flag waker.Flag
	cx := waker.NewContext(flag.Waker())
	broke := func() *future.Context { cx.Reset(flag.Waker(), nil, 0); return cx }
	rich := func() *future.Context { cx.Reset(flag.Waker(), nil, 1); return cx }
	var (
		m locks.Mutex
		n locks.Notify
		o locks.Once[int]
		w locks.Waiter
	)
	require.False(t, m.PollLock(broke(), &w))
	require.True(t, flag.Take())
	require.False(t, m.Locked())
	require.True(t, m.PollLock(rich(), &w))
	require.Zero(t, cx.Budget())

	require.False(t, m.PollLock(rich(), &w))
	require.Equal(t, 1, cx.Budget(), "waiting costs nothing")
	m.Unlock()
	require.False(t, m.PollLock(broke(), &w), "granted, and not taken")
	require.True(t, m.PollLock(rich(), &w))

	w = locks.Waiter{}
	n.One()
	require.False(t, n.Poll(broke(), &w))
	require.True(t, n.Poll(rich(), &w))

	b := locks.NewBarrier(1).Future()
	require.False(t, b.Poll(broke()).Ready)
	require.True(t, b.Poll(rich()).Ready)

	require.True(t, o.Set(7))
	require.False(t, o.Set(8))
	f := o.Future(func() future.Future[int] { panic("not needed") })
	require.False(t, f.Poll(broke()).Ready)
	require.Equal(t, future.Of(7), f.Poll(rich()))
}

// Ordinary goroutines wait with a context.
func TestContextForms(t *testing.T) {
	ctx := testkit.Within(t)
	var m locks.Mutex
	require.NoError(t, m.Lock(testkit.Ended()), "it is free")
	cause := errors.New("enough")
	over, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	require.ErrorIs(t, m.Lock(over), cause)
	got := make(chan error)
	go func() { got <- m.Lock(ctx) }()
	m.Unlock()
	require.NoError(t, <-got)

	var rw locks.RWMutex
	require.NoError(t, rw.RLock(ctx))
	require.ErrorIs(t, rw.Lock(over), cause)
	rw.RUnlock()
	require.NoError(t, rw.Lock(ctx))
	require.ErrorIs(t, rw.RLock(over), cause)
	rw.Unlock()

	b := locks.NewBarrier(2)
	_, err := b.Wait(over)
	require.ErrorIs(t, err, cause)
	lasts := make(chan bool, 2)
	for range 2 {
		go func() {
			last, _ := b.Wait(ctx)
			lasts <- last
		}()
	}
	require.NotEqual(t, <-lasts, <-lasts)

	c := locks.NewCond(&m)
	require.ErrorIs(t, c.Wait(over), cause)
	require.True(t, m.Locked(), "Wait returns with L held")

	var o locks.Once[int]
	v, err := o.Get(ctx, func() future.Future[int] { return future.Failed[int](cause) })
	require.ErrorIs(t, err, cause)
	require.Zero(t, v)
	v, err = o.Get(ctx, func() future.Future[int] { return future.Ready(3) })
	require.NoError(t, err)
	require.Equal(t, 3, v)
	v, err = o.Get(testkit.Ended(), nil)
	require.NoError(t, err)
	require.Equal(t, 3, v)
}

// A lock knows nothing of runtimes: tasks of two share one.
func TestLockOfTwoRuntimes(t *testing.T) {
	a, b := newRuntime(t), newRuntime(t)
	var m locks.Mutex
	count := 0
	var handles []sched.JoinHandle[none]
	for i := range 200 {
		at := a
		if i%2 == 0 {
			at = b
		}
		section := future.Then(do(func(*future.Context) { count++ }), func(none) future.Future[none] { return yields(2) })
		handles = append(handles, sched.Spawn(at, locks.With(&m, section)))
	}
	for _, h := range handles {
		_, err := h.Wait(testkit.Within(t))
		require.NoError(t, err)
	}
	require.Equal(t, 200, count)
	require.False(t, m.Locked())
}
