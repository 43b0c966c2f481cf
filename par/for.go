// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// For calls body(i) for each i from 0 to n-1, on all workers, and returns when all
// calls have.
//
// Caller: any for a Runtime; for a Context or worker, the job that it was
// handed to.
func For(at sched.Spawner, n int, body func(i int), opts ...Option) {
	if body == nil {
		refuseNil("For")
	}
	var p pass
	if p.begin(noContext, at, n, n, opts) && p.tried(forPass(&p, body)) {
		p.share(1, func(p *pass) (int, error) { return forPass(p, body) })
	}
	must(p.err)
}

// ForContext is [For] for a body that fails, and ends with ctx.
//
// Caller: as [For].
func ForContext(ctx context.Context, at sched.Spawner, n int, body func(i int) error, opts ...Option) error {
	if body == nil {
		refuseNil("ForContext")
	}
	var p pass
	if p.begin(ctx, at, n, n, opts) && p.tried(forErrPass(&p, body)) {
		p.share(1, func(p *pass) (int, error) { return forErrPass(p, body) })
	}
	return p.err
}

func forPass(p *pass, body func(i int)) (i int, err error) {
	defer p.stand()
	for p.next() {
		if i, err = forBlock(p.lo, p.hi, body); err != nil {
			return i, err
		}
	}
	return i, nil
}

// forBlock calls body for the elements of a block. A body may be as short as the
// loop around it. So four calls share the counter: what is kept over a call lies on
// the stack, and to go through memory takes as long as the call; i is only
// written. And the loop is in a function of its own, where the compiler
// has nothing else to keep.
//
//go:noinline
func forBlock(lo, hi int, body func(i int)) (i int, err error) {
	defer caught(&i, &err)
	j := lo
	for ; hi-j >= 4; j += 4 {
		i = j
		body(i)
		i = j + 1
		body(i)
		i = j + 2
		body(i)
		i = j + 3
		body(i)
	}
	for ; j < hi; j++ {
		i = j
		body(i)
	}
	return hi, nil
}

func forErrPass(p *pass, body func(i int) error) (i int, err error) {
	defer p.stand()
	defer caught(&i, &err)
	for p.next() {
		for i = p.lo; i < p.hi && !p.cut(i); i++ {
			if err := body(i); err != nil {
				return i, err
			}
		}
	}
	return i, nil
}
