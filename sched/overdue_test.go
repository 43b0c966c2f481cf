// SPDX-License-Identifier: Apache-2.0

package sched_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/sched"
)

// What a Close waits for is logged, at 10 s, 30 s and 70 s, until it ends.
func TestCloseTellsWhatItWaitsFor(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []sched.Option
		want string
	}{
		{"plain", nil, `tasks="\"first\""`},
		{"tracked", []sched.Option{sched.Track()}, `tasks="\"*sched.blockingCall[int]\", \"*sched_test.gate\", \"first\", \"github.com`},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := newLockedBuffer()
				log := slog.New(slog.NewTextHandler(out, nil))
				rt, err := sched.New(append(c.opts, sched.Workers(2), sched.Watchdog(time.Second, log))...)
				require.NoError(t, err)
				sched.SpawnWith(rt, future.Future[int](newGate()), sched.Named("first"))
				sched.Spawn(rt, future.Future[int](newGate()))
				sched.Go(rt, func(cx *sched.Context) (int, error) { return sched.Await(cx, future.Future[int](newGate())) })
				sched.SpawnBlocking(rt, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, nil })
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				require.ErrorIs(t, rt.Shutdown(ctx), context.DeadlineExceeded)
				lines := strings.Split(strings.TrimSpace(out.String()), "\n")
				require.Len(t, lines, 3, out.String())
				for i, after := range []string{"10s", "30s", "1m10s"} {
					require.Contains(t, lines[i], `msg="pilfer: Close waits for tasks that do not end; Dump tells more"`)
					require.Contains(t, lines[i], `waited=`+after+` waiting=4 queued=0 "busy workers"=0 "blocking functions"=1 `)
					require.Contains(t, lines[i], c.want)
				}
			})
		})
	}
}

// A report names some tasks, and how many more there are.
func TestCloseNamesSomeTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newLockedBuffer()
		rt, err := sched.New(sched.Workers(1), sched.ReportEvery(time.Minute), sched.Watchdog(0, slog.New(slog.NewTextHandler(out, nil))))
		require.NoError(t, err)
		for i := range 11 {
			sched.SpawnWith(rt, future.Future[int](newGate()), sched.Named(fmt.Sprint("task ", i)))
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		require.ErrorIs(t, rt.Shutdown(ctx), context.DeadlineExceeded)
		require.Contains(t, out.String(), `waiting=11`)
		require.Contains(t, out.String(), `\"task 7\" and 3 more"`)
	})
}

// There are some reports, and then none: in a bubble, time would fly from one to the next.
func TestCloseStopsTelling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newLockedBuffer()
		rt, err := sched.New(sched.Workers(1), sched.Watchdog(0, slog.New(slog.NewTextHandler(out, nil))))
		require.NoError(t, err)
		sched.Spawn(rt, future.Future[int](newGate()))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 365*24*time.Hour)
		defer cancel()
		require.ErrorIs(t, rt.Shutdown(ctx), context.DeadlineExceeded)
		require.Equal(t, 12, strings.Count(out.String(), "Close waits")) // 10 s, doubled until it is 4 h
	})
}

// A Close that does not wait says nothing.
func TestCloseThatIsSoonDone(t *testing.T) {
	out := newLockedBuffer()
	rt, err := sched.New(sched.Workers(1), sched.ReportEvery(time.Hour), sched.Watchdog(0, slog.New(slog.NewTextHandler(out, nil))))
	require.NoError(t, err)
	require.NoError(t, rt.Close())
	require.Empty(t, out.String())
}
