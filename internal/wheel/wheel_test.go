// SPDX-License-Identifier: Apache-2.0

package wheel

import (
	"fmt"
	"math"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	entry = Entry[int]
	turns = Wheel[int]
)

// drain takes all that has expired.
func drain(w *turns, now int64) (values []int) {
	for e, more := w.Step(now); more; e, more = w.Step(now) {
		if e != nil {
			values = append(values, e.Value)
		}
	}
	return values
}

func TestExpiresInOrder(t *testing.T) {
	w := New[int](10)
	for i, when := range []int64{5000, 1, 1024, 70_000, 5001, 5_000_000, 1025} {
		require.True(t, w.Insert(&entry{When: when, Value: i}, 0))
	}
	assert.Equal(t, 7, w.Len())
	assert.Empty(t, drain(&w, 1023))
	assert.Equal(t, []int{1, 2}, drain(&w, 1024))
	assert.EqualValues(t, 2048, w.Next())
	assert.Equal(t, []int{6, 0, 4}, drain(&w, 10_000))
	assert.Equal(t, []int{3, 5}, drain(&w, math.MaxInt64))
	assert.Equal(t, 0, w.Len())
	assert.Equal(t, Never, w.Next())
}

// TestNeverEarly at every level, on both sides of each tick.
func TestNeverEarly(t *testing.T) {
	for _, shift := range []uint8{0, 10, 20} {
		for b := range 63 {
			for _, off := range []int64{-1, 0, 1} {
				when := int64(1)<<b + off
				w := New[int](shift)
				e := &entry{When: when}
				if !w.Insert(e, 0) {
					assert.EqualValues(t, 0, when)
					continue
				}
				due := w.Expiry(when)
				assert.Equal(t, due, w.Next(), "a lone entry")
				assert.GreaterOrEqual(t, due, when)
				assert.Less(t, due-when, int64(1)<<shift)
				assert.Empty(t, drain(&w, due-1), "2^%d%+d, shift %d", b, off, shift)
				assert.Len(t, drain(&w, due), 1, "2^%d%+d, shift %d", b, off, shift)
				assert.False(t, e.Linked())
			}
		}
	}
}

func TestBeyondEverything(t *testing.T) {
	for _, shift := range []uint8{0, 18, 20} {
		w := New[int](shift)
		require.True(t, w.Insert(&entry{When: math.MaxInt64}, 12345))
		assert.Equal(t, Never, w.Next())
		assert.Empty(t, drain(&w, math.MaxInt64-1<<shift))
	}
}

func TestOverAlready(t *testing.T) {
	w := New[int](4)
	require.True(t, w.Insert(&entry{When: 100}, 0))
	e := &entry{When: 64}
	assert.False(t, w.Insert(e, 64))
	assert.False(t, e.Linked())
	assert.False(t, w.Remove(e))
	assert.Equal(t, 1, w.Len())
}

// TestStaleWheel: an entry for soon takes a low level in a wheel that has not
// turned for long, so that nobody is woken before its time to move it down.
func TestStaleWheel(t *testing.T) {
	w := New[int](0)
	far := &entry{When: 1 << 40}
	require.True(t, w.Insert(far, 0))
	now := int64(1<<30 + 7)
	require.True(t, w.Insert(&entry{When: now + 5}, now))
	require.True(t, w.Insert(&entry{When: now + 6}, now))
	assert.Equal(t, now+5, w.Next())
	require.True(t, w.Remove(far))
	assert.Equal(t, []int{0, 0}, drain(&w, now+6))
}

func TestRemove(t *testing.T) {
	// In a slot, and in the slot that the wheel has come to: first, last, middle,
	// and the only one.
	for _, taken := range []int{0, 1, 2} {
		for n := 1; n <= 4; n++ {
			for out := range n {
				w := New[int](0)
				es := make([]entry, n+taken)
				var want []int
				for i := range es {
					es[i] = entry{When: 64 + int64(i), Value: i}
					require.True(t, w.Insert(&es[i], 0))
				}
				for range taken { // moves one down, or lets it expire
					_, more := w.Step(64)
					require.True(t, more)
				}
				require.True(t, w.Remove(&es[taken+out]))
				require.False(t, w.Remove(&es[taken+out]))
				for i := range es {
					if i >= min(taken, 1) && i != taken+out {
						want = append(want, i)
					}
				}
				assert.Equal(t, want, drain(&w, 1000), "n=%d out=%d taken=%d", n, out, taken)
				assert.Equal(t, 0, w.Len())
				assert.Equal(t, Never, w.Next())
			}
		}
	}
}

func TestStepIsBounded(t *testing.T) {
	w := New[int](0)
	for i := range 1000 {
		require.True(t, w.Insert(&entry{When: 5000, Value: i}, 0))
	}
	steps := 0
	for _, more := w.Step(5000); more; _, more = w.Step(5000) {
		steps++
	}
	assert.LessOrEqual(t, steps, 3*1000, "levels 2, 1, 0")
	assert.Equal(t, 0, w.Len())
}

func TestEntrySize(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 {
		assert.EqualValues(t, 32, unsafe.Sizeof(Entry[int]{}))
	}
}

func BenchmarkWheel(b *testing.B) {
	const step = 1 << 14
	for _, n := range []int{1, 1_000_000} {
		b.Run(fmt.Sprintf("insert-remove/%d", n), func(b *testing.B) {
			w := New[int](20)
			es := make([]entry, n)
			for i := range es {
				es[i].When = int64(i+1) * step
				w.Insert(&es[i], 0)
			}
			for i := 0; b.Loop(); i++ {
				e := &es[i%n]
				w.Remove(e)
				w.Insert(e, 0)
			}
		})
		b.Run(fmt.Sprintf("insert-expire/%d", n), func(b *testing.B) {
			w := New[int](20)
			es := make([]entry, n)
			now := int64(0)
			for b.Loop() {
				for i := range es {
					es[i].When = now + int64(i+1)*step
					w.Insert(&es[i], now)
				}
				now += int64(n+1)*step + 1<<20
				drain(&w, now)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/entry")
		})
	}
}
