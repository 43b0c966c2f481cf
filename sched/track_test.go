// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"bytes"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/future/locks"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/waker"
)

// watched returns an executor that tracks, and what it logs.
func watched(opts ...sched.Option) (*sched.RoundRobin, *lockedBuffer) {
	out := newLockedBuffer()
	opts = append(opts, sched.Track(), sched.ReportEvery(time.Nanosecond),
		sched.Watchdog(time.Hour, slog.New(slog.NewTextHandler(out, nil))))
	return sched.NewRoundRobin(opts...), out
}

const nothingWakes = "nothing will wake it"

func TestStrandedTaskSaysWhereItWasSpawned(t *testing.T) {
	r, out := watched()
	sched.SpawnWith(r, future.Pending[int](), sched.Named("lost"))
	r.Run()
	require.Contains(t, out.String(), "its Poll never took the waker: "+nothingWakes)
	require.Contains(t, out.String(), "task=lost")
	require.Contains(t, out.String(), "future=future.pending[int]")
	require.Regexp(t, `spawned="?.*track_test.go:\d+ \(.*TestStrandedTaskSaysWhereItWasSpawned\)`, out.String())
	require.Equal(t, 1, bytes.Count([]byte(out.String()), []byte(nothingWakes)), "it is reported once")
}

// TestUnnamedStrandedTask: without tracking the report says what the future is.
func TestUnnamedStrandedTask(t *testing.T) {
	out := newLockedBuffer()
	r := sched.NewRoundRobin(sched.Watchdog(0, slog.New(slog.NewTextHandler(out, nil))))
	sched.Spawn(r, future.Pending[int]())
	r.Run()
	require.Contains(t, out.String(), "future=future.pending[int]")
}

// A forgetful future drops the waker that it has taken: in the poll, or later.
type forgetful struct {
	now  bool
	kept *waker.Waker
}

func (f forgetful) Poll(cx *sched.Context) future.Poll[int] {
	*f.kept = cx.Waker()
	if f.now {
		f.kept.Drop()
	}
	return future.Wait[int]()
}

func TestDroppedWakerIsReported(t *testing.T) {
	for _, now := range []bool{true, false} {
		r, out := watched()
		var kept waker.Waker
		sched.SpawnWith(r, future.Future[int](forgetful{now, &kept}), sched.Named("forgotten"))
		r.Run()
		if !now {
			require.NotContains(t, out.String(), nothingWakes, "somebody has the waker")
			second := kept.Clone()
			kept.Drop()
			require.NotContains(t, out.String(), nothingWakes, "somebody has a copy")
			second.Drop()
		}
		require.Contains(t, out.String(), "its waker was dropped unused: "+nothingWakes)
		require.Contains(t, out.String(), "task=forgotten")
		require.Contains(t, out.String(), "track_test.go")
	}
}

// TestUnreachableWakerIsReported: nobody drops the waker, and the collector finds that
// nobody has it.
func TestUnreachableWakerIsReported(t *testing.T) {
	r, out := watched()
	sched.SpawnWith(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		_ = cx.Waker() // as if it were kept in something that is no more
		return future.Wait[int]()
	}), sched.Named("unreachable"))
	r.Run()
	testkit.Eventually(t, "the report", func() bool {
		runtime.GC()
		return bytes.Contains([]byte(out.String()), []byte("task=unreachable"))
	})
}

// TestWokenTasksAreNotReported: what is in order is not reported, whatever way a task
// is woken, yields, is aborted or done.
func TestWokenTasksAreNotReported(t *testing.T) {
	r, out := watched()
	p := future.NewPromise[int]()
	var kept waker.Waker
	polls := 0
	sched.Spawn(r, p.Future())
	sched.Spawn(r, future.YieldNow())
	var m locks.Mutex
	require.True(t, m.TryLock())
	sched.Spawn(r, m.LockFuture())
	c := chans.MPSC[int](1)
	sched.Spawn(r, future.Race(c.RecvFuture(), future.Pending[int]()))
	sched.Spawn(r, future.FromFunc(func(cx *sched.Context) future.Poll[int] {
		if polls++; polls == 3 {
			return future.Of(1)
		}
		kept = cx.Waker()
		return future.Wait[int]()
	}))
	aborted := sched.Spawn(r, future.NewPromise[int]().Future())
	r.Run()
	for range 2 {
		w := kept
		w.Wake()
		r.Run()
	}
	p.Resolve(1)
	m.Unlock()
	require.NoError(t, c.TrySend(1))
	aborted.Abort()
	r.Run()
	for range 3 {
		runtime.GC()
	}
	require.False(t, r.Waiting())
	require.Empty(t, out.String())
}

func TestDump(t *testing.T) {
	r, _ := watched()
	p := future.NewPromise[int]()
	sched.SpawnWith(r, p.Future(), sched.Named("waits"))
	sched.SpawnWith(r, future.Pending[int](), sched.Named("lost"))
	done := sched.SpawnWith(r, future.Ready(1), sched.Named("done"))
	r.Run()
	require.True(t, done.IsFinished())
	sched.SpawnWith(r, future.Ready(1), sched.Named("late"))
	var out bytes.Buffer
	require.NoError(t, r.Dump(&out))
	text := out.String()
	require.Regexp(t, `(?m)^task 1 "waits" \(.*promised.*\): age .*s, waits, polled 1 times, last .* ago$`, text)
	require.Regexp(t, `(?m)^\twaits at .*promise.go:\d+ `, text)
	require.Regexp(t, `(?m)^\tspawned at .*track_test.go:\d+ \(.*TestDump\)$`, text)
	require.Regexp(t, `(?m)^task 2 "lost" .* waits, polled 1 times`, text)
	require.Contains(t, text, "\tnothing will wake it: its Poll never took the waker\n")
	require.NotContains(t, text, `"done"`)
	require.Regexp(t, `(?m)^task 4 "late" .* queued, never polled$`, text)
	require.Contains(t, text, "live: 3\n")
}

// TestDumpOfPool: tasks that are polled, wait and lie in queues, with workers.
func TestDumpOfPool(t *testing.T) {
	rt := newRuntime(t, 1, sched.Track(), sched.Priorities(sched.DefaultAge))
	waits := sched.SpawnWith(rt, future.NewPromise[int]().Future(), sched.Named("waits"))
	// It lies behind the one that waits.
	release := occupy(t, rt, 1)
	queued := sched.SpawnWith(rt, future.Ready(1), sched.Named("queued"), sched.Priority(sched.Low))
	var out bytes.Buffer
	require.NoError(t, rt.Dump(&out))
	require.Regexp(t, `(?m)^task 1 "waits" .*: age .*, waits, polled 1 times`, out.String())
	require.Regexp(t, `(?m)^task 2 \(.*occupy.*\): age .*, being polled for .*, for the 1. time$`, out.String())
	require.Regexp(t, `(?m)^task 3 "queued" .*: age .*, queued, never polled$`, out.String())
	release()
	require.NoError(t, waitFor(t, queued))
	waits.Abort()
}

func TestDumpWithoutTracking(t *testing.T) {
	r := sched.NewRoundRobin()
	sched.SpawnWith(r, future.NewPromise[int]().Future(), sched.Named("waits"))
	r.Run()
	var out bytes.Buffer
	require.NoError(t, r.Dump(&out))
	require.Equal(t, "task \"waits\": waits\nwaiting: 1; the option Track tells more\n", out.String())
}

// TestTrackedRuntimeForgetsDoneTasks: what is tracked does not grow with what was.
func TestTrackedRuntimeForgetsDoneTasks(t *testing.T) {
	r, _ := watched()
	for range 5000 {
		sched.Spawn(r, future.Ready(1))
		r.Run()
	}
	require.Less(t, r.Tracked(), 3000)
}
