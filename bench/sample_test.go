// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHistogramAgainstSortedSlice(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var (
		all      []time.Duration
		one, two Histogram
	)
	for n := range 10_000 {
		d := time.Duration(rng.Uint64N(1 << rng.Uint64N(40)))
		all = append(all, d)
		if n%2 == 0 {
			one.Add(d)
		} else {
			two.Add(d)
		}
	}
	one.Merge(&two)
	slices.Sort(all)
	require.Equal(t, len(all), one.Total)
	for _, share := range []float64{0, 0.01, 0.5, 0.99, 0.999, 1} {
		at := max(0, int(share*float64(len(all)))-1)
		want, got := all[at], one.Quantile(share)
		require.GreaterOrEqual(t, got, want)
		require.LessOrEqual(t, float64(got), float64(want)*1.032+1, "share %v", share)
	}
	require.Equal(t, all[len(all)-1], one.Quantile(1))
}

func TestBucketsAreInOrder(t *testing.T) {
	last := -1
	for d := time.Duration(1); d > 0; d += d/50 + 1 {
		b := bucket(d)
		require.GreaterOrEqual(t, b, last)
		require.Less(t, b, buckets)
		require.GreaterOrEqual(t, top(b), d)
		require.Equal(t, b, bucket(top(b)))
		last = b
	}
}

func TestWrongResultsAreSeen(t *testing.T) {
	require.Error(t, orLeft(nil, 1))
	require.NoError(t, orLeft(nil, 0))
	require.Error(t, checkMarks([]mark{{1}, {2}}, 3), "the first mark comes first")
	require.NoError(t, checkMarks([]mark{{2}, {1}}, 3))

	wrong := func(int) (int, error) { return -1, nil }
	require.ErrorContains(t, new(Sample).latencies(1, true, wrong), "answered with -1")

	refuse := func(func()) error { return errors.New("full") }
	for _, run := range []func() error{
		func() error { return poolSubmit(new(Sample), 10, 1, refuse) },
		func() error { return poolSubmit(new(Sample), 10, submitters, refuse) },
		func() error { return poolSpawnInside(new(Sample), 10, refuse) },
		func() error { return poolChain(new(Sample), chainLength, refuse) },
	} {
		require.ErrorContains(t, run(), "full", "a pool that refuses is not waited for")
	}
}

func TestUnknownNames(t *testing.T) {
	_, err := Find("wrong")
	require.ErrorContains(t, err, "known are fib skynet")
	_, err = FindRuntime(Runtimes(), "wrong")
	require.ErrorContains(t, err, "known are pilfer")
}

// A loop that does nothing leaves the output of the round before, which was right.
func TestLoopsThatDoNothingAreSeen(t *testing.T) {
	for _, l := range loops() {
		idle := false
		run := l.body(1, func(job loopJob) {
			if !idle {
				job.serial(0)
			}
		})
		for round := range 3 {
			idle = round == 2
			err := run(new(Sample), l.sizes[0].n)
			require.Equal(t, idle, err != nil, "%s, round %d: %v", l.name, round, err)
		}
	}
}

// Rounds before the measured ones are as long, in all, as was asked for, and one at least.
func TestWarmRoundsAreNotMeasured(t *testing.T) {
	for _, warm := range []time.Duration{0, 1, 20 * time.Millisecond} {
		rounds, began := 0, time.Now()
		var first time.Duration // when the first measured round began
		c := Cell{Workload: Workload{Name: "w", Warm: 3}, Runtime: Runtime{Open: map[string]Open{"w": plain(func(s *Sample, units int) error {
			if rounds++; units == 7 && first == 0 {
				first = time.Since(began)
			}
			return s.Time(units, func() error { return nil })
		})}}}
		s, err := c.Run(7, warm, 2, 0, time.Hour)
		require.NoError(t, err)
		require.Equal(t, 14, s.Units, "two rounds of full size")
		require.Equal(t, warm > 0, rounds > 2)
		require.GreaterOrEqual(t, first, warm)
	}
}
