// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
)

var errBroken = errors.New("broken")

func broken(context.Context) error { return errBroken }

// A failing graph: bad fails, next and last come after it, other does not.
func failing(ran *[3]point.Int32) *graph.Graph {
	g := graph.New("g")
	count := func(i int) func() { return func() { ran[i].Inc() } }
	bad := g.Add("bad", broken)
	next := g.Do("next", count(0)).After(bad)
	g.Do("last", count(1)).After(next)
	slow := g.Add("", func(ctx context.Context) error {
		<-time.After(time.Millisecond)
		return nil
	})
	g.Do("other", count(2)).After(slow)
	return g
}

func TestPolicies(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for policy, want := range map[graph.Policy][3]int32{
			graph.StopRun:        {0, 0, 0},
			graph.StopDependents: {0, 0, 1},
			graph.GoOn:           {1, 1, 1},
		} {
			var ran [3]point.Int32
			g := failing(&ran)
			for range 3 { // the second run finds the counts of the first
				clear(ran[:])
				err := g.Run(t.Context(), rt, graph.OnFailure(policy))
				require.ErrorIs(t, err, errBroken)
				require.ErrorContains(t, err, "graph g: node bad: broken")
				require.Equal(t, want, [3]int32{ran[0].Load(), ran[1].Load(), ran[2].Load()}, policy)
			}
		}
	})
}

func TestAllErrorsAreReturned(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		for i := range 10 {
			g.Add(fmt.Sprint("bad", i), func(context.Context) error { return fmt.Errorf("error %d", i) })
		}
		err := g.Run(t.Context(), rt, graph.OnFailure(graph.StopDependents))
		for i := range 10 {
			require.ErrorContains(t, err, fmt.Sprintf("node bad%d: error %d", i, i))
		}
	})
}

func TestRetry(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		tries, waits := 0, []int{}
		g := graph.New("g")
		value := graph.Source(g, "value", constant([]int{1}))
		n := graph.Apply(g, "flaky", func(_ context.Context, v []int) (int, error) {
			if tries++; tries < 3 {
				return 0, errBroken
			}
			if tries == 3 {
				panic("third")
			}
			return v[0], nil
		}, value)
		n.Node().Retry(3, func(try int) time.Duration { waits = append(waits, try); return time.Microsecond })
		var got int
		require.NoError(t, g.Run(t.Context(), rt, graph.Into(n, &got)))
		require.Equal(t, []int{1, 2, 3}, waits)
		require.Equal(t, [2]int{4, 1}, [2]int{tries, got})

		tries = -10
		err := g.Run(t.Context(), rt)
		require.ErrorIs(t, err, errBroken)
		require.Equal(t, -6, tries, "one try and three more")

		h := graph.New("h")
		tries = 0
		h.Add("permanent", func(context.Context) error { tries++; return graph.Permanent(errBroken) }).Retry(5, nil)
		require.ErrorIs(t, h.Run(t.Context(), rt), errBroken)
		require.Equal(t, 1, tries)
	})
}

// A node that waits for its next try holds no worker, and ends with the run.
func TestRetryEndsWithTheRun(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	bad := make(chan struct{})
	g.Add("waits", func(context.Context) error { close(bad); return errBroken }).
		Retry(1, func(int) time.Duration { return time.Hour })
	ctx, cancel := context.WithCancel(t.Context())
	g.Do("cancels", func() { <-bad; cancel() }).Priority(-1)
	require.ErrorIs(t, g.Run(ctx, rt), context.Canceled)
}

func TestBackoff(t *testing.T) {
	wait := graph.Backoff(time.Second, 10*time.Second)
	for try, most := range []time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 5: 10 * time.Second, 100: 10 * time.Second} {
		if most > 0 {
			d := wait(try)
			require.GreaterOrEqual(t, d, most/2)
			require.LessOrEqual(t, d, most)
		}
	}
	for first, most := range map[time.Duration]time.Duration{0: time.Second, -1: time.Second, time.Second: -1, -2: -5} {
		require.Zero(t, graph.Backoff(first, most)(3))
	}
	for _, try := range []int{math.MinInt, 0, 1} {
		require.LessOrEqual(t, wait(try), time.Second)
	}
	long := graph.Backoff(1<<40+1<<10, math.MaxInt64)
	require.Greater(t, long(33), time.Duration(math.MaxInt64/2-1), "more than there is, not what is left of it")
}

func TestTimeout(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		g.Add("slow", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }).Timeout(time.Millisecond)
		require.ErrorIs(t, notStuck(t, g, rt), context.DeadlineExceeded)
		var late *graph.DeadlineError

		g = graph.New("g")
		graph.Await(g, "never", func(context.Context) future.Future[int] {
			return future.NewPromise[int]().Future()
		}).Node().Timeout(time.Millisecond)
		require.ErrorAs(t, g.Run(t.Context(), rt), &late)

		g = graph.New("g")
		g.Add("slow", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		require.ErrorAs(t, g.Run(t.Context(), rt, graph.Timeout(time.Millisecond)), &late)

		g = graph.New("g")
		g.Add("in time", nothing).Timeout(time.Hour)
		require.NoError(t, g.Run(t.Context(), rt, graph.Timeout(time.Hour)))
	})
}

// Run comes back though a node blocks for ever.
func TestStuckNodeIsGivenUp(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		release, ended := make(chan struct{}), make(chan struct{})
		defer func() { close(release); <-ended }()
		g := graph.New("g")
		a := g.Add("stuck", func(context.Context) error { defer close(ended); <-release; return nil }).Timeout(time.Millisecond)
		g.Add("after", func(context.Context) error { t.Error("ran"); return nil }).After(a)
		var late *graph.DeadlineError
		err := g.Run(t.Context(), rt)
		require.ErrorAs(t, err, &late)
		require.True(t, late.Stuck)
		require.ErrorContains(t, err, "node stuck: not done after 1ms, and goes on")
	})
}

func TestStuckValueNodeIsGivenUp(t *testing.T) {
	rt := newRuntime(t, 1)
	release, ended := make(chan struct{}), make(chan struct{})
	defer func() { close(release); <-ended }()
	g := graph.New("g")
	graph.Source(g, "stuck", func(context.Context) (int, error) {
		defer close(ended)
		<-release
		return 1, nil
	}).Node().Timeout(time.Millisecond)
	var late *graph.DeadlineError
	require.ErrorAs(t, g.Run(t.Context(), rt), &late)
	require.True(t, late.Stuck)
}

// A checkpoint outlives a run that could not begin.
func TestResumeAfterClosedRuntime(t *testing.T) {
	rt := newRuntime(t, 1)
	closed, err := sched.New(sched.Workers(1))
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	g := graph.New("g")
	fail := true
	a := graph.Source(g, "a", constant(20))
	b := graph.Apply(g, "b", func(_ context.Context, v int) (int, error) {
		if fail {
			return 0, errBroken
		}
		return v + 1, nil
	}, a)
	var from graph.Checkpoint
	var got int
	require.ErrorIs(t, g.Run(t.Context(), rt, graph.Resume(&from)), errBroken)
	require.ErrorIs(t, g.Run(t.Context(), closed, graph.Resume(&from)), sched.ErrClosed)
	fail = false
	require.NoError(t, g.Run(t.Context(), rt, graph.Resume(&from), graph.Into(b, &got)))
	require.Equal(t, 21, got)
}

func TestPriority(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	var order []string
	add := func(name string, after ...*graph.Node) *graph.Node {
		return g.Do(name, func() { order = append(order, name) }).After(after...)
	}
	first := add("first")
	add("low", first).Priority(-1)
	add("none", first)
	add("high", first).Priority(1)
	require.NoError(t, g.Run(t.Context(), rt))
	require.Equal(t, "first high none low", strings.Join(order, " "))

	g, order = graph.New("g"), nil
	add("short")
	a := add("a")
	b := add("b", a)
	add("c", b)
	add("also short")
	g.ByCriticalPath(nil)
	require.NoError(t, g.Run(t.Context(), rt))
	require.Equal(t, "a b short c also short", strings.Join(order, " "))
}

func TestResume(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var ran [3]int
		fail := true
		a := graph.Source(g, "a", func(context.Context) (int, error) { ran[0]++; return 20, nil })
		b := graph.Apply(g, "b", func(_ context.Context, v int) (int, error) {
			ran[1]++
			if fail {
				return 0, errBroken
			}
			return v + 1, nil
		}, a)
		c := graph.Apply(g, "c", func(_ context.Context, v int) (int, error) { ran[2]++; return 2 * v, nil }, b)
		var got int
		var from graph.Checkpoint
		for range 2 {
			require.ErrorIs(t, g.Run(t.Context(), rt, graph.Resume(&from), graph.Into(c, &got)), errBroken)
			require.Equal(t, 1, from.Finished())
		}
		fail = false
		require.NoError(t, g.Run(t.Context(), rt, graph.Resume(&from), graph.Into(c, &got)))
		require.Equal(t, 42, got)
		require.Equal(t, [3]int{1, 3, 1}, ran)
		require.Zero(t, from.Finished())

		require.NoError(t, g.Run(t.Context(), rt, graph.Resume(&from)), "from the beginning")
		fail = true
		require.Error(t, g.Run(t.Context(), rt, graph.Resume(&from)))
		g.Do("more", func() {})
		require.ErrorContains(t, g.Run(t.Context(), rt, graph.Resume(&from)), "before it was changed")
		h := graph.New("h")
		h.Branch("branch", func(context.Context) (int, error) { return 0, nil }, h.Do("", func() {}))
		require.ErrorContains(t, h.Run(t.Context(), rt, graph.Resume(&graph.Checkpoint{})), "cannot be resumed")
	})
}

func TestRunNAndUntil(t *testing.T) {
	rt := newRuntime(t, 2)
	g := graph.New("g")
	n := 0
	g.Add("count", func(context.Context) error {
		if n++; n == 50 {
			return errBroken
		}
		return nil
	})
	require.NoError(t, g.RunN(t.Context(), rt, 10))
	require.Equal(t, 10, n)
	require.NoError(t, g.RunUntil(t.Context(), rt, func() bool { return n >= 20 }))
	require.Equal(t, 20, n)
	require.ErrorIs(t, g.RunN(t.Context(), rt, 100), errBroken)
	n = 40
	require.ErrorIs(t, g.RunUntil(t.Context(), rt, func() bool { return false }), errBroken)
	require.Equal(t, 50, n)
}

func TestChangeWhileItRuns(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	g.Do("changes", func() { g.Do("late", func() {}) })
	var crash *sched.PanicError
	err := g.Run(t.Context(), rt)
	require.ErrorAs(t, err, &crash)
	require.ErrorContains(t, err, `graph g: add "late" while it runs: build a graph before Run, or what is not known before in a Sub node`)
}

// Whichever node cancels, none that comes after it runs.
func TestCancelAtEveryStep(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		const n = 60
		for at := range n {
			ctx, cancel := context.WithCancel(t.Context())
			g := graph.New("g")
			last := g.Do("", func() {})
			for i := range n {
				before := last
				last = g.Add("", func(context.Context) error {
					if i == at {
						cancel()
					} else if i > at {
						t.Errorf("node %d ran after node %d had canceled", i, at)
					}
					return nil
				}).After(before)
				g.Do("", func() {}).After(before)
				graph.Await(g, "", func(context.Context) future.Future[int] {
					return future.NewPromise[int]().Future()
				}).Node().After(before)
			}
			require.ErrorIs(t, g.Run(ctx, rt), context.Canceled)
			cancel()
		}
	})
}

func TestGoexitInNode(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		a := g.Add("exits", func(context.Context) error { runtime.Goexit(); return nil }).Timeout(time.Hour) // so on a worker
		g.Do("after", func() { t.Error("ran") }).After(a)
		for range 30 {
			require.ErrorIs(t, g.Run(t.Context(), rt), sched.ErrGoexit)
		}
	})
}

func TestProgressAndLog(t *testing.T) {
	rt := newRuntime(t, 2)
	g := graph.New("g")
	g.Do("good", func() {}).Before(g.Add("bad", broken))
	steps := make(chan graph.Step, 2)
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	require.Error(t, g.Run(t.Context(), rt, graph.Progress(steps), graph.Log(log)))
	require.Equal(t, graph.Step{Done: 1, Nodes: 2, Last: "good"}, <-steps)
	require.Equal(t, graph.Step{Done: 2, Nodes: 2, Last: "bad"}, <-steps)
	require.Contains(t, text.String(), `level=ERROR msg="node failed" node=bad`)
	require.Contains(t, text.String(), `level=DEBUG msg="node ends" node=good`)
}

// The longest deadline is none.
func TestTimeoutsWithoutBound(t *testing.T) {
	rt := newRuntime(t, 2)
	g := graph.New("g")
	g.Do("n", func() {}).Timeout(math.MaxInt64)
	require.NoError(t, g.Run(t.Context(), rt, graph.Timeout(math.MaxInt64)))
}
