// SPDX-License-Identifier: Apache-2.0

package park

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

// stressFor returns how long a stress test goes on after its short run.
func stressFor(t *testing.T) time.Duration {
	text := os.Getenv("PILFER_STRESS")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PILFER_STRESS: %v", err)
	}
	return d
}

// eachKind runs a test with the parker of the system and with the portable one.
func eachKind(t *testing.T, test func(t *testing.T, make func() *Parker)) {
	t.Run("system", func(t *testing.T) { test(t, New) })
	t.Run("portable", func(t *testing.T) { test(t, NewPortable) })
	t.Run("under pressure", func(t *testing.T) { // in the channel first, then in the kernel
		test(t, func() *Parker {
			pressure := new(Pressure)
			pressure.until.Store(clock() + uint32(2*time.Millisecond/tick))
			p := New()
			p.Under(pressure)
			return p
		})
	})
}
