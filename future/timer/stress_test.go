// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

// A bellhop is a target with room for one wake.
type bellhop chan struct{}

func (b bellhop) WakeBy(waker.Local) {
	select {
	case b <- struct{}{}:
	default:
	}
}

// TestStressFireAgainstCancel: each goroutine arms, waits for, re-polls and cancels its
// timers while others fire them. Each timer either rings exactly once, and its owner
// is woken, or is cancelled; none is left.
func TestStressFireAgainstCancel(t *testing.T) {
	testkit.Stress(t, 200*time.Millisecond, func(rng *rand.Rand) {
		h := &host{clock: NewClock(epoch)}
		h.queue.Init(h.clock, nil)
		var owners, firers sync.WaitGroup
		stop := make(chan struct{})
		for range 2 {
			firers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					h.clock.Advance(3)
					h.queue.Fire(h.clock.Instant(), nil, fireBatch)
					runtime.Gosched()
				}
			})
		}
		for range 3 {
			rng := testkit.Split(rng)
			owners.Go(func() {
				b := make(bellhop, 1)
				cx := new(waker.Context)
				cx.Reset(waker.New(b), h, -1)
				for range 300 {
					f := Sleep(time.Duration(rng.IntN(100)))
					gives := rng.IntN(3) == 0
					for !f.Poll(cx).Ready {
						if gives {
							if rng.IntN(2) == 0 {
								runtime.Gosched()
							}
							future.Drop(f)
							break
						}
						if rng.IntN(4) > 0 {
							select {
							case <-b:
							case <-time.After(time.Minute):
								t.Error("a timer did not ring")
								return
							}
						}
					}
				}
			})
		}
		owners.Wait()
		close(stop)
		firers.Wait()
		require.Equal(t, 0, h.queue.Len())
		assert.Equal(t, Never, h.queue.wheelNext())
	})
}

func (q *Queue) wheelNext() Instant {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Instant(q.wheel.Next())
}
