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
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph/timeline"
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

func sampleTimeline(t *testing.T) *timeline.Timeline {
	t.Helper()
	c := sample(t)
	return c.timeline(c.report())
}

func TestTimelineGolden(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sampleTimeline(t).WriteSVG(&out))
	golden(t, "timeline.svg", out.Bytes())
}

// TestTimelineIsComplete: well-formed, with a rectangle and a tooltip for each
// node of each variant, inside the picture.
func TestTimelineIsComplete(t *testing.T) {
	tl := sampleTimeline(t)
	var out bytes.Buffer
	require.NoError(t, tl.WriteSVG(&out))
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
	require.Equal(t, 3*8, nodes)
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
	require.ErrorContains(t, sampleTimeline(t).WriteSVG(broken{}), "disk full")
	require.ErrorContains(t, sampleTimeline(t).WriteTrace(broken{}), "disk full")
}

func TestTraceGolden(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, sampleTimeline(t).WriteTrace(&out))
	var pretty bytes.Buffer
	require.NoError(t, json.Indent(&pretty, out.Bytes(), "", " "))
	golden(t, "trace.json", pretty.Bytes())
}

func TestTraceIsComplete(t *testing.T) {
	tl := sampleTimeline(t)
	var out bytes.Buffer
	require.NoError(t, tl.WriteTrace(&out))
	var trace struct {
		TraceEvents []struct {
			Phase   string  `json:"ph"`
			Start   float64 `json:"ts"`
			Length  float64 `json:"dur"`
			Process int     `json:"pid"`
			Thread  int     `json:"tid"`
			Args    map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &trace))
	nodes, critical := 0, 0
	for _, e := range trace.TraceEvents {
		if e.Phase == "X" {
			nodes++
			require.Less(t, e.Thread, tl.Panels[e.Process].Workers)
			require.LessOrEqual(t, e.Start+e.Length, float64(tl.Panels[e.Process].Wall.Microseconds())+1e-6)
			if e.Args["critical"] == true {
				critical++
			}
		}
	}
	require.Equal(t, 3*8, nodes)
	require.Equal(t, 3*4, critical)
}

func TestGroups(t *testing.T) {
	require.Equal(t, "net", groupOf("net/http"))
	require.Equal(t, "example.com/me/repo", groupOf("example.com/me/repo/deep"))
	require.Equal(t, "example.com", groupOf("example.com"))
}
