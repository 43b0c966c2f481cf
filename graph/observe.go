// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"log/slog"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// An Event says that a node starts or ends.
type Event struct {
	Node   *Node  // the node
	Path   string // the node's name, with those of the nodes around it
	Worker int    // the index of the place that runs it, or saw its end
	Err    error  // at the end: what it returned, or its panic

	exec *exec
}

// An Observer is told when nodes start and end, on the goroutine that runs
// them: its methods are called by several at once and should be short. A node
// that is tried again starts again.
type Observer interface {
	// NodeStart is called before the node's function.
	NodeStart(e Event)

	// NodeEnd is called after it, or when what it waited for has come.
	NodeEnd(e Event)
}

// Observe tells o of each node that is run. Runs without observers pay nothing for
// them.
func Observe(o Observer) RunOption { return func(r *run) { r.watch = append(r.watch, o) } }

func (r *run) nodeStarts(x *exec, n *Node, w *workers.Worker) {
	if len(r.watch) == 0 {
		return
	}
	e := Event{Node: n, Path: x.path + n.Name(), Worker: w.Index(), exec: x}
	for _, o := range r.watch {
		o.NodeStart(e)
	}
}

func (r *run) nodeEnds(x *exec, n *Node, w *workers.Worker, err error) {
	if len(r.watch) == 0 {
		return
	}
	e := Event{Node: n, Path: x.path + n.Name(), Worker: w.Index(), Err: err, exec: x}
	for _, o := range r.watch {
		o.NodeEnd(e)
	}
}

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

// Log writes each node's start and end to l, at the debug level, and each failure
// at the error level.
func Log(l *slog.Logger) RunOption { return Observe(&logger{l: l, starts: map[string]time.Time{}}) }

type logger struct {
	l      *slog.Logger
	mu     point.Mutex
	starts map[string]time.Time // holding mu
}

func (o *logger) NodeStart(e Event) {
	o.mu.Lock()
	o.starts[e.Path] = time.Now()
	o.mu.Unlock()
	o.l.Debug("node starts", "node", e.Path, "worker", e.Worker)
}

func (o *logger) NodeEnd(e Event) {
	o.mu.Lock()
	took := time.Since(o.starts[e.Path])
	delete(o.starts, e.Path)
	o.mu.Unlock()
	if e.Err != nil {
		o.l.Error("node failed", "node", e.Path, "worker", e.Worker, "took", took, "err", e.Err)
		return
	}
	o.l.Debug("node ends", "node", e.Path, "worker", e.Worker, "took", took)
}
