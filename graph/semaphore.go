// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"fmt"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// A Semaphore bounds what nodes use at once: memory, connections, a licence. A
// node that has to wait for it holds no worker. Nodes of several graphs and runs
// may share one. It is granted in the order of asking.
type Semaphore struct {
	name  string
	size  int
	order uint64 // nodes acquire in this order, so that they cannot lock each other out

	mu    point.Mutex
	free  int       // holding mu
	queue []waiting // holding mu; the oldest first
}

// semaphores counts those that were made.
//
// Writers: any, by adding. It gives each a number of its own.
var semaphores point.Uint64

// NewSemaphore returns a semaphore of that size. Its name is for messages.
func NewSemaphore(name string, size int) *Semaphore {
	if size < 1 {
		panic(fmt.Sprintf("pilfer: semaphore %s of size %d: want at least 1", name, size))
	}
	return &Semaphore{name: name, size: size, free: size, order: semaphores.Inc()}
}

// Free returns how much of it is not in use.
func (s *Semaphore) Free() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.free
}

// A use is a node's share of a semaphore.
type use struct {
	sem    *Semaphore
	weight int
}

// Uses says that n starts when it has weight of s, which it gives back when it is
// done, and returns n. More than s has is a mistake that Validate and Run report.
func (n *Node) Uses(s *Semaphore, weight int) *Node {
	if s == nil {
		n.graph.mistake("%q uses a nil semaphore: make one with NewSemaphore", n.Name())
		return n
	}
	if weight < 1 {
		n.graph.mistake("%q uses %d of semaphore %s: want at least 1", n.Name(), weight, s.name)
		return n
	}
	m := n.set()
	if slices.ContainsFunc(m.uses, func(u use) bool { return u.sem == s }) {
		n.graph.mistake("%q uses semaphore %s twice: say it once, with the sum", n.Name(), s.name)
		return n
	}
	m.uses = append(m.uses, use{s, weight})
	slices.SortFunc(m.uses, func(a, b use) int { return int(int64(a.sem.order) - int64(b.sem.order)) })
	return n
}

// neverInside reports a node inside this one that asks for more of a semaphore than
// those around it leave: they hold it until it is done.
func (c *call) neverInside(p *plan) error {
	if len(p.uses) == 0 {
		return nil
	}
	held := map[*Semaphore]int{}
	for x, n := c.x, c.node; ; x, n = x.parent.call.x, x.parent.call.node {
		if n.more != nil {
			for _, u := range n.more.uses {
				held[u.sem] += u.weight
			}
		}
		if x.parent == nil {
			break
		}
	}
	for _, n := range p.nodes {
		if n.more == nil {
			continue
		}
		for _, u := range n.more.uses {
			if u.weight > u.sem.size-held[u.sem] {
				return &NeverError{Graph: p.graph.name, Node: n.Name(), Semaphore: u.sem.name, Want: u.weight, Size: u.sem.size, Held: held[u.sem]}
			}
		}
	}
	return nil
}

// A waiting node has asked for a semaphore.
type waiting struct {
	call   call
	node   int32
	weight int
}

// acquire gets what node i uses. It returns false if the node has to wait; it
// comes back as a job then.
func (j *job) acquire(i int32) bool {
	c := &j.call
	for {
		u, ok := c.next()
		if !ok {
			return true
		}
		c.x.open.Inc() // for the wait, before anybody can end it
		if !u.sem.take(waiting{*c, i, u.weight}) {
			return false
		}
		c.x.open.Dec()
		c.held++
	}
}

// next returns what the node has to acquire next. The limit comes last: who waits
// for a semaphore is not in flight.
func (c *call) next() (use, bool) {
	at := int(c.held)
	if m := c.node.more; m != nil {
		if at < len(m.uses) {
			return m.uses[at], true
		}
		at -= len(m.uses)
	}
	if l := c.x.run.limit; l != nil && c.node.flags&nodeInner == 0 && at == 0 {
		return use{l, 1}, true
	}
	return use{}, false
}

// release gives back what the node has.
func (x *exec) release(c *call) {
	held := c.held
	for c.held = 0; c.held < held; c.held++ {
		u, _ := c.next()
		u.sem.give(u.weight, c.w)
	}
	c.held = 0
}

// take gets a share of the semaphore, or queues who wants it.
func (s *Semaphore) take(who waiting) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 && s.free >= who.weight {
		s.free -= who.weight
		return true
	}
	if who.call.x.flags.Load()&halted != 0 {
		// wakeWaiting may have looked already. The node is dropped at its next turn.
		who.call.back(who.node, nil)
		return false
	}
	who.call.w = nil
	s.queue = append(s.queue, who)
	return false
}

// give returns a share, and lets those go on that it is enough for.
func (s *Semaphore) give(weight int, w *workers.Worker) {
	s.mu.Lock()
	s.free += weight
	var ready []waiting
	for len(s.queue) > 0 && s.queue[0].weight <= s.free {
		s.free -= s.queue[0].weight
		ready = append(ready, s.queue[0])
		s.queue[0] = waiting{}
		s.queue = s.queue[1:]
	}
	s.mu.Unlock()
	for i := range ready {
		ready[i].call.held++
		ready[i].call.back(ready[i].node, w)
	}
}

// remove takes the nodes of an execution out of the queue. They are dropped.
func (s *Semaphore) remove(x *exec) {
	s.mu.Lock()
	var gone []waiting
	s.queue = slices.DeleteFunc(s.queue, func(w waiting) bool {
		if w.call.x == x {
			gone = append(gone, w)
		}
		return w.call.x == x
	})
	s.mu.Unlock()
	for i := range gone {
		gone[i].call.back(gone[i].node, nil)
	}
	s.give(0, nil) // who stood behind them may go on
}

// back queues the node for another look at what it has.
func (c *call) back(node int32, w *workers.Worker) {
	x := c.x
	j := x.nodeJob(node)
	j.how, j.call = runAgain, *c
	x.open.Dec() // the job is counted instead
	if w != nil && w.Pool() != x.run.pool {
		w = nil
	}
	x.submit(w, j)
}
