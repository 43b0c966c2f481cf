// SPDX-License-Identifier: Apache-2.0

package table

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pilfer-go/pilfer/bench"
)

// print writes the row, its best cell first.
func (r *row) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %s\n", r.workload.Name, r.workload.Why)
	if r.short {
		fmt.Fprintf(w, "  %s\n", shortNote)
	}
	metric, notes := r.main(), map[string]string{}
	cells := slices.Clone(r.cells)
	slices.SortStableFunc(cells, func(a, b *cell) int {
		return cmp.Or(cmp.Compare(bool01(len(a.runs) == 0), bool01(len(b.runs) == 0)),
			cmp.Compare(a.spread(metric).median, b.spread(metric).median))
	})
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "runtime\tworkers\t%s min\tmedian\tmax\tto pilfer\tallocs\tbytes\tpeak MB\tnoise\t\t\n", metric)
	for _, c := range cells {
		if len(c.runs) == 0 {
			fmt.Fprintf(tw, "%s\t%d\t\t\t\t\t\t\t\t\t  %s\t\n", c.Runtime.Name, c.Workers, cmp.Or(c.note, "not measured"))
			continue
		}
		s, ratio := c.spread(metric), ""
		if base := r.find("pilfer", c.Workers); base != nil && base.spread(metric).median > 0 {
			ratio = fmt.Sprintf("%.2f", s.median/base.spread(metric).median)
		}
		mark := ""
		if n := c.disturbed(); n > 0 {
			mark = fmt.Sprintf("~%d", n)
		}
		name := c.Runtime.Name
		if note := c.Runtime.Notes[r.workload.Name]; note != "" {
			name += " *"
			notes[c.Runtime.Name] = note
		}
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t  %s\t\n", name, c.Workers,
			figure(s.min), figure(s.median), figure(s.max), ratio, c.optional("allocs"), c.optional("bytes"), c.peakRSS()>>20, mark, c.others(metric))
	}
	tw.Flush()
	for _, name := range slices.Sorted(maps.Keys(notes)) {
		fmt.Fprintf(w, "  * %s: %s\n", name, notes[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.cannot)) {
		fmt.Fprintf(w, "  %s: %s\n", name, r.cannot[name])
	}
}

// shortNote is for rows that the budget has made short.
const shortNote = "a tenth of the size: there was no time for more"

// optional returns a figure for its column, or nothing if the row has none.
func (c *cell) optional(metric string) string {
	if !c.has(metric) || c.Runtime.Command != "" { // native ones do not count
		return ""
	}
	return figure(c.spread(metric).median)
}

// others lists the metrics that have no column.
func (c *cell) others(metric string) string {
	var parts []string
	for _, m := range c.metrics() {
		if m != metric && m != "allocs" && m != "bytes" {
			parts = append(parts, m+" "+figure(c.spread(m).median))
		}
	}
	return strings.Join(append(parts, c.note), "  ")
}

// printTargets writes each target of the rows beside our cells.
func printTargets(w io.Writer, rows []*row) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "\ntargets\tbound\t")
	var heads []string
	for _, r := range rows {
		for _, c := range r.cells {
			if name := head(c); c.ours() && !slices.Contains(heads, name) {
				heads = append(heads, name)
			}
		}
	}
	fmt.Fprintf(tw, "%s\t\n", strings.Join(heads, "\t"))
	for _, r := range rows {
		for _, t := range r.workload.Targets {
			values := make([]string, len(heads))
			var bound string
			for _, c := range r.cells {
				if !c.ours() {
					continue
				}
				v := r.judge(c, t)
				bound = number(v.bound, t)
				if v.known {
					values[slices.Index(heads, head(c))] = number(v.value, t) + map[bool]string{true: " ok", false: " MISS"}[v.met()]
				}
			}
			fmt.Fprintf(tw, "%s %s\t%s\t%s\t\n", r.workload.Name, describe(t), bound, strings.Join(values, "\t"))
		}
	}
	tw.Flush()
}

func head(c *cell) string { return fmt.Sprintf("%s/%d", c.Runtime.Name, c.Workers) }

func describe(t bench.Target) string {
	switch {
	case t.Peer == "":
		return t.Metric
	case t.Minus:
		return t.Metric + " above " + t.Peer
	}
	return t.Metric + " / " + t.Peer
}

func number(v float64, t bench.Target) string {
	if t.Peer != "" && !t.Minus {
		return fmt.Sprintf("%.3f", v)
	}
	return figure(v)
}

// figure writes a number with three digits that count.
func figure(v float64) string {
	switch {
	case v < 1e-3 && v > -1e-3: // allocations of the measurement itself
		return "0"
	case v >= 1e9:
		return fmt.Sprintf("%.3gG", v/1e9)
	case v >= 1e6:
		return fmt.Sprintf("%.3gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.3gk", v/1e3)
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func bool01(b bool) int {
	if b {
		return 1
	}
	return 0
}
