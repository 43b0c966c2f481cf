// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// A small run checks itself: all wake once, and none too early.
func TestAllWake(t *testing.T) {
	for _, args := range [][]string{{}, {"-go"}} {
		var out strings.Builder
		args = append(args, "-n", "20000", "-spread", "50ms", "-lead", "50ms")
		require.NoError(t, run(context.Background(), &out, args))
		require.Contains(t, out.String(), "20000 timers started")
		require.Contains(t, out.String(), "late: p50")
	}
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-spread", "0"}, {"-lead", "-1s"}, {"-none"}, {"7"}} {
		require.Error(t, run(context.Background(), &strings.Builder{}, args), args)
	}
}

// An interrupt does not wait for the timers.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	require.ErrorIs(t, run(ctx, &strings.Builder{}, []string{"-n", "1000", "-lead", "1h"}), context.Canceled)
}
