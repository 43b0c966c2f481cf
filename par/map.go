// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// Map returns f of each element of s, in order.
//
// Caller: as [For].
func Map[S ~[]E, E, R any](at sched.Spawner, s S, f func(v E) R, opts ...Option) []R {
	if f == nil {
		refuseNil("Map")
	}
	return MapTo(at, make([]R, len(s)), s, f, opts...)
}

// MapContext is [Map] for a function that fails, and ends with ctx. It returns no
// slice if it returns an error.
//
// Caller: as [For].
func MapContext[S ~[]E, E, R any](ctx context.Context, at sched.Spawner, s S, f func(v E) (R, error), opts ...Option) ([]R, error) {
	if f == nil {
		refuseNil("MapContext")
	}
	dst, err := MapToContext(ctx, at, make([]R, len(s)), s, f, opts...)
	if err != nil {
		return nil, err
	}
	return dst, nil
}

// MapTo writes f of each element of s to the same place of dst, and returns
// dst[:len(s)]. dst may be s. It panics if dst is shorter than s.
//
// Caller: as [For].
func MapTo[S ~[]E, E, R any](at sched.Spawner, dst []R, s S, f func(v E) R, opts ...Option) []R {
	if f == nil {
		refuseNil("MapTo")
	}
	dst = room(dst, len(s), "MapTo")
	var p pass
	if p.begin(noContext, at, len(s), len(s), opts) && p.tried(mapPass(&p, dst, s, f)) {
		p.share(1, func(p *pass) (int, error) { return mapPass(p, dst, s, f) })
	}
	must(p.err)
	return dst
}

// MapToContext is [MapTo] for a function that fails, and ends with ctx. After an
// error some elements of dst are written, and others are not.
//
// Caller: as [For].
func MapToContext[S ~[]E, E, R any](ctx context.Context, at sched.Spawner, dst []R, s S, f func(v E) (R, error), opts ...Option) ([]R, error) {
	if f == nil {
		refuseNil("MapToContext")
	}
	dst = room(dst, len(s), "MapToContext")
	var p pass
	if p.begin(ctx, at, len(s), len(s), opts) && p.tried(mapErrPass(&p, dst, s, f)) {
		p.share(1, func(p *pass) (int, error) { return mapErrPass(p, dst, s, f) })
	}
	return dst, p.err
}

func mapPass[S ~[]E, E, R any](p *pass, dst []R, s S, f func(v E) R) (i int, err error) {
	defer p.stand()
	for p.next() {
		if i, err = mapBlock(dst[:p.hi], s[:p.hi], p.lo, f); err != nil {
			return i, err
		}
	}
	return i, nil
}

// mapBlock maps the elements of s from lo on. It is as [forBlock].
//
//go:noinline
func mapBlock[E, R any](dst []R, s []E, lo int, f func(v E) R) (i int, err error) {
	defer caught(&i, &err)
	j, hi := lo, min(len(s), len(dst))
	for ; hi-j >= 4; j += 4 {
		from, to := (*[4]E)(s[j:]), (*[4]R)(dst[j:])
		i = j
		to[0] = f(from[0])
		i = j + 1
		to[1] = f(from[1])
		i = j + 2
		to[2] = f(from[2])
		i = j + 3
		to[3] = f(from[3])
	}
	for ; j < hi; j++ {
		i = j
		dst[j] = f(s[j])
	}
	return hi, nil
}

func mapErrPass[S ~[]E, E, R any](p *pass, dst []R, s S, f func(v E) (R, error)) (i int, err error) {
	defer p.stand()
	defer caught(&i, &err)
	for p.next() {
		for i = p.lo; i < p.hi && !p.cut(i); i++ {
			v, err := f(s[i])
			if err != nil {
				return i, err
			}
			dst[i] = v
		}
	}
	return i, nil
}
