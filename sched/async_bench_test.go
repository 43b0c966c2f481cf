// SPDX-License-Identifier: Apache-2.0

package sched

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A wake is a future that is Pending once, and woken by another task.
type turn struct{ asked bool }

func (t *turn) Poll(cx *Context) future.Poll[struct{}] {
	if t.asked = !t.asked; t.asked {
		cx.Wake()
		return future.Wait[struct{}]()
	}
	return future.Of(struct{}{})
}

// BenchmarkAsync is the price of one wait in direct style, of the same wait in a state
// machine, and of a goroutine that waits in a channel of its own.
func BenchmarkAsync(b *testing.B) {
	for _, locked := range []bool{true, false} {
		run := func(name string, f func(n int) future.Future[int]) {
			b.Run(fmt.Sprintf("%s/locked=%v", name, locked), func(b *testing.B) {
				rt, err := New(Workers(1), LockThreads(locked))
				require.NoError(b, err)
				defer rt.Close()
				b.ReportAllocs()
				b.ResetTimer()
				_, err = Spawn(rt, f(b.N)).Wait(testkit.Within(b))
				require.NoError(b, err)
			})
		}
		run("ready", func(n int) future.Future[int] {
			ready := future.Future[struct{}](future.FromFunc(func(*Context) future.Poll[struct{}] { return future.Of(struct{}{}) }))
			return future.Async(func(y *future.Await) (int, error) {
				for range n {
					if _, err := future.Get(y, ready); err != nil {
						return 0, err
					}
				}
				return n, nil
			})
		})
		run("suspends", func(n int) future.Future[int] {
			t := &turn{}
			return future.Async(func(y *future.Await) (int, error) {
				for range n {
					if _, err := future.Get(y, future.Future[struct{}](t)); err != nil {
						return 0, err
					}
				}
				return n, nil
			})
		})
		run("machine-suspends", func(n int) future.Future[int] {
			t := &turn{}
			return future.FromFunc(func(cx *Context) future.Poll[int] {
				for ; n > 0; n-- {
					if p := t.Poll(cx); !p.Ready {
						return future.Wait[int]()
					}
				}
				return future.Of(0)
			})
		})
		run("starts", func(n int) future.Future[int] {
			return future.Async(func(y *future.Await) (int, error) {
				for range n {
					if _, err := future.Get(y, future.Async(func(*future.Await) (int, error) { return 1, nil })); err != nil {
						return 0, err
					}
				}
				return n, nil
			})
		})
	}
}

// BenchmarkAsyncWaiting is the memory of a task in direct style that waits, and of the
// same task as a state machine.
func BenchmarkAsyncWaiting(b *testing.B) {
	for name, wait := range map[string]func(future.Future[int]) future.Future[int]{
		"async": func(f future.Future[int]) future.Future[int] {
			return future.Async(func(y *future.Await) (int, error) { return future.Get(y, f) })
		},
		"machine": func(f future.Future[int]) future.Future[int] { return f },
	} {
		b.Run(name, func(b *testing.B) {
			const n = 10_000
			for range b.N {
				rt, err := New(Workers(1))
				require.NoError(b, err)
				before := inUse()
				for range n {
					Spawn(rt, wait(future.NewPromise[int]().Future()))
				}
				_, err = Go(rt, func(*Context) (int, error) { return 0, nil }).Wait(testkit.Within(b))
				require.NoError(b, err)
				b.ReportMetric(float64(inUse()-before)/n, "B/task")
				require.Error(b, rt.Shutdown(testkit.Ended()))
			}
		})
	}
}

func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
