// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// ForEach calls body with the index and the value of each element of s. To change
// elements use [For].
//
// Caller: as [For].
func ForEach[S ~[]E, E any](at sched.Spawner, s S, body func(i int, v E), opts ...Option) {
	if body == nil {
		refuseNil("ForEach")
	}
	var p pass
	if p.begin(noContext, at, len(s), len(s), opts) && p.tried(forEachPass(&p, s, body)) {
		p.share(1, func(p *pass) (int, error) { return forEachPass(p, s, body) })
	}
	must(p.err)
}

// ForEachContext is [ForEach] for a body that fails, and ends with ctx.
//
// Caller: as [For].
func ForEachContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, body func(i int, v E) error, opts ...Option) error {
	if body == nil {
		refuseNil("ForEachContext")
	}
	return ForContext(ctx, at, len(s), func(i int) error { return body(i, s[i]) }, opts...)
}

func forEachPass[S ~[]E, E any](p *pass, s S, body func(i int, v E)) (i int, err error) {
	defer p.stand()
	for p.next() {
		if i, err = forEachBlock(s[p.lo:p.hi], p.lo, body); err != nil {
			return i, err
		}
	}
	return i, nil
}

// forEachBlock calls body for the elements of s, of which the first has number lo.
// It is apart as [forBlock] is.
//
//go:noinline
func forEachBlock[E any](s []E, lo int, body func(i int, v E)) (i int, err error) {
	defer caught(&i, &err)
	for j, v := range s {
		i = lo + j
		body(i, v)
	}
	return i, nil
}

// ForBlocks calls body(lo, hi) for ranges that together are 0 to n-1, for bodies
// whose inner loop is to be a plain loop. How the range is cut depends on who has
// time; each block is as long as a worker may go on without a look at the others.
//
// Caller: as [For].
func ForBlocks(at sched.Spawner, n int, body func(lo, hi int), opts ...Option) {
	if body == nil {
		refuseNil("ForBlocks")
	}
	must(forBlocks(noContext, at, n, func(lo, hi int) error { body(lo, hi); return nil }, opts))
}

// ForBlocksContext is [ForBlocks] for a body that fails, and ends with ctx.
//
// Caller: as [For].
func ForBlocksContext(ctx context.Context, at sched.Spawner, n int, body func(lo, hi int) error, opts ...Option) error {
	if body == nil {
		refuseNil("ForBlocksContext")
	}
	return forBlocks(ctx, at, n, body, opts)
}

func forBlocks(ctx context.Context, at sched.Spawner, n int, body func(lo, hi int) error, opts []Option) error {
	var p pass
	if p.begin(ctx, at, n, n, opts) && p.tried(forBlocksPass(&p, body)) {
		p.share(1, func(p *pass) (int, error) { return forBlocksPass(p, body) })
	}
	return p.err
}

func forBlocksPass(p *pass, body func(lo, hi int) error) (i int, err error) {
	defer p.stand()
	several := -1
	defer caught(&several, &err)
	for p.next() {
		i = p.lo
		if err := body(p.lo, p.hi); err != nil {
			return i, err
		}
	}
	return i, nil
}

// Chunks calls body with consecutive chunks of s, as [slices.Chunk] cuts them: all
// have size elements, but the last may have fewer. i counts the chunks. A chunk
// has no capacity beyond its length. It panics if size is less than 1.
//
// Caller: as [For].
func Chunks[S ~[]E, E any](at sched.Spawner, s S, size int, body func(i int, chunk S), opts ...Option) {
	if body == nil {
		refuseNil("Chunks")
	}
	n := chunks(len(s), size)
	For(at, n, func(i int) { body(i, chunk(s, size, i)) }, opts...)
}

// ChunksContext is [Chunks] for a body that fails, and ends with ctx.
//
// Caller: as [For].
func ChunksContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, size int, body func(i int, chunk S) error, opts ...Option) error {
	if body == nil {
		refuseNil("ChunksContext")
	}
	n := chunks(len(s), size)
	return ForContext(ctx, at, n, func(i int) error { return body(i, chunk(s, size, i)) }, opts...)
}

// chunks returns how many chunks of that size n elements have.
func chunks(n, size int) int {
	if size < 1 {
		panic("pilfer: chunks of less than one element")
	}
	return blocksOf(n, size)
}

func chunk[S ~[]E, E any](s S, size, i int) S {
	lo := i * size
	hi := lo + min(size, len(s)-lo)
	return s[lo:hi:hi]
}

// blocksOf returns how many blocks of that size n elements have, without
// overflow.
func blocksOf(n, size int) int {
	if n <= 0 {
		return 0
	}
	return (n-1)/size + 1
}
