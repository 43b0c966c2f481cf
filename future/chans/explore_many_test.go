// SPDX-License-Identifier: Apache-2.0

//go:build explore

package chans

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/explore"
)

// Every subscriber gets every message that is sent after it came, in order.
func TestExploreBroadcast(t *testing.T) {
	explore.Model{
		Structure: "broadcast channel", Operations: "a sender of 2; 2 subscribers",
		Options: explore.Options{Preemptions: 2},
		Run: func(x *explore.X) {
			b := NewBroadcast[int](2)
			for i := range 2 {
				s := b.Subscribe()
				x.Go(fmt.Sprint("subscriber ", i), func() {
					for want := range 2 {
						v, err := await(future.Future[int](s))
						x.Check(err == nil && v == want, "received %d, %v instead of %d", v, err, want)
					}
					s.Close()
				})
			}
			x.Go("sender", func() {
				for i := range 2 {
					_, err := b.Send(i)
					x.Check(err == nil, "send: %v", err)
				}
			})
		},
	}.Check(t)
}

// A watcher sees the last change.
func TestExploreWatch(t *testing.T) {
	explore.Model{
		Structure: "watch", Operations: "2 changes; 2 watchers until they have seen the last",
		Options: explore.Options{Preemptions: 3},
		Run: func(x *explore.X) {
			w := NewWatch(0)
			for i := range 2 {
				r := w.Watcher()
				x.Go(fmt.Sprint("watcher ", i), func() {
					for last := 0; last < 2; {
						v, err := await(future.Future[int](r))
						x.Check(err == nil && v > last, "after %d: %d, %v", last, v, err)
						last = v
					}
				})
			}
			x.Go("setter", func() {
				for v := 1; v <= 2; v++ {
					x.Check(w.Set(v) == nil, "an open watch cannot be set")
				}
			})
		},
	}.Check(t)
}
