// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// Blocks of reductions and scans.
//
// Their size may depend on the number of elements only: the bits of a
// floating-point result depend on it. It has to do for cheap and for long elements
// alike. 32 blocks are enough for a few workers and long elements; 16 elements
// make the price of a block small beside that of calling op for them; and 8192
// keep the number of partial results low without making a thief wait long.
// Loops whose elements are known to be cheap have 1024 at least.
const (
	fewBlocks  = 32
	manyBlocks = 256

	shortBlock = 16
	cheapBlock = 1024
	longBlock  = 8192
)

// reduceSize returns the size of the blocks of n elements of unknown price. There
// are two elements at least, so that a trial has seen op.
func reduceSize(n int) int {
	return max(min(max(blocksOf(n, fewBlocks), 2), shortBlock), min(blocksOf(n, manyBlocks), longBlock))
}

// cheapSize returns the size of the blocks of n cheap elements.
func cheapSize(n int) int {
	return max(cheapBlock, min(blocksOf(n, manyBlocks), longBlock))
}

// reduceBlocks combines f of the blocks of n elements. f returns the number of the
// element that failed, if one did. ok is false if there was none.
func reduceBlocks[R any](ctx context.Context, at sched.Spawner, n, size int, f func(lo, hi int) (R, int, error),
	op func(a, b R) (R, error), opts []Option) (r R, ok bool, err error) {
	var p pass
	size = max(size, grainOf(opts))
	blocks := blocksOf(n, size)
	if !p.begin(ctx, at, blocks, n, opts) {
		return r, false, p.err
	}
	if blocks == 1 && p.step > 0 && p.only == nil {
		r, _, err = f(0, n)
		return r, err == nil, err
	}
	parts := make([]R, blocks)
	if p.tried(partsPass(&p, parts, n, size, f)) {
		p.share(size, func(p *pass) (int, error) { return partsPass(p, parts, n, size, f) })
	}
	if p.err != nil {
		return r, false, p.err
	}
	r, err = combine(ctx, at, parts, op, p.shared)
	return r, err == nil, err
}

// partsPass computes the parts of blocks.
func partsPass[R any](p *pass, parts []R, n, size int, f func(lo, hi int) (R, int, error)) (int, error) {
	defer p.stand()
	for p.next() {
		for b := p.lo; b < p.hi && !p.cut(b*size); b++ {
			lo := b * size
			r, i, err := f(lo, lo+min(size, n-lo))
			if err != nil {
				return i, err
			}
			parts[b] = r
		}
	}
	return 0, nil
}

// combine combines parts, which is not empty, in a tree that depends on their
// number only: neighbors, then neighbors of those, and so on. It overwrites them.
// If the parts were worth sharing, those of a level may be too.
func combine[R any](ctx context.Context, at sched.Spawner, parts []R, op func(a, b R) (R, error), share bool) (r R, err error) {
	for step := 1; step < len(parts); step *= 2 {
		pairs := (len(parts) + step - 1) / (2 * step)
		if !share {
			if _, err := pairsPass(&pass{end: pairs, step: pairs}, parts, step, op); err != nil {
				return r, err
			}
			continue
		}
		var p pass
		if p.begin(ctx, at, pairs, len(parts), nil) && p.tried(pairsPass(&p, parts, step, op)) {
			p.share(1, func(p *pass) (int, error) { return pairsPass(p, parts, step, op) })
		}
		if p.err != nil {
			return r, p.err
		}
	}
	return parts[0], nil
}

// pairsPass combines parts that are step apart.
func pairsPass[R any](p *pass, parts []R, step int, op func(a, b R) (R, error)) (i int, err error) {
	defer p.stand()
	several := -1
	defer caught(&several, &err)
	for p.next() {
		for i = p.lo; i < p.hi && !p.cut(i); i++ {
			a := i * 2 * step
			if parts[a], err = op(parts[a], parts[a+step]); err != nil {
				return i, err
			}
		}
	}
	return i, nil
}
