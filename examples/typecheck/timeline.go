// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"html"
	"io"
	"path"
	"strings"
	"time"
)

// The timeline is a picture of the median runs: a panel for each variant, all on
// one time axis, with a lane for each worker and a rectangle for each node.

// Sizes are in pixels.
const (
	timelineWidth = 1680
	marginLeft    = 110
	marginRight   = 30
	plotWidth     = timelineWidth - marginLeft - marginRight
	headHeight    = 92
	panelHead     = 30
	axisHeight    = 44
	laneGap       = 5
	pathHeight    = 6 // the track below a lane for the critical path
	charWidth     = 6.3
)

// A panel is the picture of one run.
type panel struct {
	title   string
	workers int
	wall    time.Duration
	spans   []span
}

// A timeline is everything that the picture shows.
type timeline struct {
	title    string
	plan     *plan
	panels   []panel
	critical criticalPath
}

func (c *comparison) timeline(r *report) *timeline {
	t := &timeline{
		title: fmt.Sprintf("Type-checking %s: %s, %s lines, as %s",
			strings.Join(r.Patterns, " "), count(r.Packages, "package"), digits(r.Lines), count(r.Nodes, "node")),
		plan:     c.plan,
		critical: c.plan.longest(c.median(bySerial).Spans),
	}
	for _, variant := range variants {
		o := c.median(variant)
		t.panels = append(t.panels, panel{
			title: fmt.Sprintf("%s: %.3f s, speed-up %.2f, busy %.0f %%",
				r.title(variant), o.Wall.Seconds(), c.speedup(variant), 100*mean(o.busy())),
			workers: o.Workers,
			wall:    o.Wall,
			spans:   o.Spans,
		})
	}
	return t
}

// A canvas writes SVG and keeps the first error.
type canvas struct {
	to  io.Writer
	err error
}

func (c *canvas) printf(format string, args ...any) {
	if c.err == nil {
		_, c.err = fmt.Fprintf(c.to, format+"\n", args...)
	}
}

// writeSVG draws the timeline.
func (t *timeline) writeSVG(to io.Writer) error {
	var longest time.Duration
	lanes := 0
	for _, p := range t.panels {
		longest = max(longest, p.wall)
		lanes += p.workers
	}
	lane := min(44, max(14, 1200/max(lanes, 1)))
	height := headHeight + axisHeight
	for _, p := range t.panels {
		height += panelHead + p.workers*(lane+pathHeight+laneGap)
	}
	axis := newAxis(longest)
	pal := newPalette(t.plan, t.panels[0].spans)
	c := &canvas{to: to}
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">`, timelineWidth, height)
	c.printf(`<style>text{fill:#222} .n{font-size:11px;pointer-events:none} .t{font-size:14px;font-weight:bold} .c{fill:#000} rect.k0{fill-opacity:.45} rect.k0,rect.k1{stroke:#fff;stroke-width:.4}</style>`)
	c.printf(`<rect width="100%%" height="100%%" fill="#fff"/>`)
	c.printf(`<text x="16" y="26" font-size="17" font-weight="bold">%s</text>`, html.EscapeString(t.title))
	t.legend(c, pal)
	axis.grid(c, headHeight, height-axisHeight+6)
	y := headHeight
	for _, p := range t.panels {
		c.printf(`<text class="t" x="16" y="%d">%s</text>`, y+20, html.EscapeString(p.title))
		y += panelHead
		t.draw(c, p, axis, pal, y, lane)
		y += p.workers * (lane + pathHeight + laneGap)
	}
	axis.labels(c, y+22)
	c.printf(`</svg>`)
	return c.err
}

// legend explains the colours.
func (t *timeline) legend(c *canvas, pal *palette) {
	x := 16.0
	entry := func(swatch, text string) {
		c.printf(swatch, x)
		c.printf(`<text x="%.0f" y="52">%s</text>`, x+24, html.EscapeString(text))
		x += 24 + 7.4*float64(len(text)) + 22
	}
	for _, g := range pal.groups {
		entry(`<rect x="%.0f" y="41" width="18" height="14" fill="`+pal.of(g)+`"/>`, g)
	}
	x = 16
	c.printf(`<g transform="translate(0,24)">`)
	entry(`<rect x="%.0f" y="41" width="18" height="14" fill="#777" fill-opacity=".45"/>`, "light: parse")
	entry(`<rect x="%.0f" y="41" width="18" height="14" fill="#777"/>`, "full: type-check")
	entry(`<rect class="c" x="%.0f" y="46" width="18" height="5"/>`,
		fmt.Sprintf("critical path: %s of work in %s", millis(t.critical.length), count(len(t.critical.nodes), "node")))
	entry(`<rect x="%.0f" y="41" width="18" height="14" fill="#f2f2f2" stroke="#ccc"/>`, "no node runs: waiting, or the garbage collector")
	c.printf(`</g>`)
}

// draw draws one panel, its first lane at height top.
func (t *timeline) draw(c *canvas, p panel, axis axis, pal *palette, top, lane int) {
	laneTop := func(worker int) int { return top + worker*(lane+pathHeight+laneGap) }
	for worker := range p.workers {
		y := laneTop(worker)
		c.printf(`<text x="%d" y="%d" text-anchor="end">worker %d</text>`, marginLeft-8, y+lane/2+4, worker)
		c.printf(`<rect x="%d" y="%d" width="%.1f" height="%d" fill="#f2f2f2"/>`, marginLeft, y, axis.width(p.wall), lane)
	}
	for i, s := range p.spans {
		n := t.plan.nodes[i]
		path := t.plan.packages[n.pkg].Path
		x, w, y := axis.x(s.Start), axis.width(s.End-s.Start), laneTop(s.Worker)
		c.printf(`<rect class="k%d" x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"><title>%s&#10;%s, from %s to %s, worker %d</title></rect>`,
			n.kind, x, y, max(w, 0.3), lane, pal.of(path), html.EscapeString(t.plan.name(i)),
			millis(s.End-s.Start), millis(s.Start), millis(s.End), s.Worker)
		if label := fit(path, w-4); label != "" {
			c.printf(`<text class="n" x="%.2f" y="%d">%s</text>`, x+3, y+lane/2+4, html.EscapeString(label))
		}
	}
	t.drawPath(c, p, axis, func(worker int) int { return laneTop(worker) + lane + 1 })
}

// drawPath marks the critical path below the lanes.
func (t *timeline) drawPath(c *canvas, p panel, axis axis, trackTop func(worker int) int) {
	for at, i := range t.critical.nodes {
		s := p.spans[i]
		y := trackTop(s.Worker)
		c.printf(`<rect class="c" x="%.2f" y="%d" width="%.2f" height="%d"/>`, axis.x(s.Start), y, max(axis.width(s.End-s.Start), 0.6), pathHeight-1)
		if at == 0 {
			continue
		}
		if from := p.spans[t.critical.nodes[at-1]]; from.Worker != s.Worker {
			c.printf(`<path d="M%.2f %dL%.2f %d" stroke="#000" stroke-width="1" stroke-opacity=".6"/>`,
				axis.x(from.End), trackTop(from.Worker)+pathHeight/2, axis.x(s.Start), y+pathHeight/2)
		}
	}
}

// fit returns as much of an import path as has room in width, or "".
func fit(importPath string, width float64) string {
	for _, label := range []string{importPath, path.Base(importPath)} {
		if charWidth*float64(len(label)) <= width {
			return label
		}
	}
	return ""
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1e3) }
