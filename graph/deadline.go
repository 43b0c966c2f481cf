// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
)

// Timeout sets the node's deadline, counted from its start, and returns n. At
// that time the node's context ends; if it goes on as long again, and 100 ms at
// least, it is given up: Run stops and returns a [*DeadlineError] for it. Such a
// node runs on a worker always, never on the goroutine that called Run.
func (n *Node) Timeout(d time.Duration) *Node {
	if d <= 0 {
		n.graph.mistake("%q: Timeout(%v): want more than zero", n.Name(), d)
		return n
	}
	n.set().timeout = d
	return n
}

// patience is how long a node may go on after its deadline.
func patience(d time.Duration) time.Duration { return max(d, 100*time.Millisecond) }

// givenUp is when a node is given up, counted from its start.
func givenUp(d time.Duration) time.Duration {
	if sum := d + patience(d); sum > d {
		return sum
	}
	return math.MaxInt64 // centuries
}

// A late watches one call for its deadline.
type late struct {
	// state says who ends the call: it itself, or the timer that gives it up.
	// Writers: either, by compare-and-swap from zero. (elect)
	state point.Uint32
	timer *time.Timer
}

// watchDeadline gives the call a context that ends in time, and gives it up later.
func (c *call) watchDeadline(x *exec, i int32, d time.Duration) {
	c.ctx, c.cancel = context.WithTimeoutCause(x.ctx, d, &DeadlineError{After: d})
	l := &late{}
	c.late = l
	l.timer = time.AfterFunc(givenUp(d), func() {
		if l.state.CompareAndSwap(0, 2) {
			x.giveUp(i, d)
		}
	})
}

// inTime ends the watch. It reports false if the call was given up.
func (l *late) inTime() bool {
	l.timer.Stop()
	return l.state.CompareAndSwap(0, 1)
}

// giveUp ends the run without a node that goes on. The execution stays with that
// node.
func (x *exec) giveUp(i int32, d time.Duration) {
	r := x.run
	r.mu.Lock()
	r.lost = true
	r.mu.Unlock()
	r.fail(x, i, &DeadlineError{After: d, Stuck: true, blocks: x.plan.nodes[i].flags&nodeBlocks != 0})
	r.stop()
	if x.open.Dec() == 0 {
		x.complete(nil)
	}
}

// deadlineError tells the node's own deadline from other ends of its context.
func (c *call) deadlineError(err error) error {
	var own *DeadlineError
	if err != nil && errors.Is(err, context.DeadlineExceeded) && errors.As(context.Cause(c.ctx), &own) {
		return own
	}
	return err
}

// Unwrap returns context.DeadlineExceeded.
func (e *DeadlineError) Unwrap() error { return context.DeadlineExceeded }
