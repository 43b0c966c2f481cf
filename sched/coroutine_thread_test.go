// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

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
