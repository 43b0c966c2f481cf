// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// StressFor returns how long a stress test goes on: for short, or as long as
// PILFER_STRESS says.
func StressFor(t testing.TB, short time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv("PILFER_STRESS")
	if text == "" {
		return short
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("PILFER_STRESS: %v", err)
	}
	return d
}

// Stress calls round once, and again until the time of [StressFor] is over or the
// test has failed.
func Stress(t testing.TB, short time.Duration, round func(rng *rand.Rand)) {
	t.Helper()
	rng := Rand(t)
	for end := time.Now().Add(StressFor(t, short)); ; {
		round(Split(rng))
		if t.Failed() || !time.Now().Before(end) {
			return
		}
	}
}
