// SPDX-License-Identifier: Apache-2.0

package waker

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A crowd is waiters that note in which order they were woken.
type crowd struct {
	list  List
	woken []int
	from  []Local
}

// A member of a crowd.
type member struct {
	crowd *crowd
	id    int
}

func (m *member) WakeBy(from Local) {
	m.crowd.woken = append(m.crowd.woken, m.id)
	m.crowd.from = append(m.crowd.from, from)
}

func (c *crowd) cx(id int) *Context { return NewContext(New(&member{c, id})) }

// add registers waiters 0 to n-1.
func (c *crowd) add(n int) []*Entry {
	entries := make([]*Entry, n)
	for id := range entries {
		entries[id] = c.list.Add(c.cx(id))
	}
	return entries
}

func TestListWakesInOrder(t *testing.T) {
	var c crowd
	require.False(t, c.list.WakeOne())
	require.Zero(t, c.list.WakeAll())
	c.add(3)
	require.Equal(t, 3, c.list.Len())
	for range 3 {
		require.True(t, c.list.WakeOne())
	}
	require.False(t, c.list.WakeOne())
	require.Equal(t, []int{0, 1, 2}, c.woken)
	require.Zero(t, c.list.Len())
}

func TestListWakeAll(t *testing.T) {
	for _, n := range []int{1, 5, wakeBatch, wakeBatch + 1, 3*wakeBatch + 7} {
		var c crowd
		entries := c.add(n)
		require.Equal(t, n, c.list.WakeAll())
		require.Len(t, c.woken, n)
		for id, got := range c.woken {
			require.Equal(t, id, got)
		}
		for _, e := range entries {
			require.True(t, e.Woken())
			require.True(t, e.waker.IsZero(), "nothing is retained")
		}
	}
}

func TestListWakesIn(t *testing.T) {
	var c crowd
	c.add(3)
	cx := NewContext(Noop())
	cx.Reset(Noop(), "here", -1)
	require.True(t, c.list.WakeOneIn(cx))
	require.Equal(t, 2, c.list.WakeAllIn(cx))
	require.Equal(t, []Local{"here", "here", "here"}, c.from)
}

// Who registers while everybody is woken waits for the next wake: else WakeAll
// would not end.
func TestListWakeAllLeavesNewcomers(t *testing.T) {
	var l List
	entries := make([]Entry, 2*wakeBatch)
	wakes := 0
	for i := range entries {
		l.Register(NewContext(Func(func() {
			wakes++
			l.Register(NewContext(Func(func() { t.Error("a newcomer was woken") })), &entries[i])
		})), &entries[i])
	}
	require.Equal(t, len(entries), l.WakeAll())
	require.Equal(t, len(entries), wakes)
	require.Equal(t, len(entries), l.Len())
}

func TestListRemoveAnywhere(t *testing.T) {
	for gone := range 4 {
		var c crowd
		entries := c.add(4)
		require.False(t, entries[gone].Remove())
		require.False(t, entries[gone].Remove(), "again")
		require.True(t, entries[gone].waker.IsZero(), "nothing is retained")
		require.Equal(t, 3, c.list.WakeAll())
		require.NotContains(t, c.woken, gone)
		require.IsIncreasing(t, c.woken)
	}
}

func TestListReRegister(t *testing.T) {
	t.Run("a waiting entry keeps its place and takes the new waker", func(t *testing.T) {
		var c crowd
		entries := c.add(2)
		entries[0].Register(c.cx(7))
		c.list.WakeAll()
		require.Equal(t, []int{7, 1}, c.woken)
	})
	t.Run("a woken one becomes the newest", func(t *testing.T) {
		var c crowd
		entries := c.add(2)
		c.list.WakeOne()
		require.True(t, entries[0].Woken())
		entries[0].Register(c.cx(0))
		require.False(t, entries[0].Woken())
		c.list.WakeAll()
		require.Equal(t, []int{0, 1, 0}, c.woken)
	})
	t.Run("a removed one needs a list", func(t *testing.T) {
		var c crowd
		e := c.add(1)[0]
		e.Remove()
		require.PanicsWithValue(t,
			"waker: Entry.Register of an entry that is in no list; use List.Register",
			func() { e.Register(c.cx(0)) })
		var other List
		other.Register(c.cx(1), e)
		require.True(t, other.WakeOne())
		require.Equal(t, []int{1}, c.woken)
	})
	t.Run("the zero entry is in no list", func(t *testing.T) {
		var e Entry
		require.False(t, e.Woken())
		require.False(t, e.Remove())
		require.False(t, e.Cancel())
	})
}

func TestListCancel(t *testing.T) {
	t.Run("before the wake", func(t *testing.T) {
		var c crowd
		entries := c.add(2)
		require.False(t, entries[0].Cancel())
		require.Empty(t, c.woken)
		c.list.WakeOne()
		require.Equal(t, []int{1}, c.woken)
	})
	t.Run("after WakeOne chose it, the wake goes on", func(t *testing.T) {
		var c crowd
		entries := c.add(3)
		c.list.WakeOne()
		require.True(t, entries[0].Cancel())
		require.Equal(t, []int{0, 1}, c.woken)
		require.True(t, entries[1].Cancel())
		require.Equal(t, []int{0, 1, 2}, c.woken)
		require.True(t, entries[2].Cancel())
		require.False(t, entries[2].Cancel(), "once")
	})
	t.Run("after WakeAll there is nobody to pass it to", func(t *testing.T) {
		var c crowd
		entries := c.add(2)
		c.list.WakeAll()
		c.list.Add(c.cx(9))
		require.True(t, entries[0].Cancel())
		require.Equal(t, []int{0, 1}, c.woken)
	})
	t.Run("Remove keeps the wake for the caller", func(t *testing.T) {
		var c crowd
		entries := c.add(2)
		c.list.WakeOne()
		require.True(t, entries[0].Remove())
		require.Equal(t, []int{0}, c.woken)
	})
}

// A waker may use the list: no lock is held.
func TestListWakerUsesTheList(t *testing.T) {
	var l List
	var order []int
	l.Add(NewContext(Func(func() { order = append(order, 1); l.WakeOne() })))
	e := l.Add(NewContext(Func(func() { order = append(order, 2); l.WakeAll() })))
	l.Add(NewContext(Func(func() { order = append(order, 3); e.Remove() })))
	require.True(t, l.WakeOne())
	require.Equal(t, []int{1, 2, 3}, order)
}

// So may a target when it is cloned or dropped.
func TestListTargetUsesTheList(t *testing.T) {
	var l List
	target := &meddler{list: &l}
	cx := NewContext(New(target))
	e := l.Add(cx)
	e.Register(cx)
	e.Register(NewContext(New(new(plain))))
	e.Remove()
	l.Register(cx, e)
	l.WakeAll()
	require.Equal(t, target.clones, target.drops)
	require.NotZero(t, target.clones)
}

// A meddler calls the list from all its methods.
type meddler struct {
	counted
	list *List
}

func (m *meddler) CloneTarget() Target { m.list.WakeAll(); m.counted.CloneTarget(); return m }

func (m *meddler) DropTarget() { m.list.WakeAll(); m.counted.DropTarget() }
