// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"context"
	"errors"
	"math"
	"net"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/waker"
)

func TestSleep(t *testing.T) {
	h, k := newHost(), new(task)
	cx := h.cx(k, -1)
	f := Sleep(time.Second)
	h.pass(time.Hour) // it has not begun
	assert.False(t, f.Poll(cx).Ready)
	assert.Equal(t, 1, h.queue.Len())
	assert.True(t, cx.Taken())
	assert.Equal(t, 0, h.pass(time.Second-1))
	assert.False(t, f.Poll(cx).Ready, "nobody woke it, but who polls may ask")
	assert.Equal(t, 1, h.pass(1))
	assert.Equal(t, 1, k.woken())
	assert.EqualValues(t, 0, k.alive.Load())
	assert.Equal(t, Never, h.queue.Next())
	assert.True(t, f.Poll(cx).Ready)
	assert.PanicsWithValue(t, "timer: Sleep polled after it was ready or dropped", func() { f.Poll(cx) })
}

func TestSleepUntil(t *testing.T) {
	h, k := newHost(), new(task)
	f := SleepUntil(epoch.Add(time.Minute))
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	assert.Equal(t, 0, h.pass(time.Minute-1))
	assert.Equal(t, 1, h.pass(1))
	assert.True(t, f.Poll(h.cx(k, -1)).Ready)
	assert.True(t, SleepUntil(epoch.Add(time.Minute)).Poll(h.cx(k, -1)).Ready, "now")
	assert.True(t, SleepUntil(epoch).Poll(h.cx(k, -1)).Ready, "then")
	assert.True(t, SleepUntil(time.Time{}).Poll(h.cx(k, -1)).Ready, "long ago")
}

// TestOddSpans: none, less than none, and too much.
func TestOddSpans(t *testing.T) {
	for _, real := range []bool{false, true} {
		h, k := newHost(), new(task)
		if real {
			h.clock = Real()
			h.queue.Init(h.clock, nil)
		}
		for _, d := range []time.Duration{0, -1, math.MinInt64} {
			assert.True(t, Sleep(d).Poll(h.cx(k, -1)).Ready, d)
		}
		assert.Equal(t, 0, h.queue.Len())
		for _, f := range []future.Future[struct{}]{
			Sleep(math.MaxInt64), Sleep(math.MaxInt64 - 1), Sleep(200 * 365 * 24 * time.Hour),
			SleepUntil(time.Unix(1<<40, 0)), Sleep(100 * 365 * 24 * time.Hour),
		} {
			assert.False(t, f.Poll(h.cx(k, -1)).Ready)
			h.queue.Fire(h.clock.Instant(), nil, 1000)
			assert.False(t, f.Poll(h.cx(k, -1)).Ready)
			future.Drop(f)
		}
		assert.Equal(t, 0, h.queue.Len())
		assert.Equal(t, 0, k.woken())
		assert.EqualValues(t, 0, k.alive.Load())
	}
}

func TestForEver(t *testing.T) {
	h, k := newHost(), new(task)
	f := Sleep(math.MaxInt64)
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	assert.Equal(t, 0, h.pass(140*365*24*time.Hour))
	future.Drop(f)
}

func TestLatestWakerCounts(t *testing.T) {
	h, first, second := newHost(), new(task), new(task)
	f := Sleep(1)
	f.Poll(h.cx(first, -1))
	f.Poll(h.cx(second, -1))
	f.Poll(h.cx(second, -1))
	assert.EqualValues(t, 0, first.alive.Load())
	assert.EqualValues(t, 1, second.alive.Load())
	h.pass(1)
	assert.Equal(t, 0, first.woken())
	assert.Equal(t, 1, second.woken())
	assert.True(t, f.Poll(h.cx(first, -1)).Ready)
	assert.EqualValues(t, 0, first.alive.Load()+second.alive.Load())
}

func TestBudget(t *testing.T) {
	h, k := newHost(), new(task)
	for _, d := range []time.Duration{0, 5} {
		f := Sleep(d)
		if d > 0 {
			f.Poll(h.cx(k, -1))
			h.pass(d)
			k.woken()
		}
		assert.False(t, f.Poll(h.cx(k, 0)).Ready)
		assert.Equal(t, 1, k.woken(), "who has no budget left is woken")
		assert.True(t, f.Poll(h.cx(k, 1)).Ready)
	}
}

// TestEveryAbort drops each future after its n-th poll, for all n, before and after
// the time has come: no timer and no waker is left.
func TestEveryAbort(t *testing.T) {
	futures := map[string]func(t testing.TB) future.Future[int]{
		"Sleep": func(testing.TB) future.Future[int] {
			return future.Map(Sleep(10), func(struct{}) int { return 7 })
		},
		"SleepUntil": func(testing.TB) future.Future[int] {
			return future.Map(SleepUntil(epoch.Add(10)), func(struct{}) int { return 7 })
		},
		"Timeout, in time": func(t testing.TB) future.Future[int] { return Timeout(&probe{t: t, pending: 2}, 100) },
		"Timeout, over":    func(t testing.TB) future.Future[int] { return Timeout(&probe{t: t, pending: 99}, 10) },
		"Deadline":         func(t testing.TB) future.Future[int] { return Deadline(&probe{t: t, pending: 99}, epoch.Add(10)) },
		"two sleeps": func(testing.TB) future.Future[int] {
			return future.Map(future.Join(Sleep(5), Sleep(20)), func(future.Pair[struct{}, struct{}]) int { return 7 })
		},
		"race": func(testing.TB) future.Future[int] {
			return future.Map(future.Race(Sleep(20), Sleep(5)), func(struct{}) int { return 7 })
		},
		"Tick": func(testing.TB) future.Future[int] {
			return future.Map(Every(10).Tick(), func(time.Time) int { return 7 })
		},
	}
	for name, make := range futures {
		for n := range 6 {
			for _, d := range []time.Duration{0, 1, 10, 100} {
				for _, rings := range []bool{false, true} {
					h, k := newHost(), new(task)
					f, over := make(t), false
					for range n {
						if over = f.Poll(h.cx(k, -1)).Ready; over {
							break
						}
						h.pass(d)
					}
					if rings {
						h.pass(100)
					}
					if !over {
						future.Drop(f)
					}
					assert.Equal(t, 0, h.queue.Len(), "%s after %d polls", name, n)
					assert.EqualValues(t, 0, k.alive.Load(), "%s after %d polls", name, n)
					k.woken()
					assert.Equal(t, 0, h.pass(time.Hour)+k.woken(), "%s after %d polls", name, n)
				}
			}
		}
	}
}

func TestTimeout(t *testing.T) {
	h, k := newHost(), new(task)
	p := &probe{t: t, pending: 1}
	f := Timeout(p, time.Second)
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	h.pass(time.Second - 1)
	assert.Equal(t, future.Of(7), f.Poll(h.cx(k, -1)))
	assert.Equal(t, 0, h.queue.Len())
	assert.Equal(t, 0, p.drops)

	p = &probe{t: t, pending: 9}
	f = Timeout(p, time.Second)
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	k.woken()
	h.pass(time.Second)
	assert.Equal(t, 1, k.woken())
	got := f.Poll(h.cx(k, -1))
	require.True(t, got.Ready)
	assert.Equal(t, ErrTimeout, got.Err)
	assert.Equal(t, 1, p.drops)
	assert.PanicsWithValue(t, "timer: Timeout or Deadline polled after it was ready or dropped", func() { f.Poll(h.cx(k, -1)) })

	p = &probe{t: t, pending: 1}
	f = Timeout(p, time.Second)
	f.Poll(h.cx(k, -1))
	h.pass(time.Second)
	assert.Equal(t, future.Of(7), f.Poll(h.cx(k, -1)), "both at once")
	assert.Equal(t, 0, p.drops)
}

// TestTimeoutOfNothing polls once.
func TestTimeoutOfNothing(t *testing.T) {
	h, k := newHost(), new(task)
	for _, d := range []time.Duration{0, -5} {
		assert.Equal(t, future.Of(7), Timeout(&probe{t: t}, d).Poll(h.cx(k, -1)))
		p := &probe{t: t, pending: 1}
		assert.Equal(t, ErrTimeout, Timeout(p, d).Poll(h.cx(k, -1)).Err)
		assert.Equal(t, 1, p.polls)
		assert.Equal(t, 1, p.drops)
	}
	assert.Equal(t, ErrTimeout, Deadline(&probe{t: t, pending: 1}, epoch).Poll(h.cx(k, -1)).Err)
	assert.False(t, Timeout(&probe{t: t, pending: 1}, math.MaxInt64).Poll(h.cx(k, -1)).Ready)
}

// TestTimeoutOfGreedy: who uses up the budget at each poll does not escape.
func TestTimeoutOfGreedy(t *testing.T) {
	h, k := newHost(), new(task)
	f := Timeout(&probe{t: t, pending: 99, greedy: true}, 10)
	assert.False(t, f.Poll(h.cx(k, 3)).Ready)
	h.pass(10)
	assert.Equal(t, ErrTimeout, f.Poll(h.cx(k, 3)).Err)
}

func TestErrTimeout(t *testing.T) {
	assert.ErrorIs(t, ErrTimeout, context.DeadlineExceeded)
	assert.NotErrorIs(t, ErrTimeout, context.Canceled)
	var ne net.Error
	require.True(t, errors.As(ErrTimeout, &ne))
	assert.True(t, ne.Timeout())
}

func TestMisuse(t *testing.T) {
	assert.PanicsWithValue(t, "timer: nil future given to Timeout", func() { Timeout[int](nil, 1) })
	assert.PanicsWithValue(t, "timer: nil future given to Deadline", func() { Deadline[int](nil, epoch) })
	assert.PanicsWithValue(t, "timer: nil clock given to NewDebounce; use Real, or the clock of the executor", func() { NewDebounce[int](nil, 1) })
	assert.PanicsWithValue(t, "timer: nil clock given to NewDelayQueue; use Real, or the clock of the executor", func() { NewDelayQueue[int](nil) })
	assert.PanicsWithValue(t, "timer: period 0s given to Every: want a positive one", func() { Every(0) })
	assert.PanicsWithValue(t, "timer: period -1s given to EveryFrom: want a positive one", func() { EveryFrom(epoch, -time.Second) })
	assert.PanicsWithValue(t, "timer: Sleep polled by an executor without timers: its Local is string, not a timer.Host; spawn it at a runtime, or use sched.BlockOn", func() {
		cx := waker.NewContext(waker.Noop())
		cx.Reset(waker.Noop(), "nobody", -1)
		Sleep(1).Poll(cx)
	})
}

func TestEarlierTimerIsTold(t *testing.T) {
	h, k := newHost(), new(task)
	for _, d := range []time.Duration{10, 20, 10, 5} {
		Sleep(d).Poll(h.cx(k, -1))
	}
	now := h.clock.Instant()
	assert.Equal(t, []Instant{now + 10, now + 5}, h.early)
	assert.Equal(t, now+5, h.queue.Next())
}

func TestFireIsBounded(t *testing.T) {
	h, k := newHost(), new(task)
	const n = 10 * fireBatch
	for range n {
		Sleep(1).Poll(h.cx(k, -1))
	}
	h.clock.Advance(1)
	woken, more := h.queue.Fire(h.clock.Instant(), nil, 2*fireBatch)
	assert.True(t, more)
	assert.Equal(t, 2*fireBatch, woken)
	assert.LessOrEqual(t, h.queue.Next(), h.clock.Instant())
	woken, more = h.queue.Fire(h.clock.Instant(), nil, n)
	assert.False(t, more)
	assert.Equal(t, n-2*fireBatch, woken)
}

// TestPanickingWaker: the others are woken all the same.
func TestPanickingWaker(t *testing.T) {
	h, k := newHost(), new(task)
	Sleep(1).Poll(h.cx(k, -1))
	bad := new(waker.Context)
	bad.Reset(waker.Func(func() { panic("bad waker") }), h, -1)
	Sleep(1).Poll(bad)
	Sleep(1).Poll(h.cx(k, -1))
	assert.PanicsWithValue(t, "bad waker", func() { h.pass(1) })
	assert.Equal(t, 2, k.woken())
	assert.EqualValues(t, 0, k.alive.Load())
}

func TestSizes(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		assert.LessOrEqual(t, unsafe.Sizeof(sleep{}), uintptr(64))
	}
	h, k := newHost(), new(task)
	cx := h.cx(k, -1)
	per := testing.AllocsPerRun(100, func() {
		f := Sleep(time.Second)
		f.Poll(cx)
		future.Drop(f)
	})
	assert.EqualValues(t, 1, per)
}
