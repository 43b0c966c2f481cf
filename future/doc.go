// SPDX-License-Identifier: Apache-2.0

// Package future holds values that come later, in the form that Rust gave them: a
// [Future] is a state machine that does nothing by itself and is polled. It knows
// package waker and nothing of who polls, so any loop can be the executor.
//
//	answer := future.Map(
//		future.Join(left, right),
//		func(p future.Pair[int, int]) int { return p.First + p.Second },
//	)
//
// # Polling instead of blocking
//
// A goroutine that waits keeps a stack of 2 KB or more and costs a switch to wake.
// A future that waits is a struct: where the goroutine would block, its Poll writes
// down how far it got, hands its waker to whoever will know more, and returns
// Pending. The executor forgets it until that waker is called.
//
//	Rust                  here
//	Future::poll(cx)      [Future], a method Poll(*Context)
//	Poll<Result<T, E>>    [Poll]: Ready, Value, Err; every future can fail
//	Context, Waker        [Context], see package waker
//	Pin<&mut Self>        a pointer receiver, and [Pinned]
//	Drop                  [Dropper] and [Drop]
//	async fn              a struct with a state and a switch, as in the example of
//	                      [Future]; or [Then], [Map] and the other combinators
//
// # Lazy
//
// Making a future starts nothing: no function is called, no goroutine runs, no
// value is taken from a channel before the first poll. A future that nobody polls
// has not happened. This differs from a goroutine, and from futures elsewhere
// that are handles of something under way; such a handle is the future of a
// [Promise].
//
// # One owner, one end
//
// A future has one owner at a time, and ownership moves by handing the future
// over: to an executor, or to a combinator, which from then on polls and drops
// it. Two goroutines never poll it at once, so Poll needs no lock for its own
// fields.
//
// A future ends exactly once: by the poll that returns Ready, or by [Drop], which
// is cancellation. Go has no destructors, so an owner that gives up a future calls
// Drop; the combinators here do, for the losers of a [Race], for what is left
// when a [Join] fails, and for all children when they are dropped themselves. A
// future that was forgotten without Drop is collected as any value, with what it
// holds, save for a goroutine of [FromChan] that waits and a callback that a
// context holds for [FromContext].
//
// # Not to be copied
//
// In Rust a polled future may hold pointers into itself and is pinned. In Go a
// pointer to a struct keeps it where it is, and only a copy can go wrong: two
// copies would share children and forget each other's progress. Futures of this
// package are behind pointers. One of your own embeds [Pinned].
//
// # Being fair
//
// A task that always finds its futures ready would never return to its executor.
// Each poll has a budget: leaves ([Promise.Future], [FromChan], [FromContext])
// spend a unit when they are ready, and are Pending without one; see
// [waker.Context.Spend].
//
// # What there is
//
//	one after the other   [Then] (in Rust: and_then), [OrElse], [Map], [MapErr],
//	                      [Inspect]; [Answer] with Then goes on after errors too
//	together              [Join], [Join3] to [Join8] and [JoinAll] give up at the
//	                      first error (in Rust: try_join); [Settle], or Answer in
//	                      a Join, wait for all
//	the first             [Race], [RaceFair]; [Select], [SelectFair], [Select2],
//	                      [Select3], [Select2Fair], [Select3Fair] keep
//	                      the others or their types
//	as they come          [Unordered], [Ordered]; package stream
//	for many              [Share]
//	careful               [CatchPanic], [Fuse], [WithContext]
//	along with a task     [Local], [Scoped], [Inherit]
//	cancellation          [Token]: a tree, of which a task gets a branch
//	from outside          [Block], for an ordinary goroutine
//	direct style          [Async] and [Get]: straight-line code that waits
//
// Channels for tasks are in package chans, locks in package locks.
//
// # Which style, when
//
// The prices are of one wait that is ready at once, and of one that has to wait and is
// woken on the same worker, in one run on a VM; take their ratios. Memory is what one
// waits with.
//
//	                      ready    waits     memory   use it for
//	state machine,                 22 ns     its      many tasks, short and hot paths
//	combinators                              fields
//	Async, unlocked        6 ns   185 ns    2.6 KB    straight-line code, thousands
//	workers                                           of tasks
//	Async, locked          6 ns   190 ns    2.6 KB    the same; its task stays on one
//	workers                                           worker, so spawn it at the runtime
//	                                                  where work is to spread
//	Block, or a goroutine                   2.6 KB    code outside of the runtime
//	of its own
//	sched.Await                                       the end of a plain function: the
//	                                                  worker runs others on top of it
//
// To begin an Async takes 400 to 450 ns. An Async inside another is a coroutine of
// its own; to call a function with the same Await costs only the call.
//
// On an ordinary goroutine there is no need of Async: [Block] waits there, and the code
// around it is straight-line code already. An Async polled by Block runs on that
// goroutine. On workers locked to threads (the default of sched.New) Go lets a
// coroutine go on only on the thread that began it, or it ends the process; so the
// executor pins the task, see [Host]. A guest, which is a caller of sched's Run or
// BlockOn, begins none: it hands the task to a worker.
//
// # Who may call what
//
//	Poll, Drop                 the owner of the future: one goroutine at a time
//	constructors               any
//	Promise.Resolve, Reject    any; Abandon too
//	ResolveIn, RejectIn        the goroutine that polls with that Context
//
// # Mistakes
//
// These panic, with a message that names the function: a nil future or function
// where one is needed, a poll after the end, a poll of a copy, a second call of
// [Promise.Future], [Promise.Reject] with nil. Errors are [ErrClosed],
// [ErrNoFutures], [ErrEnd] of a set, [ErrAbandoned] of a promise given up unset, the
// cause of a context, and the [*PanicError] of
// [CatchPanic]. Of an [Async] these panic: a body that polls its own future, bodies
// that wait for each other 10,000 deep, [Get] by anybody but the body or inside another
// Get, and a body that waits with a thread that it has locked. [ErrThread] is for one
// whose thread others gave away. A panic in a function that was
// handed to this package passes through Poll; a future that panicked may be
// dropped, not polled.
//
// The proofs stand beside the code: [promise-race] in promise.go, [ready-race] in
// ready_set.go, [shared-race] in shared.go; they build on [cell-race] and
// [list-race] of package waker.
package future
