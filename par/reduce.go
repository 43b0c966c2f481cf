// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// Reduce combines all elements of s with op, in order: op(op(a, b), op(c, d)) and
// so on. op must be associative, it need not be commutative. The tree depends on
// the length of s only (and on [Grain]), so floating-point results are always the
// same to the last bit. Without elements the result is empty, which is not used
// otherwise.
//
// Caller: as [For].
func Reduce[S ~[]E, E any](at sched.Spawner, s S, empty E, op func(a, b E) E, opts ...Option) E {
	if op == nil {
		refuseNil("Reduce")
	}
	r, ok, err := reduceBlocks(noContext, at, len(s), reduceSize(len(s)), func(lo, hi int) (E, int, error) {
		return reduceBlock(s, lo, hi, op)
	}, func(a, b E) (E, error) { return op(a, b), nil }, opts)
	must(err)
	if !ok {
		return empty
	}
	return r
}

// ReduceContext is [Reduce] for an op that fails, and ends with ctx.
//
// Caller: as [For].
func ReduceContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, empty E, op func(a, b E) (E, error), opts ...Option) (E, error) {
	if op == nil {
		refuseNil("ReduceContext")
	}
	r, ok, err := reduceBlocks(ctx, at, len(s), reduceSize(len(s)), func(lo, hi int) (E, int, error) {
		return reduceErrBlock(s, lo, hi, op)
	}, op, opts)
	if !ok && err == nil {
		return empty, nil
	}
	return r, err
}

// Fold combines the elements of s in two steps: add adds an element to a partial
// result, which begins as empty(), and merge merges the partial results of
// neighbors. The blocks and the tree depend on the length of s only (and on
// [Grain]). Without elements the result is empty().
//
// Caller: as [For].
func Fold[S ~[]E, E, R any](at sched.Spawner, s S, empty func() R, add func(r R, v E) R, merge func(a, b R) R, opts ...Option) R {
	if empty == nil || add == nil || merge == nil {
		refuseNil("Fold")
	}
	r, ok, err := reduceBlocks(noContext, at, len(s), reduceSize(len(s)), func(lo, hi int) (R, int, error) {
		return foldBlock(s, lo, hi, empty, add)
	}, func(a, b R) (R, error) { return merge(a, b), nil }, opts)
	must(err)
	if !ok {
		return empty()
	}
	return r
}

// FoldContext is [Fold] for functions that fail, and ends with ctx.
//
// Caller: as [For].
func FoldContext[S ~[]E, E, R any](ctx context.Context, at sched.Spawner, s S, empty func() R, add func(r R, v E) (R, error), merge func(a, b R) (R, error), opts ...Option) (R, error) {
	if empty == nil || add == nil || merge == nil {
		refuseNil("FoldContext")
	}
	r, ok, err := reduceBlocks(ctx, at, len(s), reduceSize(len(s)), func(lo, hi int) (R, int, error) {
		return foldErrBlock(s, lo, hi, empty, add)
	}, merge, opts)
	if !ok && err == nil {
		return empty(), nil
	}
	return r, err
}

// ReduceBlocks combines f(lo, hi) of blocks that together are 0 to n-1, for
// functions whose inner loop is to be a plain loop. All blocks but the last have
// the same length; it depends on n only (and on [Grain]), as does the tree in
// which op combines neighbors. If n is 0 the result is the zero value.
//
// Caller: as [For].
func ReduceBlocks[R any](at sched.Spawner, n int, f func(lo, hi int) R, op func(a, b R) R, opts ...Option) R {
	if f == nil || op == nil {
		refuseNil("ReduceBlocks")
	}
	r, _, err := reduceBlocks(noContext, at, n, cheapSize(n), func(lo, hi int) (r R, i int, err error) {
		several := -1
		defer caught(&several, &err)
		i = lo // also if it panics
		return f(lo, hi), i, nil
	}, func(a, b R) (R, error) { return op(a, b), nil }, opts)
	must(err)
	return r
}

// ReduceBlocksContext is [ReduceBlocks] for functions that fail, and ends with ctx.
//
// Caller: as [For].
func ReduceBlocksContext[R any](ctx context.Context, at sched.Spawner, n int, f func(lo, hi int) (R, error), op func(a, b R) (R, error), opts ...Option) (R, error) {
	if f == nil || op == nil {
		refuseNil("ReduceBlocksContext")
	}
	r, _, err := reduceBlocks(ctx, at, n, cheapSize(n), func(lo, hi int) (r R, i int, err error) {
		several := -1
		defer caught(&several, &err)
		i = lo
		r, err = f(lo, hi)
		return r, i, err
	}, op, opts)
	return r, err
}

func reduceBlock[S ~[]E, E any](s S, lo, hi int, op func(a, b E) E) (r E, i int, err error) {
	defer caught(&i, &err)
	all := s[lo] // r would lie in memory, as a deferred call may change it
	for i = lo + 1; i < hi; i++ {
		all = op(all, s[i])
	}
	return all, i, nil
}

func reduceErrBlock[S ~[]E, E any](s S, lo, hi int, op func(a, b E) (E, error)) (r E, i int, err error) {
	defer caught(&i, &err)
	r = s[lo]
	for i = lo + 1; i < hi && err == nil; i++ {
		r, err = op(r, s[i])
	}
	if err != nil {
		i--
	}
	return r, i, err
}

func foldBlock[S ~[]E, E, R any](s S, lo, hi int, empty func() R, add func(r R, v E) R) (r R, i int, err error) {
	defer caught(&i, &err)
	i = lo
	r = empty()
	for ; i < hi; i++ {
		r = add(r, s[i])
	}
	return r, i, nil
}

func foldErrBlock[S ~[]E, E, R any](s S, lo, hi int, empty func() R, add func(r R, v E) (R, error)) (r R, i int, err error) {
	defer caught(&i, &err)
	i = lo
	r = empty()
	for ; i < hi && err == nil; i++ {
		r, err = add(r, s[i])
	}
	if err != nil {
		i--
	}
	return r, i, err
}
