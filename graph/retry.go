// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/pilfer-go/pilfer/future"
	"github.com/pilfer-go/pilfer/future/timer"
	"github.com/pilfer-go/pilfer/sched"
)

// retry says whether a node that failed is tried again.
type retry struct {
	times uint16
	wait  func(try int) time.Duration
}

// Retry says that n is run again if it fails, that many times at most, and
// returns n. wait says how long to wait after the try of that number, from 1; nil
// is not at all. A waiting node holds no worker. See [Backoff].
func (n *Node) Retry(times int, wait func(try int) time.Duration) *Node {
	if times < 0 || times > 1<<15 {
		n.graph.mistake("%q: Retry(%d): want 0 to %d", n.Name(), times, 1<<15)
		return n
	}
	n.set().retry = retry{uint16(times), wait}
	return n
}

// Permanent marks an error that another try would not mend: a node that returns
// it is not tried again.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

// Backoff returns waits for [Node.Retry]: first, and twice as long after each try,
// up to most. Half of each is left to chance, so that those who failed together
// do not come back together. None waits if first or most is not above zero.
func Backoff(first, most time.Duration) func(try int) time.Duration {
	return func(try int) time.Duration {
		if first <= 0 || most <= 0 {
			return 0
		}
		d := most
		if shift := max(try, 1) - 1; first <= (most-1)>>shift {
			d = first << shift
		}
		return d/2 + rand.N(d/2+1)
	}
}

// tryAgain lets a node that failed run again, if it may; else it returns the error.
// try is how often it was run again already.
func (x *exec) tryAgain(n *Node, i int32, try uint16, err error) (bool, error) {
	var last *permanentError
	if n.more == nil || try >= n.more.retry.times || x.flags.Load()&halted != 0 || x.echoes(err) || errors.As(err, &last) {
		return false, err
	}
	d, crash := n.waitAfter(int(try) + 1)
	if crash != nil {
		return false, errors.Join(err, crash)
	}
	x.open.Inc()
	c := call{x: x, node: n, try: try + 1}
	if d <= 0 {
		c.back(i, nil)
		return true, nil
	}
	x.nap(c, i, d)
	return true, nil
}

// waitAfter asks how long to wait after a try. That is code of the user's, and may
// panic.
func (n *Node) waitAfter(try int) (d time.Duration, crash error) {
	wait := n.more.retry.wait
	if wait == nil {
		return 0, nil
	}
	returned := false
	defer func() {
		if !returned {
			crash = sched.CrashError(crashOf(recover()), n.Name())
		}
	}()
	d = wait(try)
	returned = true
	return d, nil
}

// A napping is a node between two tries: a task that sleeps.
type napping struct {
	call  call
	node  int32
	sleep future.Future[struct{}] // nil once it is over
}

// nap lets the node come back after d, or when the run is stopped.
func (x *exec) nap(c call, i int32, d time.Duration) {
	h := sched.Spawn[struct{}](x.run.rt, &napping{c, i, timer.Sleep(d)})
	x.enterNap(i, h)                // [halt-race] W1
	if x.flags.Load()&halted != 0 { // [halt-race] W2
		h.Abort()
	}
}

func (x *exec) enterNap(i int32, h await) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.naps == nil {
		x.naps = make(map[int32]await)
	}
	x.naps[i] = h
}

// Poll waits for the time.
func (n *napping) Poll(cx *sched.Context) future.Poll[struct{}] {
	p := n.sleep.Poll(cx)
	if p.Ready {
		n.sleep = nil
		n.call.back(n.node, nil)
	}
	return p
}

// Drop lets the node come back at once.
func (n *napping) Drop() {
	if s := n.sleep; s != nil {
		n.sleep = nil
		future.Drop(s)
		n.call.back(n.node, nil)
	}
}
