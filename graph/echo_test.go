// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func never(context.Context) future.Future[int] { return future.NewPromise[int]().Future() }

// untilEnd returns what most nodes return when their context ends.
func untilEnd(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }

// The error of a node that only says that its context has ended is not among those
// of the run, however soon the node returns it.
func TestEndOfContextIsNoFailure(t *testing.T) {
	rt := newRuntime(t, 3)
	for range 300 {
		g := graph.New("g")
		started := make(chan struct{})
		g.Add("fails", func(context.Context) error { <-started; return errBroken })
		g.Add("waits", func(ctx context.Context) error { close(started); return untilEnd(ctx) })
		require.EqualError(t, g.Run(t.Context(), rt), "graph g: node fails: broken")

		ctx, cancel := context.WithCancel(t.Context())
		g = graph.New("g")
		g.Add("waits", untilEnd)
		g.Do("cancels", cancel)
		require.EqualError(t, g.Run(ctx, rt), "context canceled")
	}
	g := graph.New("g")
	g.Add("waits", untilEnd)
	require.EqualError(t, g.Run(t.Context(), rt, graph.Timeout(time.Millisecond)), "not done after 1ms")
}

// notStuck returns what a run comes to whose deadline has passed, and runs the graph
// again if a node was given up: a slow machine may need the 100 ms that it is given.
func notStuck(t *testing.T, g *graph.Graph, rt *sched.Runtime, opts ...graph.RunOption) (err error) {
	t.Helper()
	testkit.Eventually(t, "no node is given up", func() bool {
		err = g.Run(t.Context(), rt, opts...)
		var late *graph.DeadlineError
		require.ErrorAs(t, err, &late)
		return !late.Stuck
	})
	return err
}

// What lies inside a node ends with the node's deadline.
func TestTimeoutOfNodesInside(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		inner := graph.New("inner")
		var wait point.Bool
		wait.Store(true)
		a := inner.Add("a", nothing)
		inner.Add("b", func(ctx context.Context) error {
			if wait.Load() {
				return untilEnd(ctx)
			}
			return nil
		}).After(a)
		g := graph.New("g")
		ran := 0
		m := g.Module("module", inner).Timeout(time.Millisecond)
		g.Do("after", func() { ran++ }).After(m)
		for range 2 {
			require.EqualError(t, notStuck(t, g, rt, graph.OnFailure(graph.StopDependents)), "graph g: node module: not done after 1ms")
		}
		require.Zero(t, ran)
		wait.Store(false)
		for range 2 {
			if err := g.Run(t.Context(), rt); err == nil { // a slow machine may need longer
				require.NotZero(t, ran)
			}
		}

		g = graph.New("g")
		g.Sub("sub", func(_ context.Context, s *graph.Sub) error {
			graph.Await(s.Graph, "never", never)
			graph.Blocking(s.Graph, "blocks", func(ctx context.Context) (int, error) { return 0, untilEnd(ctx) })
			s.Module("deep", inner)
			return nil
		}).Timeout(time.Millisecond)
		wait.Store(true)
		require.EqualError(t, notStuck(t, g, rt), "graph g: node sub: not done after 1ms")
	})
}

// Pauses between tries go by the runtime's clock.
func TestRetryByTheClockOfTheRuntime(t *testing.T) {
	clock := timer.NewClock(time.Unix(0, 0))
	clock.AutoAdvance(true)
	rt := newRuntime(t, 1, sched.Clock(clock))
	g := graph.New("g")
	tries := 0
	g.Add("flaky", func(context.Context) error {
		if tries++; tries < 4 {
			return errBroken
		}
		return nil
	}).Retry(3, func(try int) time.Duration { return time.Duration(try) * time.Hour })
	require.NoError(t, g.Run(t.Context(), rt))
	require.Equal(t, 4, tries)
	require.GreaterOrEqual(t, clock.Now().Sub(time.Unix(0, 0)), 6*time.Hour)
}

func TestPanicBetweenTries(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		g.Add("flaky", broken).Retry(3, func(int) time.Duration { panic("no pause") })
		var crash *sched.PanicError
		err := g.Run(t.Context(), rt)
		require.ErrorIs(t, err, errBroken)
		require.ErrorAs(t, err, &crash)
		require.Equal(t, "no pause", crash.Value)
	})
}

// A node is busy between two tries.
func TestPickedBetweenTries(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	target := g.Add("target", broken).Retry(1, func(int) time.Duration { return time.Hour })
	pick := func(context.Context) (int, error) { return 0, nil }
	first := g.Branch("first", pick, target)
	g.Branch("second", pick, target).After(g.Do("pause", func() {}).After(first))
	require.ErrorIs(t, g.Run(t.Context(), rt), graph.ErrBusy)
}

// panicker is an observer with a mistake in it.
type panicker struct{ at string }

func (p panicker) NodeStart(graph.Event) {
	if p.at == "start" {
		panic("observer")
	}
}

func (p panicker) NodeEnd(graph.Event) {
	if p.at == "end" {
		panic("observer")
	}
}

func TestObserverPanics(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, at := range []string{"start", "end"} {
			g := graph.New("g")
			g.Do("a", func() {})
			var crash *sched.PanicError
			require.ErrorAs(t, g.Run(t.Context(), rt, graph.Observe(panicker{at})), &crash)
			require.Equal(t, "observer", crash.Value)
		}
	})
}

// A detached subgraph that failed is run again when the run is resumed.
func TestResumeDetached(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	fail, ran := true, 0
	g.Sub("sub", func(_ context.Context, s *graph.Sub) error {
		s.Add("inside", func(context.Context) error {
			if ran++; fail {
				return errBroken
			}
			return nil
		})
		s.Detach()
		return nil
	})
	var from graph.Checkpoint
	require.ErrorIs(t, g.Run(t.Context(), rt, graph.Resume(&from)), errBroken)
	require.Zero(t, from.Finished())
	fail = false
	require.NoError(t, g.Run(t.Context(), rt, graph.Resume(&from)))
	require.Equal(t, 2, ran)
}

// The report has the node that the run did not wait for.
func TestReportOfAStuckNode(t *testing.T) {
	rt := newRuntime(t, 1)
	release, ended := make(chan struct{}), make(chan struct{})
	defer func() { close(release); <-ended }()
	g := graph.New("g")
	g.Add("stuck", func(context.Context) error { defer close(ended); <-release; return nil }).Timeout(time.Millisecond)
	var report graph.Report
	require.Error(t, g.Run(t.Context(), rt, graph.Profile(&report)))
	require.Len(t, report.Spans, 1)
	require.ErrorContains(t, report.Spans[0].Err, "goes on after its deadline")
	require.Positive(t, report.Spans[0].Took())
}

func TestProgressBar(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("site")
	for range 9 {
		g.Add("", nothing)
	}
	g.Add("bad", broken)
	var out bytes.Buffer
	require.Error(t, g.Run(t.Context(), rt, graph.ProgressBar(&out), graph.OnFailure(graph.GoOn)))
	require.True(t, strings.HasPrefix(out.String(), "\rsite [##"), out.String())
	lines := strings.Split(out.String(), "\r")
	require.Regexp(t, `^site \[#{24}\] 10/10, 1 failed, \d+\.\d s *\n$`, lines[len(lines)-1])
	for _, l := range lines {
		require.LessOrEqual(t, len(l), 80)
	}
}

func TestTwoFirstRunsAtOnce(t *testing.T) {
	rt := newRuntime(t, 2)
	for range 50 {
		g := graph.New("g")
		for range 100 {
			g.Add("", nothing)
		}
		g.Add("bad", broken)
		var from graph.Checkpoint
		wait := testkit.Background(t, func() { _ = g.Run(context.Background(), rt) })
		require.ErrorIs(t, g.Run(t.Context(), rt, graph.Resume(&from)), errBroken)
		wait()
		err := g.Run(t.Context(), rt, graph.Resume(&from))
		require.ErrorIs(t, err, errBroken, "not refused as the checkpoint of another graph")
	}
}
