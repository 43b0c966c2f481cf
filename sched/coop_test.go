// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/future/stream"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// budget is how many leaf futures one poll may take.
const budget = 128

// A leaf makes something that can be had at once as often as one likes, and returns
// what takes it one more time.
type leaf struct {
	name string
	make func(t *testing.T, r *sched.RoundRobin, c *timer.Clock) (take func(cx *sched.Context) bool)
}

// each is the take of a leaf that has a future of its own each time.
func each[T any](next func() future.Future[T]) func(*sched.Context) bool {
	var f future.Future[T]
	return func(cx *sched.Context) bool {
		if f == nil {
			f = next()
		}
		if !f.Poll(cx).Ready {
			return false
		}
		f = nil
		return true
	}
}

const plenty = 4 * budget

// leaves are all futures that wait for something themselves, and streams and loops
// that may go on for ever.
func leaves() []leaf {
	return []leaf{
		{"JoinHandle", func(t *testing.T, r *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			h := sched.Spawn(r, future.Ready(1))
			r.Run()
			return func(cx *sched.Context) bool { return h.Poll(cx).Ready }
		}},
		{"JoinSet", func(t *testing.T, r *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			rt := newRuntime(t, 1)
			s := sched.NewJoinSet[int](rt)
			for range plenty {
				s.Spawn(r, future.Ready(1))
			}
			r.Run()
			return each(s.NextFuture)
		}},
		{"Promise", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			return each(func() future.Future[int] {
				p := future.NewPromise[int]()
				p.Resolve(1)
				return p.Future()
			})
		}},
		{"Shared", func(_ *testing.T, r *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			s := future.Share(future.Ready(1))
			return each(func() future.Future[int] { return s.Clone() })
		}},
		{"FromChan", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			ch := make(chan int, plenty)
			for range plenty {
				ch <- 1
			}
			return each(func() future.Future[int] { return future.FromChan(ch) })
		}},
		{"FromContext", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return each(func() future.Future[struct{}] { return future.FromContext(ctx) })
		}},
		{"MPSC receive", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			c := chans.MPSC[int](plenty)
			for range plenty {
				require.NoError(t, c.TrySend(1))
			}
			return each(c.RecvFuture)
		}},
		{"MPMC send", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			c := chans.MPMC[int](plenty)
			return each(func() future.Future[struct{}] { return c.SendFuture(1) })
		}},
		{"Reserve", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			c := chans.MPMC[int](plenty)
			return each(c.ReserveFuture)
		}},
		{"closed channel", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			c := chans.MPMC[int](1)
			c.Close()
			return each(c.RecvFuture)
		}},
		{"channel's stream", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			c := chans.MPSC[int](plenty)
			for range plenty {
				require.NoError(t, c.TrySend(1))
			}
			s := c.Stream()
			return func(cx *sched.Context) bool { return s.PollNext(cx).Ready }
		}},
		{"Unbounded", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			u := chans.NewUnbounded[int]()
			for range plenty {
				require.NoError(t, u.Send(1))
			}
			return each(u.RecvFuture)
		}},
		{"Broadcast", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			b := chans.NewBroadcast[int](plenty)
			s := b.Subscribe()
			for range plenty {
				_, err := b.Send(1)
				require.NoError(t, err)
			}
			return func(cx *sched.Context) bool { return s.Poll(cx).Ready }
		}},
		{"Watcher", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			w := chans.NewWatch(0)
			r := w.Watcher()
			return func(cx *sched.Context) bool {
				require.NoError(t, w.Set(1))
				return r.Poll(cx).Ready
			}
		}},
		{"OneShot", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			return each(func() future.Future[int] {
				s, r := chans.OneShot[int]()
				require.NoError(t, s.Send(1))
				return r
			})
		}},
		{"Mutex", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			var m locks.Mutex
			lock := each(m.LockFuture)
			return func(cx *sched.Context) bool {
				if !lock(cx) {
					return false
				}
				m.UnlockIn(cx)
				return true
			}
		}},
		{"RWMutex lock", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			var m locks.RWMutex
			lock := each(m.LockFuture)
			return func(cx *sched.Context) bool {
				if !lock(cx) {
					return false
				}
				m.UnlockIn(cx)
				return true
			}
		}},
		{"RWMutex read", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			var m locks.RWMutex
			return each(m.RLockFuture)
		}},
		{"Semaphore", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			s := locks.NewSemaphore(plenty)
			return each(func() future.Future[struct{}] { return s.AcquireFuture(1) })
		}},
		{"Notify", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			var n locks.Notify
			return each(func() future.Future[struct{}] { n.One(); return n.Future() })
		}},
		{"Barrier", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			b := locks.NewBarrier(1)
			return each(b.Future)
		}},
		{"Once", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			var o locks.Once[int]
			o.Set(1)
			return each(func() future.Future[int] {
				return o.Future(func() future.Future[int] { return future.Ready(2) })
			})
		}},
		{"With", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			var m locks.Mutex
			return each(func() future.Future[int] { return locks.With(&m, future.Ready(1)) })
		}},
		{"Sleep", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			return each(func() future.Future[struct{}] { return timer.Sleep(0) })
		}},
		{"SleepUntil", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			return each(func() future.Future[struct{}] { return timer.SleepUntil(epoch.Add(-time.Hour)) })
		}},
		{"Interval", func(*testing.T, *sched.RoundRobin, *timer.Clock) func(*sched.Context) bool {
			i := timer.EveryFrom(epoch.Add(-time.Hour), time.Second)
			return each(i.Tick)
		}},
		{"DelayQueue", func(_ *testing.T, _ *sched.RoundRobin, c *timer.Clock) func(*sched.Context) bool {
			q := timer.NewDelayQueue[int](c)
			for range plenty {
				q.Insert(1, time.Second)
			}
			c.Advance(time.Hour)
			return each(q.Next)
		}},
		{"Debounce", func(_ *testing.T, _ *sched.RoundRobin, c *timer.Clock) func(*sched.Context) bool {
			d := timer.NewDebounce[int](c, time.Second)
			next := each(d.Next)
			return func(cx *sched.Context) bool {
				d.Push(1)
				c.Advance(time.Minute)
				return next(cx)
			}
		}},
		{"ForEach of an endless stream", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			return loop(t, func(count func(int) error) future.Future[struct{}] {
				return stream.ForEach(endless(), count)
			})
		}},
		{"Filter that keeps nothing", func(t *testing.T, _ *sched.RoundRobin, _ *timer.Clock) func(*sched.Context) bool {
			return loop(t, func(count func(int) error) future.Future[struct{}] {
				return stream.ForEach(stream.Filter(endless(), func(int) bool { _ = count(0); return false }),
					func(int) error { return nil })
			})
		}},
	}
}

func endless() stream.Stream[int] { return always{} }

// An always is a stream that has a value at each poll.
type always struct{}

func (always) PollNext(*sched.Context) future.Poll[int] { return future.Of(1) }

// loop is the take of a future that goes on for ever by itself: the first call polls it
// once, and as many calls report true as it went round in that.
func loop(t *testing.T, of func(count func(int) error) future.Future[struct{}]) func(*sched.Context) bool {
	n := 0
	f := of(func(int) error { n++; return nil })
	t.Cleanup(func() { future.Drop(f) })
	polled := false
	return func(cx *sched.Context) bool {
		if !polled {
			polled = true
			f.Poll(cx)
		}
		if n == 0 {
			polled = false
			return false
		}
		n--
		return true
	}
}

// TestEveryLeafSpendsTheBudget: a task that takes what is always ready is stopped after
// 128 times in one poll, is woken, and goes on in the next; a task behind it has its
// turn in between.
func TestEveryLeafSpendsTheBudget(t *testing.T) {
	for _, l := range leaves() {
		t.Run(l.name, func(t *testing.T) {
			c := timer.NewClock(epoch)
			r := sched.NewRoundRobin(sched.Clock(c))
			take := l.make(t, r, c)
			var got []int
			between := 0
			h := sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				n := 0
				for n < plenty && take(cx) {
					n++
				}
				got = append(got, n)
				if len(got) == 3 {
					return future.Of(0)
				}
				require.True(t, cx.Again(), "it is not polled again")
				return future.Wait[int]()
			}))
			sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				between = len(got)
				return future.Of(0)
			}))
			r.Run()
			require.True(t, h.IsFinished())
			require.InDelta(t, budget, got[0], 1) // one that looks ahead has spent one more
			require.InDelta(t, budget, got[1], 1)
			require.LessOrEqual(t, between, 1, "the other task had to wait")
		})
	}
}

// TestSelfWakingTaskStarvesNobody: tasks that wake themselves for ever, in every way
// there is, hold up neither each other nor tasks from inside, from outside, woken by
// timers, nor Low ones.
func TestSelfWakingTaskStarvesNobody(t *testing.T) {
	for _, workers := range []int{1, 2} {
		rt := newRuntime(t, workers, sched.Priorities(sched.DefaultAge))
		var tasks []sched.JoinHandle[int]
		for i := range 3 * workers {
			tasks = append(tasks, sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
				switch i % 3 {
				case 0:
					cx.Wake()
				case 1:
					cx.Waker().WakeIn(cx)
				default:
					cx.Waker().WakeByRef()
				}
				return future.Wait[int]()
			})))
		}
		ctx := testkit.Within(t)
		_, err := sched.Go(rt, func(cx *sched.Context) (int, error) {
			return sched.Go(cx, func(*sched.Context) (int, error) { return 1, nil }).Wait(ctx)
		}).Wait(ctx)
		require.NoError(t, err)
		_, err = sched.Spawn(rt, timer.Sleep(2*time.Millisecond)).Wait(ctx)
		require.NoError(t, err)
		_, err = sched.SpawnWith(rt, future.Ready(1), sched.Priority(sched.Low)).Wait(ctx)
		require.NoError(t, err)
		for _, h := range tasks {
			require.False(t, h.IsFinished())
			h.Abort()
		}
	}
}
