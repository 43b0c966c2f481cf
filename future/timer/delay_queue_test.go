// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
)

// upTo polls f every nanosecond of the host's time for d, and returns what it was
// ready with and when.
func upTo[T any](h *host, d time.Duration, f future.Future[T]) (v T, after time.Duration, ready bool) {
	k := new(task)
	for after = range d + 1 {
		if p := f.Poll(h.cx(k, -1)); p.Ready {
			return p.Value, after, true
		}
		h.pass(1)
	}
	future.Drop(f)
	return v, 0, false
}

func TestDelayQueue(t *testing.T) {
	h := newHost()
	q := NewDelayQueue[string](h.clock)
	_, _, ready := upTo(h, 5, q.Next())
	assert.False(t, ready, "empty")
	slow, a, b := q.Insert("slow", 30), q.Insert("a", 20), q.Insert("b", 10)
	gone := q.Insert("gone", 5)
	assert.Equal(t, 4, q.Len())
	v, in := q.Remove(gone)
	assert.Equal(t, "gone", v)
	assert.True(t, in)
	_, in = q.Remove(gone)
	assert.False(t, in)
	assert.False(t, q.Reset(gone, 1))
	assert.True(t, q.Reset(slow, 100))
	assert.True(t, q.Reset(b, 25))

	got, after, _ := upTo(h, 1000, q.Next())
	assert.Equal(t, "a", got)
	assert.EqualValues(t, 20, after)
	got, after, _ = upTo(h, 1000, q.Next())
	assert.Equal(t, "b", got)
	assert.EqualValues(t, 5, after)
	assert.False(t, q.Reset(a, 1), "it has expired")
	q.Insert("zero", 0)
	q.Insert("less", -5)
	got, after, _ = upTo(h, 1000, q.Next())
	assert.Equal(t, "zero", got)
	assert.EqualValues(t, 1, after)
	got, _, _ = upTo(h, 1000, q.Next())
	assert.Equal(t, "less", got)
	got, after, _ = upTo(h, 1000, q.Next())
	assert.Equal(t, "slow", got)
	assert.EqualValues(t, 74, after)
	assert.Equal(t, 0, q.Len()+h.queue.Len())
}

// TestDelayQueueEarlierWakes: who waits for a late value is woken by an earlier one.
func TestDelayQueueRefusesTheValuesOfAnother(t *testing.T) {
	a, b := NewDelayQueue[int](Real()), NewDelayQueue[int](Real())
	k := a.Insert(1, time.Hour)
	b.Insert(2, time.Hour)
	const text = " of a value that was not put into this DelayQueue"
	require.PanicsWithValue(t, "timer: Remove"+text, func() { b.Remove(k) })
	require.PanicsWithValue(t, "timer: Remove"+text, func() { b.Remove(nil) })
	require.PanicsWithValue(t, "timer: Reset"+text, func() { b.Reset(k, 1) })
	require.Equal(t, 1, b.Len())
	v, in := a.Remove(k)
	require.True(t, in)
	require.Equal(t, 1, v)
}

func TestDelayQueueEarlierWakes(t *testing.T) {
	h, k := newHost(), new(task)
	q := NewDelayQueue[int](h.clock)
	f := q.Next()
	for _, step := range []struct {
		d     time.Duration
		wakes int
	}{{100, 1}, {200, 0}, {50, 1}, {60, 0}} {
		assert.False(t, f.Poll(h.cx(k, -1)).Ready)
		assert.Equal(t, 0, k.woken())
		q.Insert(int(step.d), step.d)
		assert.Equal(t, step.wakes, k.woken(), step.d)
	}
	f.Poll(h.cx(k, -1))
	assert.Equal(t, 1, h.queue.Len(), "one timer for all")
	h.pass(50)
	assert.Equal(t, 1, k.woken())
	assert.False(t, f.Poll(h.cx(k, 0)).Ready, "no budget")
	assert.Equal(t, future.Of(50), f.Poll(h.cx(k, -1)))
	assert.Panics(t, func() { f.Poll(h.cx(k, -1)) })
	f = q.Next()
	f.Poll(h.cx(k, -1))
	future.Drop(f)
	assert.Equal(t, 0, h.queue.Len())
	assert.EqualValues(t, 0, k.alive.Load())
}

func TestAnotherClock(t *testing.T) {
	h, k := newHost(), new(task)
	assert.PanicsWithValue(t, "timer: DelayQueue's Next polled by an executor with another clock", func() {
		NewDelayQueue[int](Real()).Next().Poll(h.cx(k, -1))
	})
	assert.PanicsWithValue(t, "timer: Debounce's Next polled by an executor with another clock", func() {
		NewDebounce[int](Real(), 1).Next().Poll(h.cx(k, -1))
	})
}

func TestDebounce(t *testing.T) {
	h, k := newHost(), new(task)
	d := NewDebounce[int](h.clock, 10)
	f := d.Next()
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	for v := range 5 {
		d.Push(v)
		if v == 0 {
			assert.Equal(t, 1, k.woken())
			assert.False(t, f.Poll(h.cx(k, -1)).Ready)
		}
		assert.Equal(t, 0, k.woken(), "while a value waits, a push wakes nobody")
		h.pass(4)
		if k.woken() > 0 { // for the first push, in vain
			assert.False(t, f.Poll(h.cx(k, -1)).Ready)
		}
	}
	h.pass(5)
	k.woken()
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	h.pass(1)
	assert.Equal(t, 1, k.woken())
	assert.False(t, f.Poll(h.cx(k, 0)).Ready)
	require.Equal(t, 1, k.woken())
	assert.Equal(t, future.Of(4), f.Poll(h.cx(k, -1)))
	assert.Equal(t, 0, h.queue.Len())

	d.Push(9)
	f = d.Next()
	f.Poll(h.cx(k, -1))
	future.Drop(f)
	assert.Equal(t, 0, h.queue.Len())
	assert.EqualValues(t, 0, k.alive.Load())
	v, after, _ := upTo(h, 100, d.Next())
	assert.Equal(t, 9, v)
	assert.EqualValues(t, 10, after)
}

// TestLateDropOfPredecessor: a task that was aborted drops its Next when another waits
// already, who takes its place.
func TestLateDropOfPredecessor(t *testing.T) {
	for name, start := range map[string]func(h *host) (next func() future.Future[int], put func(int)){
		"DelayQueue": func(h *host) (func() future.Future[int], func(int)) {
			q := NewDelayQueue[int](h.clock)
			return q.Next, func(v int) { q.Insert(v, 10) }
		},
		"Debounce": func(h *host) (func() future.Future[int], func(int)) {
			d := NewDebounce[int](h.clock, 10)
			return d.Next, d.Push
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, put := range []string{"before", "between", "after"} {
				h, k, l := newHost(), new(task), new(task)
				next, insert := start(h)
				old, fresh := next(), next()
				step := func(now string) {
					if now == put {
						insert(7)
					}
				}
				step("before")
				assert.False(t, old.Poll(h.cx(k, -1)).Ready)
				assert.False(t, fresh.Poll(h.cx(l, -1)).Ready)
				step("between")
				future.Drop(old)
				assert.EqualValues(t, 0, k.alive.Load())
				step("after")
				if l.woken() > 0 {
					assert.False(t, fresh.Poll(h.cx(l, -1)).Ready)
				}
				h.pass(10)
				assert.Positive(t, l.woken(), put)
				assert.Equal(t, future.Of(7), fresh.Poll(h.cx(l, -1)))
				assert.Equal(t, 0, h.queue.Len())
				assert.EqualValues(t, 0, l.alive.Load())
			}
		})
	}
}

// TestDelayQueueOfTwo: who took a value and does not come back leaves nobody waiting for
// a time that is too late.
func TestDelayQueueOfTwo(t *testing.T) {
	h, k, l := newHost(), new(task), new(task)
	q := NewDelayQueue[int](h.clock)
	q.Insert(100, 100)
	a, b := q.Next(), q.Next()
	assert.False(t, a.Poll(h.cx(k, -1)).Ready)
	assert.False(t, b.Poll(h.cx(l, -1)).Ready)
	q.Insert(10, 10) // wakes the first
	q.Insert(20, 20) // wakes nobody
	assert.Equal(t, 1, k.woken())
	assert.Equal(t, 0, l.woken())
	assert.False(t, a.Poll(h.cx(k, -1)).Ready)
	h.pass(10)
	assert.Equal(t, future.Of(10), a.Poll(h.cx(k, -1)))
	assert.Equal(t, 1, l.woken())
	assert.False(t, b.Poll(h.cx(l, -1)).Ready)
	h.pass(10)
	assert.Equal(t, 1, l.woken())
	assert.Equal(t, future.Of(20), b.Poll(h.cx(l, -1)))
}

// TestDueBetweenLooks: time goes on while a task without a budget looks. It is woken or
// has a timer, whenever the value becomes due.
func TestDueBetweenLooks(t *testing.T) {
	h, k := newHost(), new(task)
	h.clock.Resume()
	for range 20_000 {
		d, q := NewDebounce[int](h.clock, 300), NewDelayQueue[int](h.clock)
		d.Push(1)
		q.Insert(1, 300)
		for _, f := range []future.Future[int]{d.Next(), q.Next()} {
			require.False(t, f.Poll(h.cx(k, 0)).Ready)
			require.True(t, h.queue.Len() > 0 || k.woken() > 0, "%T waits for nothing", f)
			future.Drop(f)
			k.woken()
		}
	}
}

// TestDelayQueueRemoveWithoutBudget: what nobody had the budget to take is still in.
func TestDelayQueueRemoveWithoutBudget(t *testing.T) {
	h, k := newHost(), new(task)
	q := NewDelayQueue[int](h.clock)
	key := q.Insert(5, 10)
	h.pass(10)
	f := q.Next()
	assert.False(t, f.Poll(h.cx(k, 0)).Ready)
	assert.Equal(t, 1, k.woken())
	assert.Equal(t, 1, q.Len())
	v, in := q.Remove(key)
	assert.True(t, in)
	assert.Equal(t, 5, v)
	assert.False(t, f.Poll(h.cx(k, -1)).Ready)
	future.Drop(f)
}

// TestOddSpansOfQueues: none, less than none, and too much.
func TestOddSpansOfQueues(t *testing.T) {
	h, k := newHost(), new(task)
	for _, quiet := range []time.Duration{0, -1, math.MinInt64} {
		d := NewDebounce[int](h.clock, quiet)
		d.Push(3)
		assert.Equal(t, future.Of(3), d.Next().Poll(h.cx(k, -1)), quiet)
	}
	q := NewDelayQueue[int](h.clock)
	for _, far := range []time.Duration{math.MaxInt64, math.MaxInt64 - 1, 200 * 365 * 24 * time.Hour} {
		q.Insert(1, far)
		d := NewDebounce[int](h.clock, far)
		d.Push(1)
		every := Every(far).Tick()
		fs := []future.Future[int]{q.Next(), d.Next(), future.Map(every, func(time.Time) int { return 0 })}
		for _, f := range fs {
			assert.False(t, f.Poll(h.cx(k, -1)).Ready, far)
		}
		assert.Equal(t, 0, h.pass(100*24*time.Hour))
		for _, f := range fs {
			assert.False(t, f.Poll(h.cx(k, -1)).Ready, far)
			future.Drop(f)
		}
	}
	q.Insert(2, math.MinInt64)
	h.pass(1)
	assert.Equal(t, future.Of(2), q.Next().Poll(h.cx(k, -1)))
	assert.Equal(t, 0, h.queue.Len())
	assert.EqualValues(t, 0, k.alive.Load())
}
