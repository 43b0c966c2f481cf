// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// Blocking adds a node that calls f on an ordinary goroutine, for code that
// blocks: files, network calls, other programs. It holds no worker. When the run
// is stopped f's context ends, and the run waits for f to return.
func Blocking[T any](g *Graph, name string, f func(ctx context.Context) (T, error)) Value[T] {
	k := &blocks[T]{f: f}
	n := g.addKind(name, k, f == nil)
	n.flags |= nodeWaits | nodeBlocks
	v := output[T](n)
	k.out = v.cell
	return v
}

type blocks[T any] struct {
	f   func(context.Context) (T, error)
	out int32
}

func (k *blocks[T]) begin(c *call) (bool, error) {
	return true, awaitTask(c, blocking(c, k.f), unnumbered, k.out)
}

// BlockingFor is [Blocking] for code that works on a value.
func BlockingFor[A, T any](g *Graph, name string, f func(ctx context.Context, a A) (T, error), a Value[A]) Value[T] {
	k := &blocksFor[A, T]{f: f}
	n := g.addKind(name, k, f == nil)
	n.flags |= nodeWaits | nodeBlocks
	k.in[0] = input(n, a)
	v := output[T](n)
	k.out = v.cell
	return v
}

type blocksFor[A, T any] struct {
	f   func(context.Context, A) (T, error)
	in  [1]int32
	out int32
}

func (k *blocksFor[A, T]) reads() []int32 { return k.in[:] }

func (k *blocksFor[A, T]) begin(c *call) (bool, error) {
	a, err := take[A](c.x, k.in[0])
	if err != nil {
		return false, err
	}
	f := func(ctx context.Context) (T, error) { return k.f(ctx, a) }
	return true, awaitTask(c, blocking(c, f), unnumbered, k.out)
}

// blocking calls f with a context that ends with the node's, and with the
// runtime's tasks.
func blocking[T any](c *call, f func(context.Context) (T, error)) sched.JoinHandle[T] {
	ctx := c.ctx
	return sched.SpawnBlocking(c.w, func(own context.Context) (T, error) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(own, func() { cancel(context.Cause(own)) })()
		return f(ctx)
	})
}
