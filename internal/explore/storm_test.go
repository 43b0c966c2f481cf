// SPDX-License-Identifier: Apache-2.0

package explore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// sleepOnce sleeps until a flag is up, and trusts the first wake unless it is careful.
func sleepOnce(careful bool) func(x *X) {
	return func(x *X) {
		var word, flag Uint32
		x.Go("sleeper", func() {
			for again := true; again && flag.Load() == 0; again = careful {
				FutexWait(&word, 0)
			}
			x.Check(flag.Load() == 1, "awake, and the flag is down")
		})
		x.Go("waker", func() {
			flag.Store(1)
			word.Store(1)
			FutexWake(&word)
		})
	}
}

// TestSpuriousWake: a sleeper that trusts a wake is found, and the schedule shows it
// again; one that looks once more is not, and nobody is roused unless allowed to.
func TestSpuriousWake(t *testing.T) {
	opts := Options{Mode: Storm, Spurious: 2, MaxRuns: 3000}
	r := Run(opts, sleepOnce(false))
	require.NotNil(t, r.Failure, "%v", r)
	require.Equal(t, "failed check", r.Failure.Kind)
	require.Contains(t, r.Failure.Trace, "wakes up by itself")
	again := Run(Options{Schedule: r.Failure.Schedule, Spurious: 2}, sleepOnce(false))
	require.NotNil(t, again.Failure)
	require.Equal(t, r.Failure.What, again.Failure.What)
	require.Nil(t, Run(opts, sleepOnce(true)).Failure)
	require.Nil(t, Run(Options{Mode: Storm, MaxRuns: 3000}, sleepOnce(false)).Failure)
}

// TestSpuriousWakeHidesNoDeadlock: a sleeper that could be roused still counts as one
// that nobody wakes.
func TestSpuriousWakeHidesNoDeadlock(t *testing.T) {
	r := Run(Options{Mode: Storm, Spurious: 1, MaxRuns: 10}, func(*X) {
		var word Uint32
		FutexWait(&word, 0)
	})
	require.NotNil(t, r.Failure)
	require.Equal(t, "deadlock", r.Failure.Kind)
}

// TestStormRepeats: a seed makes the same run each time.
func TestStormRepeats(t *testing.T) {
	of := func(seed uint64) (choices []uint8) {
		Run(Options{Mode: Storm, Seed: seed, Spurious: 2, MaxRuns: 1, onRun: func(e *engine) {
			choices = append(choices, e.choices...)
		}}, sleepOnce(true))
		return choices
	}
	seen := map[string]bool{}
	for seed := range uint64(50) {
		require.Equal(t, of(seed), of(seed))
		seen[formatSchedule(of(seed))] = true
	}
	require.Greater(t, len(seen), 3)
}
