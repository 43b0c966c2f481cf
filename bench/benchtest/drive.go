// SPDX-License-Identifier: Apache-2.0

package benchtest

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/pilfer-go/pilfer/bench"
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

// Cells returns what a test may run of the table.
func Cells(runtimes []bench.Runtime) (all []bench.Cell) {
	cells(runtimes, func(c bench.Cell) { all = append(all, c) })
	return all
}

// Run runs rounds of a cell, whose body checks the result.
func Run(c bench.Cell, units, rounds int) error {
	defer procs(c)()
	_, err := c.Run(units, 0, rounds, 0, forever)
	return err
}

// Benchmark runs every cell as a sub-benchmark. One iteration is one round, of a
// fixed number of units whatever the benchmark time is, after some that are not
// measured; short rounds are repeated until a figure is worth printing. Figures are
// for each unit.
func Benchmark(b *testing.B, runtimes []bench.Runtime) {
	cells(runtimes, func(c bench.Cell) {
		name := fmt.Sprintf("name=%s/runtime=%s/workers=%d", c.Workload.Name, c.Runtime.Name, c.Workers)
		b.Run(name, func(b *testing.B) {
			defer procs(c)()
			s, err := c.Run(c.Workload.Size, least, b.N, least, forever)
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
