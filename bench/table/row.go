// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"slices"

	"github.com/pilfer-go/pilfer/bench"
)

// A row is a workload with all that was measured for it.
type row struct {
	workload bench.Workload
	cells    []*cell
	cannot   map[string]string // by runtime
	short    bool              // measured with a tenth of the size
	wrong    error
}

// A cell is a bench.Cell with its runs.
type cell struct {
	bench.Cell
	runs  []run
	note  string
	build string // of the program that measures it
}

// A spread is a figure of several runs.
type spread struct{ min, median, max float64 }

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	slices.Sort(values)
	n := len(values)
	return spread{values[0], (values[(n-1)/2] + values[n/2]) / 2, values[n-1]}
}

// spread returns a metric's figures: for a quantile of latencies that of all runs
// together, between those of single runs. Runs that others disturbed count only
// if no other are there.
func (c *cell) spread(metric string) spread {
	var (
		values []float64
		all    bench.Histogram
	)
	onlyClean := c.disturbed() < len(c.runs)
	for _, r := range c.runs {
		v, ok := r.sample.Metrics()[metric]
		if !ok || onlyClean && r.others > disturbed {
			continue
		}
		values = append(values, v)
		if r.sample.Latencies != nil {
			all.Merge(r.sample.Latencies)
		}
	}
	s := spreadOf(values)
	if together, ok := (&bench.Sample{Units: 1, Latencies: &all}).Metrics()[metric]; ok && all.Total > 0 && metric != "ns" {
		s.median = together
	}
	return s
}

// has reports whether the cell has a metric.
func (c *cell) has(metric string) bool {
	return len(c.runs) > 0 && slices.Contains(c.metrics(), metric)
}

func (c *cell) metrics() (names []string) {
	if len(c.runs) == 0 {
		return nil
	}
	for name := range c.runs[0].sample.Metrics() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// main is the metric that the row is about.
func (r *row) main() string {
	for _, c := range r.cells {
		if c.has("p50-ns") {
			return "p50-ns"
		}
		if c.has("beyond-bytes") {
			return "beyond-bytes"
		}
	}
	return "ns"
}

// disturbed is how many runs others disturbed.
func (c *cell) disturbed() (n int) {
	for _, r := range c.runs {
		if r.others > disturbed {
			n++
		}
	}
	return n
}

// peakRSS returns the largest peak of all runs.
func (c *cell) peakRSS() (bytes int64) {
	for _, r := range c.runs {
		bytes = max(bytes, r.rss)
	}
	return bytes
}

// ours reports whether the cell is pilfer's.
func (c *cell) ours() bool { return isOurs(c.Runtime.Name) }

// find returns the cell of a runtime to compare with: that with the same number
// of workers, or else the one it has, or nil.
func (r *row) find(name string, workers int) *cell {
	var found *cell
	for _, c := range r.cells {
		if c.Runtime.Name == name && len(c.runs) > 0 && (found == nil || c.Workers == workers) {
			found = c
		}
	}
	return found
}

// A verdict is a target beside what was measured.
type verdict struct {
	target bench.Target
	value  float64 // a figure, a ratio or a difference
	bound  float64
	known  bool
}

func (v verdict) met() bool { return v.known && v.value <= v.bound }

// judge compares one of our cells with a target.
func (r *row) judge(c *cell, t bench.Target) verdict {
	v := verdict{target: t, bound: cmp.Or(t.Ratio, t.Max)}
	if !c.has(t.Metric) || t.Of != "" && t.Of != c.Runtime.Name {
		return v
	}
	v.value, v.known = c.spread(t.Metric).median, true
	if t.Peer == "" {
		return v
	}
	peer := r.find(t.Peer, c.Workers)
	if peer == nil || !peer.has(t.Metric) {
		v.known = false
		return v
	}
	theirs := peer.spread(t.Metric).median
	if t.Minus {
		v.value -= theirs
	} else if theirs > 0 {
		v.value /= theirs
	}
	return v
}
