// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"log/slog"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
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
func Observe(o Observer) RunOption {
	return func(r *run) {
		if o == nil {
			r.mistake("graph: Observe of a nil observer")
		}
		r.watch = append(r.watch, o)
	}
}

func (r *run) nodeStarts(x *exec, n *Node, w *workers.Worker) {
	if len(r.watch) == 0 {
		return
	}
	e := Event{Node: n, Path: x.path + n.Name(), Worker: w.Index(), exec: x}
	for _, o := range r.watch {
		o.NodeStart(e)
	}
}

// nodeEnds tells the observers. One that panics makes the node fail.
func (r *run) nodeEnds(x *exec, n *Node, w *workers.Worker, err error) (with error) {
	if len(r.watch) == 0 {
		return err
	}
	returned := false
	defer func() {
		if !returned {
			with = errors.Join(err, sched.CrashError(crashOf(recover()), x.path+n.Name()))
		}
	}()
	e := Event{Node: n, Path: x.path + n.Name(), Worker: w.Index(), Err: err, exec: x}
	for _, o := range r.watch {
		o.NodeEnd(e)
	}
	returned = true
	return err
}

// Log writes each node's start and end to l, at the debug level, and each failure
// at the error level.
func Log(l *slog.Logger) RunOption {
	if l == nil {
		return func(r *run) { r.mistake("graph: Log to a nil logger: slog.Default() is one") }
	}
	return Observe(&logger{l: l, starts: map[string]time.Time{}})
}

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
