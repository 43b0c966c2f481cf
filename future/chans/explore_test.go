// SPDX-License-Identifier: Apache-2.0

//go:build explore

package chans

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/waker"
)

// await polls f until it is ready, as a task that sleeps in between.
func await[T any](f future.Future[T]) (T, error) {
	var got future.Poll[T]
	poller.New().Until(func(cx *waker.Context) bool {
		got = f.Poll(cx)
		return got.Ready
	})
	return got.Value, got.Err
}

// once polls f once, drops it if it is not ready, and reports whether it was.
func once[T any](f future.Future[T]) (got future.Poll[T]) {
	if got = f.Poll(poller.New().Context()); !got.Ready {
		future.Drop(f)
	}
	return got
}

// A log counts what came out of a channel.
type log struct {
	x    *explore.X
	sent [5]bool
	got  [5]int
}

func (l *log) received(v int) { l.got[v]++ }

// receive waits for a message, which comes.
func (l *log) receive(c *Chan[int]) (v int) {
	v, err := await(c.RecvFuture())
	l.x.Check(err == nil, "receive: %v", err)
	l.received(v)
	return v
}

func (l *log) check() {
	for i := range l.sent {
		want := 0
		if l.sent[i] {
			want = 1
		}
		l.x.Check(l.got[i] == want, "message %d: sent %v, received %d times", i, l.sent[i], l.got[i])
	}
}

// drain receives what is left in a channel that is closed.
func (l *log) drain(recv func() (int, error)) {
	for {
		v, err := recv()
		if err != nil {
			l.x.Check(err == ErrClosed, "a closed channel says %v", err)
			return
		}
		l.received(v)
	}
}

// bounded has senders send, and receivers receive, so many messages each.
func bounded(make func() *Chan[int], senders, each, receivers int) func(x *explore.X) {
	return func(x *explore.X) {
		c, l := make(), &log{x: x}
		for s := range senders {
			x.Go(fmt.Sprint("sender ", s), func() {
				for i := range each {
					v := s*each + i
					_, err := await(c.SendFuture(v))
					x.Check(err == nil, "send: %v", err)
					l.sent[v] = true
				}
			})
		}
		for r := range receivers {
			x.Go(fmt.Sprint("receiver ", r), func() {
				last := -1
				for range senders * each / receivers {
					v := l.receive(c)
					x.Check(senders > 1 || v > last, "%d comes after %d", v, last)
					last = v
				}
			})
		}
		x.Wait()
		l.check()
		x.Check(c.senders.Len() == 0 && c.receivers.Len() == 0, "somebody still waits")
	}
}

func TestExploreMPSC(t *testing.T) {
	explore.Model{
		Structure: "channel, one receiver", Operations: "room for 1; a sender of 2; a receiver of 2",
		Run: bounded(func() *Chan[int] { return MPSC[int](1) }, 1, 2, 1),
	}.Check(t)
}

func TestExploreMPSCTwoSenders(t *testing.T) {
	explore.Model{
		Structure: "channel, one receiver", Operations: "room for 1; 2 senders; a receiver of 2",
		Options: explore.Options{Preemptions: 3},
		Run:     bounded(func() *Chan[int] { return MPSC[int](1) }, 2, 1, 1),
	}.Check(t)
}

func TestExploreMPMC(t *testing.T) {
	explore.Model{
		Structure: "channel, many receivers", Operations: "room for 1; 2 senders; 2 receivers",
		Options: explore.Options{Preemptions: 2},
		Run:     bounded(func() *Chan[int] { return MPMC[int](1) }, 2, 1, 2),
	}.Check(t)
}

// A message that somebody sent without waiting is received, though the receiver that was
// woken for it gives up.
func TestExploreReceiverLeaves(t *testing.T) {
	explore.Model{
		Structure: "channel, many receivers", Operations: "room for 1; a message; 2 receivers, one of which gives up after a poll",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			c, l := MPMC[int](1), &log{x: x}
			x.Go("receiver", func() {
				v, err := await(c.RecvFuture())
				if err == nil {
					l.received(v)
				}
			})
			left := x.Go("leaver", func() {
				if p := once(c.RecvFuture()); p.Ready && p.Err == nil {
					l.received(p.Value)
				}
			})
			x.Go("sender", func() { l.sent[0] = c.TrySend(0) == nil })
			left.Join()
			if l.got[0] == 1 { // else the message must wake the other one
				c.Close()
			}
			x.Wait()
			l.check()
		},
	}.Check(t)
}

// Room that comes is used by the sender that waits, though another one that was woken
// for it gives up.
func TestExploreSenderLeaves(t *testing.T) {
	explore.Model{
		Structure: "channel, one receiver", Operations: "full; 2 senders, one of which gives up after a poll; a receiver of 1",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			c, l := MPSC[int](1), &log{x: x}
			l.sent[0] = c.TrySend(0) == nil
			x.Go("leaver", func() { l.sent[1] = once(c.SendFuture(1)).Ready })
			x.Go("sender", func() {
				_, err := await(c.SendFuture(2))
				l.sent[2] = err == nil
				x.Check(err == nil, "send: %v", err)
			})
			x.Go("receiver", func() {
				for l.got[2] == 0 {
					l.receive(c)
				}
			})
			x.Wait()
			c.Close()
			l.drain(c.TryRecv)
			l.check()
		},
	}.Check(t)
}

// closesMidway has a channel closed while messages are sent and received.
func closesMidway(make func() *Chan[int]) func(x *explore.X) {
	return func(x *explore.X) {
		c, l := make(), &log{x: x}
		x.Go("sender", func() {
			for i := range 2 {
				_, err := await(c.SendFuture(i))
				l.sent[i] = err == nil
				x.Check(err == nil || err == ErrClosed, "send: %v", err)
			}
		})
		x.Go("receiver", func() { l.drain(func() (int, error) { return await(c.RecvFuture()) }) })
		x.Go("closer", func() { x.Check(c.Close(), "closed before") })
		x.Wait()
		l.check()
	}
}

// Close ends every wait; what was sent before is received, and nothing after.
func TestExploreClose(t *testing.T) {
	explore.Model{
		Structure: "channel, one receiver", Operations: "room for 1; 2 sends; a receiver until the end; one closes",
		Options: explore.Options{Preemptions: 3},
		Run:     closesMidway(func() *Chan[int] { return MPSC[int](1) }),
	}.Check(t)
}

func TestExploreCloseMPMC(t *testing.T) {
	explore.Model{
		Structure: "channel, many receivers", Operations: "room for 1; 2 sends; a receiver until the end; one closes",
		Options: explore.Options{Preemptions: 3},
		Run:     closesMidway(func() *Chan[int] { return MPMC[int](1) }),
	}.Check(t)
}

func TestExploreUnbounded(t *testing.T) {
	explore.Model{
		Structure: "channel without bound", Operations: "2 messages; 2 receivers, one of which gives up after a poll; one closes",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			u, l := NewUnbounded[int](), &log{x: x}
			x.Go("sender", func() {
				for i := range 2 {
					l.sent[i] = u.Send(i) == nil
				}
			})
			x.Go("leaver", func() {
				if p := once(u.RecvFuture()); p.Ready && p.Err == nil {
					l.received(p.Value)
				}
			})
			x.Go("receiver", func() { l.drain(func() (int, error) { return await(u.RecvFuture()) }) })
			x.Go("closer", func() { u.Close() })
			x.Wait()
			l.check()
		},
	}.Check(t)
}

// A message to a channel without bound wakes who waits for it.
func TestExploreUnboundedWake(t *testing.T) {
	explore.Model{
		Structure: "channel without bound", Operations: "2 senders; 2 receivers of 1",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			u, l := NewUnbounded[int](), &log{x: x}
			for i := range 2 {
				x.Go(fmt.Sprint("sender ", i), func() { l.sent[i] = u.Send(i) == nil })
				x.Go(fmt.Sprint("receiver ", i), func() {
					v, err := await(u.RecvFuture())
					x.Check(err == nil, "receive: %v", err)
					l.received(v)
				})
			}
			x.Wait()
			l.check()
		},
	}.Check(t)
}
