// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestCellSize(t *testing.T) {
	word := unsafe.Sizeof(uintptr(0))
	require.Equal(t, 3*word, unsafe.Sizeof(Cell{}), "a waker, a state, and padding")
}

// The table beside the states, entry by entry.
func TestCellEveryState(t *testing.T) {
	type outcome struct {
		state     uint32
		old, mine int // wakes of the waker in the cell, and of the one that registers
	}
	wake := func(c *Cell, _ *Context) { c.Wake() }
	take := func(c *Cell, _ *Context) { w := c.Take(); w.Drop() }
	register := func(c *Cell, cx *Context) { c.Register(cx) }
	for _, row := range []struct {
		name string
		from uint32
		op   func(*Cell, *Context)
		want outcome
	}{
		{"empty Register", empty, register, outcome{state: set}},
		{"empty Wake", empty, wake, outcome{state: empty}},
		{"empty Take", empty, take, outcome{state: empty}},
		{"set Register", set, register, outcome{state: set}},
		{"set Wake", set, wake, outcome{state: empty, old: 1}},
		{"set Take", set, take, outcome{state: empty}},
		{"claimed Register", claimed, register, outcome{state: claimed, mine: 1}},
		{"claimed Wake", claimed, wake, outcome{state: overtaken}},
		{"claimed Take", claimed, take, outcome{state: overtaken}},
		{"overtaken Register", overtaken, register, outcome{state: overtaken, mine: 1}},
		{"overtaken Wake", overtaken, wake, outcome{state: overtaken}},
		{"overtaken Take", overtaken, take, outcome{state: overtaken}},
		{"emptying Register", emptying, register, outcome{state: emptying, mine: 1}},
		{"emptying Wake", emptying, wake, outcome{state: emptying}},
		{"emptying Take", emptying, take, outcome{state: emptying}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c Cell
			old, mine := new(plain), new(plain)
			if row.from == set {
				c.waker = New(old)
			}
			c.state.Store(row.from)
			row.op(&c, NewContext(New(mine)))
			require.Equal(t, row.want, outcome{c.state.Load(), old.wakes, mine.wakes})
		})
	}
	t.Run("overtaken, then written", func(t *testing.T) {
		var c Cell
		mine := new(counted)
		w := New(mine)
		require.True(t, c.claim())
		c.Wake()
		require.False(t, c.write(&w), "the waiter wakes itself")
		require.Equal(t, empty, c.state.Load())
		require.True(t, c.waker.IsZero())
		require.True(t, w.WillWake(New(mine)), "and has its waker back")
	})
}

func TestCellNewestWins(t *testing.T) {
	var c Cell
	a, b := new(plain), new(plain)
	c.Register(NewContext(New(a)))
	c.Register(NewContext(New(b)))
	c.Wake()
	require.Zero(t, a.wakes)
	require.Equal(t, 1, b.wakes)
	c.Wake()
	require.Equal(t, 1, b.wakes, "a wake empties")
}

func TestCellRemembersNoWake(t *testing.T) {
	var c Cell
	p := new(plain)
	c.Wake()
	c.Register(NewContext(New(p)))
	require.Zero(t, p.wakes)
}

func TestCellWakeIn(t *testing.T) {
	var c Cell
	p := new(plain)
	cx := NewContext(Noop())
	cx.Reset(New(p), "here", -1)
	c.Register(cx)
	c.WakeIn(cx)
	require.Equal(t, plain{1, "here"}, *p)

	c.state.Store(emptying)
	c.Register(cx)
	require.Equal(t, plain{2, "here"}, *p, "a self-wake is local too")
	require.True(t, cx.Again())
}

// Each clone is woken or dropped exactly once, whatever the path.
func TestCellGivesWakersBack(t *testing.T) {
	a, b := new(counted), new(counted)
	cxA, cxB := NewContext(New(a)), NewContext(New(b))
	for _, row := range []struct {
		name string
		ops  func(c *Cell)
	}{
		{"registered, woken", func(c *Cell) { c.Register(cxA); c.Wake() }},
		{"registered, dropped", func(c *Cell) { c.Register(cxA); w := c.Take(); w.Drop() }},
		{"twice the same", func(c *Cell) { c.Register(cxA); c.Register(cxA); c.Wake() }},
		{"replaced", func(c *Cell) { c.Register(cxA); c.Register(cxB); c.Wake() }},
		{"refused", func(c *Cell) { c.state.Store(emptying); c.Register(cxA) }},
		{"by waker", func(c *Cell) { c.RegisterWaker(cxA.Waker()); c.Wake() }},
		{"by waker, refused", func(c *Cell) { c.state.Store(emptying); c.RegisterWaker(cxA.Waker()) }},
		{"overtaken", func(c *Cell) {
			w := cxA.Waker()
			c.claim()
			c.Wake()
			c.write(&w)
			w.Drop()
		}},
		{"overtaken while replacing", func(c *Cell) {
			c.Register(cxB)
			w := cxA.Waker()
			c.claim()
			c.Wake()
			c.write(&w)
			w.Drop()
		}},
		{"overtaken, the same waker", func(c *Cell) {
			c.Register(cxA)
			w := cxA.Waker()
			c.claim()
			c.Wake()
			c.write(&w)
			w.Drop()
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			*a, *b = counted{}, counted{}
			var c Cell
			row.ops(&c)
			require.True(t, c.waker.IsZero(), "nothing is retained")
			require.Equal(t, a.clones, a.drops)
			require.Equal(t, b.clones, b.drops)
			require.NotZero(t, a.clones)
		})
	}
}

// The same waker is not written again.
func TestCellSkipsTheWrite(t *testing.T) {
	var c Cell
	p := new(plain)
	first, second := New(p), New(p)
	require.True(t, c.put(&first))
	require.True(t, first.IsZero(), "went into the cell")
	require.True(t, c.put(&second))
	require.False(t, second.IsZero(), "was not needed")
}

func TestCellPanicInClone(t *testing.T) {
	var c Cell
	p := new(plain)
	c.Register(NewContext(New(p)))
	require.Panics(t, func() { c.Register(NewContext(New(&brittle{}))) })
	c.Wake()
	require.Equal(t, 1, p.wakes, "the cell is as it was")
}

// A brittle target cannot be cloned.
type brittle struct{ plain }

func (*brittle) CloneTarget() Target { panic("no clones") }
