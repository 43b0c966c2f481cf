// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Profile stores in to what the run did, when it has ended, with or without
// errors.
func Profile(to *Report) RunOption {
	return func(r *run) {
		if to == nil {
			r.mistake("graph: Profile to a nil report: give the address of one")
		}
		rec := &recorder{begin: r.begin, open: map[spanKey]Span{}}
		r.watch = append(r.watch, rec)
		r.ends = append(r.ends, func() { rec.report(r, to) })
	}
}

// A Span is one run of one node.
type Span struct {
	Node   *Node         // the node
	Path   string        // its name, with those of the nodes around it
	Worker int           // where it started
	Start  time.Duration // since the begin of the run
	End    time.Duration // since the begin of the run
	Waited bool          // it held no worker most of the time: an Await, Sub or Module node
	Built  time.Duration // of a Sub node: until then it built its graph, and held its worker
	Err    error         // its own error, or nil
}

// Took returns how long it took.
func (s Span) Took() time.Duration { return s.End - s.Start }

// worked returns how long it held a worker, or a goroutine that does not wait.
func (s Span) worked() time.Duration {
	switch {
	case !s.Waited || s.Node.flags&nodeBlocks != 0:
		return s.Took()
	case s.Built > 0:
		return s.Built - s.Start
	}
	return 0
}

// A spanKey tells a node under way from others.
type spanKey struct {
	exec *exec
	node int32
}

// A recorder notes the spans of a run.
type recorder struct {
	begin time.Time

	mu    point.Mutex
	open  map[spanKey]Span // holding mu: nodes under way
	spans []Span           // holding mu: in the order of their ends
}

func (c *recorder) NodeStart(e Event) {
	s := Span{Node: e.Node, Path: e.Path, Worker: e.Worker, Start: time.Since(c.begin), Waited: e.Node.waits()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[spanKey{e.exec, e.Node.index}] = s
}

func (c *recorder) NodeEnd(e Event) {
	end := time.Since(c.begin)
	key := spanKey{e.exec, e.Node.index}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.open[key]
	delete(c.open, key)
	s.End, s.Err = end, e.Err
	if _, ok := e.Node.fn.(sub); ok && s.Built == 0 {
		s.Built = end // there was nothing to wait for
	}
	c.spans = append(c.spans, s)
}

// nodeBuilt notes that a Sub node gives up its worker.
func (r *run) nodeBuilt(c *call) {
	for _, o := range r.watch {
		if rec, ok := o.(*recorder); ok {
			rec.built(spanKey{c.x, c.node.index})
		}
	}
}

func (c *recorder) built(key spanKey) {
	at := time.Since(c.begin)
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.open[key]; ok {
		s.Built = at
		c.open[key] = s
	}
}

// errGoesOn is what a report has of a node that the run did not wait for.
var errGoesOn = errors.New("goes on after its deadline")

// waits reports whether the node holds no worker for most of its time.
func (n *Node) waits() bool {
	return n.flags&(nodeWaits|nodeInner) != 0
}

// report makes the report of the run.
func (c *recorder) report(r *run, to *Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*to = Report{Graph: r.graph, Wall: time.Since(c.begin), Spans: c.spans}
	for _, s := range c.open { // given up
		s.End, s.Err = to.Wall, errGoesOn
		to.Spans = append(to.Spans, s)
	}
	if r.pool != nil {
		to.Workers = r.pool.Size()
	}
}
