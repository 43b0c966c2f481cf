// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pilfer-go/pilfer/graph/timeline"
)

// A Report is what one run did; see [Profile]. The zero Report is that of a run
// that did not start.
type Report struct {
	Graph   *Graph        // the graph that was run
	Wall    time.Duration // how long the run took
	Workers int           // how many workers there were
	Spans   []Span        // each node that ran, as often as it ran, in the order of their ends
}

// graph returns the graph that was run, or an empty one.
func (r *Report) graph() *Graph {
	if r.Graph == nil {
		return New("")
	}
	return r.Graph
}

// Took returns how long a node of the graph took, over all its spans.
func (r *Report) Took(n *Node) (sum time.Duration) {
	for _, s := range r.Spans {
		if s.Node == n {
			sum += s.Took()
		}
	}
	return sum
}

// Cost returns the times of the run as costs for [Graph.ByCriticalPath].
func (r *Report) Cost() func(n *Node) float64 {
	took := make(map[*Node]float64)
	for _, s := range r.Spans {
		took[s.Node] += float64(s.Took())
	}
	return func(n *Node) float64 { return took[n] }
}

// Work returns the time that was spent in nodes, Blocking nodes and the building of
// Sub nodes included, without what waited.
func (r *Report) Work() (sum time.Duration) {
	for _, s := range r.Spans {
		sum += s.worked()
	}
	return sum
}

// CriticalPath returns the longest chain of nodes that waited for each other: no
// number of workers is faster. Of nodes that ran several times the sum counts, as
// one after the other.
func (r *Report) CriticalPath() (path []*Node, length time.Duration) {
	p := r.graph().flatten()
	took := make([]time.Duration, len(p.nodes))
	ran := make([]bool, len(p.nodes))
	for _, s := range r.Spans {
		if s.Node.graph == r.Graph {
			took[s.Node.index] += s.Took()
			ran[s.Node.index] = true
		}
	}
	until := make([]time.Duration, len(p.nodes)) // the longest chain that ends with the node
	via := make([]int32, len(p.nodes))           // the node before it there, plus one
	last := int32(-1)
	for _, i := range p.topological() {
		until[i] += took[i]
		if ran[i] && (last < 0 || until[i] > until[last]) {
			last = i
		}
		for _, s := range p.after(i) {
			if ran[i] && (via[s] == 0 || until[i] > until[s]) {
				until[s], via[s] = until[i], i+1
			}
		}
	}
	for i := last; i >= 0; i = via[i] - 1 {
		path = append(path, p.nodes[i])
	}
	slices.Reverse(path)
	if last >= 0 {
		length = until[last]
	}
	return path, length
}

// Parallelism returns how many workers the graph could keep busy on average: the
// work divided by the critical path.
func (r *Report) Parallelism() float64 {
	_, length := r.CriticalPath()
	if length == 0 {
		return 1
	}
	return float64(r.Work()) / float64(length)
}

// Busy returns the share of the run that each worker spent in nodes.
func (r *Report) Busy() []float64 {
	p := r.panel()
	return p.Busy()
}

// WriteTable writes the report for people: the run, the workers, and the nodes
// that took longest, at most that many.
func (r *Report) WriteTable(to io.Writer, most int) error {
	path, length := r.CriticalPath()
	failed := 0
	for _, s := range r.Spans {
		if s.Err != nil {
			failed++
		}
	}
	fmt.Fprintf(to, "graph %s: %d nodes run, %d failed, in %v on %d workers\n", r.graph().name, len(r.Spans), failed, round(r.Wall), r.Workers)
	fmt.Fprintf(to, "work %v, critical path %v (%d nodes), parallelism %.2f\n", round(r.Work()), round(length), len(path), r.Parallelism())
	nodes := make([]int, r.Workers)
	for _, s := range r.Spans {
		if s.Worker < r.Workers && !s.Waited {
			nodes[s.Worker]++
		}
	}
	for i, b := range r.Busy() {
		fmt.Fprintf(to, "worker %d: busy %.0f %%, %d nodes\n", i, 100*b, nodes[i])
	}
	critical := make(map[*Node]bool)
	for _, n := range path {
		critical[n] = true
	}
	spans := slices.Clone(r.Spans)
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(b.Took(), a.Took()) })
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "took\tfrom\tto\tworker\t\t  node")
	for _, s := range spans[:min(max(most, 0), len(spans))] {
		note := ""
		if critical[s.Node] {
			note = "critical"
		}
		if s.Err != nil {
			note = strings.TrimSpace(note + " failed")
		}
		where := fmt.Sprint(s.Worker)
		if s.Waited {
			where = "-"
		}
		fmt.Fprintf(w, "%v\t%v\t%v\t%s\t%s\t  %s\n", round(s.Took()), round(s.Start), round(s.End), where, note, s.Path)
	}
	return w.Flush()
}

// round leaves three digits or so of a duration.
func round(d time.Duration) time.Duration {
	for unit := time.Second; unit > time.Nanosecond; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 100)
		}
	}
	return d
}

// Timeline returns the run as a picture and a trace. What comes before the last
// space or slash of a node's name is its colour.
func (r *Report) Timeline() *timeline.Timeline {
	p := r.panel()
	p.Title = fmt.Sprintf("%v on %d workers: work %v, parallelism %.2f", round(r.Wall), r.Workers, round(r.Work()), r.Parallelism())
	return &timeline.Timeline{Title: "graph " + r.graph().name, Panels: []timeline.Panel{p}}
}

// WriteSVG draws the run, with a lane for each worker.
func (r *Report) WriteSVG(to io.Writer) error { return r.Timeline().WriteSVG(to) }

// WriteTrace writes the run for ui.perfetto.dev and about:tracing.
func (r *Report) WriteTrace(to io.Writer) error { return r.Timeline().WriteTrace(to) }

// panel makes the spans those of a picture.
func (r *Report) panel() timeline.Panel {
	p := timeline.Panel{Workers: r.Workers, Wall: r.Wall}
	byNode := make(map[*Node][]int)
	for i, s := range r.Spans {
		group := ""
		if at := strings.LastIndexAny(s.Path, " /"); at > 0 {
			group = s.Path[:at]
		}
		p.Spans = append(p.Spans, timeline.Span{
			Name: s.Path, Group: group, Worker: s.Worker, Start: s.Start, End: s.End, Waited: s.Waited, Failed: s.Err != nil,
		})
		byNode[s.Node] = append(byNode[s.Node], i)
	}
	for i, s := range r.Spans {
		if s.Built > 0 { // in the lane of its worker, beside the one of what waits
			built := p.Spans[i]
			built.Name, built.End, built.Waited = "build "+s.Path, s.Built, false
			p.Spans = append(p.Spans, built)
		}
	}
	path, _ := r.CriticalPath()
	for _, n := range path {
		p.Critical = append(p.Critical, byNode[n]...)
	}
	slices.SortStableFunc(p.Critical, func(a, b int) int { return cmp.Compare(r.Spans[a].Start, r.Spans[b].Start) })
	return p
}
