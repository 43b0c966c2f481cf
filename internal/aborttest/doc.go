// SPDX-License-Identifier: Apache-2.0

// Package aborttest gives a future up at every point of its life, for tests that
// check that nothing is lost by it: no permit, no value, no wake.
//
// A test runs one scenario again and again. Each time the victim in it is dropped
// one poll later, until it comes to its end undisturbed:
//
//	aborttest.Each(t, func(t *testing.T, a *aborttest.Abort) {
//		...
//		victim := aborttest.Victim(a, m.LockFuture())
//		... run victim and the others on a deterministic executor ...
//		... check that the mutex is free ...
//	})
//
// The victim is dropped in two ways: right after its n-th poll has returned
// Pending, and when it is woken after that, instead of the next poll. The second is
// where wake-ups are swallowed.
package aborttest
