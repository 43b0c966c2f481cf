// SPDX-License-Identifier: Apache-2.0

//go:build explore

package chans

import (
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
)

func TestExploreOneShot(t *testing.T) {
	explore.Model{
		Structure: "one-shot channel", Operations: "a sender that may close first; a receiver that gives up after 2 polls",
		Run: func(x *explore.X) {
			s, r := OneShot[int]()
			sent, got := false, false
			x.Go("sender", func() { sent = s.Send(3) == nil })
			x.Go("closer", func() { s.Close() })
			x.Go("receiver", func() {
				for range 2 {
					p := r.Poll(poller.New().Context())
					if p.Ready {
						x.Check(p.Value == 3 && p.Err == nil || p.Err == ErrClosed, "received %v", p)
						got = p.Err == nil
						return
					}
				}
				r.Drop()
				x.Check(s.IsClosed(), "open, and the receiver has gone")
			})
			x.Wait()
			x.Check(sent || !got, "received what was not sent")
		},
	}.Check(t)
}

// Who waits for a message is woken for it, or for the end, by whatever waker it had last.
func TestExploreOneShotWait(t *testing.T) {
	explore.Model{
		Structure: "one-shot channel", Operations: "a sender; one closes; a receiver that polls with one waker, then waits with another",
		Run: func(x *explore.X) {
			s, r := OneShot[int]()
			var sent, got error
			x.Go("sender", func() { sent = s.Send(3) })
			x.Go("closer", func() { s.Close() })
			x.Go("receiver", func() {
				if p := r.Poll(poller.New().Context()); p.Ready {
					got = p.Err
				} else {
					_, got = await(future.Future[int](r))
				}
			})
			x.Wait()
			x.Check(sent == got, "sent: %v, received: %v", sent, got)
		},
	}.Check(t)
}
