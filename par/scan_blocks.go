// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// How a scan is shared: each block is reduced to its total, the totals are scanned
// by one worker, and each block is scanned from its prefix on. The caller's trial
// does all three for one block after the other, while it is in the cache, with the
// same calls of op: who computes what is not to be seen in the bits.
//
// Refused: to scan the trial's part, or the caller's, in one go, from left to
// right. It saves half of the calls there, but op(op(p, a), b) and op(p, op(a, b))
// differ in floating point, and where the caller's part ends is chance.

const (
	scanBlocks = 64  // enough for the workers, if elements are long
	scanShort  = 256 // a shorter scan is not worth two calls for each element
)

func scanSize(n int) int {
	return max(scanShort, min(blocksOf(n, scanBlocks), longBlock))
}

// A scanner is what a scan does with blocks. Each function returns the element that
// failed, if one did.
type scanner[E any] struct {
	total     func(lo, hi int) (E, int, error)
	inclusive func(prefix E, lo, hi int) (int, error) // lo < 0: from 0 on, without a prefix
	exclusive func(prefix E, lo, hi int) (int, error)
	op        func(a, b E) (E, error)
}

// scan scans n elements, from first on if it is exclusive.
func scan[E any](ctx context.Context, at sched.Spawner, n int, f scanner[E], inclusive bool, first E, opts []Option) error {
	var p pass
	size := max(scanSize(n), grainOf(opts))
	blocks := blocksOf(n, size)
	if !p.begin(ctx, at, blocks, n, opts) {
		return p.err
	}
	write := func(prefix E, b int) (int, error) {
		lo := b * size
		hi := lo + min(size, n-lo)
		switch {
		case !inclusive:
			return f.exclusive(prefix, lo, hi)
		case b > 0:
			return f.inclusive(prefix, lo, hi)
		}
		return f.inclusive(prefix, -1, hi)
	}
	// next returns the prefix of the block behind b.
	next := func(prefix E, b int, total E) (_ E, i int, err error) {
		if inclusive && b == 0 {
			return total, 0, nil
		}
		several := -1
		defer caught(&several, &err)
		prefix, err = f.op(prefix, total)
		return prefix, b * size, err
	}
	prefix := first
	trial := func() (i int, err error) {
		defer p.stand()
		for p.next() {
			for b := p.lo; b < p.hi; b++ {
				if b == blocks-1 {
					return write(prefix, b)
				}
				var total E // first: dst may be s
				if total, i, err = f.total(b*size, (b+1)*size); err != nil {
					return i, err
				}
				if i, err = write(prefix, b); err != nil {
					return i, err
				}
				if prefix, i, err = next(prefix, b, total); err != nil {
					return i, err
				}
			}
		}
		return 0, nil
	}
	if !p.tried(trial()) {
		return p.err
	}

	begin := p.hi
	all := make([]E, blocks-begin) // totals, then prefixes
	p.share(size, func(p *pass) (int, error) {
		for p.next() {
			for b := p.lo; b < p.hi && b < blocks-1 && !p.cut(b*size); b++ {
				total, i, err := f.total(b*size, (b+1)*size)
				if err != nil {
					return i, err
				}
				all[b-begin] = total
			}
		}
		return 0, nil
	})
	if p.err != nil {
		return p.err
	}
	totals := &pass{at: at, ctx: ctx, end: 1} // by one worker, and in its place
	totals.share(1, func(one *pass) (i int, err error) {
		for one.next() {
			for k, total := range all {
				all[k] = prefix
				if b := begin + k; b < blocks-1 {
					if prefix, i, err = next(prefix, b, total); err != nil {
						return i, err
					}
				}
			}
		}
		return 0, nil
	})
	if totals.err != nil {
		return totals.err
	}
	p.share(size, func(p *pass) (int, error) {
		for p.next() {
			for b := p.lo; b < p.hi && !p.cut(b*size); b++ {
				if i, err := write(all[b-begin], b); err != nil {
					return i, err
				}
			}
		}
		return 0, nil
	})
	return p.err
}

func plainScan[E any](dst, s []E, op func(a, b E) E) scanner[E] {
	return scanner[E]{
		total: func(lo, hi int) (E, int, error) { return reduceBlock(s, lo, hi, op) },
		inclusive: func(prefix E, lo, hi int) (int, error) {
			if lo < 0 {
				prefix, lo = s[0], 1
				dst[0] = prefix
			}
			return scanBlock(dst[:hi], s[:hi], prefix, lo, op)
		},
		exclusive: func(prefix E, lo, hi int) (int, error) {
			return scanBeforeBlock(dst[:hi], s[:hi], prefix, lo, op)
		},
		op: func(a, b E) (E, error) { return op(a, b), nil },
	}
}

// scanBlock writes the prefixes of the elements of s from lo on. It is as [forBlock].
//
//go:noinline
func scanBlock[E any](dst, s []E, prefix E, lo int, op func(a, b E) E) (i int, err error) {
	defer caught(&i, &err)
	for i = lo; i < len(s); i++ {
		prefix = op(prefix, s[i])
		dst[i] = prefix
	}
	return i, nil
}

// scanBeforeBlock is scanBlock for exclusive prefixes. The last element of s is not
// asked for: who comes behind it has its prefix from the total.
//
//go:noinline
func scanBeforeBlock[E any](dst, s []E, prefix E, lo int, op func(a, b E) E) (i int, err error) {
	defer caught(&i, &err)
	last := len(s) - 1
	for i = lo; i < last; i++ {
		v := s[i] // first: dst may be s
		dst[i] = prefix
		prefix = op(prefix, v)
	}
	dst[i] = prefix
	return i, nil
}

func failingScan[E any](dst, s []E, op func(a, b E) (E, error)) scanner[E] {
	return scanner[E]{
		total: func(lo, hi int) (E, int, error) { return reduceErrBlock(s, lo, hi, op) },
		inclusive: func(prefix E, lo, hi int) (i int, err error) {
			defer caught(&i, &err)
			if lo < 0 {
				prefix, lo = s[0], 1
				dst[0] = prefix
			}
			for i = lo; i < hi; i++ {
				if prefix, err = op(prefix, s[i]); err != nil {
					return i, err
				}
				dst[i] = prefix
			}
			return i, nil
		},
		exclusive: func(prefix E, lo, hi int) (i int, err error) {
			defer caught(&i, &err)
			for i = lo; i < hi-1; i++ {
				v := s[i]
				dst[i] = prefix
				if prefix, err = op(prefix, v); err != nil {
					return i, err
				}
			}
			dst[i] = prefix
			return i, nil
		},
		op: op,
	}
}
