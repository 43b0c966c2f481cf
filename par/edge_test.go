// SPDX-License-Identifier: Apache-2.0

package par

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/internal/tick"
	"github.com/pilfer-go/pilfer/sched"
)

// A body that panics with ErrGoexit, as one does that was told so by an inner call,
// has panicked.
func TestPanicWithErrGoexit(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, opts := range ways {
			err := panicOf(func() {
				For(rt, 100, func(i int) {
					if i == 40 {
						panic(sched.ErrGoexit)
					}
				}, opts...)
			})
			var crash *PanicError
			require.ErrorAs(t, err, &crash)
			require.Equal(t, 40, crash.Index)
			require.ErrorIs(t, err, sched.ErrGoexit)
		}
	})
}

// Loops are shared also if one element takes less than a tick of the clock, or all
// of them more ticks than there are numbers.
func TestEveryLongLoopIsShared(t *testing.T) {
	for range 20 {
		p := pass{lo: math.MaxInt >> 20, end: math.MaxInt, began: tick.Now() - 2*longTrial}
		require.True(t, p.long(), "cheap elements")
		p = pass{lo: 1, end: math.MaxInt, began: tick.Now() - 2*longTrial}
		require.True(t, p.long(), "more ticks than numbers")
	}
	p := pass{lo: 10, end: 20, began: math.MaxInt64}
	require.False(t, p.long(), "a clock that goes back")

	rt := newRuntime(t, 2)
	enough := errors.New("enough")
	var others point.Int32
	me := self.Goroutine()
	err := ForContext(background, rt, math.MaxInt, func(i int) error {
		if self.Goroutine() != me {
			others.Inc()
			return enough
		}
		runtime.Gosched()
		return nil
	})
	require.ErrorIs(t, err, enough)
	require.Positive(t, others.Load())
}

// Options may be any number.
func TestOptionsWithoutBound(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		for _, n := range []int{math.MinInt, -1, 0, 1, math.MaxInt/2 + 1, math.MaxInt - 1, math.MaxInt} {
			const size = 3000
			alone, me := true, self.Goroutine()
			sum := 0
			s := numbers(size)
			if n > size {
				For(rt, size, func(i int) {
					if i == 0 && rt.Workers() == 1 { // which may be awake yet, and have the place
						me = self.Goroutine()
					}
					alone = alone && self.Goroutine() == me
					sum += i
				}, Grain(n))
				require.Equal(t, size*(size-1)/2, sum)
				require.True(t, alone, "Grain(%d) of %d elements", n, size)
			}
			require.Equal(t, size*(size-1)/2, Sum(rt, s, Grain(n)))
			require.Equal(t, size, len(Scan(rt, s, func(a, b int) int { return a + b }, Grain(n))))
			got := slices.Collect(MapSeq(rt, slices.Values(s), func(v int) int { return v }, Grain(n), InFlight(n)))
			require.Equal(t, s, got, "%d", n)
			got = slices.Collect(MapSeq(rt, slices.Values(s), func(v int) int { return v }, Grain(n)))
			require.Equal(t, s, got, "%d", n)
		}
	})
}

// What does not fit is named before anything is written.
func TestRoomForResults(t *testing.T) {
	rt := newRuntime(t, 1)
	same := func(n int) int { return n }
	add := func(a, b int) int { return a + b }
	for want, call := range map[string]func(){
		"pilfer: MapTo of 2 elements into 1":  func() { MapTo(rt, make([]int, 1), []int{1, 2}, same) },
		"pilfer: ScanTo of 1 elements into 0": func() { ScanTo(rt, nil, []int{1}, add) },
	} {
		require.PanicsWithValue(t, want, call)
	}
	require.Equal(t, []int{1, 2}, MapTo(rt, make([]int, 0, 2), []int{1, 2}, same))
}
