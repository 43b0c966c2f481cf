// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
)

// A Mutex is a lock that suspends the task that waits for it, not the worker, and
// that may be held across polls. It is fair: who waits first gets it first, and
// nobody overtakes. For a short section inside one poll a sync.Mutex is cheaper
// and right.
//
// The zero Mutex is unlocked. It must not be copied. Any goroutine or task, of any
// runtime, may unlock what another has locked.
type Mutex struct {
	_    noCopy
	gate gate
}

// TryLock locks the mutex if nobody holds it or waits for it.
//
// Caller: any.
func (m *Mutex) TryLock() bool { return m.gate.word.CompareAndSwap(0, onePer) }

// PollLock locks the mutex, or puts w in line and arranges for another poll. Once
// it reports true the caller holds the mutex.
//
// Caller: the waiter of w.
func (m *Mutex) PollLock(cx *future.Context, w *Waiter) bool {
	if w.at == nil && cx.Budget() != 0 && (!w.waited || m.gate.word.Load() == 0) && m.TryLock() {
		w.waited = false
		return cx.Spend()
	}
	return m.gate.wait(cx, w, 1, 1)
}

// LockFuture returns a future that is ready when its owner holds the mutex. To
// drop it before leaves the line; afterwards the mutex must be unlocked. [With]
// does both.
//
// Caller: any.
func (m *Mutex) LockFuture() future.Future[struct{}] { return newTaking(&m.gate, 1, 1) }

// Lock blocks the calling goroutine until it holds the mutex, or until ctx ends;
// then it returns the cause. A mutex that is free is locked even if ctx has ended.
//
// Caller: any goroutine that may sleep: not a task.
func (m *Mutex) Lock(ctx context.Context) error {
	if m.TryLock() {
		return nil
	}
	return block(ctx, m.LockFuture())
}

// Unlock unlocks the mutex, or hands it to who waits longest. It panics if the
// mutex is not locked.
//
// Caller: any.
func (m *Mutex) Unlock() {
	if m.gate.behind && m.gate.word.Load() != onePer || !m.gate.word.CompareAndSwap(onePer, 0) {
		m.unlock(nil)
	}
}

// UnlockIn is Unlock from inside the poll that cx belongs to; see
// [waker.Waker.WakeIn].
//
// Caller: the goroutine that polls with cx.
func (m *Mutex) UnlockIn(cx *future.Context) {
	if m.gate.behind && m.gate.word.Load() != onePer || !m.gate.word.CompareAndSwap(onePer, 0) {
		m.unlock(cx)
	}
}

// unlock is UnlockIn when somebody waits. It is out of line, so that the rest
// inlines.
func (m *Mutex) unlock(cx *future.Context) {
	if !m.gate.giveBack(cx.Local(), 1) {
		panic("locks: Unlock of a Mutex that is not locked")
	}
}

// Locked reports whether somebody holds the mutex: for a test or a message.
//
// Caller: any.
func (m *Mutex) Locked() bool { return m.gate.taken() != 0 }

// block waits for f on the calling goroutine.
func block(ctx context.Context, f future.Future[struct{}]) error {
	_, err := future.Block(ctx, f)
	return err
}

// A taking is the future of something taken from a gate.
type taking struct {
	w           Waiter
	g           *gate // nil once it was ready or dropped
	need, limit uint32
}

func newTaking(g *gate, need, limit uint32) *taking {
	return &taking{g: g, need: need, limit: limit}
}

// Poll takes it, or waits in line.
//
// Caller: owner.
func (t *taking) Poll(cx *future.Context) future.Poll[struct{}] {
	if t.g == nil {
		panic("locks: the future of a lock was polled after it was ready or dropped")
	}
	if !t.g.poll(cx, &t.w, t.need, t.limit) {
		return future.Poll[struct{}]{}
	}
	t.g = nil
	return future.Of(struct{}{})
}

// Drop leaves the line.
//
// Caller: owner.
func (t *taking) Drop() {
	t.g = nil
	t.w.Cancel()
}
