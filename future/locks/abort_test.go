// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/aborttest"
	"github.com/pilfer-go/pilfer/sched"
)

// A waiter that is dropped at any point of its life swallows nothing: the others
// come to their end, and what they share is free again.
func TestAbortEachPoll(t *testing.T) {
	pass := func(l locks.Locker) future.Future[none] { return locks.With(l, yields(1)) }
	void := func(bool) none { return none{} }
	for _, c := range []struct {
		name string
		// start returns the victim, and what to check after the run; and says who
		// comes before the victim, and then. Others that wait in the end are an
		// error.
		start func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (victim future.Future[none], check func(hit bool))
	}{
		{"Mutex", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			m := new(locks.Mutex)
			before(pass(m))
			before(pass(m))
			then(pass(m))
			return pass(m), func(bool) { require.True(t, m.TryLock()) }
		}},
		{"RWMutex read", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			m := new(locks.RWMutex)
			before(pass(m))
			before(pass(m.RLocker()))
			then(pass(m))
			return pass(m.RLocker()), func(bool) { require.True(t, m.TryLock()) }
		}},
		{"RWMutex write", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			m := new(locks.RWMutex)
			before(pass(m.RLocker()))
			before(pass(m.RLocker()))
			then(pass(m.RLocker()))
			return pass(m), func(bool) { require.True(t, m.TryLock()) }
		}},
		{"Semaphore many", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			s := locks.NewSemaphore(3)
			before(pass(s.Permits(2)))
			then(pass(s.Permits(1)))
			return pass(s.Permits(3)), func(bool) { require.Equal(t, 3, s.Available()) }
		}},
		{"Semaphore few", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			s := locks.NewSemaphore(3)
			before(pass(s.Permits(3)))
			then(pass(s.Permits(2)))
			return pass(s.Permits(2)), func(bool) { require.Equal(t, 3, s.Available()) }
		}},
		{"Notify one", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			// Two calls for a victim and another: none may be lost.
			n := new(locks.Notify)
			then(n.Future())
			then(after(yields(2), n.One))
			then(after(yields(4), n.One))
			return n.Future(), func(hit bool) {
				_, told := poll(n.Future())
				require.Equal(t, hit, told, "one call is left if and only if the victim has not used it")
			}
		}},
		{"Notify all", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			n := new(locks.Notify)
			then(n.Future())
			then(after(yields(2), func() { n.All() }))
			return n.Future(), func(bool) {
				_, told := poll(n.Future())
				require.False(t, told, "All is not passed on")
			}
		}},
		{"Barrier", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			// The victim is alone, and is away in the end: dropped by the test, or
			// by its own race.
			b := locks.NewBarrier(2)
			victim := future.Race(future.Map(b.Future(), void), yields(4))
			return victim, func(bool) {
				first := b.Future()
				_, open := poll(first)
				require.False(t, open, "an arrival was left behind")
				last, open := poll(b.Future())
				require.True(t, open && last)
				_, open = poll(first)
				require.True(t, open)
			}
		}},
		{"Cond", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			m := new(locks.Mutex)
			c := locks.NewCond(m)
			wait := func() future.Future[none] {
				return future.Then(m.LockFuture(), func(none) future.Future[none] {
					return after(c.Future(), m.Unlock)
				})
			}
			then(wait())
			then(after(locks.With(m, yields(2)), c.Signal))
			then(after(yields(9), func() {
				if !a.Hit() { // else the victim's signal has to do for the other
					c.Signal()
				}
			}))
			return wait(), func(bool) { require.True(t, m.TryLock()) }
		}},
		{"Once", func(t *testing.T, a *aborttest.Abort, before, then func(future.Future[none])) (future.Future[none], func(bool)) {
			o := new(locks.Once[int])
			get := func(v int) future.Future[none] {
				return future.Map(o.Future(func() future.Future[int] {
					return future.Map(yields(2), func(none) int { return v })
				}), func(int) none { return none{} })
			}
			then(get(2))
			return get(1), func(hit bool) {
				v, ok := o.Value()
				require.True(t, ok)
				require.Equal(t, map[bool]int{true: 2, false: 1}[hit], v)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			aborttest.Each(t, func(t *testing.T, a *aborttest.Abort) {
				r := sched.NewRoundRobin()
				var early, late []future.Future[none]
				victim, check := c.start(t, a,
					func(f future.Future[none]) { early = append(early, f) },
					func(f future.Future[none]) { late = append(late, f) })
				var h []sched.JoinHandle[none]
				for _, f := range early {
					h = append(h, sched.Spawn(r, f))
				}
				mine := sched.Spawn(r, aborttest.Victim(a, victim))
				for _, f := range late {
					h = append(h, sched.Spawn(r, f))
				}
				r.Run()
				for i, other := range h {
					require.True(t, other.IsFinished(), "other %d waits for ever", i)
				}
				require.True(t, mine.IsFinished(), "the victim waits for ever")
				check(a.Hit())
			})
		})
	}
}

// poll polls f once, outside of any executor.
func poll[T any](f future.Future[T]) (v T, ready bool) {
	p := f.Poll(newHand().cx)
	return p.Value, p.Ready
}

// A future that is dropped before its first poll gives back what it took over:
// nothing, or the lock that a Cond was given.
func TestDropBeforePoll(t *testing.T) {
	var m locks.Mutex
	c := locks.NewCond(&m)
	require.True(t, m.TryLock())
	future.Drop(c.Future())
	require.False(t, m.Locked())
	future.Drop(m.LockFuture())
	future.Drop(locks.NewBarrier(2).Future())
	future.Drop(new(locks.Notify).Future())
	future.Drop(locks.With(&m, future.Ready(none{})))
	future.Drop(new(locks.Once[int]).Future(func() future.Future[int] { return nil }))
	require.True(t, m.TryLock())
}

// A panic inside With, and a task that is aborted while it holds the lock, give
// the lock back.
func TestWithGivesBack(t *testing.T) {
	r := sched.NewRoundRobin()
	var m locks.Mutex
	crash := sched.Spawn(r, locks.With(&m, do(func(*future.Context) { panic("crash") })))
	held := sched.Spawn(r, locks.With(&m, future.Pending[none]()))
	next := sched.Spawn(r, locks.With(&m, yields(1)))
	r.Run()
	require.True(t, crash.IsFinished())
	require.False(t, next.IsFinished())
	held.Abort()
	r.Run()
	require.True(t, next.IsFinished())
	require.False(t, m.Locked())
}
