// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

// A channel is what bounded and unbounded ones have in common.
type channel interface {
	TrySend(v int) error
	Send(ctx context.Context, v int) error
	TryRecv() (int, error)
	Recv(ctx context.Context) (int, error)
	RecvFuture() future.Future[int]
	PollRecv(cx *future.Context, e *waker.Entry) future.Poll[int]
	Close() bool
	Abandon() int
	IsClosed() bool
	Len() int
	ToGo(ctx context.Context, ch chan<- int) error
}

// unbounded makes an Unbounded look like a Chan.
type unbounded struct{ *chans.Unbounded[int] }

func (u unbounded) TrySend(v int) error                 { return u.Unbounded.Send(v) }
func (u unbounded) Send(_ context.Context, v int) error { return u.Unbounded.Send(v) }

// kinds are all channels; each test of the table starts with a new one.
var kinds = []struct {
	name string
	make func() channel
}{
	{"MPSC", func() channel { return chans.MPSC[int](100) }},
	{"MPMC", func() channel { return chans.MPMC[int](100) }},
	{"Unbounded", func() channel { return unbounded{chans.NewUnbounded[int]()} }},
	{"MPSC near the wrap of a turn", func() channel {
		c := chans.MPSC[int](100)
		c.StartAt(math.MaxUint32 - 20)
		return c
	}},
	{"MPMC near the wrap of a tail", func() channel {
		c := chans.MPMC[int](100)
		c.StartAt(1<<40 - 20)
		return c
	}},
}

func TestChannels(t *testing.T) {
	for _, k := range kinds {
		for _, c := range []struct {
			name string
			do   func(t *testing.T, c channel)
		}{
			{"in order", func(t *testing.T, c channel) {
				for round := range 3 {
					for i := range 60 {
						require.NoError(t, c.TrySend(round*100+i))
						require.Equal(t, i+1, c.Len())
					}
					for i := range 60 {
						v, err := c.TryRecv()
						require.NoError(t, err)
						require.Equal(t, round*100+i, v)
					}
				}
				_, err := c.TryRecv()
				require.ErrorIs(t, err, chans.ErrEmpty)
				require.Zero(t, c.Len())
			}},
			{"closed after what was sent", func(t *testing.T, c channel) {
				require.NoError(t, c.TrySend(1))
				require.False(t, c.IsClosed())
				require.True(t, c.Close())
				require.False(t, c.Close())
				require.True(t, c.IsClosed())
				require.ErrorIs(t, c.TrySend(2), chans.ErrClosed)
				require.ErrorIs(t, c.Send(testkit.Within(t), 2), chans.ErrClosed)
				v, err := c.TryRecv()
				require.NoError(t, err)
				require.Equal(t, 1, v)
				_, err = c.TryRecv()
				require.ErrorIs(t, err, chans.ErrClosed)
				_, err = c.Recv(testkit.Within(t))
				require.ErrorIs(t, err, chans.ErrClosed)
				require.ErrorIs(t, poll(c.RecvFuture()).Err, chans.ErrClosed)
			}},
			{"abandoned", func(t *testing.T, c channel) {
				for i := range 3 {
					require.NoError(t, c.TrySend(i))
				}
				require.Equal(t, 3, c.Abandon())
				require.ErrorIs(t, c.TrySend(1), chans.ErrClosed)
				_, err := c.TryRecv()
				require.ErrorIs(t, err, chans.ErrClosed)
			}},
			{"a message wakes who waits longest", func(t *testing.T, c channel) {
				cx, flag := newContext()
				f := c.RecvFuture()
				require.False(t, f.Poll(cx).Ready)
				require.False(t, flag.IsSet())
				require.NoError(t, c.TrySend(5))
				require.True(t, flag.Take())
				require.Equal(t, future.Of(5), f.Poll(cx))
				require.PanicsWithValue(t, "chans: RecvFuture polled after it was ready or dropped", func() { f.Poll(cx) })
			}},
			{"close wakes", func(t *testing.T, c channel) {
				cx, flag := newContext()
				var e waker.Entry
				require.False(t, c.PollRecv(cx, &e).Ready)
				c.Close()
				require.True(t, flag.Take())
				require.ErrorIs(t, c.PollRecv(cx, &e).Err, chans.ErrClosed)
			}},
			{"a drop passes the wake on", func(t *testing.T, c channel) {
				first, second := c.RecvFuture(), c.RecvFuture()
				cx, flag := newContext()
				require.False(t, first.Poll(cx).Ready)
				cx2, flag2 := newContext()
				require.False(t, second.Poll(cx2).Ready)
				require.NoError(t, c.TrySend(5))
				require.True(t, flag.Take())
				require.False(t, flag2.Take())
				future.Drop(first)
				require.True(t, flag2.Take())
				require.Equal(t, future.Of(5), second.Poll(cx2))
			}},
			{"budget", func(t *testing.T, c channel) {
				cx, flag := newContext()
				require.NoError(t, c.TrySend(5))
				cx.Reset(flag.Waker(), nil, 0)
				var e waker.Entry
				require.False(t, c.PollRecv(cx, &e).Ready)
				require.True(t, flag.Take())
				require.Equal(t, 1, c.Len(), "nothing is taken that could not be delivered")
				cx.Reset(flag.Waker(), nil, 1)
				require.Equal(t, future.Of(5), c.PollRecv(cx, &e))
				require.Zero(t, cx.Budget())
			}},
			{"goroutines", func(t *testing.T, c channel) {
				cause := errors.New("enough")
				over, cancel := context.WithCancelCause(testkit.Within(t))
				cancel(cause)
				_, err := c.Recv(over)
				require.ErrorIs(t, err, cause)
				got := make(chan int)
				go func() {
					v, _ := c.Recv(testkit.Within(t))
					got <- v
				}()
				require.NoError(t, c.Send(testkit.Within(t), 7))
				require.Equal(t, 7, <-got)
			}},
			{"to a Go channel", func(t *testing.T, c channel) {
				for i := range 10 {
					require.NoError(t, c.TrySend(i))
				}
				c.Close()
				ch := make(chan int, 10)
				require.NoError(t, c.ToGo(testkit.Within(t), ch))
				require.Len(t, ch, 10)
				full := make(chan int)
				c = k.make()
				require.NoError(t, c.TrySend(1))
				require.ErrorIs(t, c.ToGo(testkit.Ended(), full), context.Canceled)
				require.ErrorIs(t, c.ToGo(testkit.Ended(), full), context.Canceled)
			}},
		} {
			t.Run(k.name+"/"+c.name, func(t *testing.T) { c.do(t, k.make()) })
		}
	}
}

// Room, permits and closing of a bounded channel.
func TestBounded(t *testing.T) {
	for name, make := range map[string]func(int) *chans.Chan[int]{"MPSC": chans.MPSC[int], "MPMC": chans.MPMC[int]} {
		for _, capacity := range []int{1, 2, 3, 4, 5, 7, 8} {
			c := make(capacity)
			require.Equal(t, capacity, c.Cap(), name)
			for i := range capacity {
				require.NoError(t, c.TrySend(i))
			}
			require.ErrorIs(t, c.TrySend(9), chans.ErrFull)
			_, err := c.TryReserve()
			require.ErrorIs(t, err, chans.ErrFull)
			cx, flag := newContext()
			f := c.SendFuture(capacity)
			require.False(t, f.Poll(cx).Ready)
			require.ErrorIs(t, c.Send(testkit.Ended(), 9), context.Canceled)
			v, err := c.TryRecv()
			require.NoError(t, err)
			require.Zero(t, v)
			require.True(t, flag.Take())
			require.True(t, f.Poll(cx).Ready)
			require.Panics(t, func() { f.Poll(cx) })
			require.Equal(t, capacity, c.Len())

			// A sender that waits is told of the end.
			f = c.SendFuture(9)
			require.False(t, f.Poll(cx).Ready)
			c.Close()
			require.True(t, flag.Take())
			require.ErrorIs(t, f.Poll(cx).Err, chans.ErrClosed)
			for i := range capacity {
				v, err := c.TryRecv()
				require.NoError(t, err)
				require.Equal(t, i+1, v)
			}
			_, err = c.TryRecv()
			require.ErrorIs(t, err, chans.ErrClosed)
		}
	}
}

// A permit is room; it has no place in the order until it is used.
func TestPermit(t *testing.T) {
	c := chans.MPSC[int](2)
	p, err := c.TryReserve()
	require.NoError(t, err)
	require.NoError(t, c.TrySend(1))
	require.ErrorIs(t, c.TrySend(2), chans.ErrFull)
	v, err := c.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 1, v)
	_, err = c.TryRecv()
	require.ErrorIs(t, err, chans.ErrEmpty, "a permit holds up nobody")

	c.Close()
	cx, flag := newContext()
	var e waker.Entry
	require.False(t, c.PollRecv(cx, &e).Ready, "a permit is left")
	p.Send(3)
	require.True(t, flag.Take())
	require.Equal(t, future.Of(3), c.PollRecv(cx, &e))
	require.ErrorIs(t, c.PollRecv(cx, &e).Err, chans.ErrClosed)
	require.PanicsWithValue(t, "chans: Send with a Permit that was used or given back", func() { p.Send(4) })
	p.Drop()

	c = chans.MPSC[int](1)
	p, err = c.Reserve(testkit.Within(t))
	require.NoError(t, err)
	f := c.ReserveFuture()
	require.False(t, f.Poll(cx).Ready)
	_, err = c.Reserve(testkit.Ended())
	require.ErrorIs(t, err, context.Canceled)
	p.Drop()
	require.True(t, flag.Take())
	q := f.Poll(cx)
	require.True(t, q.Ready)
	require.Panics(t, func() { f.Poll(cx) })
	c.Close()
	require.False(t, c.PollRecv(cx, &e).Ready)
	q.Value.Drop()
	require.True(t, flag.Take(), "the last permit of a closed channel is gone")
	require.ErrorIs(t, c.PollRecv(cx, &e).Err, chans.ErrClosed)
	_, err = c.TryReserve()
	require.ErrorIs(t, err, chans.ErrClosed)
	require.ErrorIs(t, poll(c.ReserveFuture()).Err, chans.ErrClosed)
}

func TestOneShot(t *testing.T) {
	s, r := chans.OneShot[int]()
	cx, flag := newContext()
	require.False(t, r.Poll(cx).Ready)
	require.False(t, s.IsClosed())
	require.NoError(t, s.SendIn(cx, 3))
	require.True(t, flag.Take())
	require.Equal(t, future.Of(3), r.Poll(cx))
	require.ErrorIs(t, s.Send(4), chans.ErrClosed)
	s.Close()
	require.PanicsWithValue(t, "chans: a OneReceiver was polled after it was ready or closed", func() { r.Poll(cx) })

	s, r = chans.OneShot[int]()
	require.False(t, r.Poll(cx).Ready)
	s.Close()
	require.True(t, flag.Take())
	require.ErrorIs(t, r.Poll(cx).Err, chans.ErrClosed)

	s, r = chans.OneShot[int]()
	_, err := r.Recv(testkit.Ended())
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, s.IsClosed())
	require.ErrorIs(t, s.Send(1), chans.ErrClosed)

	s, r = chans.OneShot[int]()
	go func() { _ = s.Send(8) }()
	v, err := r.Recv(testkit.Within(t))
	require.NoError(t, err)
	require.Equal(t, 8, v)
}

// Loops and Go channels at the ends.
func TestFromAndTo(t *testing.T) {
	c := chans.MPSC[int](2)
	in := make(chan int, 10)
	for i := range 10 {
		in <- i
	}
	close(in)
	failed := make(chan error, 1)
	go func() {
		failed <- c.FromGo(testkit.Within(t), in)
		c.Close()
	}()
	var got []int
	for v := range c.All(testkit.Within(t)) {
		got = append(got, v)
	}
	require.NoError(t, <-failed)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, got)
	require.ErrorIs(t, c.FromGo(testkit.Ended(), make(chan int)), context.Canceled)
	in = make(chan int, 1)
	in <- 1
	require.ErrorIs(t, c.FromGo(testkit.Within(t), in), chans.ErrClosed)
	for range chans.NewUnbounded[int]().All(testkit.Ended()) {
		t.Fatal("there is nothing")
	}
}
