// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// A drawing is an SVG picture. It has a background of its own, so that it can be
// read wherever it stands, and follows the reader's choice of light or dark. The
// colours are those of Okabe and Ito, which people who see fewer colours can tell
// apart; none carries a meaning alone.
type drawing struct {
	strings.Builder
	width, height float64
}

const style = `<style>
text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.dim { fill: #59636e }
.small { font-size: 11px }
.bold { font-weight: 600 }
.halo { paint-order: stroke; stroke: #ffffff; stroke-width: 4; stroke-linejoin: round }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.spread { stroke: #1f2328; stroke-width: 1.2 }
.mark { fill: #1f2328 }
.ours { fill: #0072b2 } .line-ours { stroke: #0072b2 }
.go { fill: #e69f00 } .line-go { stroke: #e69f00 }
.native { fill: #009e73 } .line-native { stroke: #009e73 }
.floor { fill: #8c959f } .line-floor { stroke: #8c959f }
.stem { stroke: #8c959f; stroke-width: 1; stroke-dasharray: 1 3 }
.pale { opacity: 0.5 }
.line { fill: none; stroke-width: 2 }
.dashed { stroke-dasharray: 5 4 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.dim { fill: #9198a1 }
.halo { stroke: #0d1117 }
.ground { fill: #0d1117; stroke: #3d444d }
.grid { stroke: #30363d }
.spread { stroke: #e6edf3 }
.mark { fill: #e6edf3 }
.ours { fill: #56b4e9 } .line-ours { stroke: #56b4e9 }
.native { fill: #2ec799 } .line-native { stroke: #2ec799 }
}
</style>
`

func newDrawing(width, height float64, title string) *drawing {
	d := &drawing{width: width, height: height}
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img">`+"\n",
		short(width), short(height), short(width), short(height))
	fmt.Fprintf(d, "<title>%s</title>\n%s", html.EscapeString(title), style)
	d.rect(0.5, 0.5, width-1, height-1, `class="ground" rx="6"`)
	return d
}

func (d *drawing) end() []byte {
	d.WriteString("</svg>\n")
	return []byte(d.String())
}

func (d *drawing) rect(x, y, w, h float64, attributes string) {
	fmt.Fprintf(d, `<rect x="%s" y="%s" width="%s" height="%s" %s/>`+"\n", short(x), short(y), short(w), short(h), attributes)
}

func (d *drawing) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(d, `<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>`+"\n", short(x1), short(y1), short(x2), short(y2), class)
}

// text writes at a point; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, class, text string) {
	fmt.Fprintf(d, `<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`+"\n", short(x), short(y), anchor, class, html.EscapeString(text))
}

// diamond marks a point.
func (d *drawing) diamond(x, y float64) {
	const r = 4
	fmt.Fprintf(d, `<path d="M%s %sl%d %dl-%d %dl-%d -%dz" class="mark"/>`+"\n", short(x), short(y-r), r, r, r, r, r, r)
}

// short writes a coordinate.
func short(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.1f", v), "0"), ".")
}

// An axis maps figures to a stretch of the picture.
type axis struct {
	from, to float64 // of the picture
	low, top float64 // of the figures
	log      bool
}

// widest is how many times the smallest figure the largest may be on a linear axis.
const widest = 30

// newAxis returns an axis on which all positive figures can be told apart.
func newAxis(from, to float64, figures []float64) axis {
	a := axis{from: from, to: to}
	low := math.Inf(1)
	for _, v := range figures {
		if v > 0 {
			low = min(low, v)
			a.top = max(a.top, v)
		}
	}
	if a.top == 0 {
		a.top = 1
		return a
	}
	if a.top/low <= widest {
		a.top *= 1.02
		return a
	}
	a.log = true
	a.low = roundDown(low * 0.8)
	a.top *= 1.1
	return a
}

// roundDown returns the next of 1, 2, 5, 10, 20 and so on below v.
func roundDown(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, part := range []float64{5, 2} {
		if part*power <= v {
			return part * power
		}
	}
	return power
}

func (a axis) at(v float64) float64 {
	if !a.log {
		return a.from + (a.to-a.from)*v/a.top
	}
	v = max(v, a.low)
	return a.from + (a.to-a.from)*math.Log10(v/a.low)/math.Log10(a.top/a.low)
}

// ticks returns round figures on the axis.
func (a axis) ticks() (all []float64) {
	if a.log {
		step, parts := 1, []float64{1}
		switch decades := math.Log10(a.top / a.low); {
		case decades > 7:
			step = 2
		case decades < 3:
			parts = []float64{1, 2, 5}
		}
		for e := int(math.Floor(math.Log10(a.low))); math.Pow(10, float64(e)) <= a.top; e += step {
			for _, part := range parts {
				if v := part * math.Pow(10, float64(e)); v >= a.low*(1-1e-9) && v <= a.top {
					all = append(all, v)
				}
			}
		}
		return all
	}
	step := math.Pow(10, math.Floor(math.Log10(a.top)))
	for _, part := range []float64{0.1, 0.2, 0.25, 0.5, 1} {
		if a.top/(step*part) <= 6 {
			step *= part
			break
		}
	}
	for n := 0; float64(n)*step <= a.top; n++ {
		all = append(all, float64(n)*step)
	}
	return all
}

// figure writes a figure with three digits that count, and k, M, G for large ones.
func figure(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 1e9:
		return digits(v/1e9) + "G"
	case v >= 1e6:
		return digits(v/1e6) + "M"
	case v >= 1e4:
		return digits(v/1e3) + "k"
	}
	return digits(v)
}

// tick writes a round figure.
func tick(v float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= unit.of {
			return strconv.FormatFloat(v/unit.of, 'g', 4, 64) + unit.name
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

func digits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2g", v)
}
