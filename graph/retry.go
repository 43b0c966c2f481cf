// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/pilfer-go/pilfer/internal/point"
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
// do not come back together.
func Backoff(first, most time.Duration) func(try int) time.Duration {
	return func(try int) time.Duration {
		d := most
		if try < 40 && first<<(try-1) < most && first<<(try-1) > 0 {
			d = first << (try - 1)
		}
		return d/2 + rand.N(d/2+1)
	}
}

// tryAgain lets a node that failed run again, if it may. try is how often it was
// run again already.
func (x *exec) tryAgain(n *Node, i int32, try uint16, err error) bool {
	var last *permanentError
	if n.more == nil || try >= n.more.retry.times || x.flags.Load()&halted != 0 || errors.As(err, &last) {
		return false
	}
	x.open.Inc()
	c := call{x: x, node: n, try: try + 1}
	if n.more.retry.wait == nil {
		c.back(i, nil)
		return true
	}
	after(x.ctx, n.more.retry.wait(int(try)+1), func() { c.back(i, nil) })
	return true
}

// after calls f once, when d is over or ctx ends.
func after(ctx context.Context, d time.Duration, f func()) {
	var called point.Bool
	var unhook point.Pointer[func() bool]
	once := func() {
		if called.CompareAndSwap(false, true) { // elect
			if u := unhook.Load(); u != nil {
				(*u)()
			}
			f()
		}
	}
	timer := time.AfterFunc(d, once)
	stop := context.AfterFunc(ctx, func() { timer.Stop(); once() })
	unhook.Store(&stop)
	if called.Load() {
		stop()
	}
}
