// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"math"
	"runtime/debug"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/tick"
	"github.com/pilfer-go/pilfer/workers"
)

// A loop is what the workers share of a call.
type loop struct {
	// limit is the first element that need not be looked at: the lowest that
	// failed so far, or one below all if the call is given up.
	// Writers: holding mu. Invariant: never increases.
	limit point.Int64

	// skipped says that steps were not run.
	// Writers: any worker of the call. Invariant: once set, stays.
	skipped point.Bool

	// run goes through a pass. It returns the error of the first element that
	// failed, with its number; a panic is an error too. Set once.
	run   func(p *pass) (int, error)
	size  int // elements in a step; set once
	grain int // steps worth a fork, at least 1; set once

	ctx context.Context // nil if it cannot end; set once

	mu     point.Mutex
	failed int   // holding mu: the lowest element that failed
	err    error // holding mu: its error
}

// share runs the rest of the trial's loop on all workers. Each step is for size
// elements.
func (p *pass) share(size int, run func(p *pass) (int, error)) {
	p.shared = true
	ctx := p.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	l := &loop{run: run, size: size, grain: max(1, p.grain/size)}
	l.limit.Store(math.MaxInt64)
	if ctx.Done() != nil {
		l.ctx = ctx
	}
	_, err := call(ctx, p.at, runAll, span{l, p.hi, p.end, p.stepOf()})
	switch { // no worker is in the loop any more
	case l.err != nil && (l.err != errFound || l.limit.Load() >= 0):
		p.failed, p.err = l.failed, l.err
	case err != nil:
		p.err = err
	case l.skipped.Load() || l.err != nil:
		p.err = context.Cause(ctx)
	}
}

// fail notes that an element failed.
//
// Caller: any worker of the call.
func (l *loop) fail(i int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil || i < l.failed {
		l.failed, l.err = i, err
		l.limit.Store(min(l.limit.Load(), int64(i)))
	}
}

// giveUp lets no element be looked at any more.
//
// Caller: any worker of the call.
func (l *loop) giveUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit.Store(-1)
}

// A span is a range of steps of a loop.
type span struct {
	l      *loop
	lo, hi int
	step   int // length of the first block
}

// runAll runs a loop.
//
// Caller: owner.
func runAll(w *workers.Worker, s span) (none, error) {
	returned := false
	defer func() {
		if !returned { // a step called Goexit: what was forked is joined, but empty
			s.l.giveUp()
		}
	}()
	runSpan(w, s)
	returned = true
	return none{}, nil
}

// runSpan runs the steps of s in order. When somebody is without work it forks
// off the upper half of what is left.
//
// Caller: owner.
func runSpan(w *workers.Worker, s span) none {
	l := s.l
	p := &pass{hi: s.lo, end: s.hi, step: max(s.step, l.grain), l: l, w: w}
	if i, err := l.run(p); err != nil {
		l.fail(i, err)
		return none{}
	}
	if lo := p.hi; lo < p.end {
		m := lo + (p.end-lo)/2
		workers.Join(w, runSpan, span{l, lo, m, p.step}, runSpan, span{l, m, p.end, p.step})
	}
	return none{}
}

// A worker looks for thieves between two blocks. A block gets longer until it takes
// shortTime: then the look, and what a block costs the user's function, is
// below 1%; and shorter if it takes more than longTime, which is how long a
// thief waits. blockMost bounds what a sudden change of the elements' price costs.
const (
	shortTime = 2 * tick.Microsecond
	longTime  = 8 * tick.Microsecond
	blockMost = 8192
)

// stepOf returns the length of the first shared block: what the trial has learned.
func (p *pass) stepOf() int {
	if p.hi == 0 || p.began == 0 {
		return 1
	}
	took := max(tick.Now()-p.began, 1)
	return max(1, min(int(int64(p.hi)*shortTime/took), blockMost))
}

// nextShared is next of a pass that shares the loop. If it reports false before
// the end, the rest is to be forked.
//
// Caller: owner.
func (p *pass) nextShared() bool {
	left := p.end - p.lo
	if left <= 0 || p.cut(p.lo*p.l.size) {
		return false
	}
	if p.l.ctx != nil && p.l.ctx.Err() != nil {
		p.l.giveUp()
		return !p.leave()
	}
	if p.w.Hungry() && left/2 >= p.l.grain {
		return false
	}
	now := tick.Now()
	if p.began != 0 {
		if took := now - p.began; took < shortTime {
			p.step = min(2*p.step, max(blockMost, p.l.grain))
		} else if took > longTime {
			p.step = max(p.step/2, p.l.grain)
		}
	}
	p.began = now
	p.hi += min(left, p.step)
	return true
}

// cut reports whether element i need not be looked at, nor those behind it. Then
// the pass is over.
//
// Caller: who runs the pass.
func (p *pass) cut(i int) bool {
	return p.l != nil && p.l.limit.Load() <= int64(i) && p.leave()
}

// leave ends the pass before its end.
//
// Caller: who runs the pass.
func (p *pass) leave() bool {
	p.l.skipped.Store(true)
	p.hi = p.end
	return true
}

// caught makes an error of a panic at element i. It is deferred by each function
// that calls what the user passed.
func caught(i *int, err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Index: *i, Value: v, Stack: debug.Stack()}
	}
}
