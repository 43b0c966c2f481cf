// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/aborttest"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// eachPool runs a test on locked and unlocked workers, one and several.
func eachPool(t *testing.T, f func(t *testing.T, rt *Runtime), opts ...Option) {
	for _, locked := range []bool{true, false} {
		for _, n := range []int{1, 3} {
			t.Run(fmt.Sprintf("locked=%v/workers=%d", locked, n), func(t *testing.T) {
				rt, err := New(append([]Option{Workers(n), LockThreads(locked)}, opts...)...)
				require.NoError(t, err)
				f(t, rt)
				require.NoError(t, rt.Shutdown(testkit.Within(t)))
				for _, w := range rt.pool.Places() {
					require.Zero(t, w.Local().(*local).coroutines.set.Len())
				}
			})
		}
	}
}

// hops returns a body that lets other tasks run n times, and counts them.
func hops(n int) func(y *future.Await) (int, error) {
	return func(y *future.Await) (int, error) {
		sum := 0
		for range n {
			if _, err := future.Get(y, future.YieldNow()); err != nil {
				return 0, err
			}
			sum++
		}
		return sum, nil
	}
}

func TestAsyncOnPools(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		v, err := Spawn(rt, future.Async(hops(100))).Wait(ctx)
		require.NoError(t, err)
		require.Equal(t, 100, v)

		v, err = BlockOn(ctx, rt, future.Async(hops(100)))
		require.NoError(t, err, "from an ordinary goroutine")
		require.Equal(t, 100, v)

		v, err = SpawnWith(rt, future.Async(hops(10)), Anywhere()).Wait(ctx)
		require.NoError(t, err, "anywhere")
		require.Equal(t, 10, v)

		require.NoError(t, rt.Run(ctx, func(cx *Context) error {
			v, err := Await(cx, future.Async(hops(10)))
			require.Equal(t, 10, v)
			return err
		}), "from a guest")

		v, err = Go(rt, func(cx *Context) (int, error) { return Await(cx, future.Async(hops(10))) }).Wait(ctx)
		require.NoError(t, err, "in the middle of a plain function")
		require.Equal(t, 10, v)
	})
}

// The body is on the goroutine and thread that started it, though others wake it.
func TestAsyncStaysOnItsThread(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		locked := !rt.pool.Portable()
		var hs []JoinHandle[int]
		for range 8 {
			hs = append(hs, Spawn(rt, future.Async(func(y *future.Await) (int, error) {
				if l := y.Local().(*local); l.w == nil || l.w.Guest() {
					t.Error("the body began on a guest")
				}
				thread := self.Now()
				for range 50 {
					p := future.NewPromise[int]()
					go p.Resolve(1)
					if _, err := future.Get(y, p.Future()); err != nil {
						return 0, err
					}
					if locked && self.Now() != thread {
						t.Error("the body has moved to another thread")
					}
					if w := rt.pool.Current(); w == nil || y.Local() != w.Local() {
						t.Error("the worker does not know its coroutine")
					}
				}
				return 50, nil
			})))
		}
		for _, h := range hs {
			v, err := h.Wait(ctx)
			require.NoError(t, err)
			require.Equal(t, 50, v)
		}
	})
}

// A body spawns tasks, waits for them, and blocks in Wait as a task may.
func TestAsyncSpawnsAndWaits(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		v, err := Spawn(rt, future.Async(func(y *future.Await) (int, error) {
			a := Spawn(y, future.Async(hops(3)))
			b := Go(y, func(*Context) (int, error) { return 4, nil })
			x, err := future.Get(y, future.Future[int](a))
			if err != nil {
				return 0, err
			}
			z, err := b.Wait(context.Background())
			if err != nil {
				return 0, err
			}
			c, err := Spawn(y, future.Async(hops(5))).Wait(context.Background())
			if err != nil {
				return 0, err
			}
			d, err := future.Get(y, future.Async(hops(6))) // one inside the other
			return x + z + c + d, err
		})).Wait(testkit.Within(t))
		require.NoError(t, err)
		require.Equal(t, 18, v)
	})
}

// An aborted task unwinds its body on its worker, and the handle says so.
func TestAsyncAbort(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		for range 20 {
			began, unwound := make(chan self.Thread, 1), make(chan self.Thread, 1)
			h := Spawn(rt, future.Async(func(y *future.Await) (int, error) {
				defer func() { unwound <- self.Now() }()
				began <- self.Now()
				return future.Get(y, future.NewPromise[int]().Future())
			}))
			at := testkit.Receive(t, began, "the body")
			require.True(t, h.Abort())
			_, err := h.Wait(testkit.Within(t))
			require.ErrorIs(t, err, ErrCanceled)
			require.Equal(t, at, testkit.Receive(t, unwound, "the deferred function"))
		}
	})
}

// The future is dropped after each of its polls, on real workers: the body gives back
// what it has.
func TestAsyncAbortedAtEveryPollOnPools(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		aborttest.Each(t, func(t *testing.T, a *aborttest.Abort) {
			var held point.Int32
			h := Spawn(rt, aborttest.Victim(a, future.Async(func(y *future.Await) (int, error) {
				held.Inc()
				defer held.Dec()
				sum := 0
				for range 4 {
					b := Go(y, func(*Context) (int, error) { return 1, nil })
					v, err := future.Get(y, future.Future[int](b))
					if err != nil {
						return 0, err
					}
					sum += v
				}
				return sum, nil
			})))
			v, err := h.Wait(testkit.Within(t))
			if a.Hit() {
				require.ErrorIs(t, err, aborttest.ErrAborted)
			} else {
				require.NoError(t, err)
				require.Equal(t, 4, v)
			}
			require.Zero(t, held.Load())
		})
	})
}

func TestAsyncShutdown(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		var unwound, began sync.WaitGroup
		var hs []JoinHandle[int]
		for range 50 {
			unwound.Add(1)
			began.Add(1)
			hs = append(hs, Spawn(rt, future.Async(func(y *future.Await) (int, error) {
				defer unwound.Done()
				began.Done()
				return future.Get(y, future.NewPromise[int]().Future())
			})))
		}
		testkit.WaitAll(t, &began, nil)
		require.ErrorIs(t, rt.Shutdown(testkit.Ended()), context.Canceled)
		for _, h := range hs {
			_, err := h.Wait(testkit.Within(t))
			require.ErrorIs(t, err, ErrCanceled)
		}
		testkit.WaitAll(t, &unwound, nil)
	})
}

func TestAsyncPanicsAndGoexit(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		boom := errors.New("boom")
		for _, wait := range []bool{false, true} {
			_, err := SpawnWith(rt, future.Async(func(y *future.Await) (int, error) {
				if wait {
					_, _ = future.Get(y, future.YieldNow())
				}
				panicHere(boom)
				return 0, nil
			}), Named("explosive")).Wait(ctx)
			var p *PanicError
			require.ErrorAs(t, err, &p)
			require.ErrorIs(t, err, boom)
			require.Equal(t, "explosive", p.Task)
			require.Contains(t, string(p.Stack), "panicHere")

			for range 40 { // more than a worker lets its goroutine nest
				_, err = Spawn(rt, future.Async(func(y *future.Await) (int, error) {
					if wait {
						_, _ = future.Get(y, future.YieldNow())
					}
					runtime.Goexit()
					return 0, nil
				})).Wait(ctx)
				require.ErrorIs(t, err, ErrGoexit)
			}
		}
		v, err := Spawn(rt, future.Async(hops(3))).Wait(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, v)
	})
}

func panicHere(v any) { panic(v) }

// A coroutine that waits outlives tasks that call Goexit on its worker.
func TestAsyncOutlivesGoexitBeside(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		p, began := future.NewPromise[int](), make(chan bool)
		h := Spawn(rt, future.Async(func(y *future.Await) (int, error) {
			close(began)
			return future.Get(y, p.Future())
		}))
		testkit.Receive(t, began, "the body")
		for range 100 {
			_, err := Go(rt, func(*Context) (int, error) { runtime.Goexit(); return 0, nil }).Wait(ctx)
			require.ErrorIs(t, err, ErrGoexit)
		}
		p.Resolve(7)
		v, err := h.Wait(ctx)
		require.NoError(t, err)
		require.Equal(t, 7, v)
	})
}

// A coroutine goes on at its worker though its future is handed to another task, and
// ends there though it is dropped by an ordinary goroutine.
func TestAsyncHandedOn(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		for i := range 30 {
			p, unwound := future.NewPromise[int](), make(chan bool, 1)
			body := future.Async(func(y *future.Await) (int, error) {
				defer func() { unwound <- true }()
				return future.Get(y, p.Future())
			})
			first, err := Spawn(rt, future.Select(body, future.Map(future.YieldNow(), func(struct{}) int { return 1 }))).Wait(ctx)
			require.NoError(t, err)
			require.Equal(t, 1, first.Index)
			body = first.Rest[0]
			switch i % 3 {
			case 0:
				p.Resolve(7)
				v, err := Spawn(rt, body).Wait(ctx)
				require.NoError(t, err)
				require.Equal(t, 7, v)
			case 1:
				p.Resolve(8)
				v, err := BlockOn(ctx, rt, body)
				require.NoError(t, err)
				require.Equal(t, 8, v)
			case 2:
				future.Drop(body)
			}
			testkit.Receive(t, unwound, "the end of the body")
		}
	})
}

// What nobody drops is ended when its worker ends.
func TestAsyncForgotten(t *testing.T) {
	rt, err := New(Workers(2))
	require.NoError(t, err)
	unwound := make(chan bool, 1)
	_, err = Spawn(rt, future.Select(future.Async(func(y *future.Await) (int, error) {
		defer func() { unwound <- true }()
		return future.Get(y, future.NewPromise[int]().Future())
	}), future.Ready(1))).Wait(testkit.Within(t))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	testkit.Receive(t, unwound, "the end of the body")
}
