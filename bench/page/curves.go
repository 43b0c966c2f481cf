// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"strings"

	"github.com/pilfer-go/pilfer/bench/table"
)

const (
	panels      = 4 // beside each other
	panelWidth  = (chartWidth - 16) / panels
	panelHeight = 190
	panelTop    = 84 // of the first row of panels
	countRoom   = 24 // for a count of workers below the axis
)

// A curve is the speed of a runtime by workers, over that of the serial code.
type curve struct {
	name   string
	kind   kind
	speeds map[int]float64
}

// speed returns how many units are done in the time in which the serial code does
// one, on one core.
func (r *row) speed(e table.Entry) float64 {
	one, ok := r.find("serial", 1)
	if !ok || e.Median == 0 {
		return 0
	}
	speed := one.Median / e.Median
	if r.ForkJoin() {
		speed *= float64(e.Workers)
	}
	return speed
}

// scales reports whether the row can have a curve.
func (r *row) scales() bool {
	_, ok := r.find("serial", 1)
	return ok && r.Computes() && len(r.workerCounts()) > 1 && r.name != "coarse"
}

// curves returns serial copies, the best of ours, and the best peer of each kind.
func (r *row) curves() (all []curve) {
	add := func(name string, k kind) {
		c := curve{name, k, map[int]float64{}}
		for _, e := range r.measured() {
			if e.Runtime == name {
				c.speeds[e.Workers] = r.speed(e)
			}
		}
		all = append(all, c)
	}
	if r.ForkJoin() {
		add("serial", floor)
	}
	for _, k := range []kind{nativePeer, goPeer, ours} {
		if best, ok := r.bestOf(k); ok {
			add(best.Runtime, k)
		}
	}
	return all
}

// scaling draws a panel for each row that computes.
func scaling(all []*row) []byte {
	var shown []*row
	for _, r := range all {
		if r.scales() {
			shown = append(shown, r)
		}
	}
	lines := (len(shown) + panels - 1) / panels
	const title = "Speed by workers"
	d := newDrawing(chartWidth, float64(panelTop+lines*panelHeight), title)
	d.text(16, 26, "start", "title", title)
	d.text(chartWidth-16, 26, "end", "dim", "units done while the serial code does one on one core")
	x := 16.0
	for _, item := range []struct{ class, text string }{
		{"line line-ours", "the best of pilfer"}, {"line line-go", "the best Go peer"}, {"line line-native", "the best native peer"},
		{"line line-floor", "serial copies, one per core"}, {"line line-floor dashed", "perfect"},
	} {
		d.line(x, 50, x+22, 50, item.class)
		d.text(x+28, 54, "start", "small dim", item.text)
		x += 40 + 5.9*float64(len(item.text))
	}
	for n, r := range shown {
		r.panel(d, 16+float64(n%panels*panelWidth), float64(panelTop+n/panels*panelHeight))
	}
	return d.end()
}

// panel draws the curves of a row.
func (r *row) panel(d *drawing, left, top float64) {
	workers := r.workerCounts()
	most := float64(workers[len(workers)-1])
	curves := r.curves()
	highest := most
	for _, c := range curves {
		for _, v := range c.speeds {
			highest = max(highest, v)
		}
	}
	up := axis{from: top + panelHeight - 46, to: top + 14, top: highest * 1.05}
	across := axis{from: left + 28, to: left + panelWidth - 24, top: most - 0.75}
	at := func(n int) float64 { return across.at(float64(n) - 0.75) }
	d.text(left+28, top+2, "start", "bold", r.name)
	for _, t := range up.ticks() {
		d.line(across.from, up.at(t), across.to, up.at(t), "grid")
		d.text(across.from-5, up.at(t)+4, "end", "dim small", tick(t))
	}
	free := across.from // where a count may stand; the last has its place in any case
	for _, n := range workers {
		if x := at(n); float64(n) == most || x >= free && x <= at(int(most))-countRoom {
			d.text(x, up.from+16, "middle", "dim small", fmt.Sprint(n))
			free = x + countRoom
		}
	}
	d.line(at(1), up.at(1), at(int(most)), up.at(most), "line line-floor dashed")
	for _, c := range curves {
		var points []string
		for _, n := range workers {
			if v, ok := c.speeds[n]; ok {
				points = append(points, short(at(n))+","+short(up.at(v)))
			}
		}
		fmt.Fprintf(d, `<polyline points="%s" class="line line-%s"><title>%s</title></polyline>`+"\n",
			strings.Join(points, " "), c.kind.class(), c.name)
		for _, p := range points {
			px, py, _ := strings.Cut(p, ",")
			fmt.Fprintf(d, `<circle cx="%s" cy="%s" r="3" class="%s"/>`+"\n", px, py, c.kind.class())
		}
	}
}
