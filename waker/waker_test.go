// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/invariant"
)

func TestZeroWaker(t *testing.T) {
	for name, w := range map[string]Waker{"zero": {}, "Noop": Noop(), "New(nil)": New(nil)} {
		t.Run(name, func(t *testing.T) {
			require.True(t, w.IsZero())
			w.WakeByRef()
			w.WakeIn(nil)
			w.WakeIn(NewContext(w))
			require.True(t, w.Clone().IsZero())
			require.True(t, w.WillWake(Noop()))
			w.Wake()
			w.Drop()
		})
	}
}

func TestWakerSize(t *testing.T) {
	require.Equal(t, 2*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(Waker{}))
}

func TestWakes(t *testing.T) {
	p := new(plain)
	w := New(p)
	require.False(t, w.IsZero())

	w.WakeByRef()
	require.Equal(t, plain{wakes: 1}, *p)

	cx := NewContext(Noop())
	cx.Reset(Noop(), "here", -1)
	w.WakeIn(cx)
	require.Equal(t, plain{wakes: 2, from: "here"}, *p)

	w.WakeIn(nil)
	require.Equal(t, plain{wakes: 3}, *p)

	w.WakeBy("there")
	require.Equal(t, plain{wakes: 4, from: "there"}, *p)

	w.Wake()
	require.Equal(t, plain{wakes: 5}, *p)
	require.True(t, w.IsZero(), "Wake consumes")
	w.Wake()
	require.Equal(t, 5, p.wakes)
}

func TestCountingTargets(t *testing.T) {
	c := new(counted)
	first := New(c)
	second := first.Clone()
	require.Equal(t, 1, c.clones)
	require.True(t, first.WillWake(second))

	first.WakeByRef()
	require.Zero(t, c.drops, "by reference")
	first.Wake()
	require.Equal(t, 1, c.drops, "Wake gives the waker back")
	second.Drop()
	require.Equal(t, 2, c.drops)
	require.True(t, second.IsZero())
	second.Drop()
	require.Equal(t, 2, c.drops, "the second Drop finds nothing")
	require.Equal(t, 2, c.wakes)
}

// A byValue is a target that is not a pointer and does not compare.
type byValue []int

func (byValue) WakeBy(Local) {}

func TestWillWake(t *testing.T) {
	p, q := new(plain), new(plain)
	f := Func(func() {})
	odd := New(byValue{1, 2})
	for _, c := range []struct {
		name string
		a, b Waker
		want bool
	}{
		{"same target", New(p), New(p), true},
		{"copy", New(p), New(p).Clone(), true},
		{"two targets", New(p), New(q), false},
		{"none and one", Noop(), New(p), false},
		{"two kinds", New(p), New(new(Flag)), false},
		{"copy of a function", f, f, true},
		{"two functions", f, Func(func() {}), false},
		{"a type that does not compare", odd, odd, true},
		{"two of them", odd, New(byValue{1, 2}), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, c.a.WillWake(c.b))
			require.Equal(t, c.want, c.b.WillWake(c.a))
		})
	}
}

func TestFunc(t *testing.T) {
	n := 0
	w := Func(func() { n++ })
	w.WakeByRef()
	w.Clone().WakeIn(NewContext(Noop()))
	require.Equal(t, 2, n)
}

// A Waker and a Cell are targets, so that wakes can be passed on.
func TestForwarding(t *testing.T) {
	p := new(plain)
	w := New(New(New(p)))
	w.WakeBy("from")
	require.Equal(t, plain{1, "from"}, *p)
	require.True(t, w.WillWake(w))

	var c Cell
	c.RegisterWaker(New(p))
	New(&c).WakeBy("farther")
	require.Equal(t, plain{2, "farther"}, *p)
}

func TestNilPointerAsTarget(t *testing.T) {
	if !invariant.Enabled {
		require.NotPanics(t, func() { New((*plain)(nil)) })
		return
	}
	require.Panics(t, func() { New((*plain)(nil)) })
}

func TestNoAllocation(t *testing.T) {
	var (
		p  = new(plain)
		c  = new(counted)
		cx = NewContext(New(p))
		ce Cell
		f  Flag
		l  List
		e  Entry
	)
	for name, op := range map[string]func(){
		"New, Clone, Wake":        func() { w := New(c); w = w.Clone(); w.Wake() },
		"Reset, Waker, Wake":      func() { cx.Reset(New(p), nil, 1); _ = cx.Waker(); cx.Wake() },
		"Cell":                    func() { ce.Register(cx); ce.Register(cx); ce.Wake() },
		"Flag":                    func() { f.Waker().WakeByRef(); f.Take() },
		"List with its own Entry": func() { l.Register(cx, &e); l.WakeAll(); e.Remove() },
	} {
		t.Run(name, func(t *testing.T) { require.Zero(t, testing.AllocsPerRun(100, op)) })
	}
}
