// SPDX-License-Identifier: Apache-2.0

package deque

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the stress tests; 0 takes one from the clock")

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testRand returns a generator whose seed is printed when the test fails.
func testRand(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("run again with -seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// child returns a generator for one more goroutine.
func child(rng *rand.Rand) *rand.Rand { return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())) }

// stressUntil returns when a stress test that goes on after its short run ends.
func stressUntil(t *testing.T) time.Time {
	text := os.Getenv("PILFER_STRESS")
	if text == "" {
		return time.Now()
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PILFER_STRESS: %v", err)
	}
	return time.Now().Add(d)
}

// numbers returns n jobs that hold their number.
func numbers(n int) []*int {
	values, jobs := make([]int, n), make([]*int, n)
	for i := range jobs {
		values[i] = i
		jobs[i] = &values[i]
	}
	return jobs
}
