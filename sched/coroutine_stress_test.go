// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
	"github.com/pilfer-go/pilfer/workers"
)

// Workers come and go while coroutines wait, are woken from everywhere and aborted.
func TestStressAsync(t *testing.T) {
	for _, locked := range []bool{true, false} {
		t.Run(fmt.Sprintf("locked=%v", locked), func(t *testing.T) {
			rt, err := New(Workers(2), LockThreads(locked))
			require.NoError(t, err)
			testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
				ctx := testkit.Within(t)
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
