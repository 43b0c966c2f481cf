// SPDX-License-Identifier: Apache-2.0

package future_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/aborttest"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

// twice waits two times, with something to give back in between.
func twice(t testing.TB, taken, back *int) func(y *future.Await) (int, error) {
	return func(y *future.Await) (int, error) {
		*taken++
		defer func() { *back++ }()
		for range 2 {
			if _, err := future.Get(y, future.YieldNow()); err != nil {
				t.Error(err)
			}
		}
		return 7, nil
	}
}

// inThread calls f on a goroutine of its own, tied to its thread or not.
func inThread(t *testing.T, locked bool, f func()) {
	t.Helper()
	testkit.Background(t, func() {
		if locked {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
		}
		f()
	})()
}

func eachThread(t *testing.T, f func(t *testing.T)) {
	for _, locked := range []bool{false, true} {
		name := "free goroutine"
		if locked {
			name = "locked goroutine"
		}
		t.Run(name, func(t *testing.T) { inThread(t, locked, func() { f(t) }) })
	}
}

// Dropped at every point of its life, the body gives back what it took, and what it
// waited for is dropped too.
func TestAsyncAbortedAtEveryPoll(t *testing.T) {
	eachThread(t, func(t *testing.T) {
		aborttest.Each(t, func(t *testing.T, a *aborttest.Abort) {
			var taken, back, inner, innerBack int
			f := aborttest.Victim(a, future.Async(func(y *future.Await) (int, error) {
				v, err := twice(t, &taken, &back)(y)
				if err != nil {
					return 0, err
				}
				w, err := future.Get(y, future.Async(twice(t, &inner, &innerBack)))
				return v + w, err
			}))
			v, err := future.Block(testkit.Within(t), f)
			if a.Hit() {
				require.ErrorIs(t, err, aborttest.ErrAborted)
			} else {
				require.NoError(t, err)
				require.Equal(t, 14, v)
			}
			require.Equal(t, taken, back)
			require.Equal(t, inner, innerBack)
		})
	})
}

func TestAsyncPanics(t *testing.T) {
	eachThread(t, func(t *testing.T) {
		cx := waker.NewContext(waker.Noop())
		boom := errors.New("boom")
		f := future.Async(func(y *future.Await) (int, error) {
			_, _ = future.Get(y, future.YieldNow())
			panic(boom)
		})
		require.False(t, f.Poll(cx).Ready)
		p := future.CatchPanic(f).Poll(cx)
		var caught *future.PanicError
		require.ErrorAs(t, p.Err, &caught)
		require.ErrorIs(t, p.Err, boom)
		require.Contains(t, string(caught.Stack), "TestAsyncPanics.func")
		require.PanicsWithValue(t, "future: Async polled after it was ready or dropped", func() { f.Poll(cx) })
		future.Drop(f)

		// A future that panics is dropped, and the body may go on.
		dropped := false
		f = future.Async(func(y *future.Await) (v int, err error) {
			func() {
				defer func() { v = recover().(int) }()
				_, _ = future.Get(y, future.Future[int](&crashing{&dropped}))
			}()
			_, err = future.Get(y, future.YieldNow())
			return v, err
		})
		v, err := future.Block(testkit.Within(t), f)
		require.NoError(t, err)
		require.Equal(t, 9, v)
		require.True(t, dropped)
	})
}

type crashing struct{ dropped *bool }

func (c *crashing) Poll(*future.Context) future.Poll[int] { panic(9) }
func (c *crashing) Drop()                                 { *c.dropped = true }

// A body that does not let itself be unwound is ended all the same.
func TestAsyncThatRecoversFromAbort(t *testing.T) {
	eachThread(t, func(t *testing.T) {
		unwinds, over := 0, false
		f := future.Async(func(y *future.Await) (int, error) {
			defer func() { over = true }()
			for {
				func() {
					defer func() {
						if recover() != nil {
							unwinds++
						}
					}()
					_, _ = future.Get(y, future.Pending[int]())
				}()
			}
		})
		f.Poll(waker.NewContext(waker.Noop()))
		func() {
			defer func() {
				require.True(t, over)
				require.Equal(t, 1, unwinds)
			}()
			future.Drop(f)
		}()
	})
}

func TestAsyncMisuse(t *testing.T) {
	cx := waker.NewContext(waker.Noop())
	body := func(f func(y *future.Await)) func() {
		return func() {
			future.Async(func(y *future.Await) (int, error) { f(y); return 0, nil }).Poll(cx)
		}
	}
	panics := func(want string, f func()) {
		t.Helper()
		defer func() {
			t.Helper()
			v := recover()
			if p, ok := v.(*future.PanicError); ok {
				v = p.Value
			}
			require.Equal(t, want, v)
		}()
		f()
	}
	panics("future: nil function given to Async", func() { future.Async[int](nil) })
	panics("future: nil future given to Get", body(func(y *future.Await) { _, _ = future.Get[int](y, nil) }))

	var self future.Future[int]
	self = future.Async(func(y *future.Await) (int, error) { return future.Get(y, self) })
	panics("future: an Async was polled from inside its own body: it would wait for itself", func() { self.Poll(cx) })

	panics("future: Get inside a Get of the same Await: a body waits for one future at a time", body(func(y *future.Await) {
		_, _ = future.Get(y, future.Async(func(*future.Await) (int, error) { return future.Get(y, future.Pending[int]()) }))
	}))

	var kept *future.Await
	body(func(y *future.Await) { kept = y })()
	panics("future: Get with an Await whose body has returned", func() { _, _ = future.Get(kept, future.Ready(1)) })

	waits := future.Async(func(y *future.Await) (int, error) { kept = y; return future.Get(y, future.Pending[int]()) })
	waits.Poll(cx)
	panics("future: Get outside of the body that the Await was handed to", func() { _, _ = future.Get(kept, future.Ready(1)) })
	future.Drop(waits)
	panics("future: Async polled after it was ready or dropped", func() { waits.Poll(cx) })

	panics("future: Get on another goroutine than the body's", body(func(y *future.Await) {
		crash := make(chan any)
		go func() {
			defer func() { crash <- recover() }()
			_, _ = future.Get(y, future.Pending[int]())
		}()
		panic(<-crash)
	}))

	// The same future twice: it says itself that it has ended.
	one := future.Ready(1)
	panics("future: Ready or Failed polled after it was ready or dropped", body(func(y *future.Await) {
		_, _ = future.Get(y, one)
		_, _ = future.Get(y, one)
	}))
}

func TestAsyncEndlessRecursion(t *testing.T) {
	var dig func() future.Future[int]
	depth := 0
	dig = func() future.Future[int] {
		return future.Async(func(y *future.Await) (int, error) { depth++; return future.Get(y, dig()) })
	}
	_, err := future.Block(testkit.Within(t), future.CatchPanic(dig()))
	require.ErrorContains(t, err, "endless recursion")
	require.Equal(t, 10_000, depth)
}

// A coroutine that began on a locked thread is refused elsewhere, and one that did not
// on a locked thread: Go would end the process.
func TestAsyncOnAnotherThread(t *testing.T) {
	cx := waker.NewContext(waker.Noop())
	begin := func() future.Future[struct{}] {
		return future.Async(func(y *future.Await) (struct{}, error) { return future.Get(y, future.Pending[struct{}]()) })
	}
	f := begin()
	inThread(t, true, func() {
		f.Poll(cx)
		inThread(t, true, func() {
			require.PanicsWithValue(t, "future: an Async began on a goroutine that had locked its thread, and is polled on another", func() { f.Poll(cx) })
			future.Drop(f) // nobody can resume it here
		})
		future.Drop(f)
	})

	f = begin()
	f.Poll(cx)
	inThread(t, false, func() { require.False(t, f.Poll(cx).Ready) })
	inThread(t, true, func() {
		require.PanicsWithValue(t, "future: an Async is polled on a goroutine that has locked its thread, and did not begin there", func() { f.Poll(cx) })
		future.Drop(f) // on a goroutine of its own
	})
}

func ExampleAsync() {
	price := future.NewPromise[int]()
	rate := future.NewPromise[int]()
	total := future.Async(func(y *future.Await) (int, error) {
		p, err := future.Get(y, price.Future())
		if err != nil {
			return 0, err
		}
		if p == 0 {
			return 0, nil // nobody has to wait for the rate
		}
		r, err := future.Get(y, rate.Future())
		return p * r, err
	})
	go price.Resolve(20)
	go rate.Resolve(3)
	fmt.Println(future.Block(context.Background(), total))
	// Output: 60 <nil>
}
