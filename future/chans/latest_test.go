// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestBroadcast(t *testing.T) {
	b := chans.NewBroadcast[int](4)
	n, err := b.Send(0)
	require.NoError(t, err)
	require.Zero(t, n)
	first, second := b.Subscribe(), b.Subscribe()
	cx, flag := newContext()
	require.False(t, first.Poll(cx).Ready, "what was sent before is not for it")
	for i := 1; i <= 6; i++ {
		n, err = b.SendIn(cx, i)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.True(t, flag.Take())
		require.Equal(t, future.Of(i), first.Poll(cx))
		require.False(t, first.Poll(cx).Ready)
	}
	_, err = second.TryRecv()
	var lagged *chans.LaggedError
	require.ErrorAs(t, err, &lagged)
	require.EqualValues(t, 2, lagged.Missed)
	require.EqualError(t, lagged, "chans: too slow, missed 2 values")
	require.True(t, b.Close())
	require.False(t, b.Close())
	require.True(t, flag.Take())
	require.ErrorIs(t, first.Poll(cx).Err, chans.ErrClosed)
	var got []int
	for v, err := range second.All(testkit.Within(t)) {
		require.NoError(t, err)
		got = append(got, v)
	}
	require.Equal(t, []int{3, 4, 5, 6}, got)
	_, err = b.Send(7)
	require.ErrorIs(t, err, chans.ErrClosed)
	second.Close()
	second.Close()
	future.Drop(future.Future[int](first))
	require.PanicsWithValue(t, "chans: receive from a Subscription that was closed", func() { _, _ = second.TryRecv() })

	b = chans.NewBroadcast[int](1)
	s := b.Subscribe()
	_, err = s.Recv(testkit.Ended())
	require.ErrorIs(t, err, context.Canceled)
	got = nil
	go func() {
		_, _ = b.Send(1)
		b.Close()
	}()
	for v, err := range s.All(testkit.Within(t)) {
		require.NoError(t, err)
		got = append(got, v)
	}
	require.Equal(t, []int{1}, got)
	for _, wrong := range []int{0, -1, chans.MaxCapacity + 1} {
		require.Panics(t, func() { chans.NewBroadcast[int](wrong) })
		require.Panics(t, func() { chans.MPSC[int](wrong) })
	}
}

func TestWatch(t *testing.T) {
	w := chans.NewWatch("a")
	r := w.Watcher()
	cx, flag := newContext()
	require.Equal(t, "a", w.Get())
	require.False(t, r.Changed())
	require.False(t, r.Poll(cx).Ready)
	require.NoError(t, w.Set("b"))
	require.True(t, flag.Take())
	require.NoError(t, w.SetIn(cx, "c"))
	require.True(t, r.Changed())
	require.Equal(t, future.Of("c"), r.Poll(cx), "the latest only")
	require.False(t, r.Poll(cx).Ready)
	require.NoError(t, w.Update(func(v *string) bool { return false }))
	require.False(t, flag.Take())
	require.NoError(t, w.Update(func(v *string) bool { *v += "d"; return true }))
	require.True(t, flag.Take())
	require.Equal(t, "cd", r.Get())
	require.False(t, r.Changed())
	require.Panics(t, func() { _ = w.Update(func(*string) bool { panic("crash") }) })
	require.Equal(t, "cd", w.Get(), "not left locked")
	require.PanicsWithValue(t, "chans: nil function given to Update", func() { _ = w.Update(nil) })
	_, err := r.Next(testkit.Ended())
	require.ErrorIs(t, err, context.Canceled)

	require.NoError(t, w.Set("e"))
	require.True(t, w.Close())
	require.False(t, w.Close())
	require.ErrorIs(t, w.Set("f"), chans.ErrClosed)
	require.Equal(t, []string{"e"}, slices.Collect(r.All(testkit.Within(t))))
	require.ErrorIs(t, r.Poll(cx).Err, chans.ErrClosed)
	r.Drop()
	require.PanicsWithValue(t, "chans: a Watcher was used after it was dropped", func() { r.Poll(cx) })
}
