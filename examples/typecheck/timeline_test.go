// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(name, got, 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))), string(got), "if this is what it should be now: go test -update")
}

func sampleTimeline(t *testing.T) *timeline {
	t.Helper()
	c := sample(t)
	return c.timeline(c.report())
}

func TestTimelineGolden(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sampleTimeline(t).writeSVG(&out))
	golden(t, "timeline.svg", out.Bytes())
}

// TestTimelineIsComplete: well-formed, with a rectangle and a tooltip for each
// node of each variant, inside the picture.
func TestTimelineIsComplete(t *testing.T) {
	tl := sampleTimeline(t)
	var out bytes.Buffer
	require.NoError(t, tl.writeSVG(&out))
	nodes, titles := 0, 0
	for dec := xml.NewDecoder(&out); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "title":
			titles++
		case "rect":
			if attr(start, "class") == "k0" || attr(start, "class") == "k1" {
				nodes++
			}
		}
	}
	require.Equal(t, 3*len(tl.plan.nodes), nodes)
	require.Equal(t, nodes, titles)
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// A broken writer fails at once.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestTimelineTellsOfBrokenWriter(t *testing.T) {
	require.ErrorContains(t, sampleTimeline(t).writeSVG(broken{}), "disk full")
	require.ErrorContains(t, sampleTimeline(t).writeTrace(broken{}), "disk full")
}

func TestTraceGolden(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sampleTimeline(t).writeTrace(&out))
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, out.Bytes(), "", " "))
	golden(t, "trace.json", pretty.Bytes())
}

func TestTraceIsComplete(t *testing.T) {
	tl := sampleTimeline(t)
	var out bytes.Buffer
	require.NoError(t, tl.writeTrace(&out))
	var trace struct{ TraceEvents []traceEvent }
	require.NoError(t, json.Unmarshal(out.Bytes(), &trace))
	nodes, critical := 0, 0
	for _, e := range trace.TraceEvents {
		if e.Phase == "X" {
			nodes++
			require.Less(t, e.Thread, tl.panels[e.Process].workers)
			require.LessOrEqual(t, e.Start+e.Length, micros(tl.panels[e.Process].wall)+1e-6)
			if e.Args["critical"] == true {
				critical++
			}
		}
	}
	require.Equal(t, 3*len(tl.plan.nodes), nodes)
	require.Equal(t, 3*len(tl.critical.nodes), critical)
}

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
	require.Equal(t, "net/http", fit("net/http", 200))
	require.Equal(t, "http", fit("net/http", 30))
	require.Empty(t, fit("net/http", 5))
}

func TestPalette(t *testing.T) {
	p := new(plan)
	var lengths []time.Duration
	for i, path := range strings.Fields("a/x b/x c/x d/x e/x f/x g/x h/x i/x a/y example.com/me/repo/deep") {
		p.packages = append(p.packages, pkg{Path: path})
		p.add(node{pkg: i, kind: check})
		lengths = append(lengths, time.Duration(100-i))
	}
	pal := newPalette(p, took(lengths...))
	require.Equal(t, []string{"a", "b", "c", "d", "e", "f", "g", otherGroup}, pal.groups)
	require.Equal(t, pal.of("a/x"), pal.of("a/y"))
	require.NotEqual(t, pal.of("a/x"), pal.of("b/x"))
	require.Equal(t, otherColour, pal.of("i/x"))
	require.Equal(t, "example.com/me/repo", groupOf("example.com/me/repo/deep"))
	require.Equal(t, "example.com", groupOf("example.com"))
}
