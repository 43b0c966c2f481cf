// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInjectorOrders(t *testing.T) {
	q, own := NewInjector[int](), NewQueue[int](2)
	require.True(t, q.Empty())
	_, got := q.Pop()
	require.Equal(t, Empty, got)
	_, _, got = q.PopBatch(own, 8)
	require.Equal(t, Empty, got)

	const n = 3*segmentSize + 10
	jobs := numbers(n)
	q.Push(jobs[0])
	q.PushBatch(nil)
	q.PushBatch(jobs[1:])
	require.Equal(t, n, q.Len())
	require.False(t, q.Empty())
	var out []int
	for most := -1; !q.Empty(); most++ {
		first, k, got := q.PopBatch(own, most)
		require.Equal(t, Taken, got)
		require.LessOrEqual(t, k, max(most, 1))
		out = append(append(out, *first), drain(own.Pop)...)
		require.Equal(t, n-len(out), q.Len())
	}
	require.Equal(t, values(jobs...), out)
}

func TestInjectorAtTheSeams(t *testing.T) {
	q := NewInjector[int]()
	jobs := numbers(4 * segmentSize)
	for i, job := range jobs { // one at a time: each segment is left just when it is used up
		require.True(t, q.Empty())
		q.Push(job)
		require.False(t, q.Empty())
		require.Equal(t, 1, q.Len())
		got, how := q.Pop()
		require.Equal(t, Taken, how)
		require.Equal(t, i, *got)
	}
	require.True(t, q.Empty())
	require.Zero(t, q.Len())
}

// A slot reserved and not written is a producer that the system has stopped.
func TestStoppedProducerStopsNobody(t *testing.T) {
	q, own := NewInjector[int](), NewQueue[int](2)
	jobs := numbers(5)
	q.PushBatch(jobs[:2])
	stopped := q.tail.Load()
	q.Reserve(1)
	q.PushBatch(jobs[2:])
	first, n, got := q.PopBatch(own, 8)
	require.Equal(t, Taken, got)
	require.Equal(t, 2, n, "a batch ends before the empty slot")
	require.Equal(t, []int{0, 1}, append(values(first), drain(own.Pop)...))
	job, got := q.Pop()
	require.Equal(t, Taken, got)
	require.Equal(t, 2, *job)
	require.False(t, stopped.slots[:][2].CompareAndSwap(nil, jobs[0]), "the producer does not learn that its slot was given up")
	first, n, _ = q.PopBatch(own, 8)
	require.Equal(t, 2, n)
	require.Equal(t, []int{3, 4}, append(values(first), drain(own.Pop)...))

	q.Reserve(1)
	require.False(t, q.Empty(), "a push has begun")
	_, got = q.Pop()
	require.Equal(t, Empty, got)
	require.True(t, q.Empty(), "settled")

	q.Reserve(takeTries)
	_, got = q.Pop()
	require.Equal(t, Lost, got, "there may be more")
	q.Reserve(2 * segmentSize) // a batch, and nothing of it written
	for got = Lost; got == Lost; {
		_, got = q.Pop()
	}
	require.Equal(t, Empty, got)
	q.Push(jobs[4])
	job, _ = q.Pop()
	require.Equal(t, 4, *job)
}

// Whoever holds a permit for a job whose Push has returned must not be told that
// there is nothing: there are at least as many jobs as permits.
func TestInjectorSeenAfterPush(t *testing.T) {
	const each, pairs = 4 * segmentSize, 3
	q, own := NewInjector[int](), new(int)
	var permits, taken atomic.Int64
	var all sync.WaitGroup
	for range pairs {
		all.Go(func() {
			for range each {
				q.Push(own)
				permits.Add(1)
			}
		})
		all.Go(func() {
			for taken.Load() < each*pairs && !t.Failed() {
				if permits.Add(-1) < 0 {
					permits.Add(1)
					runtime.Gosched()
					continue
				}
				for got := Lost; got != Taken; {
					if q.Empty() || q.Len() == 0 {
						t.Error("Empty, and a job was not taken")
						return
					}
					if _, got = q.Pop(); got == Empty {
						t.Error("Pop says Empty, and a job was not taken")
						return
					}
				}
				taken.Add(1)
			}
		})
	}
	all.Wait()
	require.True(t, q.Empty())
}

// A job of a type without size cannot be taken for the mark of a slot given up.
func TestInjectorOfNothing(t *testing.T) {
	q := NewInjector[struct{}]()
	q.Push(new(struct{}))
	job, got := q.Pop()
	require.Equal(t, Taken, got)
	require.NotNil(t, job)
	require.NotSame(t, q.gone, job)
}
