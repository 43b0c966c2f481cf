// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"context"
	"slices"

	"github.com/pilfer-go/pilfer/sched"
)

// Min returns the smallest element of s, as [slices.Min] does: it panics if s is
// empty, the result is NaN if an element is, and -0 is smaller than 0.
//
// Caller: as [For].
func Min[S ~[]E, E cmp.Ordered](at sched.Spawner, s S, opts ...Option) E {
	v, err := MinContext(context.Background(), at, s, opts...)
	must(err)
	return v
}

// MinContext is [Min], and ends with ctx.
//
// Caller: as [For].
func MinContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, s S, opts ...Option) (E, error) {
	notEmpty("Min", len(s))
	v, _, err := reduceBlocks(ctx, at, len(s), cheapSize(len(s)),
		func(lo, hi int) (E, int, error) { return slices.Min(s[lo:hi]), lo, nil },
		func(a, b E) (E, error) { return min(a, b), nil }, opts)
	return v, err
}

// Max returns the largest element of s, as [slices.Max] does: it panics if s is
// empty, the result is NaN if an element is, and 0 is larger than -0.
//
// Caller: as [For].
func Max[S ~[]E, E cmp.Ordered](at sched.Spawner, s S, opts ...Option) E {
	v, err := MaxContext(context.Background(), at, s, opts...)
	must(err)
	return v
}

// MaxContext is [Max], and ends with ctx.
//
// Caller: as [For].
func MaxContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, s S, opts ...Option) (E, error) {
	notEmpty("Max", len(s))
	v, _, err := reduceBlocks(ctx, at, len(s), cheapSize(len(s)),
		func(lo, hi int) (E, int, error) { return slices.Max(s[lo:hi]), lo, nil },
		func(a, b E) (E, error) { return max(a, b), nil }, opts)
	return v, err
}

// MinMax returns [Min] and [Max] of s in one pass.
//
// Caller: as [For].
func MinMax[S ~[]E, E cmp.Ordered](at sched.Spawner, s S, opts ...Option) (least, most E) {
	least, most, err := MinMaxContext(context.Background(), at, s, opts...)
	must(err)
	return least, most
}

// MinMaxContext is [MinMax], and ends with ctx.
//
// Caller: as [For].
func MinMaxContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, s S, opts ...Option) (least, most E, err error) {
	notEmpty("MinMax", len(s))
	both, _, err := reduceBlocks(ctx, at, len(s), cheapSize(len(s)),
		func(lo, hi int) ([2]E, int, error) { return extremes(s[lo:hi]), lo, nil },
		func(a, b [2]E) ([2]E, error) { return [2]E{min(a[0], b[0]), max(a[1], b[1])}, nil }, opts)
	return both[0], both[1], err
}

func extremes[E cmp.Ordered](s []E) [2]E {
	least, most := s[0], s[0]
	for _, v := range s[1:] {
		least, most = min(least, v), max(most, v)
	}
	return [2]E{least, most}
}

// MinFunc returns the first smallest element of s by compare, as [slices.MinFunc]
// does: it panics if s is empty.
//
// Caller: as [For].
func MinFunc[S ~[]E, E any](at sched.Spawner, s S, compare func(a, b E) int, opts ...Option) E {
	if compare == nil {
		refuseNil("MinFunc")
	}
	notEmpty("MinFunc", len(s))
	var none E
	return Reduce(at, s, none, func(a, b E) E {
		if compare(b, a) < 0 {
			return b
		}
		return a
	}, opts...)
}

// MinFuncContext is [MinFunc] for a function that fails, and ends with ctx.
//
// Caller: as [For].
func MinFuncContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, compare func(a, b E) (int, error), opts ...Option) (E, error) {
	if compare == nil {
		refuseNil("MinFuncContext")
	}
	notEmpty("MinFunc", len(s))
	var none E
	return ReduceContext(ctx, at, s, none, func(a, b E) (E, error) {
		if c, err := compare(b, a); c < 0 || err != nil {
			return b, err
		}
		return a, nil
	}, opts...)
}

// MaxFunc returns the first largest element of s by compare, as [slices.MaxFunc]
// does: it panics if s is empty.
//
// Caller: as [For].
func MaxFunc[S ~[]E, E any](at sched.Spawner, s S, compare func(a, b E) int, opts ...Option) E {
	if compare == nil {
		refuseNil("MaxFunc")
	}
	notEmpty("MaxFunc", len(s))
	return MinFunc(at, s, func(a, b E) int { return compare(b, a) }, opts...)
}

// MaxFuncContext is [MaxFunc] for a function that fails, and ends with ctx.
//
// Caller: as [For].
func MaxFuncContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, compare func(a, b E) (int, error), opts ...Option) (E, error) {
	if compare == nil {
		refuseNil("MaxFuncContext")
	}
	notEmpty("MaxFunc", len(s))
	return MinFuncContext(ctx, at, s, func(a, b E) (int, error) { return compare(b, a) }, opts...)
}

func notEmpty(function string, n int) {
	if n == 0 {
		panic("pilfer: " + function + " of an empty slice")
	}
}
