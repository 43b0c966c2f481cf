// SPDX-License-Identifier: Apache-2.0

package future

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/waker"
)

// sizes are numbers of children on both sides of few.
var sizes = []int{1, 2, few, few + 1, 3 * few, 200}

func TestJoinAll(t *testing.T) {
	for _, n := range sizes {
		w := &ward{t: t}
		k := new(task)
		f := JoinAll(w.values(n, func(i int) int { return i % 5 })...)
		p := f.Poll(k.cx())
		for ; !p.Ready; p = f.Poll(k.cx()) {
			w.wake()
			require.NotZero(t, k.woken())
		}
		require.NoError(t, p.Err)
		require.Len(t, p.Value, n)
		require.True(t, slices.IsSorted(p.Value), "in the order of the arguments")
		require.Zero(t, k.alive.Load())
	}
	p := await(JoinAll[int]())
	require.Equal(t, Of([]int{}), p)
	require.NotNil(t, p.Value)
}

func TestJoinAllFirstErrorCancels(t *testing.T) {
	for _, n := range sizes {
		w, k := &ward{t: t}, new(task)
		fs := append(w.values(n, func(int) int { return 3 }), w.fail(1, errTest))
		f := JoinAll(fs...)
		require.False(t, f.Poll(k.cx()).Ready)
		w.wake()
		p := f.Poll(k.cx())
		require.Equal(t, Fail[[]int](errTest), p)
		w.allEnded()
		require.Zero(t, k.alive.Load())
	}
}

func TestRace(t *testing.T) {
	for _, n := range sizes {
		for _, lost := range []bool{false, true} {
			w, k := &ward{t: t}, new(task)
			fs := w.values(n, func(int) int { return 3 })
			want := Of(77)
			if lost {
				want = Fail[int](errTest)
			}
			fs = append(fs, w.add(probe{pending: 1, answer: want}))
			f := Race(fs...)
			require.False(t, f.Poll(k.cx()).Ready)
			w.wake()
			require.Equal(t, want, f.Poll(k.cx()))
			w.allEnded()
			require.Zero(t, k.alive.Load())
		}
	}
	require.Equal(t, Fail[int](ErrNoFutures), await(Race[int]()))
}

// Who is not asked after the winner is never polled: nothing of it happens.
func TestRaceStopsAtTheWinner(t *testing.T) {
	for _, n := range sizes {
		w := &ward{t: t}
		require.Equal(t, Of(0), await(Race(w.values(n, func(int) int { return 0 })...)))
		for i, polls := range w.polls()[1:] {
			require.Zero(t, polls, "loser %d", i+1)
		}
		w.allEnded()
	}
}

// The caller's slice is the caller's.
func TestArgumentsStay(t *testing.T) {
	for _, make := range []func(fs []Future[int]) machine{
		func(fs []Future[int]) machine { return adapt(JoinAll(fs...)) },
		func(fs []Future[int]) machine { return adapt(Race(fs...)) },
	} {
		fs := []Future[int]{Ready(1), Pending[int]()}
		m := make(fs)
		m.poll(new(task).cx())
		m.drop()
		require.NotNil(t, fs[0])
		require.NotNil(t, fs[1])
		fs[0] = nil // nor does the future look at it any more
	}
}

// With many children a poll looks at those that were woken, and a wake of a second
// child before the poll does not wake the task again.
func TestJoinAllPollsOnlyWoken(t *testing.T) {
	const n = 100
	w, k := &ward{t: t}, new(task)
	f := JoinAll(w.values(n, func(int) int { return 1000 })...)
	require.False(t, f.Poll(k.cx()).Ready)
	want := slices.Repeat([]int{1}, n)
	require.Equal(t, want, w.polls(), "all are polled first")

	for _, woken := range [][]int{{5}, {99, 0}, {7, 7, 7}, {1, 2, 3, 2, 1}} {
		for _, i := range woken {
			w.probes[i].waker.WakeByRef()
		}
		require.Equal(t, 1, k.woken())
		for _, i := range slices.Compact(slices.Sorted(slices.Values(woken))) {
			want[i]++
		}
		require.False(t, f.Poll(k.cx()).Ready)
		require.Equal(t, want, w.polls())
	}
	require.False(t, f.Poll(k.cx()).Ready)
	require.Equal(t, want, w.polls(), "nobody was woken")
	Drop(f)
}

// Those woken first are polled first, so the earliest wins a race.
func TestWakeOrder(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	f := Race(w.values(20, func(int) int { return 1 })...)
	require.False(t, f.Poll(k.cx()).Ready)
	for _, i := range []int{13, 4, 17} {
		w.probes[i].waker.WakeByRef()
	}
	require.Equal(t, Of(13), f.Poll(k.cx()))
}

// n wakes, one at a time or all at once, cost O(n) polls of children in all.
func TestJoinAllIsLinear(t *testing.T) {
	const n = 1000
	for _, together := range []bool{false, true} {
		w, k := &ward{t: t}, new(task)
		f := JoinAll(w.values(n, func(int) int { return 1 })...)
		p := f.Poll(k.cx())
		polls := 1
		for i := 0; !p.Ready; i++ {
			if together {
				w.wake()
			} else {
				w.probes[i].waker.WakeByRef()
			}
			require.Equal(t, 1, k.woken())
			p = f.Poll(k.cx())
			polls++
		}
		for i, count := range w.polls() {
			require.Equal(t, 2, count, "child %d", i)
		}
		if together {
			require.Equal(t, 2, polls)
		}
	}
}

// A poll stops when the budget is used up and goes on from there, so that many
// ready children cost O(n), too.
func TestJoinAllAndTheBudget(t *testing.T) {
	const n, budget = 1000, 100
	k := new(task)
	polled := 0
	fs := make([]Future[int], n)
	for i := range fs {
		fs[i] = FromFunc(func(cx *Context) Poll[int] {
			polled++
			if !cx.Spend() {
				return Poll[int]{}
			}
			return Of(i)
		})
	}
	f := JoinAll(fs...)
	cx := waker.NewContext(waker.Noop())
	for polls := 1; ; polls++ {
		cx.Reset(waker.New(k), nil, budget)
		if f.Poll(cx).Ready {
			require.Equal(t, n/budget, polls)
			break
		}
		require.True(t, cx.Again())
		require.Equal(t, 1, k.woken())
	}
	require.Equal(t, n, polled)
}

// A child that wakes itself is polled once in each poll, not for ever, and the
// others get their turn.
func TestJoinAllWithYieldingChildren(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	fs := w.values(20, func(int) int { return 2 })
	for _, p := range w.probes {
		p.yields = true
	}
	f := JoinAll(fs...)
	for want := 1; want <= 3; want++ {
		cx := k.cx()
		ready := f.Poll(cx).Ready
		require.Equal(t, slices.Repeat([]int{want}, 20), w.polls())
		require.Equal(t, want == 3, ready)
		require.Equal(t, !ready, cx.Again())
	}
}

// A child that is woken in the poll of another is polled in the next poll.
func TestWakeFromSibling(t *testing.T) {
	k := new(task)
	promise := NewPromise[int]()
	polls := 0
	fs := make([]Future[int], few+1)
	for i := range fs {
		fs[i] = Ready(i)
	}
	fs[0] = promise.Future()
	fs[5] = FromFunc(func(cx *Context) Poll[int] {
		polls++
		promise.ResolveIn(cx, 50)
		return Of(5)
	})
	f := JoinAll(fs...)
	cx := waker.NewContext(waker.Noop())
	cx.Reset(waker.New(k), "here", -1)
	require.False(t, f.Poll(cx).Ready)
	require.Equal(t, 1, k.woken())
	require.Equal(t, "here", k.from, "the wake stays local")
	p := f.Poll(cx)
	require.True(t, p.Ready)
	require.Equal(t, 50, p.Value[0])
	require.Equal(t, 1, polls)
}

// Taken says whether some child waits, as if the children had taken the waker
// themselves: then a task that nobody will wake can be told from one that waits.
func TestTakenFollowsTheChildren(t *testing.T) {
	for _, n := range []int{3, 20} {
		w, k := &ward{t: t}, new(task)
		fs := w.values(n, func(i int) int { return i })
		fs[0] = Pending[int]()
		fs[1] = FromFunc(func(cx *Context) Poll[int] { // takes it for nothing
			w := cx.Waker()
			w.Drop()
			return Of(1)
		})
		f := JoinAll(fs...)
		for polls := 1; polls <= n; polls++ {
			cx := k.cx()
			require.False(t, f.Poll(cx).Ready)
			require.Equal(t, polls < n, cx.Taken(), "poll %d of %d", polls, n)
			w.wake()
		}
		w.probes[0].over, w.probes[1].over = true, true // were replaced
		Drop(f)
		w.allEnded()
	}
}

// A wake that comes while the task registers is not lost: here a child is woken
// while the task's waker is cloned, and the cell is empty.
func TestWakeWhileRegistering(t *testing.T) {
	w, k := &ward{t: t}, new(meddler)
	k.then = func() {}
	cx := waker.NewContext(waker.New(k))
	f := JoinAll(w.values(20, func(int) int { return 5 })...)
	require.False(t, f.Poll(cx).Ready)
	w.probes[3].waker.WakeByRef()
	require.Equal(t, 1, k.woken())
	k.then = func() {
		k.then = func() {}
		w.probes[7].waker.WakeByRef()
	}
	require.False(t, f.Poll(cx).Ready)
	require.Equal(t, 2, w.probes[3].polls)
	require.True(t, w.probes[7].polls == 2 || k.woken() > 0, "the wake is lost")
	Drop(f)
	w.allEnded()
}

// When the task is woken, the child must be in its queue already: the task may be
// polled at once, on another thread.
func TestPushBeforeWake(t *testing.T) {
	s := newReadySet(2)
	queued := false
	cx := waker.NewContext(waker.Func(func() { queued = s.woken.Load() == &s.members[1] }))
	s.begin(cx)
	for m := s.next(cx); m != nil; m = s.next(cx) {
		s.leave(cx, m, s.enter(cx, m) == nil)
	}
	s.finish(cx)
	waker.New(&s.members[1]).WakeByRef()
	require.True(t, queued)
	s.close()
}

// A child's waker that outlives its child wakes the task for nothing at most, and
// after the end nobody.
func TestStrayWakers(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	f := JoinAll(w.values(20, func(i int) int { return 1 + i/10 })...)
	require.False(t, f.Poll(k.cx()).Ready)
	stray := w.probes[0].waker
	w.wake()
	require.False(t, f.Poll(k.cx()).Ready)
	require.Equal(t, 2, w.probes[0].polls)

	stray.WakeByRef()
	require.False(t, f.Poll(k.cx()).Ready)
	require.Equal(t, 2, w.probes[0].polls, "it has ended")
	k.woken()
	Drop(f)
	stray.WakeByRef()
	require.Zero(t, k.woken())
	w.allEnded()
}
