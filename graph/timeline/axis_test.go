// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRoundTick(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0: 1, 1: 1, 3: 5, 7: 10, 10: 10, 11: 20, 83 * time.Millisecond: 100 * time.Millisecond, 130 * time.Millisecond: 200 * time.Millisecond,
	} {
		require.Equal(t, want, roundTick(d), "%v", d)
	}
}

func TestAxisHasAboutADozenTicks(t *testing.T) {
	for length := time.Microsecond; length < 1000*time.Second; length = length * 3 / 2 {
		ticks := int(length / newAxis(length).tick)
		require.GreaterOrEqual(t, ticks, 4, "%v", length)
		require.LessOrEqual(t, ticks, 12, "%v", length)
	}
	a := newAxis(90 * time.Millisecond)
	require.Equal(t, "10 ms", a.label(a.tick))
	require.InDelta(t, marginLeft+plotWidth, a.x(90*time.Millisecond), 1e-6)
}

func TestFit(t *testing.T) {
	require.Equal(t, "net/http", Span{Label: "net/http"}.fit(200))
	require.Equal(t, "http", Span{Label: "net/http"}.fit(30))
	require.Empty(t, Span{Label: "net/http"}.fit(5))
}

func TestPalette(t *testing.T) {
	var p Panel
	for i, group := range strings.Fields("a b c d e f g h i a") {
		p.Spans = append(p.Spans, Span{Group: group, End: time.Duration(100 - i)})
	}
	pal := newPalette([]Panel{p})
	require.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", otherGroup}, pal.groups)
	require.NotEqual(t, pal.of("a"), pal.of("b"))
	require.Equal(t, otherColour, pal.of("i"))
}
