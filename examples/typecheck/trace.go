// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"time"
)

// The trace is in the format of Chrome's about:tracing, which ui.perfetto.dev
// opens too: the median run of each variant is a process, its workers are
// threads, and each node is a complete event.

// A traceEvent is one entry of the trace.
type traceEvent struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"` // X: complete; M: metadata
	Category string         `json:"cat,omitempty"`
	Start    float64        `json:"ts"` // microseconds
	Length   float64        `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// writeTrace writes what the timeline shows as a trace.
func (t *timeline) writeTrace(to io.Writer) error {
	critical := make(map[int]bool)
	for _, i := range t.critical.nodes {
		critical[i] = true
	}
	events := []traceEvent{}
	for pid, p := range t.panels {
		events = append(events,
			traceEvent{Name: "process_name", Phase: "M", Process: pid, Args: map[string]any{"name": p.title}},
			traceEvent{Name: "process_sort_index", Phase: "M", Process: pid, Args: map[string]any{"sort_index": pid}})
		for worker := range p.workers {
			events = append(events,
				traceEvent{Name: "thread_name", Phase: "M", Process: pid, Thread: worker, Args: map[string]any{"name": "worker"}},
				traceEvent{Name: "thread_sort_index", Phase: "M", Process: pid, Thread: worker, Args: map[string]any{"sort_index": worker}})
		}
		for i, s := range p.spans {
			n := t.plan.nodes[i]
			args := map[string]any{"bytes": t.plan.bytes(i)}
			if critical[i] {
				args["critical"] = true
			}
			events = append(events, traceEvent{
				Name: t.plan.packages[n.pkg].Path, Phase: "X", Category: n.kind.String(),
				Start: micros(s.Start), Length: micros(s.End - s.Start),
				Process: pid, Thread: s.Worker, Args: args,
			})
		}
	}
	enc := json.NewEncoder(to)
	return enc.Encode(map[string]any{
		"displayTimeUnit": "ms",
		"otherData":       map[string]any{"title": t.title},
		"traceEvents":     events,
	})
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
