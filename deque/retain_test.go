// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A load is a job too large for the tiny allocator, so that it is freed alone.
type load [64]byte

// litter makes jobs and counts those that are not reachable any more.
type litter struct{ made, freed atomic.Int64 }

func (l *litter) job() *load {
	job := new(load)
	l.made.Add(1)
	runtime.AddCleanup(job, func(n *atomic.Int64) { n.Add(1) }, &l.freed)
	return job
}

// reachable collects until at most want jobs are reachable, and returns how many
// are.
func (l *litter) reachable(want int64) int64 {
	for deadline := time.Now().Add(testkit.Patience); l.made.Load()-l.freed.Load() > want && time.Now().Before(deadline); {
		runtime.GC()
		runtime.Gosched() // cleanups run on a goroutine of their own
	}
	return l.made.Load() - l.freed.Load()
}

func TestQueueForgetsTakenJobs(t *testing.T) {
	var l litter
	q, own := NewQueue[load](4), NewQueue[load](4)
	for range 60 { // grows
		q.Push(l.job())
	}
	for range 10 {
		require.NotNil(t, q.Pop())
		require.NotNil(t, q.PopNewest())
		_, got := q.Thief().Steal()
		require.Equal(t, Taken, got)
	}
	_, n, _ := q.Thief().StealHalf(own, 2)
	require.Equal(t, 15, n)
	require.LessOrEqual(t, l.reachable(29), int64(29), "15 are left, and 14 in the thief's queue")
	for own.Pop() != nil || q.Pop() != nil {
	}
	require.Zero(t, l.reachable(0))
	runtime.KeepAlive(q)
	runtime.KeepAlive(own)
}

func TestDequeForgetsTakenJobs(t *testing.T) {
	var l litter
	d := NewDeque[load](4)
	for range 1000 {
		d.Push(l.job())
	}
	for range 300 {
		require.NotNil(t, d.Pop())
		_, got := d.Stealer().Steal()
		require.Equal(t, Taken, got)
	}
	require.NotNil(t, d.Pop())
	most := int64(399 + 2*slack)
	require.LessOrEqual(t, l.reachable(most), most, "399 are left, and some of those taken")
	for d.Len() > 1 {
		d.Stealer().Steal()
	}
	d.Pop()
	d.Pop()
	require.Zero(t, l.reachable(0))
	for range 10 { // the last job goes at once
		d.Push(l.job())
		d.Pop()
	}
	require.Zero(t, l.reachable(0))
	runtime.KeepAlive(d)
}

func TestInjectorForgetsTakenJobs(t *testing.T) {
	var l litter
	q, own := NewInjector[load](), NewQueue[load](4)
	for range 2*segmentSize + 20 {
		q.Push(l.job())
	}
	for range segmentSize + 5 {
		_, got := q.Pop()
		require.Equal(t, Taken, got)
	}
	_, n, _ := q.PopBatch(own, 7)
	require.Equal(t, 7, n)
	left := int64(segmentSize + 20 - 5 - 1)
	require.LessOrEqual(t, l.reachable(left), left)
	for own.Pop() != nil || !q.Empty() {
		q.Pop()
	}
	require.Zero(t, l.reachable(0))
	runtime.KeepAlive(q)
}
