// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/waker"
)

func TestPollHelpers(t *testing.T) {
	require.Equal(t, Poll[int]{Value: 5, Ready: true}, Of(5))
	require.Equal(t, Poll[int]{Err: errTest, Ready: true}, Fail[int](errTest))
	require.Equal(t, Poll[int]{}, Wait[int]())
}

func TestSimpleFutures(t *testing.T) {
	count := 0
	for _, c := range []struct {
		name string
		f    Future[int]
		want Poll[int]
	}{
		{"Ready", Ready(5), Of(5)},
		{"Failed", Failed[int](errTest), Fail[int](errTest)},
		{"Lazy", Lazy(func() (int, error) { count++; return 5, nil }), Of(5)},
		{"Lazy failing", Lazy(func() (int, error) { return 0, errTest }), Fail[int](errTest)},
		{"FromFunc", FromFunc(func(*Context) Poll[int] { return Of(5) }), Of(5)},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Zero(t, count, "nothing happens before the first poll")
			require.Equal(t, c.want, c.f.Poll(new(task).cx()))
			count = 0
		})
	}
}

// Each future of ours refuses a poll after its end, and says which it is.
func TestPollAfterReady(t *testing.T) {
	for name, f := range map[string]Future[struct{}]{
		"Ready or Failed":  Ready(struct{}{}),
		"Lazy":             Lazy(func() (s struct{}, err error) { return }),
		"YieldNow":         YieldNow(),
		"Map":              Map(Ready(1), func(int) (s struct{}) { return }),
		"MapErr":           MapErr(Ready(struct{}{}), func(err error) error { return err }),
		"Then":             Then(Ready(1), func(int) Future[struct{}] { return Ready(struct{}{}) }),
		"Join":             Map(Join(Ready(1), Ready("")), func(Pair[int, string]) (s struct{}) { return }),
		"JoinAll":          Map(JoinAll(Ready(1)), func([]int) (s struct{}) { return }),
		"Race":             Race(Ready(struct{}{}), Ready(struct{}{})),
		"WithContext":      WithContext(t.Context(), Ready(struct{}{})),
		"Promise's future": settledPromise().Future(),
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, Of(struct{}{}), await(f))
			require.Panics(t, func() { f.Poll(new(task).cx()) })
		})
	}
	t.Run("says who", func(t *testing.T) {
		f := Ready(1)
		await(f)
		require.PanicsWithValue(t, "future: Ready or Failed"+endedSuffix, func() { await(f) })
	})
	t.Run("after Drop", func(t *testing.T) {
		for _, f := range []Future[int]{Ready(1), Lazy(func() (int, error) { return 1, nil }), FromChan[int](nil)} {
			Drop(f)
			require.Panics(t, func() { await(f) })
		}
		f := YieldNow()
		Drop(f)
		require.PanicsWithValue(t, "future: YieldNow"+endedSuffix, func() { await(f) })
	})
}

func settledPromise() *Promise[struct{}] {
	p := NewPromise[struct{}]()
	p.Resolve(struct{}{})
	return p
}

func TestPending(t *testing.T) {
	cx := new(task).cx()
	f := Pending[string]()
	for range 3 {
		require.False(t, f.Poll(cx).Ready)
	}
	require.False(t, cx.Taken(), "nobody will wake it, and an executor can tell")
}

func TestNilArguments(t *testing.T) {
	for name, make := range map[string]func(){
		"Map":         func() { Map(nil, func(int) int { return 0 }) },
		"MapErr":      func() { MapErr[int](nil, nil) },
		"Then":        func() { Then(nil, func(int) Future[int] { return nil }) },
		"Join":        func() { Join(Ready(1), Future[int](nil)) },
		"JoinAll":     func() { JoinAll(Ready(1), nil) },
		"Race":        func() { Race(Ready(1), nil) },
		"ToChan":      func() { ToChan[int](nil) },
		"WithContext": func() { WithContext[int](t.Context(), nil) },
		"ToContext":   func() { ToContext[int](t.Context(), nil) },
	} {
		t.Run(name, func(t *testing.T) {
			require.PanicsWithValue(t, "future: nil future given to "+name, make)
		})
	}
	for name, make := range map[string]func(){
		"FromFunc": func() { FromFunc[int](nil) },
		"Inspect":  func() { Inspect(Ready(1), nil) },
		"Lazy":     func() { Lazy[int](nil) },
		"Map":      func() { Map[int, int](Ready(1), nil) },
		"MapErr":   func() { MapErr(Ready(1), nil) },
		"OrElse":   func() { OrElse(Ready(1), nil) },
		"Then":     func() { Then[int, int](Ready(1), nil) },
	} {
		require.PanicsWithValue(t, "future: nil function given to "+name, make)
	}
	require.PanicsWithValue(t, "future: nil Token given to Under", func() { Under(nil, Ready(1)) })
	require.PanicsWithValue(t, "future: nil Local given to Scoped", func() { Scoped(nil, 1, Ready(1)) })
	var none context.Context
	require.PanicsWithValue(t, "future: nil context", func() { FromContext(none) })
	f := Then(Ready(1), func(int) Future[int] { return nil })
	require.PanicsWithValue(t, "future: nil future given to Then by its function", func() { await(f) })
}

func TestYieldNow(t *testing.T) {
	k := new(task)
	f, cx := YieldNow(), k.cx()
	require.False(t, f.Poll(cx).Ready)
	require.True(t, cx.Again())
	require.Equal(t, 1, k.woken())
	require.True(t, f.Poll(cx).Ready)
	require.Zero(t, k.woken())
}

func TestMap(t *testing.T) {
	w := &ward{t: t}
	require.Equal(t, Of("<3>"), await(Map(Ready(3), func(v int) string { return fmt.Sprintf("<%d>", v) })))
	f := Map(w.fail(0, errTest), func(int) int { t.Error("called"); return 0 })
	require.Equal(t, Fail[int](errTest), await(f))
}

func TestMapErr(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("read: %w", err) }
	p := await(MapErr(Failed[int](errTest), wrap))
	require.ErrorIs(t, p.Err, errTest)
	require.EqualError(t, p.Err, "read: test error")
	require.Equal(t, Of(3), await(MapErr(Ready(3), wrap)))
	require.Equal(t, Of(0), await(MapErr(Failed[int](errTest), func(error) error { return nil })))
}

func TestThen(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	f := Then(w.value(1, 3), func(v int) Future[string] {
		return Map(w.value(1, v+1), func(v int) string { return fmt.Sprint(v) })
	})
	require.False(t, f.Poll(k.cx()).Ready)
	require.Len(t, w.probes, 1, "the second is not made yet")
	require.False(t, f.Poll(k.cx()).Ready)
	require.Equal(t, []int{2, 1}, w.polls(), "the second is polled at once")
	require.Equal(t, Of("4"), f.Poll(k.cx()))
	require.Equal(t, []int{2, 2}, w.polls())

	g := Then(Failed[int](errTest), func(int) Future[int] { t.Error("called"); return nil })
	require.Equal(t, Fail[int](errTest), await(g))
	h := Then(Ready(1), func(int) Future[int] { return Failed[int](errTest) })
	require.Equal(t, Fail[int](errTest), await(h))
}

func TestJoin(t *testing.T) {
	w, k := &ward{t: t}, new(task)
	f := Join(w.value(2, 1), Map(w.value(0, 2), func(int) string { return "b" }))
	require.False(t, f.Poll(k.cx()).Ready)
	require.False(t, f.Poll(k.cx()).Ready)
	require.Equal(t, Of(Pair[int, string]{1, "b"}), f.Poll(k.cx()))
	require.Equal(t, []int{3, 1}, w.polls())

	other := errors.New("other")
	for _, c := range []struct {
		name string
		a, b *probe
		want error
	}{
		{"first fails", w.fail(0, errTest), w.value(5, 0), errTest},
		{"second fails", w.value(5, 0), w.fail(0, errTest), errTest},
		{"both", w.fail(0, errTest), w.fail(0, other), errTest},
		{"second earlier", w.fail(2, errTest), w.fail(1, other), other},
		{"after the first is ready", w.value(0, 1), w.fail(1, other), other},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Join(c.a, c.b)
			p := f.Poll(k.cx())
			for !p.Ready {
				p = f.Poll(k.cx())
			}
			require.Equal(t, c.want, p.Err)
			require.Zero(t, p.Value)
		})
	}
	w.allEnded()
}

// What is handed to an interface is one pointer: making a future of it is free.
func TestNoAllocation(t *testing.T) {
	var (
		f  = func(*Context) Poll[int] { return Of(1) }
		cx = new(task).cx()
		s  Future[int]
	)
	for name, c := range map[string]struct {
		most float64
		run  func()
	}{
		"FromFunc":                {0, func() { s = FromFunc(f); s.Poll(cx) }},
		"Pending":                 {0, func() { s = Pending[int](); s.Poll(cx) }},
		"Ready":                   {1, func() { s = Ready(1); s.Poll(cx) }},
		"promise and its future":  {1, func() { p := NewPromise[int](); s = p.Future(); p.Resolve(1); s.Poll(cx) }},
		"promise, polled pending": {1, func() { p := NewPromise[int](); s = p.Future(); s.Poll(cx); p.Resolve(1); s.Poll(cx) }},
		"Map of FromFunc":         {1, func() { s = Map(FromFunc(f), plusOne); s.Poll(cx) }},
		"Join of two FromFunc":    {1, func() { Join(FromFunc(f), FromFunc(f)).Poll(cx) }},
	} {
		t.Run(name, func(t *testing.T) {
			require.LessOrEqual(t, testing.AllocsPerRun(100, c.run), c.most)
		})
	}
}

func plusOne(v int) int { return v + 1 }

// A ready leaf takes one unit, and one without budget is Pending, woken and none
// the poorer.
func TestLeavesSpend(t *testing.T) {
	ended, cancel := newEndedContext()
	defer cancel()
	values := make(chan int, 1)
	values <- 5
	promise := NewPromise[int]()
	promise.Resolve(5)
	woken := NewPromise[int]()
	for name, m := range map[string]machine{
		"promise":     adapt(promise.Future()),
		"FromChan":    adapt(FromChan(values)),
		"FromContext": adapt(FromContext(ended)),
		"promise that was polled": func() machine {
			f := woken.Future()
			f.Poll(new(task).cx())
			woken.Resolve(5)
			return adapt(f)
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			k := new(task)
			cx := waker.NewContext(waker.Noop())
			cx.Reset(waker.New(k), nil, 0)
			require.False(t, m.poll(cx))
			require.True(t, cx.Again())
			require.Equal(t, 1, k.woken())
			cx.Reset(waker.New(k), nil, 3)
			require.True(t, m.poll(cx))
			require.Equal(t, 2, cx.Budget())
			require.Zero(t, k.woken())
			require.Zero(t, k.alive.Load())
		})
	}
}
