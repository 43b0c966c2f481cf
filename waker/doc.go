// SPDX-License-Identifier: Apache-2.0

// Package waker is how a future tells whoever polls it that another poll is worth
// while. It knows neither futures nor executors, and is of use alone.
//
// # The pieces
//
// In Rust a waker is a data pointer and a table of functions, and a task context
// carries one. In Go's terms:
//
//	Rust                    here
//	RawWaker: data, vtable  [Target]: an interface value is both; the dynamic type
//	                        is the table, the pointer in it the data
//	Waker                   [Waker]: two words, made without an allocation
//	clone, drop             [Waker.Clone], [Waker.Drop]: nothing to do, unless the
//	                        Target counts its wakers ([Cloner], [Dropper])
//	will_wake               [Waker.WillWake]
//	Context                 [Context]: the waker, and what Go has no thread-local
//	                        storage for: where the poll runs, and its budget
//	AtomicWaker             [Cell]
//	a wait list             [List]
//
// A [Context] is not a [context.Context]. It lives for one poll, on one goroutine,
// and asks to be woken; the other lives for a request, is shared, and asks to
// stop.
//
// # Where a wake comes from
//
// A wake may come from anywhere, and then the woken task takes a queue that all
// can reach. A wake that is called inside a poll can do better: WakeIn takes that
// poll's Context and hands its [Local] to the Target, which can queue the task
// beside the one that runs.
//
// # Registering
//
// A waiter registers first and then looks at what it waits for; the other side
// changes that and then wakes. In this order they cannot miss each other:
//
//	func (e *event) Poll(cx *future.Context) future.Poll[struct{}] {
//		e.cell.Register(cx)
//		if !e.happened.Load() { // an atomic word, or under a lock
//			return future.Wait[struct{}]()
//		}
//		return future.Of(struct{}{})
//	}
//
//	func (e *event) Happen() {
//		e.happened.Store(true)
//		e.cell.Wake()
//	}
//
// The proofs stand beside the code: [cell-race] in cell.go, [list-race] in list.go.
// README.md draws the protocol of the Cell and says what was refused.
//
// # Who may call what
//
//	Waker             any, if the Target says so; Wake and Drop: who owns the copy
//	Context           the goroutine that polls, during the poll
//	Flag              any
//	Cell.Register     the waiter: one goroutine at a time
//	Cell, the rest    any
//	List, its wakes   any
//	Entry             its waiter: one goroutine at a time
//
// # Mistakes
//
// [Entry.Register] of an entry in no list panics. A Target's methods must not
// panic. Everything else is total: a zero Waker wakes nobody, a zero Cell, Flag or
// List is empty, a wake with nobody registered does nothing.
package waker
