// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
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

// A task that leaves the locks of its thread changed is named, and what waits goes on.
func TestUnbalancedLockIsCaught(t *testing.T) {
	for _, locked := range []bool{true, false} {
		for name, change := range map[string]func(){
			"locked once more": runtime.LockOSThread,
			"locked twice":     func() { runtime.LockOSThread(); runtime.LockOSThread() },
			"unlocked":         runtime.UnlockOSThread,
		} {
			t.Run(fmt.Sprintf("workers locked=%v/%s", locked, name), func(t *testing.T) {
				log := &logBuffer{}
				rt, err := New(Workers(1), LockThreads(locked), Watchdog(time.Second, slog.New(slog.NewTextHandler(log, nil))))
				require.NoError(t, err)
				ctx := testkit.Within(t)
				p, began := future.NewPromise[int](), make(chan bool)
				h := Spawn(rt, future.Async(func(y *future.Await) (int, error) {
					close(began)
					return future.Get(y, p.Future())
				}))
				testkit.Receive(t, began, "the body")
				_, err = SpawnWith(rt, future.Future[int](call[int](func(*Context) (int, error) { change(); return 0, nil })), Named("guilty")).Wait(ctx)
				require.NoError(t, err)
				p.Resolve(7)
				v, err := h.Wait(ctx)
				if err != nil {
					require.ErrorIs(t, err, future.ErrThread, "the thread may be lost")
					require.Equal(t, "unlocked", name)
				} else {
					require.Equal(t, 7, v)
				}
				if locked {
					require.Contains(t, log.String(), "LockOSThread")
					require.Contains(t, log.String(), "guilty")
				}
				v, err = Spawn(rt, future.Async(hops(3))).Wait(ctx)
				require.NoError(t, err)
				require.Equal(t, 3, v)
				require.NoError(t, rt.Close())
			})
		}
	}
}

// A logBuffer is a log that a test reads while workers write.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A body that changes the locks of its thread itself fails, and harms nobody.
func TestAsyncWithOwnLock(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *Runtime) {
		ctx := testkit.Within(t)
		_, err := Spawn(rt, future.Async(func(y *future.Await) (int, error) {
			runtime.LockOSThread()
			_, err := future.Get(y, future.YieldNow())
			return 0, err
		})).Wait(ctx)
		require.ErrorContains(t, err, "before it waits in Get")
		_, err = Spawn(rt, future.Async(func(*future.Await) (int, error) {
			runtime.LockOSThread()
			return 0, nil
		})).Wait(ctx)
		require.ErrorContains(t, err, "without the other")
		v, err := Spawn(rt, future.Async(func(y *future.Await) (int, error) {
			runtime.LockOSThread()
			runtime.UnlockOSThread()
			return future.Get(y, future.Async(hops(3)))
		})).Wait(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, v)
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

// Workers come and go while coroutines wait, are woken from everywhere and aborted.
func TestStressAsync(t *testing.T) {
	for _, locked := range []bool{true, false} {
		t.Run(fmt.Sprintf("locked=%v", locked), func(t *testing.T) {
			rt, err := New(Workers(2), LockThreads(locked))
			require.NoError(t, err)
			ctx := testkit.Within(t)
			testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
				const tasks, each = 20, 10
				var unwound, wakers sync.WaitGroup
				var hs []JoinHandle[int]
				for range tasks {
					unwound.Add(1)
					seed := testkit.Split(rng)
					var at Spawner = rt
					hs = append(hs, Spawn(at, future.Async(func(y *future.Await) (int, error) {
						defer unwound.Done()
						sum := 0
						for range each {
							p := future.NewPromise[int]()
							switch seed.IntN(3) {
							case 0:
								wakers.Go(func() { p.Resolve(1) })
							case 1:
								Go(y, func(cx *Context) (int, error) { p.ResolveIn(cx, 1); return 0, nil })
							case 2:
								Go(rt, func(cx *Context) (int, error) { p.ResolveIn(cx, 1); return 0, nil })
							}
							v, err := future.Get(y, p.Future())
							if err != nil {
								return 0, err
							}
							sum += v
						}
						return sum, nil
					})))
				}
				aborts := map[int]bool{}
				for range rng.IntN(5) {
					i := rng.IntN(tasks)
					aborts[i] = true
					hs[i].Abort()
					testkit.Dither(rng)
				}
				_ = rt.Resize(1 + rng.IntN(3))
				for i, h := range hs {
					v, err := h.Wait(ctx)
					if aborts[i] && errors.Is(err, ErrCanceled) {
						if h.t.home.polled() {
							continue
						}
						unwound.Done() // it never began
						continue
					}
					require.NoError(t, err)
					require.Equal(t, each, v)
				}
				testkit.WaitAll(t, &unwound, nil)
				wakers.Wait()
			})
			require.NoError(t, rt.Close())
		})
	}
}

// Coroutines of different workers cannot wait in one task: the error says so.
func TestAsyncOfTwoWorkers(t *testing.T) {
	rt, err := New(Workers(2))
	require.NoError(t, err)
	defer rt.Close()
	var both []future.Future[int]
	for _, w := range rt.pool.Places() {
		f, polled := future.Async(func(y *future.Await) (int, error) {
			return future.Get(y, future.NewPromise[int]().Future())
		}), make(chan bool)
		w.Post(&workers.Job{Runner: workers.Func(func(w *workers.Worker) {
			cx := waker.NewContext(waker.Noop())
			cx.Reset(waker.Noop(), w.Local(), unlimited)
			f.Poll(cx)
			close(polled)
		})})
		testkit.Receive(t, polled, "the worker")
		both = append(both, f)
	}
	_, err = Spawn(rt, future.JoinAll(both...)).Wait(testkit.Within(t))
	require.ErrorContains(t, err, "two places")
}
