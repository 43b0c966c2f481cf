// SPDX-License-Identifier: Apache-2.0

package sched

import "github.com/pilfer-go/pilfer/workers"

// Borrow lets the runtime have up to most workers more while those of lender sleep: two
// runtimes with tasks of their own kind each, say of requests and of reports, which do
// not get into each other's way and still use all of the machine. The runtime
// grows when all of its workers are busy and tasks wait, and shrinks as soon as lender
// needs its own; it looks every 10 ms, while it works. So for so long there may be
// more threads at work than both have workers.
//
// Lender must not be closed before the runtime. It is not asked, and has no part in it.
func Borrow(lender *Runtime, most int) Option {
	return func(c *config) { c.borrows, c.lender, c.borrow = true, lender, most }
}

// A loan is what a runtime has borrowed.
//
// Its fields belong to the pool's monitor.
type loan struct {
	from *Runtime
	most int
	now  int // workers that are borrowed
}

// look borrows one more worker, or gives one back; or all, if none has work.
//
// Caller: the pool's monitor.
func (l *loan) look(p *workers.Pool) {
	switch idle := l.from.pool.Parked(); {
	case l.now > 0 && p.Parked() >= p.Size():
		l.resize(p, -l.now)
	case l.now > 0 && (idle < l.now || p.Parked() > l.now):
		l.resize(p, -1)
	case l.now < l.most && idle > l.now && p.Saturated() && !p.Empty():
		l.resize(p, 1)
	}
}

func (l *loan) resize(p *workers.Pool, by int) {
	if p.Resize(p.Size()+by) == nil { // else it is closing, or has as many as there may be
		l.now += by
	}
}
