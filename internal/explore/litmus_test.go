// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Threads that share nothing have one schedule, up to the order of steps that
// commute.
func TestIndependentThreadsHaveOneSchedule(t *testing.T) {
	for n := 1; n <= 6; n++ {
		r := Run(Options{}, func(x *X) {
			for i := range n {
				x.Go(fmt.Sprint(i), func() {
					var w Int32
					w.Store(1)
					w.Store(2)
				})
			}
		})
		require.NoError(t, r.Err())
		require.Equal(t, 1, r.Schedules, "%d threads", n)
		require.Zero(t, r.Pruned)
	}
}

// Without reduction the number of schedules of n threads of k steps each is the
// multinomial coefficient. The main thread waits meanwhile; its joins commute with
// all, so they are counted out by starting them at the very end.
func TestPlainCountsInterleavings(t *testing.T) {
	for _, c := range []struct{ threads, steps, want int }{
		{1, 3, 1}, {2, 1, 2}, {2, 2, 6}, {2, 3, 20}, {3, 1, 6}, {3, 2, 90},
	} {
		seen := map[string]bool{}
		r := Run(Options{Mode: Plain}, func(x *X) {
			order := ""
			var done Int32
			for i := range c.threads {
				x.Go(fmt.Sprint(i), func() {
					var w Int32
					for range c.steps {
						w.Load()
						order += fmt.Sprint(i)
					}
					if len(order) == c.threads*c.steps {
						seen[order] = true
					}
				})
			}
			_ = &done
		})
		require.NoError(t, r.Err())
		require.Len(t, seen, c.want, "%d threads of %d steps", c.threads, c.steps)
	}
}

// Writers of one word do not commute: each order is one schedule.
func TestWritersHaveAllOrders(t *testing.T) {
	for n, want := range []int{1, 1, 2, 6, 24, 120} {
		r := Run(Options{}, func(x *X) {
			var w Int32
			for i := range n {
				x.Go(fmt.Sprint(i), func() { w.Store(int32(i)) })
			}
		})
		require.NoError(t, r.Err())
		require.Equal(t, want, r.Schedules, "%d writers", n)
	}
}

// Readers commute with each other: a writer comes before, between or after n
// readers, in any of the 2 to the n ways to split them.
func TestReadersCommute(t *testing.T) {
	for n := range 6 {
		r := Run(Options{}, func(x *X) {
			var w Int32
			x.Go("writer", func() { w.Store(1) })
			for i := range n {
				x.Go(fmt.Sprint(i), func() { w.Load() })
			}
		})
		require.NoError(t, r.Err())
		require.Equal(t, 1<<n, r.Schedules, "%d readers", n)
	}
}

// Store buffering: with the one total order of Go's atomics one of the two sees the
// other, so three of the four outcomes can be.
func TestStoreBuffering(t *testing.T) {
	seen := map[[2]int32]int{}
	r := Run(Options{}, func(x *X) {
		var a, b Int32
		var ra, rb int32
		x.Go("a", func() { a.Store(1); rb = b.Load() })
		x.Go("b", func() { b.Store(1); ra = a.Load() })
		x.Wait()
		seen[[2]int32{ra, rb}]++
		x.Check(ra == 1 || rb == 1, "both have missed the other")
	})
	require.NoError(t, r.Err())
	require.Len(t, seen, 3)
	require.Equal(t, 3, r.Schedules)
}
