// SPDX-License-Identifier: Apache-2.0

package graph

import "context"

// Apply2 adds a node that makes a value of two others.
func Apply2[A, B, T any](g *Graph, name string, f func(ctx context.Context, a A, b B) (T, error), a Value[A], b Value[B]) Value[T] {
	k := &apply2[A, B, T]{f: f}
	n := g.addKind(name, k, f == nil)
	k.in = [2]int32{input(n, a), input(n, b)}
	v := output[T](n)
	k.out = v.cell
	return v
}

type apply2[A, B, T any] struct {
	f   func(context.Context, A, B) (T, error)
	in  [2]int32
	out int32
}

func (k *apply2[A, B, T]) reads() []int32 { return k.in[:] }

func (k *apply2[A, B, T]) begin(c *call) (bool, error) {
	a, err := take[A](c.x, k.in[0])
	if err != nil {
		return false, err
	}
	b, err := take[B](c.x, k.in[1])
	if err != nil {
		return false, err
	}
	v, err := k.f(c.ctx, a, b)
	if err == nil {
		put(c.x, k.out, v)
	}
	return false, err
}

// Apply3 adds a node that makes a value of three others.
func Apply3[A, B, C, T any](g *Graph, name string, f func(ctx context.Context, a A, b B, c C) (T, error), a Value[A], b Value[B], c Value[C]) Value[T] {
	k := &apply3[A, B, C, T]{f: f}
	n := g.addKind(name, k, f == nil)
	k.in = [3]int32{input(n, a), input(n, b), input(n, c)}
	v := output[T](n)
	k.out = v.cell
	return v
}

type apply3[A, B, C, T any] struct {
	f   func(context.Context, A, B, C) (T, error)
	in  [3]int32
	out int32
}

func (k *apply3[A, B, C, T]) reads() []int32 { return k.in[:] }

func (k *apply3[A, B, C, T]) begin(cl *call) (bool, error) {
	a, err := take[A](cl.x, k.in[0])
	if err != nil {
		return false, err
	}
	b, err := take[B](cl.x, k.in[1])
	if err != nil {
		return false, err
	}
	c, err := take[C](cl.x, k.in[2])
	if err != nil {
		return false, err
	}
	v, err := k.f(cl.ctx, a, b, c)
	if err == nil {
		put(cl.x, k.out, v)
	}
	return false, err
}

// Gather adds a node that makes a value of any number of others of one type,
// which it gets in the order given.
func Gather[A, T any](g *Graph, name string, f func(ctx context.Context, all []A) (T, error), all ...Value[A]) Value[T] {
	k := &gather[A, T]{f: f}
	n := g.addKind(name, k, f == nil)
	for _, a := range all {
		k.in = append(k.in, input(n, a))
	}
	v := output[T](n)
	k.out = v.cell
	return v
}

type gather[A, T any] struct {
	f   func(context.Context, []A) (T, error)
	in  []int32
	out int32
}

func (k *gather[A, T]) reads() []int32 { return k.in }

func (k *gather[A, T]) begin(c *call) (bool, error) {
	all, err := takeAll[A](c.x, k.in)
	if err != nil {
		return false, err
	}
	v, err := k.f(c.ctx, all)
	if err == nil {
		put(c.x, k.out, v)
	}
	return false, err
}

// Gather2 adds a node that makes a value of any number of others of two types, which
// it gets in the order given.
func Gather2[A, B, T any](g *Graph, name string, f func(ctx context.Context, as []A, bs []B) (T, error), as []Value[A], bs []Value[B]) Value[T] {
	k := &gather2[A, B, T]{f: f, a: len(as)}
	n := g.addKind(name, k, f == nil)
	for _, a := range as {
		k.in = append(k.in, input(n, a))
	}
	for _, b := range bs {
		k.in = append(k.in, input(n, b))
	}
	v := output[T](n)
	k.out = v.cell
	return v
}

type gather2[A, B, T any] struct {
	f   func(context.Context, []A, []B) (T, error)
	in  []int32
	a   int // how many of in are of the first type
	out int32
}

func (k *gather2[A, B, T]) reads() []int32 { return k.in }

func (k *gather2[A, B, T]) begin(c *call) (bool, error) {
	as, err := takeAll[A](c.x, k.in[:k.a])
	if err != nil {
		return false, err
	}
	bs, err := takeAll[B](c.x, k.in[k.a:])
	if err != nil {
		return false, err
	}
	v, err := k.f(c.ctx, as, bs)
	if err == nil {
		put(c.x, k.out, v)
	}
	return false, err
}

// takeAll gets values for a taker.
func takeAll[A any](x *exec, in []int32) (all []A, err error) {
	all = make([]A, len(in))
	for i, cell := range in {
		if all[i], err = take[A](x, cell); err != nil {
			return nil, err
		}
	}
	return all, nil
}
