// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// values returns what the jobs hold.
func values(jobs ...*int) []int {
	var out []int
	for _, job := range jobs {
		if job != nil {
			out = append(out, *job)
		}
	}
	return out
}

// drain pops until pop returns nil.
func drain(pop func() *int) []int {
	var out []int
	for job := pop(); job != nil; job = pop() {
		out = append(out, *job)
	}
	return out
}

func TestQueueOrders(t *testing.T) {
	jobs := numbers(6)
	var q Queue[int] // the zero value works
	require.Nil(t, q.Pop())
	require.Nil(t, q.PopNewest())
	q.Push(jobs[0])
	q.PushBatch(nil)
	q.PushBatch(jobs[1:])
	require.Equal(t, 6, q.Len())
	require.Equal(t, []int{0, 5, 1, 4}, values(q.Pop(), q.PopNewest(), q.Pop(), q.PopNewest()))
	require.Equal(t, 2, q.OwnerLen())
	require.Equal(t, []int{3, 2}, drain(q.PopNewest))
	require.Zero(t, q.OwnerLen())
	require.Zero(t, q.Len())
}

func TestQueueStealHalfShares(t *testing.T) {
	for _, c := range []struct{ len, min, want int }{
		{0, 1, 0}, {1, 1, 1}, {2, 1, 1}, {3, 1, 2}, {8, 1, 4}, {9, 1, 5}, {300, 1, 128}, {1, 0, 1},
		{0, 2, 0}, {1, 2, 0}, {2, 2, 1}, {3, 2, 1}, {8, 2, 4}, {9, 2, 4}, {300, 2, 128}, {7, 8, 0}, {8, 8, 4},
	} {
		jobs := numbers(c.len)
		q, own := NewQueue[int](2), NewQueue[int](2)
		q.PushBatch(jobs)
		first, n, got := q.Thief().StealHalf(own, c.min)
		require.Equal(t, c.want, n, "%+v", c)
		if n == 0 {
			require.Equal(t, Empty, got, "%+v", c)
			require.Nil(t, first)
			continue
		}
		require.Equal(t, Taken, got, "%+v", c)
		require.Equal(t, values(jobs[:n]...), append(values(first), drain(own.Pop)...), "%+v", c)
		require.Equal(t, values(jobs[n:]...), drain(q.Pop), "%+v", c)
	}
}

func TestQueueStealTakesOldest(t *testing.T) {
	q := NewQueue[int](2)
	q.PushBatch(numbers(3))
	for want := range 3 {
		job, got := q.Thief().Steal()
		require.Equal(t, Taken, got)
		require.Equal(t, want, *job)
	}
	_, got := q.Thief().Steal()
	require.Equal(t, Empty, got)
}

func TestZeroThievesFindNothing(t *testing.T) {
	var thief QueueThief[int]
	_, got := thief.Steal()
	require.Equal(t, Empty, got)
	_, n, got := thief.StealHalf(NewQueue[int](2), 1)
	require.Equal(t, Empty, got)
	require.Zero(t, n+thief.Len())

	var stealer Stealer[int]
	_, got = stealer.Steal()
	require.Equal(t, Empty, got)
	_, n, got = stealer.StealHalf(NewDeque[int](2))
	require.Equal(t, Empty, got)
	require.Zero(t, n+stealer.Len())
}

// A session that never ends is a thief that the system has stopped. The owner
// goes on, in its orders, and other thieves are sent away.
func TestNewestAgainstOpenSession(t *testing.T) {
	q := NewQueue[int](8)
	thief := q.Thief()
	q.PushBatch(numbers(5))
	thief.Stop()
	before := q.head.Load()
	require.Equal(t, []int{4, 0, 3}, values(q.PopNewest(), q.Pop(), q.PopNewest()))
	require.False(t, q.head.CompareAndSwap(before, before+uint64(oneJob)), "the thief claims from a head it read before")
	require.Equal(t, headWord(q.head.Load()).mark(), thiefWord(q.thief.Load()).mark(), "the thief is not told")
	_, got := thief.Steal()
	require.Equal(t, Lost, got)
	_, _, got = thief.StealHalf(NewQueue[int](2), 1)
	require.Equal(t, Lost, got)

	q.closeSession()
	job, got := thief.Steal()
	require.Equal(t, Taken, got, "the next session is not foiled")
	require.Equal(t, 1, *job)
	require.Equal(t, []int{2}, drain(q.PopNewest))
}

// Marks have 8 bits: that of an old session comes again, and then costs a second
// session, nothing more.
func TestMarksComeAgain(t *testing.T) {
	q := NewQueue[int](8)
	q.Push(new(int))
	q.Thief().Stop()
	q.Push(new(int))
	require.NotNil(t, q.PopNewest())
	q.closeSession()
	for i := range 1000 {
		_, got := q.Thief().Steal()
		require.Equal(t, Taken, got, "steal %d", i)
		q.Push(new(int))
	}
}

// The session loaded the old ring; the owner moves its jobs away and foils it.
func TestMoveAgainstOpenSession(t *testing.T) {
	q := NewQueue[int](2)
	jobs := numbers(5)
	q.PushBatch(jobs[:2])
	q.Thief().Stop()
	before, ring := q.head.Load(), q.ring.Load()
	q.PushBatch(jobs[2:])
	require.NotSame(t, ring, q.ring.Load())
	require.False(t, q.head.CompareAndSwap(before, before+uint64(oneJob)), "the thief claims from the old ring")
	require.Equal(t, values(jobs[:2]...), values(ring.slots...), "the owner wrote to a ring it replaced")
	require.Equal(t, values(jobs...), drain(q.Pop))
	q.closeSession()
	require.False(t, thiefWord(q.thief.Load()).busy())
}

func TestStalledThiefCostsOneRing(t *testing.T) {
	q := NewQueue[int](8)
	q.Thief().Stop()
	first := q.ring.Load()
	for range 8 {
		q.Push(new(int))
		q.Pop()
	}
	require.Same(t, first, q.ring.Load())
	q.Push(new(int)) // on a slot that the thief may read
	second := q.ring.Load()
	require.NotSame(t, first, second)
	for range 100 {
		q.Push(new(int))
		q.Pop()
	}
	require.Same(t, second, q.ring.Load(), "the thief cannot read this one")
	require.Equal(t, 8, q.Slots(), "one job needs no larger ring")
}

func TestQueueGrowsAndShrinks(t *testing.T) {
	q := NewQueue[int](2)
	jobs := numbers(1000)
	for _, job := range jobs {
		q.Push(job)
	}
	require.Equal(t, 1024, q.Slots())
	require.Equal(t, values(jobs...), drain(q.Pop))
	for range 10 * calmBeforeHalving {
		q.Pop()
	}
	require.Equal(t, 2, q.Slots())
	q.PushBatch(jobs)
	require.Equal(t, values(jobs...), drain(q.Pop))
}

func TestOutcomeNames(t *testing.T) {
	require.Equal(t, "Empty Taken Lost Outcome(9)", Empty.String()+" "+Taken.String()+" "+Lost.String()+" "+Outcome(9).String())
}

func TestWordsPrintTheirMeaning(t *testing.T) {
	require.Equal(t, "place 7 mark=3", headWord(0).take(7).foiling(3).String())
	require.Equal(t, "session=2 open=true moves=false", (2*oneSession | sessionOpen).String())
}
