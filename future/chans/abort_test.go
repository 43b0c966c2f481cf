// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/aborttest"
	"github.com/pilfer-go/pilfer/sched"
)

// void forgets the value of a future.
func void[T any](f future.Future[T]) future.Future[none] {
	return future.Map(f, func(T) none { return none{} })
}

// A waiter that is dropped at any point of its life swallows no message, no room
// and no wake: the others come to their end.
func TestAbortEachPoll(t *testing.T) {
	for _, c := range []struct {
		name string
		// start returns the victim, those that come after it, and a check.
		start func(t *testing.T) (victim future.Future[none], others []future.Future[none], check func(hit bool))
	}{
		{"receive", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			c := chans.MPMC[int](4)
			send := func() { _ = c.TrySend(1) }
			return void(c.RecvFuture()), []future.Future[none]{
				void(c.RecvFuture()), after(yields(2), send), after(yields(4), send),
			}, func(hit bool) { require.Equal(t, map[bool]int{true: 1}[hit], c.Len()) }
		}},
		{"receive with others in between", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			c := chans.MPMC[int](4)
			send := func() { _, _ = c.TrySend(1), c.TrySend(2) }
			victim := future.Then(c.RecvFuture(), func(int) future.Future[none] { return void(c.RecvFuture()) })
			return victim, []future.Future[none]{
				void(c.RecvFuture()), void(c.RecvFuture()),
				after(yields(2), send), after(yields(3), send),
			}, func(bool) {}
		}},
		{"receive unbounded", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			c := chans.NewUnbounded[int]()
			send := func() { _ = c.Send(1) }
			return void(c.RecvFuture()), []future.Future[none]{
				void(c.RecvFuture()), after(yields(2), send), after(yields(4), send),
			}, func(hit bool) { require.Equal(t, map[bool]int{true: 1}[hit], c.Len()) }
		}},
		{"send", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			c := chans.MPSC[int](1)
			require.NoError(t, c.TrySend(0))
			recv := func() { _, _ = c.TryRecv() }
			return c.SendFuture(1), []future.Future[none]{
					c.SendFuture(2), after(yields(2), recv), after(yields(4), recv),
				}, func(hit bool) {
					v, err := c.TryRecv()
					if hit {
						require.ErrorIs(t, err, chans.ErrEmpty)
						return
					}
					require.NoError(t, err)
					require.Equal(t, 2, v)
				}
		}},
		{"reserve", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			c := chans.MPSC[int](1)
			require.NoError(t, c.TrySend(0))
			recv := func() { _, _ = c.TryRecv() }
			drop := func(p *chans.Permit[int]) none { p.Drop(); return none{} }
			return future.Map(c.ReserveFuture(), drop), []future.Future[none]{
				future.Map(c.ReserveFuture(), drop), after(yields(2), recv),
			}, func(bool) { require.NoError(t, c.TrySend(1)) }
		}},
		{"one-shot", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			s, r := chans.OneShot[int]()
			err := chans.ErrEmpty
			return void(future.Future[int](r)), []future.Future[none]{
					after(yields(2), func() { err = s.Send(1) }),
				}, func(hit bool) {
					if hit {
						require.True(t, s.IsClosed())
					} else {
						require.NoError(t, err)
					}
				}
		}},
		{"broadcast", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			b := chans.NewBroadcast[int](2)
			send := func() { _, _ = b.Send(1) }
			return void(future.Future[int](b.Subscribe())), []future.Future[none]{
					void(future.Future[int](b.Subscribe())), after(yields(2), send),
				}, func(hit bool) {
					n, _ := b.Send(2)
					require.Equal(t, map[bool]int{true: 1, false: 2}[hit], n)
				}
		}},
		{"watch", func(t *testing.T) (future.Future[none], []future.Future[none], func(bool)) {
			w := chans.NewWatch(1)
			return void(future.Future[int](w.Watcher())), []future.Future[none]{
				void(future.Future[int](w.Watcher())), after(yields(2), func() { _ = w.Set(2) }),
			}, func(bool) {}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			aborttest.Each(t, func(t *testing.T, a *aborttest.Abort) {
				r := sched.NewRoundRobin()
				victim, others, check := c.start(t)
				mine := sched.Spawn(r, aborttest.Victim(a, victim))
				var hs []sched.JoinHandle[none]
				for _, f := range others {
					hs = append(hs, sched.Spawn(r, f))
				}
				r.Run()
				require.True(t, mine.IsFinished(), "the victim waits for ever")
				for i, h := range hs {
					require.True(t, h.IsFinished(), "other %d waits for ever", i)
				}
				check(a.Hit())
			})
		})
	}
}
