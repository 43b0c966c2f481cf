// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"

	"github.com/pilfer-go/pilfer/future"
)

// An RWMutex is held by any number of readers or by one writer. It suspends the
// task that waits, and is fair: readers and writers stand in one line, so neither
// starves the other; a reader that comes after a waiting writer waits behind it.
// Readers in a row are let in together.
//
// The zero RWMutex is unlocked. It must not be copied. A reader must not lock it
// again while it reads: a writer may have lined up in between.
type RWMutex struct {
	_    noCopy
	gate gate
}

// allReaders is more readers than there can be; a writer takes them all.
const allReaders = maxTaken / 2

// TryLock locks for writing if nobody holds the lock or waits for it.
//
// Caller: any.
func (m *RWMutex) TryLock() bool { return m.gate.try(allReaders, allReaders) }

// TryRLock locks for reading if nobody writes or waits.
//
// Caller: any.
func (m *RWMutex) TryRLock() bool { return m.gate.try(1, allReaders) }

// PollLock locks for writing, or puts w in line; see [Mutex.PollLock].
//
// Caller: the waiter of w.
func (m *RWMutex) PollLock(cx *future.Context, w *Waiter) bool {
	return m.gate.poll(cx, w, allReaders, allReaders)
}

// PollRLock locks for reading, or puts w in line.
//
// Caller: the waiter of w.
func (m *RWMutex) PollRLock(cx *future.Context, w *Waiter) bool {
	return m.gate.poll(cx, w, 1, allReaders)
}

// LockFuture returns a future that is ready when its owner may write.
//
// Caller: any.
func (m *RWMutex) LockFuture() future.Future[struct{}] {
	return newTaking(&m.gate, allReaders, allReaders)
}

// RLockFuture returns a future that is ready when its owner may read.
//
// Caller: any.
func (m *RWMutex) RLockFuture() future.Future[struct{}] {
	return newTaking(&m.gate, 1, allReaders)
}

// Lock blocks the calling goroutine until it may write, or until ctx ends; then it
// returns the cause.
//
// Caller: any goroutine that may sleep: not a task.
func (m *RWMutex) Lock(ctx context.Context) error {
	if m.TryLock() {
		return nil
	}
	return block(ctx, m.LockFuture())
}

// RLock blocks the calling goroutine until it may read, or until ctx ends; then it
// returns the cause.
//
// Caller: any goroutine that may sleep: not a task.
func (m *RWMutex) RLock(ctx context.Context) error {
	if m.TryRLock() {
		return nil
	}
	return block(ctx, m.RLockFuture())
}

// Unlock ends writing. It panics if nobody writes.
//
// Caller: any.
func (m *RWMutex) Unlock() { m.UnlockIn(nil) }

// UnlockIn is Unlock from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (m *RWMutex) UnlockIn(cx *future.Context) {
	if !m.gate.giveBack(cx.Local(), allReaders) {
		panic("locks: Unlock of an RWMutex that is not locked for writing")
	}
}

// RUnlock ends reading. It panics if nobody reads.
//
// Caller: any.
func (m *RWMutex) RUnlock() { m.RUnlockIn(nil) }

// RUnlockIn is RUnlock from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (m *RWMutex) RUnlockIn(cx *future.Context) {
	// There are never so many readers: a writer has it, or has just handed it over.
	writing := m.gate.taken() == allReaders && m.gate.settled() == allReaders
	if writing || !m.gate.giveBack(cx.Local(), 1) {
		panic("locks: RUnlock of an RWMutex that is not locked for reading")
	}
}

// Downgrade makes a writer a reader, without a moment in between in which another
// writer could come. Readers that wait in front of the next writer are let in. It
// panics if nobody writes.
//
// Caller: who holds the lock for writing.
func (m *RWMutex) Downgrade() {
	if m.gate.taken() != allReaders && m.gate.settled() != allReaders {
		panic("locks: Downgrade of an RWMutex that is not locked for writing")
	}
	m.gate.giveBack(nil, allReaders-1)
}

// RLocker returns the reading side as a [Locker].
//
// Caller: any.
func (m *RWMutex) RLocker() Locker { return (*reading)(m) }

// reading is an RWMutex seen by readers.
type reading RWMutex

// PollLock locks for reading.
//
// Caller: the waiter of w.
func (r *reading) PollLock(cx *future.Context, w *Waiter) bool {
	return (*RWMutex)(r).PollRLock(cx, w)
}

// UnlockIn ends reading.
//
// Caller: a reader.
func (r *reading) UnlockIn(cx *future.Context) { (*RWMutex)(r).RUnlockIn(cx) }
