// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

// drained is a future of how many values a set yields.
func drained(next func(cx *Context) Poll[int], drop func()) Future[int] {
	n := 0
	return &emptying{next, drop, &n}
}

type emptying struct {
	next func(cx *Context) Poll[int]
	drop func()
	n    *int
}

func (e *emptying) Poll(cx *Context) Poll[int] {
	for {
		p := e.next(cx)
		switch {
		case !p.Ready:
			return p
		case p.Err == ErrEnd:
			e.drop()
			return Of(*e.n)
		}
		*e.n++
	}
}

func (e *emptying) Drop() { e.drop() }

func init() {
	combinators = append(combinators, []struct {
		name string
		make func(w *ward) machine
	}{
		{"OrElse", func(w *ward) machine {
			return adapt(OrElse(w.fail(2, errTest), func(error) Future[int] { return w.value(2, 1) }))
		}},
		{"OrElse not needed", func(w *ward) machine {
			return adapt(OrElse(w.value(2, 1), func(error) Future[int] { panic("called") }))
		}},
		{"Inspect", func(w *ward) machine { return adapt(Inspect(w.value(2, 1), func(int, error) {})) }},
		{"CatchPanic", func(w *ward) machine { return adapt(CatchPanic(w.value(2, 1))) }},
		{"CatchPanic of a panic", func(w *ward) machine { return adapt(CatchPanic(w.add(probe{pending: 1, crash: true}))) }},
		{"Share", func(w *ward) machine { return adapt(Future[int](Share(w.value(2, 1)))) }},
		{"Share of two", func(w *ward) machine {
			s := Share(w.value(3, 1))
			return adapt(Join(s, Then(w.value(1, 0), func(int) Future[int] { return w.value(0, 0) })))
		}},
		{"Select", func(w *ward) machine {
			return adapt(Then(Select(w.values(5, func(i int) int { return 7 - i })...), func(s Selected[int]) Future[int] {
				dropAll(s.Rest)
				return w.value(1, 1)
			}))
		}},
		{"RaceFair", func(w *ward) machine { return adapt(RaceFair(1, w.values(5, func(i int) int { return 2 })...)) }},
		{"Select2, first", func(w *ward) machine { return adapt(Select2(w.value(1, 1), w.value(2, 1))) }},
		{"Select2, second", func(w *ward) machine { return adapt(Select2(w.value(3, 1), w.fail(2, errTest))) }},
		{"Join3", func(w *ward) machine { return adapt(Join3(w.value(2, 1), w.value(0, 1), w.value(1, 1))) }},
		{"Join8, one failing", func(w *ward) machine {
			return adapt(Join8(w.value(2, 1), w.value(0, 1), w.value(1, 1), w.value(1, 1),
				w.value(2, 1), w.value(0, 1), w.fail(2, errTest), w.value(5, 1)))
		}},
		{"Settle", func(w *ward) machine { return adapt(Settle(w.value(2, 1), w.fail(1, errTest), w.value(0, 1))) }},
		{"Unordered", func(w *ward) machine {
			u := NewUnordered(w.values(12, func(i int) int { return i % 4 })...)
			return adapt(drained(u.PollNext, u.Drop))
		}},
		{"Ordered", func(w *ward) machine {
			o := NewOrdered(append(w.values(6, func(i int) int { return 6 - i }), w.fail(2, errTest))...)
			return adapt(drained(o.PollNext, o.Drop))
		}},
		{"Under", func(w *ward) machine {
			t := NewToken(context.Background())
			w.t.Cleanup(func() { t.Cancel(nil) })
			return adapt(Under(t, w.value(2, 1)))
		}},
	}...)
}

// What each new combinator answers.
func TestMoreAnswers(t *testing.T) {
	other := errors.New("other")
	for name, c := range map[string]struct {
		f    Future[int]
		want Poll[int]
	}{
		"OrElse":               {OrElse(Failed[int](errTest), func(err error) Future[int] { return Failed[int](errors.Join(err, other)) }), Fail[int](errors.Join(errTest, other))},
		"OrElse of a value":    {OrElse(Ready(1), func(error) Future[int] { panic("not needed") }), Of(1)},
		"CatchPanic":           {CatchPanic(Ready(1)), Of(1)},
		"RaceFair":             {RaceFair(1, Ready(7)), Of(7)},
		"RaceFair of none":     {RaceFair[int](1), Fail[int](ErrNoFutures)},
		"RaceFair of an error": {RaceFair(1, Failed[int](errTest)), Fail[int](errTest)},
		"Join3": {Map(Join3(Ready(1), Ready("ab"), Ready(3.0)), func(v Triple[int, string, float64]) int {
			return v.First + len(v.Second) + int(v.Third)
		}), Of(6)},
		"Join8": {Map(Join8(Ready(1), Ready(2), Ready(3), Ready(4), Ready(5), Ready(6), Ready(7), Ready(8)),
			func(v Tuple8[int, int, int, int, int, int, int, int]) int {
				return v.First + 10*v.Second + 100*v.Third + 1000*v.Fourth + 10000*v.Fifth + 100000*v.Sixth + 1000000*v.Seventh + 10000000*v.Eighth
			}), Of(87654321)},
		"Join4": {Map(Join4(Ready(1), Ready(2), Ready(3), Ready(4)), func(v Quad[int, int, int, int]) int { return v.Fourth }), Of(4)},
		"Join5": {Map(Join5(Ready(1), Ready(2), Ready(3), Ready(4), Ready(5)), func(v Tuple5[int, int, int, int, int]) int { return v.Fifth }), Of(5)},
		"Join6": {Map(Join6(Ready(1), Ready(2), Ready(3), Ready(4), Ready(5), Ready(6)), func(v Tuple6[int, int, int, int, int, int]) int { return v.Sixth }), Of(6)},
		"Join7": {Map(Join7(Ready(1), Ready(2), Ready(3), Ready(4), Ready(5), Ready(6), Ready(7)), func(v Tuple7[int, int, int, int, int, int, int]) int { return v.Seventh }), Of(7)},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, await(c.f)) })
	}

	var seen []any
	await(Inspect(Ready(1), func(v int, err error) { seen = append(seen, v, err) }))
	await(Inspect(Failed[int](errTest), func(v int, err error) { seen = append(seen, v, err) }))
	require.Equal(t, []any{1, nil, 0, errTest}, seen)

	var crash *PanicError
	p := await(CatchPanic(Lazy(func() (int, error) { panic(errTest) })))
	require.ErrorAs(t, p.Err, &crash)
	require.ErrorIs(t, p.Err, errTest)
	require.Contains(t, crash.Error(), "test error")
	require.Contains(t, string(crash.Stack), "TestMoreAnswers")

	s := await(Select(Pending[int](), Ready(5), Ready(6))).Value
	require.Equal(t, 1, s.Index)
	require.Equal(t, Of(5), s.Poll)
	require.Nil(t, s.Rest[1])
	require.Equal(t, Of(6), await(s.Rest[2]))
	require.ErrorIs(t, await(Select[int]()).Err, ErrNoFutures)
	require.Equal(t, Of("b"), await(Select2(Pending[int](), Ready("b"))).Value.Second)
	require.Equal(t, []Poll[int]{Of(1), Fail[int](errTest)}, await(Settle(Ready(1), Failed[int](errTest))).Value)

	f := Fuse(Ready(4))
	require.False(t, f.Ended())
	require.Equal(t, Of(4), await[int](f))
	require.True(t, f.Ended())
	require.False(t, f.Poll(new(task).cx()).Ready)
	f.Drop()
	Fuse(Pending[int]()).Drop()
}

// A fair race prefers none, and its seed makes it repeat itself.
func TestRaceFair(t *testing.T) {
	winners := func(seed uint64) (log []int) {
		for i := range 64 {
			log = append(log, await(RaceFair(seed+uint64(i), Ready(0), Ready(1), Ready(2))).Value)
		}
		return log
	}
	require.Equal(t, winners(7), winners(7))
	require.NotEqual(t, winners(7), winners(1007))
	count := [3]int{}
	for _, w := range winners(7) {
		count[w]++
	}
	for _, n := range count {
		require.Greater(t, n, 8, "%v", count)
	}
}

// A set polls only what was woken, takes futures while it runs, and does not mind
// the wakers of those that have gone.
func TestUnordered(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	u := NewUnordered[int]()
	require.Equal(t, Fail[int](ErrEnd), u.PollNext(k.cx()))
	a, b := w.value(1, 1), w.value(1, 2)
	u.Push(a)
	u.Push(b)
	require.False(t, u.PollNext(k.cx()).Ready)
	b.waker.WakeByRef()
	require.Equal(t, 1, k.woken())
	require.Equal(t, Of(2), u.PollNext(k.cx()))
	require.Equal(t, []int{1, 2}, w.polls(), "the other was not woken")
	c := w.value(1, 3)
	u.Push(c) // in the place of b
	require.Equal(t, 2, u.Len())
	require.False(t, u.PollNext(k.cx()).Ready)
	w.wake()
	require.Equal(t, Of(1), u.PollNext(k.cx()))
	require.Equal(t, Of(3), u.PollNext(k.cx()))
	require.Equal(t, Fail[int](ErrEnd), u.PollNext(k.cx()))
	u.Push(w.value(1, 4))
	require.False(t, u.PollNext(k.cx()).Ready)
	u.Drop()
	u.Drop()
	w.allEnded()
	require.Panics(t, func() { u.PollNext(k.cx()) })
	require.Panics(t, func() { u.Push(Ready(1)) })
}

func TestOrdered(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	o := NewOrdered[int](w.value(2, 0), w.value(0, 1), w.fail(1, errTest))
	var got []Poll[int]
	for o.Len() > 0 {
		p := o.PollNext(k.cx())
		if p.Ready {
			got = append(got, p)
		}
		w.wake()
	}
	require.Equal(t, []Poll[int]{Of(0), Of(1), Fail[int](errTest)}, got)
	require.Equal(t, Fail[int](ErrEnd), o.PollNext(k.cx()))
}

// Clones of a shared future wait in different tasks; the one that polls it may be
// dropped, and another goes on.
func TestShared(t *testing.T) {
	w := &ward{t: t}
	p := w.value(2, 9)
	a := Share[int](p)
	b, c := a.Clone(), a.Clone()
	ka, kb := new(task), new(task)
	require.False(t, a.Poll(ka.cx()).Ready)
	p.waker.WakeByRef()
	require.Equal(t, 1, ka.woken())
	a.Drop()
	a.Drop()
	require.False(t, b.Poll(kb.cx()).Ready)
	p.waker.WakeByRef()
	require.Equal(t, 1, kb.woken())
	require.Equal(t, Of(9), b.Poll(kb.cx()))
	require.Equal(t, Of(9), c.Poll(kb.cx()))
	require.Zero(t, ka.alive.Load()+kb.alive.Load())
	require.Panics(t, func() { a.Clone() })
	require.Equal(t, 3, p.polls)

	crash := Share(Lazy(func() (int, error) { panic("mine") }))
	other := crash.Clone()
	require.False(t, Pending[int]().Poll(ka.cx()).Ready)
	require.PanicsWithValue(t, "mine", func() { crash.Poll(ka.cx()) })
	require.ErrorIs(t, await[int](other).Err, errSharedPanic)
	crash.Drop()

	w = &ward{t: t}
	a = Share[int](w.value(1, 1))
	b = a.Clone()
	a.Drop()
	b.Drop()
	w.allEnded()
}

// A shared future is woken while one clone polls it, after it has looked. Another clone,
// woken too, finds the poll under way and waits; when the first is dropped rather than
// polled again, the other one must have been woken once more.
func TestSharedWokenInPoll(t *testing.T) {
	var other *Shared[int]
	kb := new(task)
	polls := 0
	shared := Share(Future[int](polled(func(cx *Context) Poll[int] {
		if polls++; polls == 2 {
			return Of(4)
		}
		require.False(t, other.Poll(kb.cx()).Ready) // it waits
		w := cx.Waker()
		w.Wake()
		require.Equal(t, 1, kb.woken())
		require.False(t, other.Poll(kb.cx()).Ready) // and waits again
		return Poll[int]{}
	})))
	other = shared.Clone()
	require.False(t, shared.Poll(new(task).cx()).Ready)
	shared.Drop()
	require.Equal(t, 1, kb.woken(), "the wake is lost")
	require.Equal(t, Of(4), other.Poll(kb.cx()))
}

// polled is a future made of its Poll.
type polled func(cx *Context) Poll[int]

func (f polled) Poll(cx *Context) Poll[int] { return f(cx) }

// Many tasks wait for one future, are dropped at random, and the rest get its
// value; it is made once.
func TestStressShared(t *testing.T) {
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for range 200 {
			const clones = 4
			var (
				made     point.Int64
				promises [3]*Promise[int]
				steps    = Ready(0)
				wg       sync.WaitGroup
			)
			for i := range promises {
				promises[i] = NewPromise[int]()
				f := promises[i].Future()
				steps = Then(steps, func(n int) Future[int] {
					return Map(f, func(v int) int { return n + v })
				})
			}
			first := Share(Map(steps, func(n int) int { made.Inc(); return n }))
			all := []*Shared[int]{first}
			for range clones - 1 {
				all = append(all, first.Clone())
			}
			for i, c := range all {
				rng := testkit.Split(rng)
				wg.Go(func() {
					if i > 0 && rng.IntN(3) == 0 {
						b := newBell()
						cx := waker.NewContext(waker.New(b))
						for range rng.IntN(3) {
							if c.Poll(cx).Ready {
								return
							}
							testkit.Dither(rng)
						}
						c.Drop()
						return
					}
					if p := await[int](c); p != Of(6) {
						t.Errorf("got %+v", p)
					}
				})
			}
			for i, p := range promises {
				testkit.Dither(rng)
				p.Resolve(i + 1)
			}
			testkit.WaitAll(t, &wg, nil)
			require.EqualValues(t, 1, made.Load())
		}
	})
}

// To cancel a token cancels those below it and no other.
func TestToken(t *testing.T) {
	root := NewToken(t.Context())
	left, right := root.Child(), root.Child()
	leaf := left.Child()
	k := new(task)
	done := leaf.Done()
	require.False(t, done.Poll(k.cx()).Ready)
	f := Under(leaf, Pending[int]())
	require.False(t, f.Poll(k.cx()).Ready)
	left.Cancel(errTest)
	left.Cancel(errors.New("too late"))
	require.ErrorIs(t, await(done).Err, errTest)
	require.ErrorIs(t, await(f).Err, errTest)
	require.ErrorIs(t, leaf.Cause(), errTest)
	require.NoError(t, right.Cause())
	require.NoError(t, root.Cause())
	root.Cancel(nil)
	require.ErrorIs(t, right.Cause(), context.Canceled)
	require.ErrorIs(t, right.Context().Err(), context.Canceled)
	var none context.Context
	require.Panics(t, func() { NewToken(none) })
}

// Block polls on an ordinary goroutine.
func TestBlock(t *testing.T) {
	p := NewPromise[int]()
	go p.Resolve(3)
	v, err := Block(t.Context(), p.Future())
	require.NoError(t, err)
	require.Equal(t, 3, v)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errTest)
	w := &ward{t: t}
	_, err = Block(ctx, Future[int](w.value(1, 1)))
	require.ErrorIs(t, err, errTest)
	w.allEnded()
	v, err = Block(ctx, Ready(2))
	require.NoError(t, err, "it is ready")
	require.Equal(t, 2, v)
	require.Panics(t, func() { _, _ = Block(ctx, Future[int](w.add(probe{crash: true}))) })
	w.allEnded()
	require.Panics(t, func() { _, _ = Block[int](ctx, nil) })
}
