// SPDX-License-Identifier: Apache-2.0

package park

import (
	"runtime"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Yield lets goroutines run that wait for this P. It orders nothing.
//
// Caller: any.
func Yield() {
	if !point.Exploring() {
		runtime.Gosched()
	}
}

// Relax keeps the CPU busy for n turns of about 2 ns (BenchmarkRelax) without
// touching memory, so that a spinning thread reads a contended word less often.
//
// It orders nothing: a loop that waits for another goroutine must itself read an
// atomic word. And it gives up neither thread nor P: the loop must end after a
// bounded number of rounds. (The runtime's own pause instruction is not within
// reach of a library.)
//
// Caller: any.
func Relax(n int) {
	if point.Exploring() {
		return
	}
	if churn(n) == 0 {
		// Xorshift never reaches zero. The test is there to need the result, so
		// that no compiler may drop the loop.
		panic("pilfer: xorshift reached zero")
	}
}

//go:noinline
func churn(n int) uint32 {
	x := uint32(2463534242)
	for range n {
		x ^= x << 13 // each step needs the one before it
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}
