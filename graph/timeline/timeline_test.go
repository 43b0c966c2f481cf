// SPDX-License-Identifier: Apache-2.0

package timeline_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph/timeline"
)

func ExamplePanel_Busy() {
	p := timeline.Panel{Workers: 2, Wall: 4 * time.Second, Spans: []timeline.Span{
		{Worker: 0, Start: 0, End: 3 * time.Second},
		{Worker: 1, Start: 1 * time.Second, End: 2 * time.Second},
		{Start: 0, End: 4 * time.Second, Waited: true},
	}}
	fmt.Println(p.Busy())
	// Output: [0.75 0.25]
}

// What waits at the same time is drawn in lanes of its own, up to a bound.
func TestWaitingLanes(t *testing.T) {
	var spans []timeline.Span
	for range 100 {
		spans = append(spans, timeline.Span{Name: "w", Waited: true, End: time.Second})
	}
	spans = append(spans, timeline.Span{Name: "later", Waited: true, Start: time.Second, End: 2 * time.Second})
	tl := timeline.Timeline{Title: "a < b", Light: "parse", Full: "check", Notes: []string{"note"},
		Panels: []timeline.Panel{{Title: "p", Workers: 1, Wall: 2 * time.Second, Spans: spans, Critical: []int{0, 100}}}}
	var svg bytes.Buffer
	require.NoError(t, tl.WriteSVG(&svg))
	require.Equal(t, 101, strings.Count(svg.String(), "<title>"))
	require.Contains(t, svg.String(), "a &lt; b")
	lanes := map[string]bool{}
	for line := range strings.Lines(svg.String()) {
		if strings.Contains(line, "<title>w") {
			_, y, _ := strings.Cut(line, ` y="`)
			y, _, _ = strings.Cut(y, `"`)
			lanes[y] = true
		}
	}
	require.Len(t, lanes, 12)
	require.Equal(t, 11, strings.Count(svg.String(), ">w</text>"), "names do not lie on each other")
	require.Contains(t, svg.String(), ">and 88 more</text>")
	require.Contains(t, svg.String(), ">later</text>")
}

// Packed spans lie in as few lanes as have room for them.
func TestPack(t *testing.T) {
	p := timeline.Panel{Wall: 10, Spans: []timeline.Span{
		{Start: 0, End: 4, Waited: true}, {Start: 1, End: 3}, {Start: 3, End: 5, Waited: true}, {Start: 5, End: 9},
	}}
	p.Pack()
	require.Equal(t, 2, p.Workers)
	require.InDeltaSlice(t, []float64{.8, .4}, p.Busy(), 1e-9)
	for _, s := range p.Spans {
		require.False(t, s.Waited)
	}
	var svg bytes.Buffer
	require.NoError(t, (&timeline.Timeline{Panels: []timeline.Panel{p}}).WriteSVG(&svg))
	require.Contains(t, svg.String(), ">lane 1</text>")
	require.NotContains(t, svg.String(), ">worker ", "no worker ran them")
}

// Packed lanes are as many as it takes: no two spans lie on each other.
func TestPackMany(t *testing.T) {
	p := timeline.Panel{Wall: 10}
	for range 30 {
		p.Spans = append(p.Spans, timeline.Span{End: 10})
	}
	p.Pack()
	require.Equal(t, 30, p.Workers)
	for _, busy := range p.Busy() {
		require.InDelta(t, 1, busy, 1e-9)
	}
}

// Long names of groups do not push each other out of the legend.
func TestLongGroups(t *testing.T) {
	var p timeline.Panel
	for i := range 8 {
		p.Spans = append(p.Spans, timeline.Span{Group: fmt.Sprint("a/long/path/of/packages/that/never/ends/", i), End: 10})
	}
	var svg bytes.Buffer
	require.NoError(t, (&timeline.Timeline{Panels: []timeline.Panel{p}}).WriteSVG(&svg))
	require.Contains(t, svg.String(), ">...s/that/never/ends/1</text>")
	for _, at := range regexp.MustCompile(`<text x="(\d+)" y="52">`).FindAllStringSubmatch(svg.String(), -1) {
		x, err := strconv.Atoi(at[1])
		require.NoError(t, err)
		require.Less(t, x, 1680-100)
	}
}
