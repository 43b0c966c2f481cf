// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/bench/table"
)

// A label is where a text lies, about: its letters are taken to be as wide as most.
type label struct {
	left, right, y float64
	text           string
}

var textElement = regexp.MustCompile(`<text x="([^"]+)" y="([^"]+)" text-anchor="([^"]+)" class="([^"]*)">([^<]*)</text>`)

func labelsOf(t *testing.T, chart []byte) (all []label) {
	t.Helper()
	for _, m := range textElement.FindAllStringSubmatch(string(chart), -1) {
		x, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		y, err := strconv.ParseFloat(m[2], 64)
		require.NoError(t, err)
		letter := 6.0
		if strings.Contains(m[4], "small") {
			letter = 5.5
		}
		width := letter * float64(len(m[5]))
		x -= map[string]float64{"start": 0, "middle": width / 2, "end": width}[m[3]]
		all = append(all, label{x, x + width, y, m[5]})
	}
	return all
}

// overlaps returns a pair of texts that lie on each other, or one that leaves the picture.
func overlaps(all []label) string {
	const line = 9.0 // height of a small text
	for i, a := range all {
		if a.left < 0 || a.right > chartWidth {
			return fmt.Sprintf("%q leaves the picture: %.0f to %.0f", a.text, a.left, a.right)
		}
		for _, b := range all[:i] {
			if max(a.left, b.left) < min(a.right, b.right) && max(a.y, b.y)-min(a.y, b.y) < line {
				return fmt.Sprintf("%q lies on %q at %.0f, %.0f", a.text, b.text, a.left, a.y)
			}
		}
	}
	return ""
}

func TestLabelsDoNotOverlap(t *testing.T) {
	source, err := Read(root)
	require.NoError(t, err)
	for name, text := range Make(source) {
		if strings.HasSuffix(name, ".svg") {
			require.Empty(t, overlaps(labelsOf(t, text)), name)
		}
	}
}

// Wherever the median and the p99 lie, and however many workers there are.
func TestLabelsOfAnyFiguresDoNotOverlap(t *testing.T) {
	for _, spread := range []float64{1, 1.1, 4, 300} {
		for p99 := 1.0; p99 < 1e5; p99 *= 1.7 {
			slow := entry("wake", "goroutine", 2, 3000)
			slow.Max, slow.P99 = slow.Median*spread, slow.Median*p99
			far := entry("wake", "ants", 2, 5e6)
			s := Source{Book: &table.Book{Entries: []table.Entry{entry("wake", "pilfer", 2, 40), slow, far}}}
			require.Empty(t, overlaps(labelsOf(t, Make(s)[Charts+"/wake.svg"])), "spread %v, p99 %v", spread, p99)
		}
	}
	var many []table.Entry
	for n := 1; n <= 64; n *= 2 {
		many = append(many, entry("fib", "serial", n, 2), entry("fib", "pilfer", n, 5))
	}
	curves := labelsOf(t, Make(Source{Book: &table.Book{Entries: many}})[Charts+"/scaling.svg"])
	require.Empty(t, overlaps(curves))
	require.Contains(t, fmt.Sprint(curves), " 64}")
}

func TestOverlapsAreFound(t *testing.T) {
	require.NotEmpty(t, overlaps([]label{{0, 20, 10, "a"}, {15, 30, 12, "b"}}))
	require.NotEmpty(t, overlaps([]label{{chartWidth - 5, chartWidth + 1, 10, "a"}}))
	require.Empty(t, overlaps([]label{{0, 20, 10, "a"}, {15, 30, 22, "b"}, {25, 40, 10, "c"}}))
}
