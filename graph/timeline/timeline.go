// SPDX-License-Identifier: Apache-2.0

package timeline

import (
	"cmp"
	"slices"
	"time"
)

// A Span is when and where something ran.
type Span struct {
	Name   string        // in tooltips and traces
	Label  string        // in the picture, if there is room; Name if empty
	Group  string        // what spans of one colour have in common
	Worker int           // the lane; not counted if it waited
	Start  time.Duration // since the begin of the run
	End    time.Duration // since the begin of the run
	Light  bool          // drawn lighter than others of the group
	Waited bool          // it held no worker: drawn below the workers' lanes
	Failed bool          // marked as failed
	Args   map[string]any
}

// A Panel is one run.
type Panel struct {
	Title    string        // above its lanes
	Workers  int           // how many lanes
	Lane     string        // what a lane is; "worker" if empty
	Wall     time.Duration // how long it took
	Spans    []Span        // what ran
	Critical []int         // numbers of the spans on the critical path, in order
}

// A Timeline is one or more runs on one time axis.
type Timeline struct {
	Title  string   // above all
	Panels []Panel  // from top to bottom
	Light  string   // what light spans are, for the legend; none if empty
	Full   string   // what the others are
	Notes  []string // more lines of the legend
}

// laneName returns what a lane is.
func (p *Panel) laneName() string { return cmp.Or(p.Lane, "worker") }

// Busy returns the share of the run that each worker spent in spans.
func (p *Panel) Busy() []float64 {
	busy := make([]float64, p.Workers)
	for _, s := range p.Spans {
		if !s.Waited && s.Worker < p.Workers && p.Wall > 0 {
			busy[s.Worker] += float64(s.End-s.Start) / float64(p.Wall)
		}
	}
	return busy
}

// Pack puts all spans into lanes of their own, as few as have room for what ran at
// the same time, as if each lane were a worker: for runs whose work is done
// elsewhere. Such lanes are not called workers.
func (p *Panel) Pack() {
	for i := range p.Spans {
		p.Spans[i].Waited = true
	}
	waits := p.waitLanes(len(p.Spans))
	for i := range p.Spans {
		p.Spans[i].Worker, p.Spans[i].Waited = waits.lane[i], false
	}
	p.Workers, p.Lane = waits.lanes, "lane"
}

// maxWaitLanes bounds how much of the picture what waits may take.
const maxWaitLanes = 12

// A waitLanes says where spans are that waited.
type waitLanes struct {
	lane   map[int]int  // by span
	lanes  int          // how many there are
	shared map[int]bool // spans that lie on another: there is no room for a name
	more   int          // spans without a place of their own
}

// waitLanes gives each span that waited a lane below the workers', where nothing
// else is at that time as far as there are lanes: the last takes all others.
func (p *Panel) waitLanes(most int) waitLanes {
	w := waitLanes{lane: make(map[int]int), shared: make(map[int]bool)}
	var order []int
	for i, s := range p.Spans {
		if s.Waited {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Spans[a].Start, p.Spans[b].Start) })
	var until []time.Duration
	var last []int // what the last lane has at this time
	for _, i := range order {
		s := p.Spans[i]
		at := slices.IndexFunc(until, func(end time.Duration) bool { return end <= s.Start })
		switch {
		case at >= 0:
		case len(until) < most:
			at = len(until)
			until = append(until, 0)
		default:
			at = most - 1
			w.more++
		}
		until[at] = max(until[at], s.End)
		w.lane[i] = at
		if at == most-1 {
			last = append(slices.DeleteFunc(last, func(k int) bool { return p.Spans[k].End <= s.Start }), i)
			for _, k := range last {
				w.shared[k] = w.shared[k] || len(last) > 1
			}
		}
	}
	w.lanes = len(until)
	return w
}

// A palette gives each group a colour of its own, and the small ones one together.
type palette struct {
	groups []string // largest first
	colour map[string]string
}

const (
	otherGroup  = "other"
	otherColour = "#b0b0b0"
)

// colours can be told apart by people who see red and green alike, and carry
// black text.
var colours = []string{"#e69f00", "#56b4e9", "#2fb58c", "#f0e442", "#7a9be0", "#e8743b", "#d68fb5"}

// newPalette gives the colours to the groups that took longest.
func newPalette(panels []Panel) *palette {
	took := make(map[string]time.Duration)
	for _, p := range panels {
		for _, s := range p.Spans {
			took[s.Group] += s.End - s.Start
		}
	}
	var groups []string
	for g := range took {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b string) int {
		return cmp.Or(cmp.Compare(took[b], took[a]), cmp.Compare(a, b))
	})
	pal := &palette{colour: make(map[string]string)}
	for i, g := range groups {
		if i == len(colours) {
			pal.groups = append(pal.groups, otherGroup)
			break
		}
		pal.groups = append(pal.groups, g)
		pal.colour[g] = colours[i]
	}
	return pal
}

// of returns the colour of a group.
func (p *palette) of(group string) string {
	if c, ok := p.colour[group]; ok {
		return c
	}
	return otherColour
}
