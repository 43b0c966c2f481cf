// SPDX-License-Identifier: Apache-2.0

package poller_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/explore"
	"github.com/pilfer-go/pilfer/internal/explore/poller"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// model has one thread wait for a word that another one sets; wakes says whether it
// wakes after that.
func model(wakes bool) func(x *explore.X) {
	return func(x *explore.X) {
		var ready explore.Bool
		p := poller.New()
		x.Go("waiter", func() {
			p.Until(func(*waker.Context) bool { return ready.Load() })
		})
		x.Go("waker", func() {
			ready.Store(true)
			if wakes {
				p.WakeBy(nil)
			}
		})
	}
}

func Example() {
	r := explore.Run(explore.Options{}, model(true))
	fmt.Println(r.Complete, r.Failure == nil)
	r = explore.Run(explore.Options{}, model(false))
	fmt.Println(r.Failure.Kind)
	// Output:
	// true true
	// deadlock
}

func TestPollAgain(t *testing.T) {
	polls := 0
	r := explore.Run(explore.Options{}, func(x *explore.X) {
		var ready explore.Bool
		x.Go("waiter", func() {
			poller.New().Until(func(cx *waker.Context) bool {
				polls++
				cx.Wake()
				return ready.Load()
			})
		})
		x.Go("changer", func() { ready.Store(true) })
	})
	if !r.Complete || r.Failure != nil {
		t.Fatal(r)
	}
	if polls == 0 {
		t.Fatal("nothing was polled")
	}
}
