// SPDX-License-Identifier: Apache-2.0

// Package chans has channels for tasks: who finds one empty or full suspends its
// task, and the worker goes on with another. Ordinary goroutines use the same
// channels, with a context.
//
//	[OneShot]       one message
//	[MPSC], [MPMC]  bounded; many senders, and one receiver or many
//	[NewUnbounded]  senders never wait
//	[NewBroadcast]  every receiver gets every value; slow ones are told what they missed
//	[NewWatch]      the latest value, and that it has changed
//
// # Which one, and when a Go channel
//
// Between ordinary goroutines a Go channel is right. It also has select. Inside a
// task it is not: a task that blocks in one withholds its worker. Use a channel of
// this package wherever at least one side is a task; of a bounded one rather than
// an unbounded, which only hides that its receivers are too slow; of [MPSC] rather
// than [MPMC] if there is one receiver, as it saves a step for each message. From
// and to Go channels lead [Chan.FromGo] and [Chan.ToGo], future.FromChan and
// future.ToChan.
//
// A value that is worked on by one task at a time and that others send messages to
// needs no lock; where many tasks need short access to one value, a mutex is
// simpler than a channel.
//
// # Four ways to send and receive
//
//	Send(ctx, v), Recv(ctx)         an ordinary goroutine: sleeps
//	SendFuture(v), RecvFuture()     a task: a future to poll or combine
//	PollSend, PollRecv              a state machine with a [waker.Entry] of its own: no allocation
//	TrySend(v), TryRecv()           never wait: [ErrFull], [ErrEmpty]; a [OneReceiver] has TryRecv too
//
// An ordinary goroutine that waits for the answer of a task on locked workers, as they
// are by default, has it sooner through sched.BlockOn(ctx, rt, ch.RecvFuture()): Recv
// sleeps as in a Go channel, out of which only Go's scheduler leads. In a tight loop
// that is 2 to 15 us instead of 40 and more; with unlocked workers Recv is the
// faster (docs/decisions/0003).
//
// The In forms are for the inside of a poll: who is woken then runs on this worker.
// All yields messages to a for loop.
//
// # Closing
//
// A channel is closed for sending, by anybody; what was sent before is received,
// and then receivers get [ErrClosed]. A sender on a closed channel gets ErrClosed
// too, instead of a panic, since senders and closer often do not know each other.
// Abandon closes from the receiving side and throws away what is left.
//
// A [Permit] is room for one message, reserved before there is one.
//
// # Given up
//
// A send that is dropped before it is ready was not sent, and a receive that is
// dropped has received nothing: a wake-up that it had in hand goes to the next.
// What a task has received when it is aborted is its own.
//
// # Who may call what
//
//	Chan of MPMC, Unbounded       any goroutine, any task
//	Chan of MPSC, receiving       one at a time
//	Broadcast, Watch              any
//	Subscription, Watcher         owner: one goroutine at a time
//	OneSender                     owner; Close: any
//	OneReceiver, Permit           owner
//	PollSend, PollRecv            the owner of the entry
//
// # Mistakes
//
// These panic, with a message that names the function: a capacity below 1 or above
// [MaxCapacity], a Chan that MPSC or MPMC did not make, a future that is polled after it was ready or dropped, a permit
// that is used twice, a subscription that is used after Close, a watcher after
// Drop. Two receivers at once on a channel of [MPSC] are a data race; the debug build
// panics.
//
// The proofs stand beside the code: [slot-turn] in ring.go, [chan-race] in chan.go;
// both build on [list-race] of package waker; [one-race] in oneshot.go.
package chans
