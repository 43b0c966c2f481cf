// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// greedy never yields until it is told to. Its name is to be found in the stack.
func greedy(stop *point.Bool) future.Future[int] {
	return future.FromFunc(func(*sched.Context) future.Poll[int] {
		greedyLoop(stop)
		return future.Of(0)
	})
}

//go:noinline
func greedyLoop(stop *point.Bool) {
	for !stop.Load() {
	}
}

func TestWatchdogNamesTheTask(t *testing.T) {
	for _, where := range []string{"task", "nested in another", "after another was nested"} {
		t.Run(where, func(t *testing.T) {
			named := func(at sched.Spawner, name string, f future.Future[int]) sched.JoinHandle[int] {
				return sched.SpawnWith(at, f, sched.Named(name))
			}
			untilInLoop(t, func(stop *point.Bool) bool {
				reports := make(chan workers.Stuck, 8)
				rt := newRuntime(t, 1,
					sched.Watchdog(30*time.Millisecond, nil), sched.OnStuck(func(s workers.Stuck) { reports <- s }))
				stuck := func(at sched.Spawner) sched.JoinHandle[int] { return named(at, "greedy one", greedy(stop)) }
				var h sched.JoinHandle[int]
				switch where {
				case "task":
					h = stuck(rt)
				case "nested in another":
					h = named(rt, "outer", future.FromFunc(func(cx *sched.Context) future.Poll[int] {
						v, err := sched.Await(cx, stuck(cx))
						return future.Poll[int]{Value: v, Err: err, Ready: true}
					}))
				default:
					h = named(rt, "greedy one", future.FromFunc(func(cx *sched.Context) future.Poll[int] {
						_, _ = sched.Await(cx, named(cx, "inner", future.Ready(1)))
						return greedy(stop).Poll(cx)
					}))
				}
				s := testkit.Receive(t, reports, "a report")
				stop.Store(true)
				value(t, h)
				if !strings.Contains(s.Stack, "greedyLoop") {
					return false
				}
				assert.Equal(t, "greedy one", s.Task)
				assert.GreaterOrEqual(t, s.Held, 30*time.Millisecond)
				assert.Equal(t, 0, s.Worker)
				return true
			})
		})
	}
}

// untilInLoop calls try until a task that is greedy until stop was reported in its loop:
// a worker that stalls before it comes there is reported as well, and that was its one
// report.
func untilInLoop(t *testing.T, try func(stop *point.Bool) (inLoop bool)) {
	testkit.Eventually(t, "the loop is reported", func() bool {
		var stop point.Bool
		defer stop.Store(true)
		return try(&stop)
	})
}

// TestWatchdogKeepsThePoolGoing: what lies behind the greedy task is stolen, a
// task that it woke to run next too.
func TestWatchdogKeepsThePoolGoing(t *testing.T) {
	rt := newRuntime(t, 2, silent())
	var stop point.Bool
	t.Cleanup(func() { stop.Store(true) })
	p := future.NewPromise[int]()
	next := sched.Spawn(rt, p.Future())
	sched.Spawn(rt, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		p.ResolveIn(cx, 7)
		return greedy(&stop).Poll(cx)
	}))
	assert.Equal(t, 7, value(t, next))
	for range 10 {
		assert.Equal(t, 1, value(t, sched.Spawn(rt, future.Ready(1))))
	}
	stop.Store(true)
}

func TestWatchdogLogs(t *testing.T) {
	untilInLoop(t, func(stop *point.Bool) bool {
		out := make(lines, 8)
		rt := newRuntime(t, 1, sched.Name("mine"),
			sched.Watchdog(20*time.Millisecond, slog.New(slog.NewTextHandler(out, nil))))
		h := sched.SpawnWith(rt, greedy(stop), sched.Named("greedy one"))
		line := testkit.Receive(t, out, "a report")
		stop.Store(true)
		value(t, h)
		if !strings.Contains(line, "greedyLoop") {
			return false
		}
		for _, want := range []string{"pool=mine", `task="greedy one"`, "worker=0"} {
			assert.Contains(t, line, want)
		}
		return true
	})
}

// lines hands on what a logger writes.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}
