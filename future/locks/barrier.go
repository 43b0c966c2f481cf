// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/waker"
)

// A Barrier lets tasks go on together: each waits until so many have come. Then
// it starts over. The zero Barrier is for one, and holds nobody up.
type Barrier struct {
	_    noCopy
	size int

	// round is how many times the barrier has opened.
	// Writers: holding mu. It wraps; a waiter compares it with its own round, and
	// would have to miss 2^32 of them.
	round point.Uint32

	mu      point.Mutex
	arrived int // holding mu
	waiters waker.List
}

// Proof [barrier-race]: when the barrier opens, all that have arrived go on.
//
//	waiter                           who is the last
//	  W1  holding mu: count itself     L1  holding mu: a new round
//	  W2  register                     L2  wake all
//	  W3  the same round: wait
//
// L1 before W3 in S: the waiter goes on. Otherwise W2 is before L1, so L2 finds
// the registration. (cross; [list-race] is the rest)
//
// Checked by: TestStressBarrier, TestAbortEachPoll.

// NewBarrier returns a barrier for n. It panics if n is below one.
//
// Caller: any.
func NewBarrier(n int) *Barrier {
	if n < 1 {
		panic(fmt.Sprintf("locks: NewBarrier for %d", n))
	}
	return &Barrier{size: n}
}

// Future returns a future that is ready when as many have arrived as the barrier
// was made for. Its value is true for one of them: the last to arrive. It arrives
// with its first poll; if it is dropped before the barrier opens, it has not been
// there.
//
// Caller: any.
func (b *Barrier) Future() future.Future[bool] { return &arrival{b: b} }

// Wait arrives, and blocks the calling goroutine until the barrier opens. If ctx
// ends first it returns the cause, and has not been there.
//
// Caller: any goroutine that may sleep: not a task.
func (b *Barrier) Wait(ctx context.Context) (last bool, err error) {
	return future.Block(ctx, b.Future())
}

// arrive counts one more, and reports whether that opens the barrier.
func (b *Barrier) arrive() (round uint32, last bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	round = b.round.Load()
	b.arrived++ // [barrier-race] W1
	if b.arrived < b.size {
		return round, false
	}
	b.arrived = 0
	b.round.Store(round + 1) // [barrier-race] L1 takes effect here
	return round, true
}

// depart takes back an arrival, unless the barrier has opened since.
func (b *Barrier) depart(round uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.round.Load() == round {
		b.arrived--
	}
}

type arrival struct {
	b     *Barrier // nil once it was ready or dropped
	here  bool
	round uint32
	entry waker.Entry
}

// Poll arrives, the first time, and is ready when the barrier has opened.
//
// Caller: owner.
func (a *arrival) Poll(cx *future.Context) future.Poll[bool] {
	b := a.b
	if b == nil {
		panic("locks: the future of a Barrier was polled after it was ready or dropped")
	}
	if cx.Budget() == 0 {
		cx.Wake()
		return future.Poll[bool]{}
	}
	last := false
	if !a.here {
		a.here = true
		if a.round, last = b.arrive(); last {
			b.waiters.WakeAllIn(cx) // [barrier-race] L2
		}
	}
	if !last && b.round.Load() == a.round {
		b.waiters.Register(cx, &a.entry) // [barrier-race] W2
		if b.round.Load() == a.round {   // [barrier-race] W3
			return future.Poll[bool]{}
		}
	}
	cx.Spend()
	a.b = nil
	a.entry.Remove()
	return future.Of(last)
}

// Drop takes the arrival back.
//
// Caller: owner.
func (a *arrival) Drop() {
	b := a.b
	a.b = nil
	if b != nil && a.here {
		b.depart(a.round)
		a.entry.Remove()
	}
}
