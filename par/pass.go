// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/internal/tick"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// Is a loop worth a fork?
//
// To wake a worker costs microseconds, and a loop over a hundred cheap elements
// takes a tenth of one. What an element costs, nobody says.
//
// Refused:
//   - Fork by the number of elements: a hundred pages to render are worth it, a
//     hundred additions are not.
//   - Fork at once and let idle workers decide: they sleep, and waking one is
//     what costs.
//   - Look at the clock after each element, or twice around the first: a look
//     costs as much as several elements, and a first element is often special.
//
// Chosen: the caller begins alone, with one element, some more, and then blocks
// that grow, and looks at a cheap clock between them. The rest is shared once the
// loop has taken longTrial and more is to come than worthFork. A hundred cheap
// elements pay for three looks (BenchmarkFor). Few elements are shared at once, as
// with them the first alone is a large part of the loop, and whoever shares few
// elements has long ones.
//
// During the trial the caller sits in no worker's place, so as not to pay for
// entering it: with all workers busy, one goroutine more computes for some
// microseconds, or for one long element. With one worker, beside which nothing is to
// run, the trial sits in its place; if that is taken, the caller waits for it. There is
// nobody to share with, unless the pool grows meanwhile; so the trial begins with
// several elements, and with the clock behind them, unless there is a context, which
// may end meanwhile.

const (
	longTrial = 2 * tick.Microsecond
	worthFork = 10 * tick.Microsecond

	trialSecond = 16   // elements after the first, but at most an eighth of all
	trialGrowth = 8    // of the blocks after them
	trialMost   = 4096 // elements in a block

	fewEach = 4  // elements for each worker that are few,
	fewMost = 64 // and the most that are: a hundred are not few anywhere
)

// A pass goes through steps of a loop in order, in blocks: on the caller's
// goroutine, as a trial, or on a worker that shares the loop.
//
//	for p.next() {
//		// steps from p.lo to p.hi-1
//	}
type pass struct {
	lo, hi int // the block
	end    int // of the steps

	// step is the length of the next block; 0 in the trial: share at once.
	step  int
	began int64 // the trial, or the block

	// Of a shared loop.
	l *loop           // nil in the trial
	w *workers.Worker // who runs the pass; nil if the trial sits nowhere

	// Of the trial.
	only   *sched.Runtime // where it is to sit first; or nil
	at     sched.Spawner
	ctx    context.Context // nil if the loop has none
	grain  int
	shared bool  // other workers may have taken part
	failed int   // the element that failed, if err is of one
	err    error // how the loop ended
}

// begin begins a loop of n steps over so many elements in all. It reports false
// if nothing is to be run; err says why.
//
// Caller: as [For].
func (p *pass) begin(ctx context.Context, at sched.Spawner, n, elements int, opts []Option) bool {
	w, rt, err := sched.Where(at)
	if err != nil {
		p.err = err
		return false
	}
	if ctx != nil && ctx.Err() != nil {
		p.err = context.Cause(ctx)
		return false
	}
	if n <= 0 {
		return false
	}
	p.ctx, p.at, p.end = ctx, at, n
	p.grain = grainOf(opts)
	count := rt.Workers()
	switch {
	case count == 1 && w == nil:
		if p.grain > 0 {
			break // shared at once, as the trial's blocks may be shorter
		}
		p.only, p.shared = rt, true
		if p.step = 1; ctx == nil {
			p.step = p.second()
		} else {
			p.began = tick.Now()
		}
	case n == 1:
		p.step = 1
	case p.grain > 0:
		if elements/2 < p.grain {
			p.step = n
		}
	case elements > min(fewEach*count, fewMost):
		p.step = 1
		p.began = tick.Now()
	}
	return true
}

// next moves on to the next block. It reports false if the pass is over: at the
// end, or where the loop is to be shared, or shared again.
//
// Caller: who runs the pass.
func (p *pass) next() bool {
	p.lo = p.hi
	if p.l != nil {
		return p.nextShared()
	}
	if p.lo >= p.end || p.step == 0 {
		return false
	}
	if p.lo == 0 {
		if p.only != nil && !p.sit() {
			return false
		}
		p.hi = p.step
		if p.step == 1 {
			p.step = p.second()
		} else {
			p.step *= trialGrowth
		}
		return true
	}
	if p.long() || p.ended() {
		return false
	}
	p.hi = min(p.lo+p.step, p.end)
	p.step = min(p.step*trialGrowth, trialMost)
	return true
}

// second returns the length of the block behind the first element.
func (p *pass) second() int { return min(trialSecond, p.end/trialGrowth+1) }

// sit takes a place for the trial, if one is free.
func (p *pass) sit() bool {
	p.w, _ = p.only.Enter()
	return p.w != nil
}

// stand gives up the place of the trial. It is deferred by each function that goes
// through a pass of [pass.begin].
//
// Caller: who runs the pass.
func (p *pass) stand() {
	if p.only != nil && p.w != nil {
		p.w.Leave()
		p.w = nil
	}
}

// long reports whether the rest is worth a fork.
func (p *pass) long() bool {
	now := tick.Now()
	if p.began == 0 {
		p.began = now
		return false
	}
	took := now - p.began
	// In floating point: an element may take less than a tick, and all of them
	// more than there are.
	return took > longTrial && float64(took)/float64(p.lo)*float64(p.end-p.lo) > worthFork
}

// ended reports whether the context has ended.
func (p *pass) ended() bool {
	if p.ctx != nil && p.ctx.Err() != nil {
		p.err = context.Cause(p.ctx)
	}
	return p.err != nil
}

// tried takes the result of the trial: the element that failed, if one did. It
// reports whether there are steps left to be shared.
func (p *pass) tried(i int, err error) bool {
	if err != nil {
		p.failed, p.err = i, err
	}
	return p.err == nil && p.hi < p.end
}
