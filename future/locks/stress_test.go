// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// waitAll waits for tasks, which are done or aborted.
func waitAll[T any](t *testing.T, hs []sched.JoinHandle[T]) (done int) {
	t.Helper()
	ctx := testkit.Within(t)
	for i, h := range hs {
		switch _, err := h.Wait(ctx); err {
		case nil:
			done++
		case sched.ErrCanceled:
		default:
			t.Fatalf("task %d of %d: %v", i, len(hs), err)
		}
	}
	return done
}

// Tasks and goroutines take permits of one gate, yield while they have them, and
// are aborted at random: there are never more holders than permits, and in the end
// all permits are there.
func TestStressGate(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		const size = 3
		s := locks.NewSemaphore(size)
		var taken point.Int64
		section := func(n, pause int) future.Future[none] {
			enter := do(func(*future.Context) {
				if taken.Add(int64(n)) > size {
					t.Error("too many holders")
				}
			})
			return &leaving{
				f:     future.Then(enter, func(none) future.Future[none] { return yields(pause) }),
				leave: func() { taken.Sub(int64(n)) },
			}
		}
		var hs []sched.JoinHandle[none]
		for range 100 {
			n := 1 + rng.IntN(size)
			hs = append(hs, sched.Spawn(rt, locks.With(s.Permits(n), section(n, rng.IntN(3)))))
		}
		var wg sync.WaitGroup
		for range 2 {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range 20 {
					n := 1 + rng.IntN(size)
					ctx, cancel := context.WithCancel(context.Background())
					if rng.IntN(2) == 0 {
						cancel()
					}
					if s.Acquire(ctx, n) == nil {
						if taken.Add(int64(n)) > size {
							t.Error("too many holders")
						}
						taken.Sub(int64(n))
						s.Release(n)
					}
					cancel()
				}
			})
		}
		for range 30 {
			hs[rng.IntN(len(hs))].Abort()
		}
		waitAll(t, hs)
		wg.Wait()
		require.Equal(t, size, s.Available())
		require.Zero(t, taken.Load())
	})
}

// A leaving future calls leave when it ends after it was polled, ready or dropped.
type leaving struct {
	f      future.Future[none]
	leave  func()
	polled bool
}

func (l *leaving) Poll(cx *future.Context) future.Poll[none] {
	l.polled = true
	p := l.f.Poll(cx)
	if p.Ready {
		l.leave()
	}
	return p
}

func (l *leaving) Drop() {
	future.Drop(l.f)
	if l.polled {
		l.leave()
	}
}

// Under a mutex a plain counter is right; readers of an RWMutex see no half of a
// write.
func TestStressRWMutex(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		var (
			m    locks.RWMutex
			a, b int
			hs   []sched.JoinHandle[none]
		)
		for range 150 {
			if rng.IntN(3) == 0 {
				first := do(func(*future.Context) { a++ })
				hs = append(hs, sched.Spawn(rt, locks.With[none](&m, &leaving{
					f:     future.Then(first, func(none) future.Future[none] { return yields(1) }),
					leave: func() { b++ },
				})))
				continue
			}
			hs = append(hs, sched.Spawn(rt, locks.With(m.RLocker(), do(func(*future.Context) {
				if a != b {
					t.Errorf("a reader saw half a write: %d, %d", a, b)
				}
			}))))
		}
		for range 30 {
			hs[rng.IntN(len(hs))].Abort()
		}
		waitAll(t, hs)
		require.NoError(t, m.Lock(testkit.Within(t)))
		require.Equal(t, a, b)
	})
}

// As many waiters get through as were told, though others are aborted.
func TestStressNotify(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		var n locks.Notify
		const waiters, calls = 60, 25
		var through point.Int64
		var hs []sched.JoinHandle[none]
		for range waiters {
			hs = append(hs, sched.Spawn(rt, after(n.Future(), func() { through.Inc() })))
		}
		var wg sync.WaitGroup
		for range 2 {
			rng := testkit.Split(rng)
			wg.Go(func() {
				for range 15 {
					hs[rng.IntN(waiters)].Abort()
				}
			})
		}
		for range calls {
			n.One()
		}
		wg.Wait()
		// Calls that met nobody count as one. Each further one lets somebody
		// through, as long as somebody waits.
		for left := true; left; {
			n.One()
			left = false
			for _, h := range hs {
				left = left || !h.IsFinished()
			}
		}
		done := waitAll(t, hs)
		require.EqualValues(t, done, through.Load())
	})
}

// Tasks meet at a barrier many times; nobody is a round ahead.
func TestStressBarrier(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		const size, rounds = 4, 20
		b := locks.NewBarrier(size)
		var lasts point.Int64
		var at [size]point.Int64
		var hs []sched.JoinHandle[none]
		for i := range size {
			var f future.Future[bool]
			pause := rng.IntN(4)
			hs = append(hs, sched.Spawn(rt, future.Future[none](future.FromFunc(func(cx *future.Context) future.Poll[none] {
				for at[i].Load() < rounds {
					if pause > 0 {
						pause--
						cx.Wake()
						return future.Wait[none]()
					}
					if f == nil {
						f = b.Future()
					}
					p := f.Poll(cx)
					if !p.Ready {
						return future.Wait[none]()
					}
					f = nil
					if p.Value {
						lasts.Inc()
					}
					mine := at[i].Inc()
					for j := range at {
						if other := at[j].Load(); other < mine-1 || other > mine+1 {
							t.Errorf("one is in round %d, another in %d", mine, other)
						}
					}
				}
				return future.Of(none{})
			}))))
		}
		waitAll(t, hs)
		require.EqualValues(t, rounds, lasts.Load())
	})
}

// Producers and consumers of a bounded buffer, by two conditions: nothing is lost,
// and a signal that an aborted waiter had goes on.
func TestStressCond(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		var m locks.Mutex
		c := locks.NewCond(&m)
		items, taken := 0, 0
		take := func() future.Future[none] {
			var wait future.Future[none]
			var w locks.Waiter
			held := false
			return &dropping{
				poll: func(cx *future.Context) future.Poll[none] {
					for {
						if wait != nil {
							if !wait.Poll(cx).Ready {
								return future.Wait[none]()
							}
							wait, held = nil, true
						}
						if !held {
							if !m.PollLock(cx, &w) {
								return future.Wait[none]()
							}
							held = true
						}
						if items > 0 {
							break
						}
						wait, held = c.Future(), false
					}
					items--
					taken++
					held = false
					m.UnlockIn(cx)
					return future.Of(none{})
				},
				drop: func() {
					w.Cancel()
					future.Drop(wait)
					if held {
						m.Unlock()
					}
				},
			}
		}
		const takers = 60
		var hs []sched.JoinHandle[none]
		for range takers {
			hs = append(hs, sched.Spawn(rt, take()))
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			for range 20 {
				hs[rng.IntN(takers)].Abort()
			}
		})
		put := sched.Spawn(rt, future.Future[none](future.Then(yields(1), func(none) future.Future[none] {
			var fs []future.Future[none]
			for range takers {
				fs = append(fs, after(locks.With(&m, do(func(*future.Context) { items++ })), c.Signal))
			}
			return future.Map(future.JoinAll(fs...), func([]none) none { return none{} })
		})))
		_, err := put.Wait(testkit.Within(t))
		require.NoError(t, err)
		wg.Wait()
		done := waitAll(t, hs)
		require.NoError(t, m.Lock(testkit.Within(t)))
		require.Equal(t, done, taken)
		require.Equal(t, takers, items+taken)
	})
}

// A dropping future is made of two functions.
type dropping struct {
	poll func(cx *future.Context) future.Poll[none]
	drop func()
}

func (d *dropping) Poll(cx *future.Context) future.Poll[none] { return d.poll(cx) }

func (d *dropping) Drop() { d.drop() }

// A waiter that stands alone and is polled with one waker after the other is told by
// an All, whenever that comes.
func TestStressAllAgainstAnotherWaker(t *testing.T) {
	testkit.Stress(t, 200*time.Millisecond, func(rng *rand.Rand) {
		hands := []*hand{newHand(), newHand()}
		for range 200 {
			var (
				n    locks.Notify
				w    locks.Waiter
				over point.Bool
				wg   sync.WaitGroup
			)
			require.False(t, n.Poll(hands[0].cx, &w))
			spins := rng.IntN(300)
			wg.Go(func() {
				for range spins {
					over.Load()
				}
				n.All()
				over.Store(true)
			})
			for turn := 1; ; turn++ {
				was := over.Load()
				if n.Poll(hands[turn%2].cx, &w) {
					break
				}
				require.False(t, was, "All has passed the waiter by")
				if turn%1000 == 0 {
					runtime.Gosched() // perhaps there is one P only
				}
			}
			wg.Wait()
		}
	})
}
