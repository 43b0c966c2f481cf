// SPDX-License-Identifier: Apache-2.0

package future

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"
)

var errTest = errors.New("test error")

// A machine is a future whose value does not matter.
type machine interface {
	poll(cx *Context) (ready bool)
	drop()
}

type adapted[T any] struct{ f Future[T] }

func (a adapted[T]) poll(cx *Context) bool { return a.f.Poll(cx).Ready }

func (a adapted[T]) drop() { Drop(a.f) }

func adapt[T any](f Future[T]) machine { return adapted[T]{f} }

// combinators is every future that has children, in every way that it can end.
// Each row makes one over children from the ward.
var combinators = []struct {
	name string
	make func(w *ward) machine
}{
	{"Map", func(w *ward) machine { return adapt(Map(w.value(2, 1), func(v int) string { return "" })) }},
	{"Map failing", func(w *ward) machine { return adapt(Map(w.fail(2, errTest), func(v int) string { return "" })) }},
	{"MapErr", func(w *ward) machine { return adapt(MapErr(w.fail(2, errTest), func(err error) error { return err })) }},
	{"Then", func(w *ward) machine {
		return adapt(Then(w.value(2, 1), func(int) Future[int] { return w.value(2, 1) }))
	}},
	{"Then failing", func(w *ward) machine {
		return adapt(Then(w.fail(1, errTest), func(int) Future[int] { return w.value(2, 1) }))
	}},
	{"Join", func(w *ward) machine { return adapt(Join(w.value(2, 1), w.value(1, 2))) }},
	{"Join, first failing", func(w *ward) machine { return adapt(Join(w.fail(1, errTest), w.value(3, 2))) }},
	{"Join, second failing", func(w *ward) machine { return adapt(Join(w.value(3, 1), w.fail(1, errTest))) }},
	{"Join, second failing late", func(w *ward) machine { return adapt(Join(w.value(0, 1), w.fail(2, errTest))) }},
	{"JoinAll of few", func(w *ward) machine { return adapt(JoinAll(w.values(5, func(i int) int { return i % 3 })...)) }},
	{"JoinAll of many", func(w *ward) machine { return adapt(JoinAll(w.values(20, func(i int) int { return i % 4 })...)) }},
	{"JoinAll of few, one failing", func(w *ward) machine {
		return adapt(JoinAll(append(w.values(4, func(i int) int { return i }), w.fail(2, errTest))...))
	}},
	{"JoinAll of many, one failing", func(w *ward) machine {
		return adapt(JoinAll(append(w.values(20, func(i int) int { return i % 4 }), w.fail(2, errTest))...))
	}},
	{"Race of few", func(w *ward) machine { return adapt(Race(w.values(5, func(i int) int { return 7 - i })...)) }},
	{"Race of many", func(w *ward) machine { return adapt(Race(w.values(20, func(i int) int { return 23 - i })...)) }},
	{"Race, won by an error", func(w *ward) machine {
		return adapt(Race(append(w.values(12, func(i int) int { return 3 }), w.fail(2, errTest))...))
	}},
	{"ToChan", func(w *ward) machine { f, _ := ToChan(w.value(2, 1)); return adapt(f) }},
	{"WithContext", func(w *ward) machine {
		ctx, cancel := context.WithCancel(context.Background())
		w.t.Cleanup(cancel)
		return adapt(WithContext(ctx, w.value(2, 1)))
	}},
	{"WithContext, ended", func(w *ward) machine {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return adapt(WithContext(ctx, w.value(2, 1)))
	}},
	{"ToContext", func(w *ward) machine {
		_, f := ToContext(context.Background(), w.value(2, 1))
		return adapt(f)
	}},
	{"all of them nested", func(w *ward) machine {
		deep := Then(Map(w.value(1, 1), func(v int) int { return v }), func(v int) Future[int] {
			return Race(w.values(12, func(i int) int { return 1 + i })...)
		})
		wide := Map(JoinAll(w.values(10, func(i int) int { return i % 3 })...), func(vs []int) int { return len(vs) })
		return adapt(Join(JoinAll(deep, wide), Join(w.value(0, 1), w.value(4, 1))))
	}},
}

// Whatever poll is the last before the drop, every child ends exactly once, and
// every waker that was kept is given back.
func TestDropAfterEachPoll(t *testing.T) {
	for _, c := range combinators {
		t.Run(c.name, func(t *testing.T) {
			for n := 0; ; n++ {
				if n > 40 {
					t.Fatal("is never ready")
				}
				w, k := &ward{t: t}, new(task)
				m := c.make(w)
				ready := false
				for polls := 0; polls < n && !ready; polls++ {
					ready = m.poll(k.cx())
					w.wake()
				}
				if !ready {
					m.drop()
				}
				w.allEnded()
				require.Zero(t, k.alive.Load(), "wakers left after %d polls", n)
				require.Panics(t, func() { m.poll(k.cx()) }, "polled after the end")
				m.drop() // once more does no harm
				if ready {
					return
				}
			}
		})
	}
}

// A drop after a child's panic drops the children that have not ended, the one
// that panicked among them.
func TestDropAfterPanic(t *testing.T) {
	crash := func(w *ward) *probe { return w.add(probe{pending: 1, crash: true}) }
	for name, make := range map[string]func(w *ward) machine{
		"Map":     func(w *ward) machine { return adapt(Map(crash(w), func(int) int { return 0 })) },
		"MapErr":  func(w *ward) machine { return adapt(MapErr(crash(w), func(err error) error { return err })) },
		"Then":    func(w *ward) machine { return adapt(Then(crash(w), func(int) Future[int] { return w.value(0, 0) })) },
		"Then 2":  func(w *ward) machine { return adapt(Then(w.value(0, 0), func(int) Future[int] { return crash(w) })) },
		"Join":    func(w *ward) machine { return adapt(Join(w.value(0, 1), crash(w))) },
		"JoinAll": func(w *ward) machine { return adapt(JoinAll(w.value(3, 1), crash(w), w.value(0, 1))) },
		"many": func(w *ward) machine {
			return adapt(JoinAll(append(w.values(12, func(int) int { return 2 }), crash(w))...))
		},
		"Race":        func(w *ward) machine { return adapt(Race(w.value(3, 1), crash(w))) },
		"ToChan":      func(w *ward) machine { f, _ := ToChan(crash(w)); return adapt(f) },
		"WithContext": func(w *ward) machine { return adapt(WithContext(t.Context(), crash(w))) },
		"ToContext":   func(w *ward) machine { _, f := ToContext(t.Context(), crash(w)); return adapt(f) },
	} {
		t.Run(name, func(t *testing.T) {
			w, k := &ward{t: t}, new(task)
			m := make(w)
			require.PanicsWithValue(t, "crash of a probe", func() {
				for range 3 {
					m.poll(k.cx())
					w.wake()
				}
			})
			m.drop()
			w.allEnded()
			require.Zero(t, k.alive.Load())
		})
	}
}

// A panic in a function that the user gave passes through, once the child before
// it has ended, and leaves nothing to drop.
func TestPanicInFunction(t *testing.T) {
	for name, make := range map[string]func(w *ward) machine{
		"Map":    func(w *ward) machine { return adapt(Map(w.value(0, 1), func(int) int { panic("mine") })) },
		"MapErr": func(w *ward) machine { return adapt(MapErr(w.fail(0, errTest), func(error) error { panic("mine") })) },
		"Then":   func(w *ward) machine { return adapt(Then(w.value(0, 1), func(int) Future[int] { panic("mine") })) },
		"Lazy":   func(*ward) machine { return adapt(Lazy(func() (int, error) { panic("mine") })) },
		"Func":   func(*ward) machine { return adapt(FromFunc(func(*Context) Poll[int] { panic("mine") })) },
	} {
		t.Run(name, func(t *testing.T) {
			w, k := &ward{t: t}, new(task)
			m := make(w)
			require.PanicsWithValue(t, "mine", func() { m.poll(k.cx()) })
			m.drop()
			w.allEnded()
		})
	}
}

// A combinator that has ended keeps no child reachable, while itself is held.
func TestEndedFuturesRetainNothing(t *testing.T) {
	for _, c := range combinators {
		for _, dropped := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dropped %v", c.name, dropped), func(t *testing.T) {
				m, children := endedMachine(t, c.make, dropped)
				runtime.GC()
				for i, child := range children {
					require.Nil(t, child.Value(), "child %d is still reachable", i)
				}
				runtime.KeepAlive(m)
			})
		}
	}
}

// endedMachine runs a machine to its end, and returns it with its former children.
func endedMachine(t *testing.T, make func(w *ward) machine, dropped bool) (machine, []weak.Pointer[probe]) {
	w, k := &ward{t: t}, new(task)
	m := make(w)
	for !m.poll(k.cx()) {
		w.wake()
		if dropped {
			m.drop()
			break
		}
	}
	var children []weak.Pointer[probe]
	for _, p := range w.probes {
		children = append(children, weak.Make(p))
	}
	return m, children
}

func TestDropHelper(t *testing.T) {
	Drop[int](nil)
	Drop(Pending[int]())
	Drop(FromFunc(func(*Context) Poll[int] { return Of(1) }))
	w := &ward{t: t}
	p := w.value(0, 1)
	Drop(p)
	require.Equal(t, 1, p.drops)
}

func TestDropForgetsBeforeItCalls(t *testing.T) {
	calls := 0
	fs := []Future[int]{Pending[int](), &badDrop{&calls}, Pending[int]()}
	f := JoinAll(fs...)
	require.Panics(t, func() { Drop(f) })
	Drop(f)
	require.Equal(t, 1, calls, "a Drop that panicked is not called again")
}

// A badDrop breaks the rule that Drop does not panic.
type badDrop struct{ calls *int }

func (*badDrop) Poll(*Context) Poll[int] { return Poll[int]{} }

func (b *badDrop) Drop() { *b.calls++; panic("bad drop") }
