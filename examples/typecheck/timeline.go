// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path"
	"strings"

	"github.com/pilfer-go/pilfer/graph/timeline"
)

// timeline is a picture of the median runs: a panel for each variant, all on one
// time axis, with a lane for each worker and a rectangle for each node.
func (c *comparison) timeline(r *report) *timeline.Timeline {
	critical := c.plan.longest(c.median(bySerial).Spans)
	t := &timeline.Timeline{
		Title: fmt.Sprintf("Type-checking %s: %s, %s lines, as %s",
			strings.Join(r.Patterns, " "), count(r.Packages, "package"), digits(r.Lines), count(r.Nodes, "node")),
		Light: "parse",
		Full:  "type-check",
		Notes: []string{fmt.Sprintf("The critical path is that of the serial run: %.2f ms of work in %s.",
			critical.length.Seconds()*1e3, count(len(critical.nodes), "node"))},
	}
	for _, variant := range variants {
		o := c.median(variant)
		p := timeline.Panel{
			Title: fmt.Sprintf("%s: %.3f s, speed-up %.2f, busy %.0f %%",
				r.title(variant), o.Wall.Seconds(), c.speedup(variant), 100*mean(o.busy())),
			Workers:  o.Workers,
			Wall:     o.Wall,
			Critical: critical.nodes,
		}
		for i, s := range o.Spans {
			n := c.plan.nodes[i]
			of := c.plan.packages[n.pkg].Path
			p.Spans = append(p.Spans, timeline.Span{
				Name: c.plan.name(i), Label: of, Group: groupOf(of), Worker: s.Worker, Start: s.Start, End: s.End,
				Light: n.kind == parse, Args: map[string]any{"bytes": c.plan.bytes(i), "kind": n.kind.String()},
			})
		}
		t.Panels = append(t.Panels, p)
	}
	return t
}

// groupOf returns what packages of one colour have in common: the first element
// of the path, or of those with a host name the repository.
func groupOf(importPath string) string {
	elems := strings.Split(importPath, "/")
	if strings.Contains(elems[0], ".") {
		return path.Join(elems[:min(3, len(elems))]...)
	}
	return elems[0]
}
