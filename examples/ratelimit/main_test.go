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

func output(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(context.Background(), &out, args))
	return out.String()
}

// A day of it: 5 calls a minute are 7200 a day, and the last period is not waited for.
func TestLimitHoldsAndIsUsedUp(t *testing.T) {
	require.Equal(t, "7200 calls by 50 clients in 23h59m0s, 0 given up\n"+
		"at most 5 calls in any 1m0s; allowed are 5\n", output(t))
}

func TestImpatientClientsTakeNoPermit(t *testing.T) {
	out := output(t, "-patience", "90s", "-calls", "200", "-clients", "100")
	require.NotContains(t, out, " 0 given up")
	require.Contains(t, out, "at most 5 calls in any 1m0s")
}

func TestRealClock(t *testing.T) {
	require.Contains(t, output(t, "-real", "-per", "20ms", "-calls", "20", "-clients", "4"), "20 calls by 4 clients")
}

func TestBusiestWindow(t *testing.T) {
	at := func(s ...int) (ts []time.Time) {
		for _, s := range s {
			ts = append(ts, time.Unix(int64(s), 0))
		}
		return ts
	}
	require.Equal(t, 3, busiestWindow(at(9, 0, 10, 11), 3*time.Second))
	require.Equal(t, 2, busiestWindow(at(9, 0, 10, 11), 2*time.Second))
	require.Zero(t, busiestWindow(nil, time.Second))
}

func TestBadFlags(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-n", "2000000000"}, {"-calls", "-1"}, {"-none"}, {"5"}} {
		require.Error(t, run(context.Background(), &strings.Builder{}, args), args)
	}
}

// An interrupt does not wait for the clients.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	require.ErrorIs(t, run(ctx, &strings.Builder{}, []string{"-real", "-per", "1h"}), context.Canceled)
}
