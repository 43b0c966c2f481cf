// SPDX-License-Identifier: Apache-2.0

package par

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

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
