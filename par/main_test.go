// SPDX-License-Identifier: Apache-2.0

package par

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/sched"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the random tests; 0 takes one from the clock")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// split returns a generator for another round or goroutine.
func split(rng *rand.Rand) *rand.Rand {
	return rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))
}

// stress calls round once, and again until the time in PILFER_STRESS is over.
func stress(t *testing.T, round func(rng *rand.Rand)) {
	var extra time.Duration
	if text := os.Getenv("PILFER_STRESS"); text != "" {
		d, err := time.ParseDuration(text)
		require.NoError(t, err, "PILFER_STRESS")
		extra = d
	}
	rng := testRand(t)
	for end := time.Now().Add(extra); ; {
		round(split(rng))
		if t.Failed() || !time.Now().Before(end) {
			return
		}
	}
}

// newRuntime returns a runtime with n workers that ends with the test.
func newRuntime(t testing.TB, n int, opts ...sched.Option) *sched.Runtime {
	t.Helper()
	rt, err := sched.New(append(opts, sched.Workers(n))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rt.Close()) })
	return rt
}

// eachPool runs a test on 1, 2, 3 and 16 workers. Those that are more than the
// machine has CPUs do not lock threads.
func eachPool(t *testing.T, test func(t *testing.T, rt *sched.Runtime)) {
	for _, c := range []struct {
		name    string
		workers int
		lock    bool
	}{{"1", 1, true}, {"2", 2, true}, {"3", 3, false}, {"16", 16, false}} {
		t.Run(c.name, func(t *testing.T) { test(t, newRuntime(t, c.workers, sched.LockThreads(c.lock))) })
	}
}
