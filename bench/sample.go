// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"maps"
	"runtime"
	"slices"
	"time"
)

// A Sample is what rounds of a workload on a runtime have measured. It is also
// what a child process of the comparison prints.
type Sample struct {
	Units   int           `json:"units"`      // done in all rounds
	Elapsed time.Duration `json:"elapsed_ns"` // by the clock on the wall
	CPU     time.Duration `json:"cpu_ns"`     // of all threads of the process
	Allocs  uint64        `json:"allocs"`     // objects allocated in all
	Bytes   uint64        `json:"bytes"`      // and their size

	// Cores is by how many the time is multiplied for a unit: those that a
	// fork-join workload could use. 0 counts as 1.
	Cores int `json:"cores,omitempty"`

	// Latencies is there for workloads whose figure is a distribution.
	Latencies *Histogram `json:"latencies,omitempty"`

	// Extra holds figures of one round, for each unit, by metric.
	Extra map[string]float64 `json:"extra,omitempty"`
}

// Time measures f, which does units units. Clock and counters are read outside
// of the goroutines that work.
func (s *Sample) Time(units int, f func() error) error {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, cpu := time.Now(), cpuTime()
	err := f()
	s.Elapsed += time.Since(began)
	s.CPU += cpuTime() - cpu
	runtime.ReadMemStats(&after)
	s.Allocs += after.Mallocs - before.Mallocs
	s.Bytes += after.TotalAlloc - before.TotalAlloc
	s.Units += units
	return err
}

// set notes a figure of its own kind.
func (s *Sample) set(metric string, value float64) {
	if s.Extra == nil {
		s.Extra = map[string]float64{}
	}
	s.Extra[metric] = value
}

// Metrics returns all figures for each unit, by metric.
func (s *Sample) Metrics() map[string]float64 {
	m := map[string]float64{}
	maps.Copy(m, s.Extra)
	if s.Units == 0 {
		return m
	}
	each := 1 / float64(s.Units)
	m["ns"] = float64(s.Elapsed) * each * float64(max(1, s.Cores))
	if s.Latencies == nil {
		m["allocs"] = float64(s.Allocs) * each
		m["bytes"] = float64(s.Bytes) * each
		m["cpu-ns"] = float64(s.CPU) * each
		return m
	}
	for name, share := range map[string]float64{"p50-ns": 0.5, "p99-ns": 0.99, "p99.9-ns": 0.999} {
		m[name] = float64(s.Latencies.Quantile(share))
	}
	m["max-ns"] = float64(s.Latencies.Max)
	return m
}

// live returns the bytes of the heap that are in use, after a full collection.
func live() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what finalizers and pools had kept
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// liveStacks returns the bytes of goroutine stacks in use.
func liveStacks() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
