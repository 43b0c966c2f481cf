// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"iter"
	"slices"

	"github.com/pilfer-go/pilfer/sched"
)

// ForSeq calls body for each value of an iterator, for several at once, and returns
// when all calls have. The iterator runs on the caller's goroutine, at most
// [InFlight] values ahead. Each value is handed over under a lock; with [Grain] so
// many are taken together, which is cheaper for short bodies.
//
// Caller: as [For].
func ForSeq[E any](at sched.Spawner, seq iter.Seq[E], body func(v E), opts ...Option) {
	if seq == nil || body == nil {
		refuseNil("ForSeq")
	}
	must(ForSeqContext(context.Background(), at, seq, func(v E) error { body(v); return nil }, opts...))
}

// ForSeqContext is [ForSeq] for a body that fails, and ends with ctx. After an error
// the iterator is not asked for more.
//
// Caller: as [For].
func ForSeqContext[E any](ctx context.Context, at sched.Spawner, seq iter.Seq[E], body func(v E) error, opts ...Option) error {
	if seq == nil || body == nil {
		refuseNil("ForSeqContext")
	}
	for _, err := range MapSeqContext(ctx, at, seq, func(v E) (none, error) { return none{}, body(v) }, opts...) {
		if err != nil {
			return err
		}
	}
	return nil
}

// MapSeq returns an iterator over f of each value of seq, in order. f is called for
// several values at once, while the loop over the results asks for them: seq runs on
// the loop's goroutine, at most [InFlight] values ahead. When the loop is left, no
// other call begins, and those that run are waited for. [Grain] is as in [ForSeq].
//
// Caller: as [For], also of the iterator.
func MapSeq[E, R any](at sched.Spawner, seq iter.Seq[E], f func(v E) R, opts ...Option) iter.Seq[R] {
	if seq == nil || f == nil {
		refuseNil("MapSeq")
	}
	results := MapSeqContext(context.Background(), at, seq, func(v E) (R, error) { return f(v), nil }, opts...)
	return func(yield func(R) bool) {
		for v, err := range results {
			must(err)
			if !yield(v) {
				return
			}
		}
	}
}

// MapSeqContext is [MapSeq] for a function that fails, and ends with ctx. An error
// comes last, after the results before it.
//
// Caller: as [For], also of the iterator.
func MapSeqContext[E, R any](ctx context.Context, at sched.Spawner, seq iter.Seq[E], f func(v E) (R, error), opts ...Option) iter.Seq2[R, error] {
	if seq == nil || f == nil {
		refuseNil("MapSeqContext")
	}
	grain := grainOf(opts)
	if grain <= 1 {
		return Parallel(From(seq), f).All(ctx, at, opts...)
	}
	// In flight are chunks then, and the one that is being filled.
	bound := inFlightOf(opts)
	if bound > 0 {
		grain = max(1, min(grain, bound/2))
		opts = append(slices.Clone(opts), InFlight(max(1, bound/grain-1)))
	}
	chunks := Parallel(From(chunked(seq, grain)), func(chunk numbered[E]) (results[R], error) {
		return mapChunk(chunk, f), nil
	}).All(ctx, at, opts...)
	return func(yield func(R, error) bool) {
		for r, err := range chunks {
			for _, v := range r.values {
				if !yield(v, nil) {
					return
				}
			}
			if err == nil {
				err = r.err
			}
			if err != nil {
				var none R
				yield(none, err)
				return
			}
		}
	}
}

// A numbered is a chunk of an iterator's values.
type numbered[E any] struct {
	first  int // the number of the first value
	values []E
}

// results is f of the values of a chunk, up to the first that failed.
type results[R any] struct {
	values []R
	err    error
}

// chunkRoom is the room that a chunk has before its first value. A grain may be any
// number.
const chunkRoom = 1 << 10

func chunked[E any](seq iter.Seq[E], size int) iter.Seq[numbered[E]] {
	return func(yield func(numbered[E]) bool) {
		room := min(size, chunkRoom)
		c := numbered[E]{values: make([]E, 0, room)}
		for v := range seq {
			c.values = append(c.values, v)
			if len(c.values) < size {
				continue
			}
			if !yield(c) {
				return
			}
			c = numbered[E]{c.first + size, make([]E, 0, room)}
		}
		if len(c.values) > 0 {
			yield(c)
		}
	}
}

func mapChunk[E, R any](c numbered[E], f func(v E) (R, error)) (r results[R]) {
	i := c.first
	defer caught(&i, &r.err)
	r.values = make([]R, 0, len(c.values))
	for _, v := range c.values {
		result, err := f(v)
		if err != nil {
			r.err = err
			return r
		}
		r.values = append(r.values, result)
		i++
	}
	return r
}
