// SPDX-License-Identifier: Apache-2.0

package chans_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/chans"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// Each mistake panics with a message that names it.
func TestMistakesPanic(t *testing.T) {
	cx, _ := newContext()
	c := chans.MPSC[int](1)
	dropped := func(f interface{ Drop() }) { f.Drop() }
	for want, do := range map[string]func(){
		"chans: MPSC with capacity 0; want 1 to 4194304":               func() { chans.MPSC[int](0) },
		"chans: MPMC with capacity -1; want 1 to 4194304":              func() { chans.MPMC[int](-1) },
		"chans: NewBroadcast with capacity 0; want 1 to 4194304":       func() { chans.NewBroadcast[int](0) },
		"chans: use of a Chan that was not made by MPSC or MPMC":       func() { _ = new(chans.Chan[int]).TrySend(1) },
		"chans: SendFuture polled after it was ready or dropped":       func() { f := c.SendFuture(1); future.Drop(f); f.Poll(cx) },
		"chans: RecvFuture polled after it was ready or dropped":       func() { f := c.RecvFuture(); future.Drop(f); f.Poll(cx) },
		"chans: a OneReceiver was polled after it was ready or closed": func() { _, r := chans.OneShot[int](); dropped(r); r.Poll(cx) },
		"chans: receive from a Subscription that was closed": func() {
			s := chans.NewBroadcast[int](1).Subscribe()
			dropped(s)
			s.Poll(cx)
		},
		"chans: a Watcher was used after it was dropped": func() {
			w := chans.NewWatch(1).Watcher()
			dropped(w)
			w.Poll(cx)
		},
		"chans: ReserveFuture polled after it was ready or dropped": func() {
			f := c.ReserveFuture()
			future.Drop(f)
			f.Poll(cx)
		},
		"chans: Send with a Permit that was used or given back": func() {
			p, err := c.TryReserve()
			require.NoError(t, err)
			p.Drop()
			p.Send(1)
		},
	} {
		require.PanicsWithValue(t, want, do)
	}
	require.NoError(t, c.TrySend(1), "a refused call changed something")
	require.PanicsWithValue(t, "chans: use of a Chan that was not made by MPSC or MPMC", func() { _, _ = new(chans.Chan[int]).TryRecv() })
}

// A promise that is dropped unset: the task that was to send returns, panics, or is
// aborted, also before it began, and its Close ends the wait of who receives.
func TestPromiseDroppedUnset(t *testing.T) {
	rt, err := sched.New(sched.Workers(2))
	require.NoError(t, err)
	for name, start := range map[string]func(s *chans.OneSender[int]){
		"return": func(s *chans.OneSender[int]) {
			sched.Go(rt, func(*sched.Context) (int, error) { defer s.Close(); return 0, nil })
		},
		"panic": func(s *chans.OneSender[int]) {
			sched.Go(rt, func(*sched.Context) (int, error) { defer s.Close(); panic("away") })
		},
		"abort": func(s *chans.OneSender[int]) { sched.Spawn(rt, future.Future[int](unsent{s})).Abort() },
	} {
		s, r := chans.OneShot[int]()
		start(s)
		_, err := r.Recv(testkit.Within(t))
		require.ErrorIs(t, err, chans.ErrClosed, name)
	}
	require.NoError(t, rt.Close())
}

// An unsent task never comes to send.
type unsent struct{ s *chans.OneSender[int] }

func (u unsent) Poll(cx *future.Context) future.Poll[int] {
	cx.Wake()
	return future.Wait[int]()
}

func (u unsent) Drop() { u.s.Close() }
