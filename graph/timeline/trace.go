// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"encoding/json"
	"io"
	"maps"
	"time"
)

// A traceEvent is one entry of a trace in the format of Chrome's about:tracing.
type traceEvent struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"` // X: complete; M: metadata; b, e: begin and end of what is on no thread
	Category string         `json:"cat,omitempty"`
	ID       int            `json:"id,omitempty"`
	Start    float64        `json:"ts"` // microseconds
	Length   float64        `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// WriteTrace writes the timeline for ui.perfetto.dev and about:tracing: each panel
// is a process, its workers are threads.
func (t *Timeline) WriteTrace(to io.Writer) error {
	events := []traceEvent{}
	for pid, p := range t.Panels {
		events = append(events,
			traceEvent{Name: "process_name", Phase: "M", Process: pid, Args: map[string]any{"name": p.Title}},
			traceEvent{Name: "process_sort_index", Phase: "M", Process: pid, Args: map[string]any{"sort_index": pid}})
		for worker := range p.Workers {
			events = append(events,
				traceEvent{Name: "thread_name", Phase: "M", Process: pid, Thread: worker, Args: map[string]any{"name": p.laneName()}},
				traceEvent{Name: "thread_sort_index", Phase: "M", Process: pid, Thread: worker, Args: map[string]any{"sort_index": worker}})
		}
		critical := make(map[int]bool)
		for _, i := range p.Critical {
			critical[i] = true
		}
		for i, s := range p.Spans {
			events = append(events, s.events(pid, i, critical[i])...)
		}
	}
	return json.NewEncoder(to).Encode(map[string]any{
		"displayTimeUnit": "ms",
		"otherData":       map[string]any{"title": t.Title},
		"traceEvents":     events,
	})
}

// events returns the span's entries.
func (s Span) events(pid, number int, critical bool) []traceEvent {
	args := maps.Clone(s.Args)
	if critical || s.Failed {
		if args == nil {
			args = make(map[string]any)
		}
		if critical {
			args["critical"] = true
		}
		if s.Failed {
			args["failed"] = true
		}
	}
	e := traceEvent{
		Name: s.Name, Phase: "X", Category: s.Group,
		Start: micros(s.Start), Length: micros(s.End - s.Start),
		Process: pid, Thread: s.Worker, Args: args,
	}
	if !s.Waited {
		return []traceEvent{e}
	}
	e.Phase, e.ID, e.Length, e.Thread = "b", number+1, 0, 0
	if e.Category == "" {
		e.Category = "waiting"
	}
	end := e
	end.Phase, end.Start, end.Args = "e", micros(s.End), nil
	return []traceEvent{e, end}
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
