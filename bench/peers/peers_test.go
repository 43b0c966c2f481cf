// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/bench/benchtest"
	"github.com/pilfer-go/pilfer/bench/peers"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) {
	// ants starts a pool of its own when it is imported, with two goroutines that
	// never end.
	goleak.VerifyTestMain(testkit.Settled(m), goleak.IgnoreCurrent())
}

func TestWorkloads(t *testing.T) { benchtest.Workloads(t, peers.Peers()) }

func BenchmarkWorkload(b *testing.B) { benchtest.Benchmark(b, peers.Runtimes()) }
