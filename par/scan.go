// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// Scan returns the inclusive prefixes of s: element i is op of elements 0 to i. op
// must be associative, it need not be commutative. It is called about twice for
// each element. The order of its calls depends on the length of s only (and on
// [Grain]), so floating-point results are always the same to the last bit.
//
// Caller: as [For].
func Scan[S ~[]E, E any](at sched.Spawner, s S, op func(a, b E) E, opts ...Option) []E {
	if op == nil {
		refuseNil("Scan")
	}
	return ScanTo(at, make([]E, len(s)), s, op, opts...)
}

// ScanContext is [Scan] for an op that fails, and ends with ctx. It returns no
// slice if it returns an error.
//
// Caller: as [For].
func ScanContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, op func(a, b E) (E, error), opts ...Option) ([]E, error) {
	if op == nil {
		refuseNil("ScanContext")
	}
	return orNil(ScanToContext(ctx, at, make([]E, len(s)), s, op, opts...))
}

// ScanTo is [Scan] into dst, of which it returns the first len(s) elements. dst may
// be s. It panics if dst is shorter than s.
//
// Caller: as [For].
func ScanTo[S ~[]E, E any](at sched.Spawner, dst []E, s S, op func(a, b E) E, opts ...Option) []E {
	if op == nil {
		refuseNil("ScanTo")
	}
	dst = room(dst, len(s), "ScanTo")
	var none E
	must(scan(noContext, at, len(s), plainScan(dst, s, op), true, none, opts))
	return dst
}

// ScanToContext is [ScanTo] for an op that fails, and ends with ctx. After an error
// some elements of dst are written, and others are not.
//
// Caller: as [For].
func ScanToContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, dst []E, s S, op func(a, b E) (E, error), opts ...Option) ([]E, error) {
	if op == nil {
		refuseNil("ScanToContext")
	}
	dst = room(dst, len(s), "ScanToContext")
	var none E
	return dst, scan(ctx, at, len(s), failingScan(dst, s, op), true, none, opts)
}

// ScanExclusive returns the exclusive prefixes of s: element 0 is first, and element
// i is op of first and elements 0 to i-1. Else it is as [Scan].
//
// Caller: as [For].
func ScanExclusive[S ~[]E, E any](at sched.Spawner, s S, first E, op func(a, b E) E, opts ...Option) []E {
	if op == nil {
		refuseNil("ScanExclusive")
	}
	return ScanExclusiveTo(at, make([]E, len(s)), s, first, op, opts...)
}

// ScanExclusiveContext is [ScanExclusive] for an op that fails, and ends with ctx.
// It returns no slice if it returns an error.
//
// Caller: as [For].
func ScanExclusiveContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, first E, op func(a, b E) (E, error), opts ...Option) ([]E, error) {
	if op == nil {
		refuseNil("ScanExclusiveContext")
	}
	return orNil(ScanExclusiveToContext(ctx, at, make([]E, len(s)), s, first, op, opts...))
}

// ScanExclusiveTo is [ScanExclusive] into dst, as [ScanTo].
//
// Caller: as [For].
func ScanExclusiveTo[S ~[]E, E any](at sched.Spawner, dst []E, s S, first E, op func(a, b E) E, opts ...Option) []E {
	if op == nil {
		refuseNil("ScanExclusiveTo")
	}
	dst = room(dst, len(s), "ScanExclusiveTo")
	must(scan(noContext, at, len(s), plainScan(dst, s, op), false, first, opts))
	return dst
}

// ScanExclusiveToContext is [ScanExclusiveTo] for an op that fails, and ends with
// ctx. After an error some elements of dst are written, and others are not.
//
// Caller: as [For].
func ScanExclusiveToContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, dst []E, s S, first E, op func(a, b E) (E, error), opts ...Option) ([]E, error) {
	if op == nil {
		refuseNil("ScanExclusiveToContext")
	}
	dst = room(dst, len(s), "ScanExclusiveToContext")
	return dst, scan(ctx, at, len(s), failingScan(dst, s, op), false, first, opts)
}

func orNil[E any](s []E, err error) ([]E, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// ScanBlocks is [ScanExclusive] for code whose inner loops are to be plain loops. The range
// 0 to n-1 is cut into blocks whose size depends on n only (and on [Grain]). total
// returns op of the elements of a block, and write is told what first and all elements
// before a block come to. A block is written after its total was asked for, so write
// may overwrite what total reads; the last one's is not asked for.
//
// Caller: as [For].
func ScanBlocks[R any](at sched.Spawner, n int, first R, total func(lo, hi int) R, write func(prefix R, lo, hi int),
	op func(a, b R) R, opts ...Option) {
	if total == nil || write == nil || op == nil {
		refuseNil("ScanBlocks")
	}
	must(scan(noContext, at, n, blockScan(
		func(lo, hi int) (R, error) { return total(lo, hi), nil },
		func(prefix R, lo, hi int) error { write(prefix, lo, hi); return nil },
		func(a, b R) (R, error) { return op(a, b), nil }), false, first, opts))
}

// ScanBlocksContext is [ScanBlocks] for functions that fail, and ends with ctx. After
// an error some blocks are written, and others are not. If total fails in one block and
// write in another, either error may be returned: a shared loop has all totals first.
//
// Caller: as [For].
func ScanBlocksContext[R any](ctx context.Context, at sched.Spawner, n int, first R, total func(lo, hi int) (R, error),
	write func(prefix R, lo, hi int) error, op func(a, b R) (R, error), opts ...Option) error {
	if total == nil || write == nil || op == nil {
		refuseNil("ScanBlocksContext")
	}
	return scan(ctx, at, n, blockScan(total, write, op), false, first, opts)
}

func blockScan[R any](total func(lo, hi int) (R, error), write func(prefix R, lo, hi int) error,
	op func(a, b R) (R, error)) scanner[R] {
	return scanner[R]{
		total: func(lo, hi int) (r R, i int, err error) {
			several := -1
			defer caught(&several, &err)
			i = lo // also if it panics
			r, err = total(lo, hi)
			return r, i, err
		},
		exclusive: func(prefix R, lo, hi int) (i int, err error) {
			several := -1
			defer caught(&several, &err)
			i = lo
			return i, write(prefix, lo, hi)
		},
		op: op,
	}
}
