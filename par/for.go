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
	var p pass
	if p.begin(ctx, at, n, n, opts) && p.tried(forErrPass(&p, body)) {
		p.share(1, func(p *pass) (int, error) { return forErrPass(p, body) })
	}
	return p.err
}

func forPass(p *pass, body func(i int)) (i int, err error) {
	defer caught(&i, &err)
	for p.next() {
		for i = p.lo; i < p.hi; i++ {
			body(i)
		}
	}
	return i, nil
}

func forErrPass(p *pass, body func(i int) error) (i int, err error) {
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
