// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/explore"
)

// options is how a seed is run. More steps than that are a livelock.
func options(seed uint64) explore.Options {
	return explore.Options{Mode: explore.Storm, Seed: seed, MaxRuns: 1, MaxSteps: 60_000, Spurious: 3}
}

// run runs one seed.
func run(seed uint64) explore.Result { return explore.Run(options(seed), program(newPlan(seed))) }

// setting returns the number in an environment variable.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err, name)
	return n
}

// TestSimulate runs as many seeds as PILFER_SEEDS says, from PILFER_SEED or one of the
// clock on.
func TestSimulate(t *testing.T) {
	seeds, first := setting(t, "PILFER_SEEDS", 300), setting(t, "PILFER_SEED", uint64(time.Now().UnixNano()))
	began := time.Now()
	steps, longest := 0, 0
	said := began
	for seed := first; seed < first+seeds; seed++ {
		if time.Since(said) > sayEvery {
			said = time.Now()
			n := seed - first
			fmt.Printf("simulate: %d of %d seeds, %.0f a minute\n", n, seeds, float64(n)/time.Since(began).Minutes())
		}
		r := run(seed)
		steps, longest = steps+r.Steps, max(longest, r.Steps)
		if r.Failure != nil {
			t.Fatalf("%v\nrun it again with: make simulate SEEDS=1 SEED=%d", report(seed, r.Failure), seed)
		}
	}
	took := time.Since(began)
	fmt.Printf("simulate: %+v\n", all)
	if seeds >= 300 {
		require.Greater(t, all.succeeded, all.tasks/2)
		for what, n := range map[string]int{
			"panicked": all.panicked, "canceled": all.canceled, "refused": all.refused,
			"steals": all.steals, "guests": all.guests, "timeouts": all.timeouts,
		} {
			require.Positive(t, n, "%s: the programs do not come there", what)
		}
	}
	fmt.Printf("simulate: %d seeds from %d, %d steps each, %d at most, %v: %.0f a minute, none failing\n",
		seeds, first, steps/int(seeds), longest, took.Round(time.Millisecond), float64(seeds)/took.Minutes())
}

// sayEvery is how often a long run says how far it is.
const sayEvery = 30 * time.Second

// report is a failure with the seed, and the end of its trace.
func report(seed uint64, f *explore.Failure) string {
	trace := strings.SplitAfter(f.Trace, "\n")
	if n := len(trace); n > lastLines {
		trace = append([]string{fmt.Sprintf("... %d steps before\n", n-lastLines)}, trace[n-lastLines:]...)
	}
	return fmt.Sprintf("seed %d: %s: %s\n%vschedule: %s\n%s", seed, f.Kind, f.What, newPlan(seed), f.Schedule, strings.Join(trace, ""))
}

// lastLines is how much of a trace is shown.
const lastLines = 150

// TestSeedRepeats: a seed makes the same run each time, and so the same failure.
func TestSeedRepeats(t *testing.T) {
	for seed := range uint64(20) {
		a, b := run(seed), run(seed)
		require.Equal(t, a.Steps, b.Steps, "seed %d", seed)
		require.Equal(t, a.Threads, b.Threads, "seed %d", seed)
	}
}
