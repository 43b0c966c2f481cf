// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"fmt"
	"math"
	"time"
)

// An axis places times in the picture.
type axis struct {
	length time.Duration
	tick   time.Duration
}

// newAxis makes an axis with ticks at round times, about a dozen.
func newAxis(length time.Duration) axis {
	length = max(length, time.Microsecond)
	return axis{length: length, tick: roundTick(length / 12)}
}

// roundTick returns the first of 1, 2, 5, 10, 20, 50... ns that is not below d.
func roundTick(d time.Duration) time.Duration {
	power := time.Duration(math.Pow10(int(math.Floor(math.Log10(math.Max(1, float64(d)))))))
	for _, m := range []time.Duration{1, 2, 5} {
		if m*power >= d {
			return m * power
		}
	}
	return 10 * power
}

func (a axis) x(at time.Duration) float64    { return marginLeft + a.width(at) }
func (a axis) width(d time.Duration) float64 { return float64(d) / float64(a.length) * plotWidth }

// grid draws a line at each tick.
func (a axis) grid(c *canvas, top, bottom int) {
	for at := time.Duration(0); at <= a.length; at += a.tick {
		c.printf(`<path d="M%.2f %dV%d" stroke="#ddd"/>`, a.x(at), top, bottom)
	}
}

// labels writes the time at each tick.
func (a axis) labels(c *canvas, y int) {
	for at := time.Duration(0); at <= a.length; at += a.tick {
		c.printf(`<text x="%.2f" y="%d" text-anchor="middle">%s</text>`, a.x(at), y, a.label(at))
	}
}

// label writes a tick's time in the unit that suits the axis.
func (a axis) label(at time.Duration) string {
	switch {
	case a.length >= 10*time.Second:
		return fmt.Sprintf("%g s", at.Seconds())
	case a.length >= 10*time.Millisecond:
		return fmt.Sprintf("%g ms", float64(at)/1e6)
	default:
		return fmt.Sprintf("%g µs", float64(at)/1e3)
	}
}
