// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"slices"

	"github.com/pilfer-go/pilfer/bench/table"
)

const (
	chartWidth = 860
	labelsTo   = 150 // right end of the names
	barsTo     = 770 // right end of the axis; the figure of the longest bar follows
	barHeight  = 13
	barGap     = 2
	groupGap   = 8
	headHeight = 74
	footHeight = 34
	dotRadius  = 5
)

// A group is the figures of one runtime, by workers.
type group struct {
	name    string
	entries []table.Entry
}

// groups returns the runtimes that have figures, the best first.
func (r *row) groups() (all []group) {
	for _, e := range r.measured() {
		at := slices.IndexFunc(all, func(g group) bool { return g.name == e.Runtime })
		if at < 0 {
			at = len(all)
			all = append(all, group{name: e.Runtime})
		}
		all[at].entries = append(all[at].entries, e)
	}
	slices.SortStableFunc(all, func(a, b group) int { return compareFloat(r.best(a), r.best(b)) })
	return all
}

// best is the figure of a group with the most workers.
func (r *row) best(g group) float64 {
	return r.median(g.most())
}

// bars draws the figures of a row, with the spread of the runs; on a log scale dots.
func (r *row) bars() []byte {
	groups := r.groups()
	height := float64(headHeight + footHeight)
	var figures []float64
	distribution := false
	for _, g := range groups {
		height += groupGap + float64(len(g.entries))*(barHeight+barGap)
		for _, e := range g.entries {
			figures = append(figures, r.median(e))
			if r.spread() {
				figures = append(figures, e.Max)
			}
			if e.P99 > 0 {
				figures = append(figures, e.P99)
				distribution = true
			}
		}
	}
	d := newDrawing(chartWidth, height, r.name+": "+r.axisTitle())
	ax := newAxis(labelsTo+10, barsTo, figures)
	d.text(16, 26, "start", "title", r.name)
	d.text(chartWidth-16, 26, "end", "dim", r.axisTitle()+map[bool]string{true: ", log scale", false: ""}[ax.log])
	r.legend(d, groups, distribution)
	bottom := height - footHeight + 2
	for _, t := range ax.ticks() {
		d.line(ax.at(t), headHeight-6, ax.at(t), bottom, "grid")
		d.text(ax.at(t), bottom+16, "middle", "dim small", tick(t))
	}
	y := float64(headHeight)
	for _, g := range groups {
		middle := y + float64(len(g.entries))*(barHeight+barGap)/2
		weight := ""
		if kindOf(g.name) == ours {
			weight = "bold"
		}
		name := g.name
		if doesLess(g.entries[0]) {
			name += " *"
		}
		d.text(labelsTo, middle+4, "end", weight, name)
		for _, e := range g.entries {
			r.bar(d, ax, e, y, len(g.entries) > 1 && e.Workers == g.entries[0].Workers)
			y += barHeight + barGap
		}
		y += groupGap
	}
	return d.end()
}

// bar draws one figure.
func (r *row) bar(d *drawing, ax axis, e table.Entry, y float64, pale bool) {
	class := kindOf(e.Runtime).class()
	if pale {
		class += " pale"
	}
	end := ax.at(r.median(e))
	middle := y + barHeight/2.0
	least := 0.0 // width of a spread that is shown
	if ax.log {
		// A bar would begin anywhere, and its length mean nothing: only the place does.
		least = 2 * dotRadius
		d.line(ax.from, middle, end, middle, "stem")
	} else {
		d.rect(ax.from, y, max(end-ax.from, 1), barHeight, fmt.Sprintf(`class="%s" rx="2"`, class))
	}
	before, after, label := end, end, figure(r.median(e))
	if low, high := ax.at(e.Min), ax.at(e.Max); r.spread() && high-low > least {
		d.line(low, middle, high, middle, "spread")
		d.line(low, middle-3, low, middle+3, "spread")
		d.line(high, middle-3, high, middle+3, "spread")
		before, after = low, high
	}
	if ax.log {
		fmt.Fprintf(d, `<circle cx="%s" cy="%s" r="%d" class="%s"/>`+"\n", short(end), short(middle), dotRadius, class)
		before, after = min(before, end-dotRadius), max(after, end+dotRadius)
	}
	if e.P99 > 0 {
		x := ax.at(e.P99)
		d.diamond(x, middle)
		p99, room := figure(e.P99), 12+6.5*float64(len(label))
		switch {
		case x >= after+room: // room between both
		case before-room >= ax.from:
			d.text(x+9, middle+4, "start", "small dim halo", p99)
			d.text(before-5, middle+4, "end", "small halo", label)
			return
		default:
			d.text(x+9, middle+4, "start", "small halo", label+", p99 "+p99)
			return
		}
		d.text(x+9, middle+4, "start", "small dim halo", p99)
	}
	d.text(after+6, middle+4, "start", "small halo", label)
}

// legend says what colours, shades and marks mean, those that are there.
func (r *row) legend(d *drawing, groups []group, distribution bool) {
	x := 16.0
	const y = 48
	item := func(class, text string) {
		d.rect(x, y-10, 12, 12, fmt.Sprintf(`class="%s" rx="2"`, class))
		d.text(x+18, y, "start", "small dim", text)
		x += 30 + 6.6*float64(len(text))
	}
	for _, k := range kinds {
		if slices.ContainsFunc(groups, func(g group) bool { return kindOf(g.name) == k }) {
			item(k.class(), k.String())
		}
	}
	both := slices.ContainsFunc(groups, func(g group) bool { return len(g.entries) > 1 })
	if workers := r.workerCounts(); both && len(workers) > 1 {
		item("mark pale", fmt.Sprintf("pale: %d worker%s, full: %d", workers[0], plural(workers[0]), workers[len(workers)-1]))
	}
	if r.spread() {
		d.line(x, y-4, x+16, y-4, "spread")
		d.line(x, y-7, x, y-1, "spread")
		d.line(x+16, y-7, x+16, y-1, "spread")
		d.text(x+22, y, "start", "small dim", "least and most of the runs")
		x += 200
	}
	if distribution {
		d.diamond(x+4, y-4)
		d.text(x+14, y, "start", "small dim", "p99 of all")
		x += 80
	}
	if slices.ContainsFunc(groups, func(g group) bool { return doesLess(g.entries[0]) }) {
		d.text(x, y, "start", "small dim", "* less work")
	}
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
