// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"html"
	"io"
	"path"
	"time"
	"unicode/utf8"
)

// Sizes are in pixels.
const (
	pictureWidth = 1680
	marginLeft   = 110
	marginRight  = 30
	plotWidth    = pictureWidth - marginLeft - marginRight
	headHeight   = 92
	panelHead    = 30
	axisHeight   = 44
	laneGap      = 5
	pathHeight   = 6 // the track below a lane for the critical path
	waitHeight   = 13
	charWidth    = 6.3
	mostLegend   = 22 // letters of a group's name there: all groups have room in one line
)

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

// A drawing is the timeline on its way to the canvas.
type drawing struct {
	*canvas
	t    *Timeline
	axis axis
	pal  *palette
	lane int // height of a worker's lane
}

// WriteSVG draws the timeline.
func (t *Timeline) WriteSVG(to io.Writer) error {
	var longest time.Duration
	lanes := 0
	for _, p := range t.Panels {
		longest = max(longest, p.Wall)
		lanes += p.Workers
	}
	d := &drawing{
		canvas: &canvas{to: to},
		t:      t,
		axis:   newAxis(longest),
		pal:    newPalette(t.Panels),
		lane:   min(44, max(14, 1200/max(lanes, 1))),
	}
	notes := 18 * len(t.Notes)
	height := headHeight + notes + axisHeight
	for i := range t.Panels {
		height += d.height(&t.Panels[i])
	}
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">`, pictureWidth, height)
	d.printf(`<style>text{fill:#222} .n{font-size:11px;pointer-events:none} .t{font-size:14px;font-weight:bold} .c{fill:#000} rect.k0{fill-opacity:.45} rect.k0,rect.k1{stroke:#fff;stroke-width:.4} rect.f{stroke:#c00;stroke-width:2}</style>`)
	d.printf(`<rect width="100%%" height="100%%" fill="#fff"/>`)
	d.printf(`<text x="16" y="26" font-size="17" font-weight="bold">%s</text>`, html.EscapeString(t.Title))
	d.legend()
	y := headHeight + notes
	d.axis.grid(d.canvas, y, height-axisHeight+6)
	for i := range t.Panels {
		p := &t.Panels[i]
		d.printf(`<text class="t" x="16" y="%d">%s</text>`, y+20, html.EscapeString(p.Title))
		d.panel(p, y+panelHead)
		y += d.height(p)
	}
	d.axis.labels(d.canvas, y+22)
	d.printf(`</svg>`)
	return d.err
}

// height is what a panel needs.
func (d *drawing) height(p *Panel) int {
	return panelHead + p.Workers*(d.lane+pathHeight+laneGap) + p.waitLanes(maxWaitLanes).lanes*(waitHeight+pathHeight+1)
}

// legend explains the colours.
func (d *drawing) legend() {
	x := 16.0
	entry := func(swatch, text string) {
		d.printf(swatch, x)
		d.printf(`<text x="%.0f" y="52">%s</text>`, x+24, html.EscapeString(text))
		x += 24 + 7.4*float64(utf8.RuneCountInString(text)) + 22
	}
	for _, g := range d.pal.groups {
		name := shorten(g, mostLegend)
		if name == "" {
			if len(d.pal.groups) == 1 {
				break // one colour tells nothing
			}
			name = "no group"
		}
		entry(`<rect x="%.0f" y="41" width="18" height="14" fill="`+d.pal.of(g)+`"/>`, name)
	}
	x = 16
	d.printf(`<g transform="translate(0,24)">`)
	if d.t.Light != "" {
		entry(`<rect x="%.0f" y="41" width="18" height="14" fill="#777" fill-opacity=".45"/>`, "light: "+d.t.Light)
		entry(`<rect x="%.0f" y="41" width="18" height="14" fill="#777"/>`, "full: "+d.t.Full)
	}
	entry(`<rect class="c" x="%.0f" y="46" width="18" height="5"/>`, "critical path")
	entry(`<rect x="%.0f" y="41" width="18" height="14" fill="#f2f2f2" stroke="#ccc"/>`, "nothing runs: waiting, or the garbage collector")
	d.printf(`</g>`)
	for i, n := range d.t.Notes {
		d.printf(`<text x="16" y="%d">%s</text>`, headHeight+4+18*i, html.EscapeString(n))
	}
}

// panel draws one run, its first lane at height top.
func (d *drawing) panel(p *Panel, top int) {
	laneTop := func(worker int) int { return top + worker*(d.lane+pathHeight+laneGap) }
	for worker := range p.Workers {
		y := laneTop(worker)
		d.printf(`<text x="%d" y="%d" text-anchor="end">%s %d</text>`, marginLeft-8, y+d.lane/2+4, html.EscapeString(p.laneName()), worker)
		d.printf(`<rect x="%d" y="%d" width="%.1f" height="%d" fill="#f2f2f2"/>`, marginLeft, y, d.axis.width(p.Wall), d.lane)
	}
	waits := p.waitLanes(maxWaitLanes)
	waitTop := func(lane int) int { return laneTop(p.Workers) + lane*(waitHeight+pathHeight+1) }
	if waits.lanes > 0 {
		d.printf(`<text x="%d" y="%d" text-anchor="end">waiting</text>`, marginLeft-8, waitTop(0)+waitHeight-2)
	}
	if waits.more > 0 {
		d.printf(`<text x="%d" y="%d" text-anchor="end">and %d more</text>`, marginLeft-8, waitTop(waits.lanes-1)+waitHeight-2, waits.more)
	}
	place := func(i int) (y, height int) {
		if at, ok := waits.lane[i]; ok {
			return waitTop(at), waitHeight
		}
		return laneTop(p.Spans[i].Worker), d.lane
	}
	for i, s := range p.Spans {
		y, height := place(i)
		d.span(p, s, y, height, waits.shared[i])
	}
	d.path(p, func(i int) int {
		y, height := place(i)
		return y + height + 1
	})
}

// span draws one rectangle, with its name unless others lie on it.
func (d *drawing) span(p *Panel, s Span, y, height int, shared bool) {
	x, w := d.axis.x(s.Start), d.axis.width(s.End-s.Start)
	class := "k1"
	if s.Light || s.Waited {
		class = "k0"
	}
	if s.Failed {
		class += " f"
	}
	where := fmt.Sprintf("%s %d", p.laneName(), s.Worker)
	if s.Waited {
		where = "waiting"
	}
	d.printf(`<rect class="%s" x="%.2f" y="%d" width="%.2f" height="%d" fill="%s"><title>%s&#10;%s, from %s to %s, %s</title></rect>`,
		class, x, y, max(w, 0.3), height, d.pal.of(s.Group), html.EscapeString(s.Name),
		millis(s.End-s.Start), millis(s.Start), millis(s.End), where)
	if label := s.fit(w - 4); label != "" && !shared {
		d.printf(`<text class="n" x="%.2f" y="%d">%s</text>`, x+3, y+height/2+4, html.EscapeString(label))
	}
}

// path marks the critical path below the lanes.
func (d *drawing) path(p *Panel, track func(span int) int) {
	for at, i := range p.Critical {
		s, y := p.Spans[i], track(i)
		d.printf(`<rect class="c" x="%.2f" y="%d" width="%.2f" height="%d"/>`, d.axis.x(s.Start), y, max(d.axis.width(s.End-s.Start), 0.6), pathHeight-1)
		if at == 0 {
			continue
		}
		if before := p.Critical[at-1]; track(before) != y {
			d.printf(`<path d="M%.2f %dL%.2f %d" stroke="#000" stroke-width="1" stroke-opacity=".6"/>`,
				d.axis.x(p.Spans[before].End), track(before)+pathHeight/2, d.axis.x(s.Start), y+pathHeight/2)
		}
	}
}

// fit returns as much of the label as has room in width, or "".
func (s Span) fit(width float64) string {
	label := s.Label
	if label == "" {
		label = s.Name
	}
	for _, l := range []string{label, path.Base(label)} {
		if charWidth*float64(utf8.RuneCountInString(l)) <= width {
			return l
		}
	}
	return ""
}

// shorten leaves the end of a long name, which says most.
func shorten(name string, most int) string {
	if r := []rune(name); len(r) > most {
		return "..." + string(r[len(r)-most+3:])
	}
	return name
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1e3) }
