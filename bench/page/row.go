// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/table"
)

// A kind is who a runtime belongs to.
type kind int

const (
	ours kind = iota
	goPeer
	nativePeer
	floor // no runtime: what the machine gives
)

var kinds = []kind{ours, goPeer, nativePeer, floor}

func (k kind) class() string { return [...]string{"ours", "go", "native", "floor"}[k] }

func (k kind) String() string {
	return [...]string{"pilfer", "Go peers", "native peers", "no runtime"}[k]
}

func kindOf(runtime string) kind {
	switch {
	case strings.HasPrefix(runtime, "pilfer"):
		return ours
	case strings.HasPrefix(runtime, "serial"), runtime == "alloc":
		return floor
	case slices.Contains(bench.Natives, runtime):
		return nativePeer
	}
	return goPeer
}

// isNative reports whether a runtime is a program in another language.
func isNative(runtime string) bool {
	return kindOf(runtime) == nativePeer || strings.HasPrefix(runtime, "serial-")
}

// A row is a workload with its entries.
type row struct {
	bench.Workload
	name    string
	entries []table.Entry
}

// rows returns the workloads that have entries, in the order of the table.
func rows(b *table.Book) (all []*row) {
	for _, w := range bench.Workloads() {
		r := &row{Workload: w, name: w.Name}
		for _, e := range b.Entries {
			if e.Workload == w.Name {
				r.entries = append(r.entries, e)
			}
		}
		if len(r.measured()) > 0 {
			all = append(all, r)
		}
	}
	return all
}

// measured returns the entries that have a figure.
func (r *row) measured() (some []table.Entry) {
	for _, e := range r.entries {
		if e.Runs > 0 {
			some = append(some, e)
		}
	}
	return some
}

// inBytes reports whether the row is about memory.
func (r *row) inBytes() bool {
	return strings.HasPrefix(r.name, "pending") || r.name == "graph-pending"
}

// spread reports whether the figure has a least and a most.
func (r *row) spread() bool { return !r.inBytes() }

// median is the figure that the row is about.
func (r *row) median(e table.Entry) float64 {
	if r.inBytes() {
		return e.Bytes
	}
	return e.Median
}

// axisTitle says what the figure is.
func (r *row) axisTitle() string {
	switch {
	case r.inBytes():
		return "bytes that a waiting " + r.Unit + " keeps"
	case r.name == "timer-fire":
		return "ns late, p50"
	case r.name == "idle":
		return "ns of CPU time per idle " + r.Unit
	case r.distribution():
		return "ns per " + r.Unit + ", p50"
	case r.ForkJoin():
		return "ns per " + r.Unit + ", wall time x workers"
	}
	return "ns per " + r.Unit + ", wall time"
}

func (r *row) distribution() bool {
	return slices.ContainsFunc(r.entries, func(e table.Entry) bool { return e.P99 > 0 })
}

// workerCounts returns the numbers of workers, in order.
func (r *row) workerCounts() (all []int) {
	for _, e := range r.measured() {
		if !slices.Contains(all, e.Workers) {
			all = append(all, e.Workers)
		}
	}
	slices.Sort(all)
	return all
}

// find returns the entry of a runtime with a number of workers.
func (r *row) find(runtime string, workers int) (table.Entry, bool) {
	for _, e := range r.measured() {
		if e.Runtime == runtime && e.Workers == workers {
			return e, true
		}
	}
	return table.Entry{}, false
}

// bestOf returns the lowest figure of a kind with the most workers, of those that
// do the work of the row.
func (r *row) bestOf(k kind) (best table.Entry, ok bool) {
	for _, g := range r.groups() {
		if kindOf(g.name) != k || doesLess(g.entries[0]) {
			continue
		}
		most := g.most()
		if !ok || r.median(most) < r.median(best) {
			best, ok = most, true
		}
	}
	return best, ok
}

// slowDefault returns the figure of ours as it is by default, if another of ours is
// ahead of it by more than noise.
func (r *row) slowDefault(mine table.Entry) (table.Entry, bool) {
	e, ok := r.find("pilfer", mine.Workers)
	return e, ok && mine.Runtime != e.Runtime && r.median(e) > 1.1*r.median(mine)
}

// most returns the entry with the most workers.
func (g group) most() table.Entry {
	return slices.MaxFunc(g.entries, func(a, b table.Entry) int { return a.Workers - b.Workers })
}

// doesLess reports whether a figure is not for the work of its row.
func doesLess(e table.Entry) bool { return strings.HasPrefix(e.Note, bench.LessWork) }

// lighter returns the runtimes that are ahead of an entry and do less, best first.
func (r *row) lighter(mine table.Entry) (some []table.Entry) {
	for _, g := range r.groups() {
		if e := g.most(); doesLess(e) && r.median(e) < r.median(mine) {
			some = append(some, e)
		}
	}
	return some
}

func compareFloat(a, b float64) int { return cmp.Compare(a, b) }
