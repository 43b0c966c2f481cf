// SPDX-License-Identifier: Apache-2.0

// Package locks has locks that suspend the task that waits, not the worker that
// runs it. They may be held across polls, and by a task of any runtime or by an
// ordinary goroutine.
//
//	[Mutex]      one holder
//	[RWMutex]    many readers or one writer
//	[Semaphore]  a number of permits, several at a time
//	[Notify]     "something happened", for one waiter or for all
//	[Barrier]    go on together
//	[Cond]       wait for a change of what a Mutex guards
//	[Once]       a value that is made once, by a future
//
// # Which one
//
// A sync.Mutex around a few instructions inside one poll is right, and cheaper:
// nobody suspends while holding it, so a worker never waits long. A lock of this
// package is for what is held while a task waits for something else; there a
// sync.Mutex would block a worker for that long, with every task behind it.
// A value that one task owns and others send messages to (package chans) needs no
// lock at all.
//
// # Three ways to wait
//
//	Lock(ctx)        an ordinary goroutine: sleeps until it has the lock
//	LockFuture()     a task: a future to poll or combine; one allocation
//	PollLock(cx, w)  a state machine that holds a [Waiter] itself: none
//
// and TryLock, which waits for nobody. What is locked in one way may be unlocked
// by anybody, from anywhere; UnlockIn(cx) is cheaper inside a poll.
//
// [With] holds a lock for as long as a future runs, and gives it back when the
// future is ready, fails, panics or is dropped with its task.
//
// # Fair
//
// All waiters of a lock stand in one line, and what is given back goes to the
// oldest of them, also if another task tries at that moment. So nobody starves;
// the price is that each hand-over runs another task. A sync.Mutex lets the
// running goroutine have it again, which is faster and unfair.
//
// # Given up
//
// A future that is dropped, or a [Waiter.Cancel], leaves the line. What it was
// granted in the meantime, be it the lock, permits, or the word of a Notify, goes
// on to the next. A task that is aborted while it holds a lock must give it back
// in its own Drop: use With.
//
// # Who may call what
//
//	Unlock, Release, One, All, Signal, Try...   any
//	the ...In(cx) forms                         the goroutine that polls with cx
//	Poll..., Waiter.Cancel                      the waiter: one goroutine at a time
//	Lock(ctx) and other blocking forms          a goroutine that may sleep
//
// # Mistakes
//
// These panic, with a message that names the function: to unlock what is not
// locked, to release more permits than are taken, a Waiter at two locks at once, a
// future that is polled after it was ready or dropped, a semaphore of a negative
// size, a barrier for nobody. [ErrTooMany] is the error of asking for more permits
// than a semaphore has.
//
// The proofs stand beside the code: [hand-over] in gate.go, [notify-race] in
// notify.go, [barrier-race] in barrier.go.
package locks
