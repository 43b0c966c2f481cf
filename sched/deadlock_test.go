// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// handles are the ways to wait for a handle inside a task.
var handles = map[string]func(*sched.Context, sched.JoinHandle[int]) (int, error){
	"Wait":  func(_ *sched.Context, h sched.JoinHandle[int]) (int, error) { return h.Wait(context.Background()) },
	"Await": func(cx *sched.Context, h sched.JoinHandle[int]) (int, error) { return sched.Await(cx, h) },
}

// eachRuntime runs a test with one worker, plainly and with Track.
func eachRuntime(t *testing.T, test func(t *testing.T, rt *sched.Runtime)) {
	t.Run("plain", func(t *testing.T) { test(t, newRuntime(t, 1)) })
	t.Run("tracked", func(t *testing.T) { test(t, newRuntime(t, 1, sched.Track())) })
}

func TestTaskThatWaitsForItself(t *testing.T) {
	for name, wait := range handles {
		t.Run(name, func(t *testing.T) {
			eachRuntime(t, func(t *testing.T, rt *sched.Runtime) {
				own := make(chan sched.JoinHandle[int], 1)
				h := sched.Go(rt, func(cx *sched.Context) (int, error) { return wait(cx, <-own) })
				own <- h
				require.ErrorIs(t, failure(t, h), sched.ErrDeadlock)
			})
			r := sched.NewRoundRobin()
			var h sched.JoinHandle[int]
			h = sched.Go(r, func(cx *sched.Context) (int, error) { return wait(cx, h) })
			_, err := h.Wait(t.Context())
			require.ErrorIs(t, err, sched.ErrDeadlock)
		})
	}
}

// The task on top waits for one that waits below it on the one worker, which goes on
// when the one on top has its error.
func TestTaskThatWaitsForOneBelow(t *testing.T) {
	if self.Goroutine() == 0 {
		t.Skip("goroutines cannot be told apart on this machine")
	}
	for name, wait := range handles {
		t.Run(name, func(t *testing.T) {
			eachRuntime(t, func(t *testing.T, rt *sched.Runtime) {
				own := make(chan sched.JoinHandle[int], 1)
				below := sched.Go(rt, func(cx *sched.Context) (int, error) {
					me, p := <-own, future.NewPromise[int]()
					sched.Go(cx, func(cx *sched.Context) (int, error) {
						_, err := wait(cx, me)
						p.Reject(err)
						return 0, err
					})
					return sched.Await(cx, p.Future())
				})
				own <- below
				require.ErrorIs(t, failure(t, below), sched.ErrDeadlock)
			})
		})
	}
}

// A function that waits for its own group has an error, and so has a task on top of one
// that waits below; others wait as they should.
func TestGroupThatWaitsForItself(t *testing.T) {
	if self.Goroutine() == 0 {
		t.Skip("goroutines cannot be told apart on this machine")
	}
	eachRuntime(t, func(t *testing.T, rt *sched.Runtime) {
		end := func(g *sched.Group) error {
			ended := make(chan error, 1)
			go func() { ended <- g.Wait() }()
			return testkit.Receive(t, ended, "the group")
		}
		g, ctx := rt.WithContext(context.Background())
		var inside error
		g.Go(func() error { inside = g.Wait(); return ctx.Err() })
		require.NoError(t, end(g))
		require.ErrorIs(t, inside, sched.ErrDeadlock)

		g = rt.Group()
		g.Go(func() error {
			top := sched.Go(rt, func(*sched.Context) (int, error) { return 0, g.Wait() })
			_, err := top.Wait(context.Background())
			return err
		})
		require.ErrorIs(t, end(g), sched.ErrDeadlock)

		outer, inner := rt.Group(), rt.Group()
		outer.Go(func() error {
			for range 3 {
				inner.Go(func() error { return nil })
			}
			return inner.Wait()
		})
		require.NoError(t, end(outer))
		last := sched.Go(rt, func(*sched.Context) (int, error) {
			outer.Go(func() error { return nil })
			return 1, outer.Wait()
		})
		require.Equal(t, 1, value(t, last), "the goroutine ran functions of it before")
	})
}

// A wait for a task that waits on another worker, and for one's own children, ends as
// it should.
func TestWaitsThatAreNoDeadlock(t *testing.T) {
	rt := newRuntime(t, 2)
	p, waits := future.NewPromise[int](), make(chan struct{})
	other := sched.Go(rt, func(cx *sched.Context) (int, error) {
		close(waits)
		return sched.Await(cx, p.Future())
	})
	testkit.Receive(t, waits, "the other task")
	var tree func(cx *sched.Context, depth int) (int, error)
	tree = func(cx *sched.Context, depth int) (int, error) {
		if depth == 0 {
			p.Resolve(1)
			return 1, nil
		}
		h := sched.Go(cx, func(cx *sched.Context) (int, error) { return tree(cx, depth-1) })
		return h.Wait(context.Background())
	}
	require.Equal(t, 1, value(t, sched.Go(rt, func(cx *sched.Context) (int, error) { return tree(cx, 40) })))
	require.Equal(t, 1, value(t, other))
}

// A poll of the own handle may be one of several futures: it is logged, and goes on.
func TestTaskThatPollsItself(t *testing.T) {
	for _, track := range []bool{false, true} {
		out := newLockedBuffer()
		opts := []sched.Option{sched.Watchdog(time.Hour, slog.New(slog.NewTextHandler(out, nil)))}
		if track {
			opts = append(opts, sched.Track())
		}
		rt := newRuntime(t, 1, opts...)
		own, p := make(chan sched.JoinHandle[int], 1), future.NewPromise[int]()
		h := sched.SpawnWith(rt, future.Async(func(y *future.Await) (int, error) {
			me := <-own
			p.Resolve(7)
			return future.Get(y, future.Race[int](me, p.Future()))
		}), sched.Named("ouroboros"))
		own <- h
		require.Equal(t, 7, value(t, h))
		require.Contains(t, out.String(), "a task polls its own handle")
		require.Contains(t, out.String(), "task=ouroboros")
	}
}

// What was polled last is not what runs: a caller that takes the place of a worker, and
// code outside of a round-robin executor, may wait for it.
func TestWaitAfterThePollOfAnother(t *testing.T) {
	rt := newRuntime(t, 1)
	g := newGate()
	h := sched.Spawn(rt, future.Future[int](g))
	testkit.Receive(t, g.polled, "its first poll")
	n, err := sched.Call(t.Context(), rt, func(w *workers.Worker) (int, error) {
		sched.Go(w, func(*sched.Context) (int, error) { g.open(); return 0, nil }) // runs in the wait
		return h.Wait(context.Background())
	})
	require.NoError(t, err)
	require.Equal(t, 2, n)
}
