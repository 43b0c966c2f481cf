// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random tests; 0 takes one from the clock")

// Seed returns the seed of this test: that of the flag, or one from the clock. It is
// printed if the test fails.
func Seed(t testing.TB) uint64 {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run again with -seed %d", seed)
		}
	})
	return seed
}

// Rand returns a generator with the seed of this test. It is not safe for concurrent
// use: [Split] makes one for each goroutine.
func Rand(t testing.TB) *rand.Rand { return rand.New(rand.NewPCG(Seed(t), 0)) }

// Split returns a generator for another round or goroutine.
func Split(rng *rand.Rand) *rand.Rand {
	return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
}

// Dither wastes a random moment, so that steps of two goroutines fall together in
// many ways.
func Dither(rng *rand.Rand) {
	n := rng.IntN(64)
	if n < 4 {
		runtime.Gosched()
		return
	}
	for x := range n {
		rng.Uint64N(uint64(x) + 1)
	}
}
