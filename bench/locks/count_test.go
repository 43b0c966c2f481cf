// SPDX-License-Identifier: Apache-2.0

package locks_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/bench/locks"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(testkit.Settled(m))
}

// mostLocked is the budget of a spawn from inside and its run.
const mostLocked = 5

func TestSpawnInsideStaysInItsBudget(t *testing.T) {
	counts, err := locks.Count(t.Context(), locks.Workloads...)
	require.NoError(t, err)
	t.Log(counts)
	require.Len(t, counts, len(locks.Workloads))
	require.Less(t, counts["spawn-inside"], mostLocked+0.05, "the spawner itself yields once in 1000 tasks")
	require.Greater(t, counts["spawn-inside"], 1.0, "nothing was counted")
}
