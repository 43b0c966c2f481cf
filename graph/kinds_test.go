// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

func constant[T any](v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, nil }
}

func TestValuesFlow(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		n := graph.Input[int](g, "n")
		text := graph.Source(g, "text", constant("x"))
		twice := graph.Apply(g, "twice", func(_ context.Context, n int) (int, error) { return 2 * n, nil }, n)
		both := graph.Apply2(g, "both", func(_ context.Context, n int, s string) (string, error) {
			return s + strconv.Itoa(n), nil
		}, twice, text)
		three := graph.Apply3(g, "three", func(_ context.Context, n int, s string, m int) (string, error) {
			return fmt.Sprint(n, s, m), nil
		}, n, both, twice)
		all := graph.Gather(g, "all", func(_ context.Context, all []string) (int, error) {
			return len(all[0]) + len(all[1]), nil
		}, both, three)
		list := graph.Gather2(g, "list", func(_ context.Context, n []int, s []string) (string, error) {
			return fmt.Sprint(n, s), nil
		}, []graph.Value[int]{n, twice}, []graph.Value[string]{both})
		var seen point.Int32
		graph.Sink(g, "sink", func(_ context.Context, n int) error { seen.Store(int32(n)); return nil }, all)
		for in := range 5 {
			var b, c, l string
			require.NoError(t, g.Run(t.Context(), rt, graph.With(n, in), graph.Into(both, &b), graph.Into(three, &c), graph.Into(list, &l)))
			require.Equal(t, fmt.Sprint([]int{in, 2 * in}, []string{b}), l)
			require.Equal(t, fmt.Sprint("x", 2*in), b)
			require.Equal(t, fmt.Sprint(in, b, 2*in), c)
			require.EqualValues(t, len(b)+len(c), seen.Load())
		}
	})
}

// A value with one taker is not kept once the taker has begun.
func TestValueIsHandedOver(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	freed := make(chan struct{})
	big := graph.Source(g, "big", func(context.Context) (*[1 << 20]byte, error) {
		b := new([1 << 20]byte)
		onFree(b, func() { close(freed) })
		return b, nil
	})
	taken := graph.Sink(g, "takes", func(_ context.Context, b *[1 << 20]byte) error { b[0]++; return nil }, big)
	g.Add("looks", func(context.Context) error {
		eventuallyFreed(t, freed)
		return nil
	}).After(taken)
	require.NoError(t, g.Run(t.Context(), rt))
}

func TestAwaitHoldsNoWorker(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	const n = 100
	promises := make([]*future.Promise[int], n)
	var values []graph.Value[int]
	for i := range promises {
		promises[i] = future.NewPromise[int]()
		values = append(values, graph.Await(g, "", func(context.Context) future.Future[int] { return promises[i].Future() }))
	}
	sum := graph.Gather(g, "sum", func(_ context.Context, all []int) (s int, err error) {
		for _, v := range all {
			s += v
		}
		return s, nil
	}, values...)
	after := graph.AwaitFor(g, "after", func(_ context.Context, s int) future.Future[string] {
		return future.Ready(strconv.Itoa(s))
	}, sum)
	g.Do("resolve", func() { // the one worker is free to run this
		for i, p := range promises {
			p.Resolve(i)
		}
	})
	var got string
	require.NoError(t, g.Run(t.Context(), rt, graph.Into(after, &got)))
	require.Equal(t, strconv.Itoa(n*(n-1)/2), got)
}

func TestAwaitErrors(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		broken := errors.New("broken")
		for name, f := range map[string]future.Future[int]{
			"fails":  future.Failed[int](broken),
			"panics": future.FromFunc(func(*future.Context) future.Poll[int] { panic(broken) }),
		} {
			g := graph.New("g")
			graph.Await(g, name, func(context.Context) future.Future[int] { return f })
			err := g.Run(t.Context(), rt)
			require.ErrorIs(t, err, broken)
			require.ErrorContains(t, err, "node "+name)
		}
	})
}

func TestAwaitEndsWithTheRun(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		never := graph.Await(g, "never", func(context.Context) future.Future[int] { return future.NewPromise[int]().Future() })
		graph.Sink(g, "not run", func(context.Context, int) error { t.Error("ran"); return nil }, never)
		broken := errors.New("broken")
		g.Add("fails", func(context.Context) error { return broken })
		err := g.Run(t.Context(), rt)
		require.ErrorIs(t, err, broken)
		require.NotContains(t, err.Error(), "never")

		h := graph.New("h")
		graph.Await(h, "never", func(context.Context) future.Future[int] { return future.NewPromise[int]().Future() })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		require.ErrorIs(t, h.Run(ctx, rt), context.Canceled)
	})
}

func TestForkGetsAWorker(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var sum point.Int64
		g.Fork("fork", func(_ context.Context, w *workers.Worker) error {
			workers.JoinN(w, 1000, func(_ *workers.Worker, i int) { sum.Add(int64(i)) })
			return nil
		})
		require.NoError(t, g.Run(t.Context(), rt))
		require.EqualValues(t, 499500, sum.Load())
	})
}

func TestEach(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		n := graph.Input[int](g, "n")
		list := graph.Apply(g, "list", func(_ context.Context, n int) (all []int, err error) {
			for i := range n {
				all = append(all, i)
			}
			return all, nil
		}, n)
		texts := graph.Each(g, "texts", func(_ context.Context, i int) (string, error) {
			if i == 70 {
				return "", errors.New("seventy")
			}
			return strconv.Itoa(i), nil
		}, list)
		var got []string
		require.NoError(t, g.Run(t.Context(), rt, graph.With(n, 50), graph.Into(texts, &got)))
		require.Len(t, got, 50)
		require.Equal(t, "49", got[49])
		require.NoError(t, g.Run(t.Context(), rt, graph.With(n, 0), graph.Into(texts, &got)))
		require.Empty(t, got)
		require.ErrorContains(t, g.Run(t.Context(), rt, graph.With(n, 100)), "node texts: element 70: seventy")
	})
}

// A panic is the error of its element, and no further element is begun; Goexit ends
// the node.
func TestEachPanics(t *testing.T) {
	rt := newRuntime(t, 1)
	for _, leave := range []func(){func() { panic(errBroken) }, runtime.Goexit} {
		g := graph.New("g")
		calls := 0
		list := graph.Source(g, "list", func(context.Context) ([]int, error) { return make([]int, 10), nil })
		graph.Each(g, "each", func(context.Context, int) (int, error) {
			if calls++; calls == 4 {
				leave()
			}
			return 0, nil
		}, list).Node().Timeout(time.Hour) // so not in the goroutine of the test
		err := g.Run(t.Context(), rt)
		if errors.Is(err, sched.ErrGoexit) {
			continue
		}
		require.ErrorIs(t, err, errBroken)
		require.ErrorContains(t, err, "graph g: node each: element 3: pilfer: task each panicked: broken")
		require.Equal(t, 4, calls)
	}
}

// Code that blocks holds no worker, and is waited for when the run is stopped.
func TestBlocking(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	var all []graph.Value[int]
	meet := make(chan int)
	all = append(all, graph.Blocking(g, "sends", func(context.Context) (int, error) { meet <- 20; return 1, nil }))
	all = append(all, graph.BlockingFor(g, "receives", func(_ context.Context, n int) (int, error) { return n + <-meet, nil },
		graph.Source(g, "", constant(1))))
	sum := graph.Gather(g, "", func(_ context.Context, all []int) (int, error) { return all[0] + all[1], nil }, all...)
	var got int
	require.NoError(t, g.Run(t.Context(), rt, graph.Into(sum, &got)))
	require.Equal(t, 22, got)

	h := graph.New("h")
	returned := false
	graph.Blocking(h, "waits", func(ctx context.Context) (int, error) {
		<-ctx.Done()
		returned = true
		return 0, ctx.Err()
	})
	h.Add("fails", broken)
	err := h.Run(t.Context(), rt)
	require.ErrorIs(t, err, errBroken)
	require.NotContains(t, err.Error(), "waits")
	require.True(t, returned)
}
