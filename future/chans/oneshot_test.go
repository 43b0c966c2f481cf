// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// A message is received if it was sent and the receiver stayed, whoever closes meanwhile;
// nobody waits for ever, and what was not received is cleared.
func TestStressOneShot(t *testing.T) {
	rt := newRuntime(t)
	testkit.Stress(t, 300*time.Millisecond, func(rng *rand.Rand) {
		s, r := chans.OneShot[*int]()
		var did point.WaitGroup
		var sent error
		did.Add(1)
		go func() {
			defer did.Done()
			n := 7
			sent = s.Send(&n)
		}()
		if rng.IntN(3) == 0 {
			did.Add(1)
			go func() {
				defer did.Done()
				s.Close()
			}()
		}
		var got *int
		var err error
		gaveUp := false
		switch rng.IntN(4) {
		case 0: // a task
			got, err = sched.Spawn(rt, future.Future[*int](r)).Wait(testkit.Within(t))
		case 1: // an ordinary goroutine, which may give up
			ctx, cancel := context.WithCancel(testkit.Within(t))
			if rng.IntN(2) == 0 {
				cancel()
			}
			got, err = r.Recv(ctx)
			gaveUp = ctx.Err() != nil && err == ctx.Err()
			cancel()
		case 2: // looks again and again, perhaps after it has left a waker
			if rng.IntN(2) == 0 {
				if p := poll(future.Future[*int](r)); p.Ready {
					got, err = p.Value, p.Err
					break
				}
			}
			for got, err = r.TryRecv(); err == chans.ErrEmpty; got, err = r.TryRecv() {
				runtime.Gosched()
			}
		default: // by hand, with another waker for each poll
			for range rng.IntN(3) {
				if p := poll(future.Future[*int](r)); p.Ready {
					got, err = p.Value, p.Err
					break
				}
			}
			gaveUp = got == nil && err == nil
			r.Drop()
		}
		did.Wait()
		switch {
		case gaveUp:
		case sent == nil:
			require.NoError(t, err)
			require.Equal(t, 7, *got)
		default:
			require.ErrorIs(t, sent, chans.ErrClosed)
			require.ErrorIs(t, err, chans.ErrClosed)
		}
		require.True(t, s.IsClosed() || !gaveUp)
	})
}

// A second message is refused and leaves the first alone, and so is one after Close or to
// nobody; none is kept.
func TestOneShotKeepsNothing(t *testing.T) {
	s, r := chans.OneShot[int]()
	require.NoError(t, s.Send(1))
	require.ErrorIs(t, s.Send(2), chans.ErrClosed)
	s.Close()
	require.Equal(t, future.Of(1), poll(future.Future[int](r)))

	s, r = chans.OneShot[int]()
	require.NoError(t, s.Send(1))
	r.Drop()
	require.Zero(t, *chans.MessageOf(r), "dropped behind the message")
	require.ErrorIs(t, s.Send(2), chans.ErrClosed)
	require.Zero(t, *chans.MessageOf(r))

	s, r = chans.OneShot[int]()
	s.Close()
	require.ErrorIs(t, s.Send(2), chans.ErrClosed)
	require.ErrorIs(t, poll(future.Future[int](r)).Err, chans.ErrClosed)
	require.Zero(t, *chans.MessageOf(r))
	r.Drop()
	r.Drop()
}

func TestOneShotTryRecv(t *testing.T) {
	s, r := chans.OneShot[int]()
	_, err := r.TryRecv()
	require.ErrorIs(t, err, chans.ErrEmpty)
	require.NoError(t, s.Send(3))
	v, err := r.TryRecv()
	require.NoError(t, err)
	require.Equal(t, 3, v)
	require.Zero(t, *chans.MessageOf(r))
	_, err = r.TryRecv()
	require.ErrorIs(t, err, chans.ErrClosed, "received already")
	r.Drop()

	s, r = chans.OneShot[int]()
	s.Close()
	_, err = r.TryRecv()
	require.ErrorIs(t, err, chans.ErrClosed)
}

func TestOneShotSize(t *testing.T) {
	if !point.Explored { // its words are larger
		require.LessOrEqual(t, unsafe.Sizeof(chans.OneSender[uint64]{}), uintptr(48))
	}
}
