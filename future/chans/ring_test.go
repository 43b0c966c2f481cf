// SPDX-License-Identifier: Apache-2.0

package chans

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/invariant"
	"github.com/pilfer-go/pilfer/waker"
)

// A channel is closed while a sender is between its position and its message: of
// the receivers that saw that, one gets the message, and all others learn of the
// end.
func TestCloseBesideLastMessage(t *testing.T) {
	c := MPMC[int](4)
	at, o := c.ring.claim(onePosition, true)
	require.Equal(t, took, o)
	c.Close()
	var (
		flags   [3]waker.Flag
		entries [3]waker.Entry
		polls   [3]future.Poll[int]
	)
	poll := func(i int) future.Poll[int] {
		return c.PollRecv(waker.NewContext(flags[i].Waker()), &entries[i])
	}
	for i := range polls {
		require.False(t, poll(i).Ready, "a message is on its way")
	}
	c.ring.put(at, 7)
	c.sent(nil)
	for again := true; again; {
		again = false
		for i := range polls {
			if flags[i].Take() {
				polls[i] = poll(i)
				again = true
			}
		}
	}
	require.Equal(t, future.Of(7), polls[0])
	require.ErrorIs(t, polls[1].Err, ErrClosed)
	require.ErrorIs(t, polls[2].Err, ErrClosed)
}

// Messages become visible out of order: the wake of the second is wasted, and who
// receives the first wakes for it.
func TestWakeForMessageBehind(t *testing.T) {
	c := MPMC[int](4)
	var (
		flags   [2]waker.Flag
		entries [2]waker.Entry
	)
	poll := func(i int) future.Poll[int] {
		return c.PollRecv(waker.NewContext(flags[i].Waker()), &entries[i])
	}
	for i := range flags {
		require.False(t, poll(i).Ready)
	}
	first, _ := c.ring.claim(onePosition, true)
	require.NoError(t, c.TrySend(2))
	require.True(t, flags[0].Take())
	require.False(t, poll(0).Ready, "the first is not there yet")
	c.ring.put(first, 1)
	c.sent(nil)
	require.True(t, flags[1].Take())
	require.Equal(t, future.Of(1), poll(1))
	require.True(t, flags[0].Take())
	require.Equal(t, future.Of(2), poll(0))
}

// A receiver is between its position and its slot: a try to send waits for it, a
// task suspends and is woken.
func TestRoomOnItsWay(t *testing.T) {
	c := MPMC[int](1)
	require.NoError(t, c.TrySend(1))
	require.True(t, c.ring.head.CompareAndSwap(0, 1)) // the receiver has position 0
	var flag waker.Flag
	var e waker.Entry
	cx := waker.NewContext(flag.Waker())
	require.False(t, c.PollSend(cx, &e, 2).Ready)
	sent := make(chan error)
	go func() { sent <- c.TrySend(3) }()
	require.Equal(t, 1, c.ring.take(&c.ring.slots[0], 0))
	require.NoError(t, <-sent)
	v, o := c.ring.pop()
	require.Equal(t, took, o)
	require.Equal(t, 3, v)
	c.received(nil)
	require.True(t, flag.Take())
	require.True(t, c.PollSend(cx, &e, 2).Ready)
}

// A receiver of an MPSC channel comes between the two steps of another one.
func TestTwoReceivers(t *testing.T) {
	if !invariant.Enabled {
		t.Skip("seen by the debug build only")
	}
	c := MPSC[int](1)
	require.NoError(t, c.TrySend(1))
	require.True(t, c.ring.head.CompareAndSwap(0, 1)) // the other one has position 0
	require.PanicsWithValue(t, "chans: two receivers at once of a channel of MPSC; use MPMC", func() { _, _ = c.TryRecv() })
}
