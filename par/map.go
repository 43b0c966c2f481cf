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
	return MapTo(at, make([]R, len(s)), s, f, opts...)
}

// MapContext is [Map] for a function that fails, and ends with ctx. It returns no
// slice if it returns an error.
//
// Caller: as [For].
func MapContext[S ~[]E, E, R any](ctx context.Context, at sched.Spawner, s S, f func(v E) (R, error), opts ...Option) ([]R, error) {
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
	dst = dst[:len(s):len(s)]
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
	dst = dst[:len(s):len(s)]
	var p pass
	if p.begin(ctx, at, len(s), len(s), opts) && p.tried(mapErrPass(&p, dst, s, f)) {
		p.share(1, func(p *pass) (int, error) { return mapErrPass(p, dst, s, f) })
	}
	return dst, p.err
}

func mapPass[S ~[]E, E, R any](p *pass, dst []R, s S, f func(v E) R) (i int, err error) {
	defer caught(&i, &err)
	for p.next() {
		from, to := s[p.lo:p.hi], dst[p.lo:p.hi]
		for j := range min(len(from), len(to)) {
			i = p.lo + j
			to[j] = f(from[j])
		}
	}
	return i, nil
}

func mapErrPass[S ~[]E, E, R any](p *pass, dst []R, s S, f func(v E) (R, error)) (i int, err error) {
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
