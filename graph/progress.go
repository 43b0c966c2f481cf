// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// A Step is how far a run is.
type Step struct {
	Done  int    // nodes that have ended
	Nodes int    // of the graph; more may be done, in subgraphs and loops
	Last  string // the path of the one that ended last
}

// Progress sends how far the run is after each node. A send that would block is
// left out, so that a slow reader keeps nobody waiting: give the channel room for
// one, and the reader sees the newest but a few.
func Progress(to chan<- Step) RunOption {
	return func(r *run) { r.watch = append(r.watch, &progress{to: to, nodes: r.graph.Len()}) }
}

type progress struct {
	to    chan<- Step
	nodes int

	// done counts nodes.
	// Writers: who ends a node adds one. Invariant: never decreases.
	done point.Int32
}

func (p *progress) NodeStart(Event) {}

func (p *progress) NodeEnd(e Event) {
	s := Step{Done: int(p.done.Inc()), Nodes: p.nodes, Last: e.Path}
	select {
	case p.to <- s:
	default:
	}
}

// ProgressBar draws how far the run is to to, which is a terminal: one line, drawn
// again at most ten times a second, and once more at the end of the run. What the
// writer returns is ignored.
func ProgressBar(to io.Writer) RunOption {
	return func(r *run) {
		if to == nil {
			r.mistake("graph: ProgressBar to a nil writer")
		}
		b := &bar{to: to, graph: r.graph.name, begin: r.begin, step: Step{Nodes: r.graph.Len()}}
		r.watch = append(r.watch, b)
		r.ends = append(r.ends, b.end)
	}
}

// barEvery is how often the line is drawn, barWidth how long the bar is.
const (
	barEvery = 100 * time.Millisecond
	barWidth = 24
)

// A bar is the line of a run.
type bar struct {
	to    io.Writer
	graph string
	begin time.Time

	mu     point.Mutex
	step   Step      // holding mu
	failed int       // holding mu
	drawn  time.Time // holding mu
	long   int       // holding mu: characters of the last line
}

func (b *bar) NodeStart(Event) {}

func (b *bar) NodeEnd(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.step.Done++
	b.step.Last = e.Path
	if e.Err != nil {
		b.failed++
	}
	if now := time.Now(); now.Sub(b.drawn) >= barEvery {
		b.drawn = now
		b.draw("")
	}
}

// end draws the line for the last time.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draw("\n")
}

// draw writes the line over the last one.
//
// Caller: holding mu.
func (b *bar) draw(end string) {
	full := barWidth * min(b.step.Done, b.step.Nodes) / max(b.step.Nodes, 1)
	line := fmt.Sprintf("%s [%s%s] %d/%d", b.graph, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), b.step.Done, max(b.step.Nodes, b.step.Done))
	if b.failed > 0 {
		line += fmt.Sprintf(", %d failed", b.failed)
	}
	line += fmt.Sprintf(", %.1f s", time.Since(b.begin).Seconds())
	if end == "" {
		line += ", " + b.step.Last
	}
	if runes := []rune(line); len(runes) > 79 {
		line = string(runes[:79])
	}
	fmt.Fprintf(b.to, "\r%s%s%s", line, strings.Repeat(" ", max(0, b.long-len([]rune(line)))), end)
	b.long = len([]rune(line))
}
