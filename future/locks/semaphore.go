// SPDX-License-Identifier: Apache-2.0

package locks

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/future"
)

// ErrTooMany is what asks for more permits than a [Semaphore] has at all.
var ErrTooMany = errors.New("locks: more permits than the semaphore has")

// A Semaphore has a number of permits, of which each taker takes one or several.
// It suspends the task that waits, and serves first come, first served: one that
// needs many is not overtaken by those that need few.
//
// Who takes permits gives them back, with [Semaphore.Release]; a permit is not
// bound to a task or goroutine. The zero Semaphore has no permits.
type Semaphore struct {
	_    noCopy
	gate gate
	size uint32
}

// MaxPermits is the largest size of a semaphore. Who shares out memory counts in
// kilobytes.
const MaxPermits = int(maxTaken / 2)

// NewSemaphore returns a semaphore with n permits, none of them taken. It panics
// if n is negative or above [MaxPermits].
//
// Caller: any.
func NewSemaphore(n int) *Semaphore {
	if n < 0 || n > MaxPermits {
		panic(fmt.Sprintf("locks: NewSemaphore of %d permits; want 0 to %d", n, MaxPermits))
	}
	return &Semaphore{size: uint32(n)}
}

// permits returns n as a count to take or give back.
func (s *Semaphore) permits(n int, who string) uint32 {
	if n < 0 {
		panic(fmt.Sprintf("locks: %s of %d permits", who, n))
	}
	return uint32(min(n, MaxPermits+1))
}

// TryAcquire takes n permits if there are so many and nobody waits.
//
// Caller: any.
func (s *Semaphore) TryAcquire(n int) bool {
	need := s.permits(n, "TryAcquire")
	return need <= s.size && s.gate.try(need, s.size)
}

// PollAcquire takes n permits, or puts w in line and arranges for another poll.
// It panics if n is more than the semaphore has.
//
// Caller: the waiter of w, with the same n until it is through.
func (s *Semaphore) PollAcquire(cx *future.Context, w *Waiter, n int) bool {
	if w.at == nil && uint(n) <= uint(s.size) && cx.Budget() != 0 && s.gate.try(uint32(n), s.size) {
		return cx.Spend()
	}
	need := s.permits(n, "PollAcquire")
	if need > s.size {
		panic(ErrTooMany)
	}
	return s.gate.wait(cx, w, need, s.size)
}

// AcquireFuture returns a future that is ready when its owner has n permits. To
// drop it before leaves the line; afterwards they must be released. It fails with
// [ErrTooMany] if the semaphore has less.
//
// Caller: any.
func (s *Semaphore) AcquireFuture(n int) future.Future[struct{}] {
	need := s.permits(n, "AcquireFuture")
	if need > s.size {
		return future.Failed[struct{}](ErrTooMany)
	}
	return newTaking(&s.gate, need, s.size)
}

// Acquire blocks the calling goroutine until it has n permits, or until ctx ends;
// then it returns the cause. Permits that are free are taken even if ctx has
// ended. It returns [ErrTooMany] if the semaphore has less.
//
// Caller: any goroutine that may sleep: not a task.
func (s *Semaphore) Acquire(ctx context.Context, n int) error {
	if need := s.permits(n, "Acquire"); need <= s.size && s.gate.try(need, s.size) {
		return nil
	}
	return block(ctx, s.AcquireFuture(n))
}

// Release gives n permits back. It panics if so many are not taken.
//
// Caller: any.
func (s *Semaphore) Release(n int) { s.ReleaseIn(nil, n) }

// ReleaseIn is Release from inside the poll that cx belongs to.
//
// Caller: the goroutine that polls with cx.
func (s *Semaphore) ReleaseIn(cx *future.Context, n int) {
	if !s.gate.giveBack(cx.Local(), s.permits(n, "Release")) {
		panic(fmt.Sprintf("locks: Release of %d permits, more than are taken", n))
	}
}

// Size returns how many permits there are in all.
//
// Caller: any.
func (s *Semaphore) Size() int { return int(s.size) }

// Available returns how many permits nobody has; they may be meant for those who
// wait.
//
// Caller: any.
func (s *Semaphore) Available() int { return int(s.size - s.gate.taken()) }

// Permits returns n permits of s as a [Locker]. It panics if s has less.
//
// Caller: any.
func (s *Semaphore) Permits(n int) Locker {
	if s.permits(n, "Permits") > s.size {
		panic(ErrTooMany)
	}
	return &permits{s, n}
}

type permits struct {
	s *Semaphore
	n int
}

// PollLock takes the permits.
//
// Caller: the waiter of w.
func (p *permits) PollLock(cx *future.Context, w *Waiter) bool { return p.s.PollAcquire(cx, w, p.n) }

// UnlockIn gives them back.
//
// Caller: who took them.
func (p *permits) UnlockIn(cx *future.Context) { p.s.ReleaseIn(cx, p.n) }
