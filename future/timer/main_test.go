// SPDX-License-Identifier: Apache-2.0

package timer

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/waker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// epoch is when the clocks of tests start.
var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// A host is an executor by hand: a clock that stands still, and a queue.
type host struct {
	queue Queue // first: it needs 64-bit alignment
	clock *Clock
	early []Instant // what the queue told
}

func newHost() *host {
	h := &host{clock: NewClock(epoch)}
	h.queue.Init(h.clock, func(at Instant) { h.early = append(h.early, at) })
	return h
}

func (h *host) Timers() *Queue { return &h.queue }

// pass moves the clock on, and fires what is due.
func (h *host) pass(d time.Duration) (woken int) {
	h.clock.Advance(d)
	for more := true; more; {
		var n int
		n, more = h.queue.Fire(h.clock.Instant(), h, 1)
		woken += n
	}
	return woken
}

// A task is a target that counts wakes, and the wakers that are kept.
type task struct {
	wakes point.Int64
	alive point.Int64
}

func (k *task) WakeBy(waker.Local) { k.wakes.Inc() }

func (k *task) CloneTarget() waker.Target { k.alive.Inc(); return k }

func (k *task) DropTarget() { k.alive.Dec() }

// woken returns how many wakes came since the last call.
func (k *task) woken() int { return int(k.wakes.Swap(0)) }

// cx returns a Context of the host that wakes k.
func (h *host) cx(k *task, budget int) *future.Context {
	cx := new(waker.Context)
	cx.Reset(waker.New(k), h, budget)
	return cx
}

// A probe is a future that is pending some times, then ready with 7. It complains if
// it does not end exactly once.
type probe struct {
	t       testing.TB
	pending int
	greedy  bool // uses the budget up while it is pending
	waker   waker.Waker
	polls   int
	drops   int
	over    bool
}

func (p *probe) Poll(cx *future.Context) future.Poll[int] {
	if p.over {
		p.t.Error("polled after the end")
	}
	p.polls++
	p.waker.Drop()
	if p.pending > 0 {
		p.pending--
		if p.greedy {
			for cx.Spend() {
			}
			return future.Wait[int]()
		}
		p.waker = cx.Waker()
		return future.Wait[int]()
	}
	p.over = true
	return future.Of(7)
}

func (p *probe) Drop() {
	if p.drops++; p.over {
		p.t.Errorf("dropped after the end, %d drops", p.drops)
	}
	p.over = true
	p.waker.Drop()
}
