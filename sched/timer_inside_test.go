// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// TimekeeperLooks returns how often the runtime's timekeeper slept.
func TimekeeperLooks(rt *Runtime) int { return int(rt.keeper.sleeps.Load()) }

// ArmedTimers returns how many timers of the runtime are armed.
func ArmedTimers(rt *Runtime) (n int) {
	for _, r := range rt.registries() {
		n += r.timers.Len()
	}
	return n
}

// placeRegistry returns the registry of the first place.
func placeRegistry(rt *Runtime) *registry {
	for len(rt.registries()) < 2 {
		runtime.Gosched()
	}
	return rt.registries()[1]
}

// TestWorkerWakesForItsTimers: the worker of a place sleeps until its next timer, also
// in the middle of a task that waits; the timekeeper, which never looks here, is for
// when it does not.
func TestWorkerWakesForItsTimers(t *testing.T) {
	for name, opts := range map[string][]Option{"locked": nil, "unlocked": {LockThreads(false)}} {
		t.Run(name, func(t *testing.T) {
			rt, err := New(append(opts, Workers(2))...)
			require.NoError(t, err)
			ctx := testkit.Within(t)
			rt.keeper.word.Store(0) // it looks at once, whoever asks: nobody starts or tells it
			for range 20 {
				_, err = Spawn(rt, timer.Sleep(3*time.Millisecond)).Wait(ctx)
				require.NoError(t, err)
				_, err = Go(rt, func(cx *Context) (struct{}, error) {
					return Await(cx, timer.Sleep(3*time.Millisecond))
				}).Wait(ctx)
				require.NoError(t, err)
			}
			rt.keeper.word.Store(keeperNone)
			require.NoError(t, rt.Close())
		})
	}
}

// TestTimekeeperLooksAfterWatchedPlaces: a guest takes the place whose worker sleeps
// until the next timer, and stays there. The timekeeper fires it.
func TestTimekeeperLooksAfterWatchedPlaces(t *testing.T) {
	ctx := testkit.Within(t)
	rt, err := New(Workers(1))
	require.NoError(t, err)
	r := placeRegistry(rt)
	for d, seen := 50*time.Millisecond, false; !seen; d = min(2*d, watchMost) {
		h := Spawn(rt, timer.Sleep(d))
		for !r.watched.Load() && !h.IsFinished() {
			runtime.Gosched()
		}
		require.NoError(t, rt.Run(ctx, func(cx *Context) error {
			// Else we stalled until the timer had come: again, with a longer one.
			seen = cx.Local().(*local).w.Guest() && r.timers.Next() != timer.Never
			testkit.Eventually(t, "the timekeeper fires it", func() bool { // nobody else sits in the place
				return r.timers.Next() == timer.Never
			})
			return nil
		}))
		_, err = h.Wait(ctx)
		require.NoError(t, err)
	}
	require.NoError(t, rt.Close())
}

// TestFreeSlotsAreBounded: after a burst of tasks that wait a registry remembers a few
// free slots, and its list of chunks has not been copied for each.
func TestFreeSlotsAreBounded(t *testing.T) {
	ctx := testkit.Within(t)
	rt, err := New(Workers(1))
	require.NoError(t, err)
	const tasks = 100 * chunkSize
	for range 2 {
		var hs [tasks]JoinHandle[struct{}]
		for i := range hs {
			hs[i] = Spawn(rt, timer.Sleep(20*time.Millisecond))
		}
		for _, h := range hs {
			_, err := h.Wait(ctx)
			require.NoError(t, err)
		}
	}
	require.NoError(t, rt.Close())
	r := placeRegistry(rt)
	require.LessOrEqual(t, len(r.free), mostFree)
	require.LessOrEqual(t, len(*r.chunks.Load()), 2*tasks/chunkSize)
}
