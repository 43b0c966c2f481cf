// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestContextWaker(t *testing.T) {
	c := new(counted)
	cx := NewContext(New(c))
	require.False(t, cx.Taken())

	w := cx.Waker()
	require.True(t, cx.Taken())
	require.Equal(t, 1, c.clones, "a waker to keep is a clone")
	require.True(t, w.WillWake(New(c)))

	cx.SetTaken(false)
	require.False(t, cx.Taken())
	cx.SetTaken(true)
	require.True(t, cx.Taken())

	cx.Reset(Noop(), nil, -1)
	require.False(t, cx.Taken(), "Reset forgets")
	require.True(t, cx.Waker().IsZero())
}

func TestContextLocal(t *testing.T) {
	var none *Context
	require.Nil(t, none.Local())
	cx := NewContext(Noop())
	require.Nil(t, cx.Local())
	cx.Reset(Noop(), 5, -1)
	require.Equal(t, 5, cx.Local())
}

func TestContextNext(t *testing.T) {
	p := new(plain)
	cx := NewContext(Noop())
	cx.Reset(Noop(), "here", 1)
	cx.Wake()
	cx.Next(New(p), 2)
	require.False(t, cx.Taken())
	require.False(t, cx.Again())
	require.Equal(t, 2, cx.Budget())
	require.Equal(t, "here", cx.Local(), "the place stays")
	require.True(t, cx.Waker().WillWake(New(p)))
}

func TestContextWake(t *testing.T) {
	p := new(plain)
	cx := NewContext(Noop())
	cx.Reset(New(p), "here", -1)
	require.False(t, cx.Again())
	cx.Wake()
	require.True(t, cx.Again())
	require.True(t, cx.Taken(), "a wake is on its way")
	require.Equal(t, plain{1, "here"}, *p)
	cx.Reset(New(p), nil, -1)
	require.False(t, cx.Again())

	cx.DeferWakes()
	cx.Wake()
	require.True(t, cx.Again())
	require.Equal(t, 1, p.wakes, "the executor looks itself")
	cx.Reset(New(p), nil, -1)
	cx.Wake()
	require.Equal(t, 1, p.wakes, "and does so for good")
}

func TestBudget(t *testing.T) {
	t.Run("is spent to the end", func(t *testing.T) {
		p := new(plain)
		cx := NewContext(Noop())
		cx.Reset(New(p), nil, 3)
		for left := 3; left > 0; left-- {
			require.Equal(t, left, cx.Budget())
			require.True(t, cx.Spend())
		}
		require.Zero(t, p.wakes)
		require.False(t, cx.Again())
		for wakes := 1; wakes <= 2; wakes++ {
			require.Zero(t, cx.Budget())
			require.False(t, cx.Spend())
			require.True(t, cx.Again())
			require.Equal(t, wakes, p.wakes, "the task will be polled again")
		}
	})
	t.Run("unlimited", func(t *testing.T) {
		cx := NewContext(Noop())
		for range 1000 {
			require.Equal(t, -1, cx.Budget())
			require.True(t, cx.Spend())
		}
		cx.Reset(Noop(), nil, -7)
		require.Equal(t, -1, cx.Budget())
	})
}

func TestBorrowAndRepay(t *testing.T) {
	parentTarget, childTarget := new(plain), new(plain)
	parent, child := NewContext(Noop()), NewContext(Noop())
	parent.Reset(New(parentTarget), "place", 3)

	child.Borrow(parent, New(childTarget))
	require.Equal(t, "place", child.Local())
	require.True(t, child.Waker().WillWake(New(childTarget)))
	require.True(t, child.Spend())
	require.True(t, child.Spend())
	child.Repay(parent)
	require.Equal(t, 1, parent.Budget())
	require.False(t, parent.Taken(), "that is for the combinator to say")
	require.True(t, child.Taken())
	require.True(t, child.waker.IsZero(), "no task is retained")
	require.Nil(t, child.Local())

	child.Borrow(parent, New(childTarget))
	require.True(t, child.Spend())
	require.False(t, child.Spend())
	child.Repay(parent)
	require.Equal(t, plain{1, "place"}, *childTarget)
	require.Zero(t, parentTarget.wakes)
	require.False(t, parent.Spend())
	require.Equal(t, 1, parentTarget.wakes)
}

func TestFlag(t *testing.T) {
	var f Flag
	require.False(t, f.Take())
	require.False(t, f.IsSet())
	w := f.Waker()
	w.WakeByRef()
	w.WakeIn(nil)
	require.True(t, f.IsSet())
	require.True(t, f.Take(), "many wakes are one")
	require.False(t, f.Take())
	require.True(t, w.WillWake(f.Waker()))
}
