// SPDX-License-Identifier: Apache-2.0

// Package deque holds the places where the jobs of a work-stealing runtime lie.
// It is useful alone: it imports nothing of pilfer but internal packages, and
// knows of a job only that it is a *T.
//
//	type         order of the owner         thieves take          made for
//	[Queue]      oldest, or newest first    half, or the oldest   run queue of a worker
//	[Deque]      newest first               the oldest            forks of a worker
//	[Injector]   oldest first               one or a batch        jobs from outside
//
// # Who may call what
//
// The ownership rule is in the types. [Queue] and [Deque] are the owner's ends:
// one goroutine at a time may use them, and if ownership goes to another
// goroutine, the hand-over must order the two, as a channel or a mutex does. The
// methods with `Caller: any` are the exception. [QueueThief] and [Stealer] are the
// thieves' ends, small values for everybody. An [Injector] has no owner.
//
// A job must not be nil. With the invariants build tag a nil job panics, and so do
// broken promises of this package.
//
// # Looking for a job
//
// Each taking call has three outcomes. A worker may sleep when everything it asked
// said [Empty], not when something said [Lost]; see the example. The protocol
// around it is the caller's: announce that you will sleep, look once more, sleep.
// It may rely on this: once a push has returned, no [QueueThief.Len],
// [Stealer.Len] or [Injector.Empty] says that there is nothing until the job is
// taken, or its taking has begun.
//
// # Progress
//
// No call waits for another goroutine. An owner is never held up by a thief that
// the system has stopped in the middle of a steal, nor a consumer of an injector
// by a producer stopped in the middle of a push; at most the other thieves of that
// one queue are told [Lost] for so long.
//
// # Memory
//
// No structure has a bound; rings grow by doubling, and shrink again when the
// owner keeps finding them empty. What may stay reachable of jobs that were taken
// is said at each type.
//
// README.md tells the protocols from above, and lists what each call costs.
package deque
