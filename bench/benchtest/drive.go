// SPDX-License-Identifier: Apache-2.0

package benchtest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// workers are the sizes that every runtime is measured with.
var workers = []int{1, 2}

// forever is the limit of a test or benchmark, which count rounds instead.
const forever = 1 << 62 * time.Nanosecond

// least is how long a benchmark measures at least: a round of 5 ms may fall
// between two collections, or not.
const least = 50 * time.Millisecond

// cells calls f for each cell of the table.
func cells(runtimes []bench.Runtime, f func(c bench.Cell)) {
	for _, w := range bench.Workloads() {
		for _, c := range bench.Cells(w, runtimes, workers, runtime.GOMAXPROCS(0)) {
			if !c.Runtime.Alone[w.Name] {
				f(c)
			}
		}
	}
}

// Workloads runs every cell with the small size. The body checks its result.
func Workloads(t *testing.T, runtimes []bench.Runtime) {
	cells(runtimes, func(c bench.Cell) {
		t.Run(c.Name(), func(t *testing.T) {
			defer procs(c)()
			s, err := c.Run(c.Workload.Small, 0, 2, 0, forever)
			if err != nil {
				t.Fatal(err)
			}
			if s.Units == 0 || s.Elapsed <= 0 {
				t.Fatalf("nothing measured: %+v", s)
			}
		})
	})
}

// Stress runs cells of the table in an order and of sizes that the seed gives. The body
// checks its result, whatever the schedule was.
func Stress(t *testing.T, runtimes []bench.Runtime) {
	var all []bench.Cell
	cells(runtimes, func(c bench.Cell) { all = append(all, c) })
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		c := all[rng.IntN(len(all))]
		defer procs(c)()
		units := c.Workload.Small * (1 + rng.IntN(3))
		if _, err := c.Run(units, 0, 1+rng.IntN(3), 0, forever); err != nil {
			t.Fatalf("%s, %d units: %v", c.Name(), units, err)
		}
	})
}

// Benchmark runs every cell as a sub-benchmark. One iteration is one round, of a
// fixed number of units whatever the benchmark time is, after one that is not
// measured; short rounds are repeated until a figure is worth printing. Figures are
// for each unit.
func Benchmark(b *testing.B, runtimes []bench.Runtime) {
	cells(runtimes, func(c bench.Cell) {
		name := fmt.Sprintf("name=%s/runtime=%s/workers=%d", c.Workload.Name, c.Runtime.Name, c.Workers)
		b.Run(name, func(b *testing.B) {
			defer procs(c)()
			s, err := c.Run(c.Workload.Size, 1, b.N, least, forever)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(0, "ns/op") // of a round: says nothing
			for metric, value := range s.Metrics() {
				b.ReportMetric(value, unit(metric, c.Workload.Unit))
			}
		})
	})
}

// procs sets the cell's GOMAXPROCS, and returns what sets it back.
func procs(c bench.Cell) (restore func()) {
	if c.Procs() == 0 {
		return func() {}
	}
	old := runtime.GOMAXPROCS(c.Procs())
	return func() { runtime.GOMAXPROCS(old) }
}

// unit returns the name of a figure as Go's benchmarks write it.
func unit(metric, of string) string {
	switch metric {
	case "ns":
		return "ns/" + of
	case "allocs":
		return "allocs/" + of
	case "bytes":
		return "B/" + of
	}
	return metric + "/" + of
}
