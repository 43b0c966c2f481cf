// SPDX-License-Identifier: Apache-2.0

// Package park puts an OS-locked worker to sleep and wakes it.
//
// A [Parker] holds one permit. [Parker.Park] waits for the permit and takes it,
// [Parker.Unpark] gives it; a permit that is given twice before it is taken is
// still one permit, and a permit given first lets the next Park through at once.
//
//	owner                               anybody
//	  announce that it will sleep         publish a job
//	  look once more for work             see that a worker sleeps
//	  p.Park()                            p.Unpark()
//
// Who may call what:
//
//	Park, ParkFor, TryPark   the owner: one goroutine at a time
//	Unpark                   any
//	Init                     once, before the Parker is shared
//
// On Linux the owner sleeps in a futex, because a goroutine that is locked to
// its thread pays two thread switches to sleep in a channel: a round trip of 70
// to 89 us against 8 to 10 us (BenchmarkPingPongLocked). Elsewhere, and on
// request, it sleeps in a channel. A channel is also what a testing/synctest
// bubble understands; [InBubble] tells whether one is around.
//
// [Relax] is a pause for spinning, [PinCPU] and [CPUs] are thread affinity.
package park
