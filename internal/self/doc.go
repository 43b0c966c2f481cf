// SPDX-License-Identifier: Apache-2.0

// Package self tells goroutines apart, so that a wait inside a task is noticed
// before it blocks the worker that would have to end it. Go offers no identity
// for a goroutine; the address of its descriptor, which the compiler keeps in
// a register or in thread-local storage, is one for as long as it lives. It is
// read by one instruction.
//
// It also tells whether a goroutine is tied to a thread, and how deeply: Go ends the
// process if a coroutine is resumed where that differs. See [Thread].
package self
