// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDequeOrders(t *testing.T) {
	jobs := numbers(5)
	var d Deque[int] // the zero value works
	require.Nil(t, d.Pop())
	for _, job := range jobs {
		d.Push(job)
	}
	require.Equal(t, 5, d.Len())
	require.Equal(t, 5, d.OwnerLen())
	job, got := d.Stealer().Steal()
	require.Equal(t, Taken, got)
	require.Equal(t, 0, *job)
	require.Equal(t, []int{4, 3, 2, 1}, drain(d.Pop))
	_, got = d.Stealer().Steal()
	require.Equal(t, Empty, got)
	require.Zero(t, d.Len()+d.OwnerLen())
}

func TestDequeStealHalf(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 1, 3: 2, 8: 4, 300: 128} {
		jobs := numbers(n)
		d, own := NewDeque[int](2), NewQueue[int](2)
		for _, job := range jobs {
			d.Push(job)
		}
		first, k, got := d.Stealer().StealHalf(own)
		require.Equal(t, Taken, got)
		require.Equal(t, want, k)
		require.Equal(t, values(jobs[:k]...), append(values(first), drain(own.Pop)...))
		require.Equal(t, n-k, d.Len())
	}
}

func TestDequeGrowsAndShrinks(t *testing.T) {
	d := NewDeque[int](2)
	jobs := numbers(1000)
	for _, job := range jobs {
		d.Push(job)
	}
	require.Equal(t, 1024, d.Slots())
	for want := range 10 {
		job, _ := d.Stealer().Steal()
		require.Equal(t, want, *job)
	}
	require.Len(t, drain(d.Pop), 990)
	for range 10 * calmBeforeHalving {
		require.Nil(t, d.Pop())
	}
	require.Equal(t, 2, d.Slots())
}

// The ring goes round many times between two sweeps: what is before it has been
// written over, by jobs that are still to be taken.
func TestSweepSparesJobsToBeTaken(t *testing.T) {
	d := NewDequeNearWrap[int](4, 50)
	for range 3 * slack {
		d.Push(new(int))
		d.Stealer().Steal()
	}
	jobs := numbers(3)
	for _, job := range jobs {
		d.Push(job)
	}
	require.Equal(t, []int{2, 1, 0}, drain(d.Pop))
	require.Equal(t, 4, d.Slots())
}

func TestCapacityIsRoundedUp(t *testing.T) {
	for capacity, want := range map[int]int{-1: 2, 0: 2, 1: 2, 2: 2, 3: 4, 64: 64, 65: 128} {
		require.Equal(t, want, NewDeque[int](capacity).Slots())
		require.Equal(t, want, NewQueue[int](capacity).Slots())
	}
}
