// SPDX-License-Identifier: Apache-2.0

package future

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func init() {
	combinators = append(combinators, []struct {
		name string
		make func(w *ward) machine
	}{
		{"Scoped", func(w *ward) machine { return adapt(Scoped(NewLocal[int]("x"), 1, w.value(2, 1))) }},
	}...)
}

// The innermost scope counts; it ends with its future, and is passed on through
// combinators and to what inherits.
func TestLocal(t *testing.T) {
	name, depth := NewLocal[string]("name"), NewLocal[int]("depth")
	read := func() Future[string] {
		return FromFunc(func(cx *Context) Poll[string] {
			n, _ := depth.Get(cx)
			return Of(name.Must(cx) + "0123"[n:n+1])
		})
	}
	k := new(task)
	require.Equal(t, Of("a0"), Scoped(name, "a", read()).Poll(k.cx()))
	require.Equal(t, Of("b2"), Scoped(name, "a", Scoped(depth, 2, Scoped(name, "b", read()))).Poll(k.cx()))

	many := make([]Future[string], 20) // each with a Context of its own
	for i := range many {
		many[i] = read()
	}
	all := Scoped(name, "c", JoinAll(many...)).Poll(k.cx())
	require.Len(t, all.Value, 20)
	require.Equal(t, "c0", all.Value[19])

	cx := k.cx()
	var child Future[string]
	parent := Scoped(name, "d", Scoped(depth, 1, FromFunc(func(cx *Context) Poll[int] {
		child = Inherit(cx, read())
		return Of(0)
	})))
	require.True(t, parent.Poll(cx).Ready)
	require.Nil(t, cx.Values(), "the scope has ended")
	require.Equal(t, Of("d1"), Scoped(name, "e", child).Poll(k.cx()), "what it inherited counts")
	require.Equal(t, Of(1), Inherit(cx, Ready(1)).Poll(cx))

	require.PanicsWithValue(t, `future: the Local "name" has no value here: no Scoped around this future, or its task was spawned without Inherit`,
		func() { read().Poll(cx) })
	require.Panics(t, func() {
		Scoped(name, "f", Lazy(func() (int, error) { panic("mine") })).Poll(cx)
	})
	require.Nil(t, cx.Values(), "put back after a panic")
}
