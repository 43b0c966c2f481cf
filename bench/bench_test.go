// SPDX-License-Identifier: Apache-2.0

package bench_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/benchtest"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestWorkloads(t *testing.T) { benchtest.Workloads(t, bench.Runtimes()) }

// TestStressWorkloads runs cells of the table in an order and of sizes that the seed
// gives. Each checks its result, whatever the schedule was.
func TestStressWorkloads(t *testing.T) {
	all := benchtest.Cells(bench.Runtimes())
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		c := all[rng.IntN(len(all))]
		units := c.Workload.Small * (1 + rng.IntN(3))
		if err := benchtest.Run(c, units, 1+rng.IntN(3)); err != nil {
			t.Fatalf("%d units: %v", units, err)
		}
	})
}

func BenchmarkWorkload(b *testing.B) { benchtest.Benchmark(b, bench.Runtimes()) }
