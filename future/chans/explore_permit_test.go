// SPDX-License-Identifier: Apache-2.0

//go:build explore

package chans

import (
	"testing"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// Room that is reserved holds up the end of a closed channel until it is used or given
// back.
func TestExplorePermit(t *testing.T) {
	explore.Model{
		Structure: "channel, permits", Operations: "room for 1, reserved: given back or used after a close; a receiver until the end",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			c, l := MPSC[int](1), &log{x: x}
			p, err := c.TryReserve()
			x.Check(err == nil, "reserve: %v", err)
			x.Go("sender", func() {
				_, err := await(c.SendFuture(1))
				l.sent[1] = err == nil
			})
			x.Go("owner", func() {
				if c.IsClosed() {
					p.Send(0)
					l.sent[0] = true
				} else {
					p.Drop()
				}
			})
			x.Go("receiver", func() { l.drain(func() (int, error) { return await(c.RecvFuture()) }) })
			x.Go("closer", func() { c.Close() })
			x.Wait()
			l.check()
		},
	}.Check(t)
}

// A permit is used beside a sender that has none.
func TestExplorePermitBesideSender(t *testing.T) {
	explore.Model{
		Structure: "channel, permits", Operations: "room for 2, one reserved: used beside a sender; a receiver of 2",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			c, l := MPSC[int](2), &log{x: x}
			p, err := c.TryReserve()
			x.Check(err == nil, "reserve: %v", err)
			x.Go("owner", func() {
				p.Send(0)
				l.sent[0] = true
			})
			x.Go("sender", func() { l.sent[1] = c.TrySend(1) == nil })
			x.Go("receiver", func() {
				l.receive(c)
				l.receive(c)
			})
			x.Wait()
			l.check()
		},
	}.Check(t)
}

// Who wants a permit waits until room is given back or a message is received.
func TestExplorePermitWaits(t *testing.T) {
	explore.Model{
		Structure: "channel, permits", Operations: "room for 1, reserved and given back; one waits for a permit and sends; a receiver of 1",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			c, l := MPSC[int](1), &log{x: x}
			first, err := c.TryReserve()
			x.Check(err == nil, "reserve: %v", err)
			x.Go("owner", func() { first.Drop() })
			x.Go("waiter", func() {
				p, err := await(c.ReserveFuture())
				x.Check(err == nil, "reserve: %v", err)
				p.Send(1)
				l.sent[1] = true
			})
			x.Go("receiver", func() { l.receive(c) })
			x.Wait()
			l.check()
		},
	}.Check(t)
}

// overtakeModel has receivers overtake each other in a full ring that has more slots than
// room, while one of the senders has a permit.
func overtakeModel(room int) func(x *explore.X) {
	return func(x *explore.X) {
		c, l := MPMC[int](room), &log{x: x}
		for i := range room {
			l.sent[i] = c.TrySend(i) == nil
		}
		for range 2 {
			x.Go("receiver", func() { l.receive(c) })
		}
		x.Go("sender", func() {
			_, err := await(c.SendFuture(room))
			l.sent[room] = err == nil
		})
		x.Go("reserver", func() {
			p, err := await(c.ReserveFuture())
			x.Check(err == nil, "reserve: %v", err)
			p.Send(room + 1)
			l.sent[room+1] = true
		})
		x.Wait()
		for v, err := c.TryRecv(); err == nil; v, err = c.TryRecv() {
			l.received(v)
		}
		l.check()
	}
}

func TestExplorePermitOvertakes(t *testing.T) {
	explore.Model{
		Structure: "channel, permits", Operations: "room for 1, full; 2 receivers; a sender, and one who waits for a permit and sends",
		Options: explore.Options{Preemptions: 2},
		Run:     overtakeModel(1),
	}.Check(t)
}

func TestExplorePermitOvertakesInThree(t *testing.T) {
	explore.Model{
		Structure: "channel, permits", Operations: "room for 3, full; 2 receivers; a sender, and one who waits for a permit and sends",
		Options: explore.Options{Preemptions: 2},
		Run:     overtakeModel(3),
	}.Check(t)
}
