// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"
	"errors"

	"github.com/pilfer-go/pilfer/sched"
)

// errFound ends a search as an error would: the lowest index counts, and what lies
// behind it is given up.
var errFound = errors.New("pilfer: found")

// Find returns the index of the first element of s that match reports true for, or
// -1. Elements before it are all looked at, elements behind it as far as others had
// got when it was found. If match panics for an element behind the one that is
// returned, nobody is told.
//
// Caller: as [For].
func Find[S ~[]E, E any](at sched.Spawner, s S, match func(v E) bool, opts ...Option) int {
	if match == nil {
		refuseNil("Find")
	}
	var p pass
	if p.begin(noContext, at, len(s), len(s), opts) && p.tried(findPass(&p, s, match)) {
		p.share(1, func(p *pass) (int, error) { return findPass(p, s, match) })
	}
	i, err := p.found()
	must(err)
	return i
}

// FindContext is [Find] for a function that fails, and ends with ctx. The index is
// -1 if it returns an error.
//
// Caller: as [For].
func FindContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, match func(v E) (bool, error), opts ...Option) (int, error) {
	if match == nil {
		refuseNil("FindContext")
	}
	var p pass
	if p.begin(ctx, at, len(s), len(s), opts) && p.tried(findErrPass(&p, s, match)) {
		p.share(1, func(p *pass) (int, error) { return findErrPass(p, s, match) })
	}
	return p.found()
}

// Any reports whether match reports true for an element of s, and looks at few
// more once it has found one.
//
// Caller: as [For].
func Any[S ~[]E, E any](at sched.Spawner, s S, match func(v E) bool, opts ...Option) bool {
	if match == nil {
		refuseNil("Any")
	}
	return Find(at, s, match, opts...) >= 0
}

// AnyContext is [Any] for a function that fails, and ends with ctx.
//
// Caller: as [For].
func AnyContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, match func(v E) (bool, error), opts ...Option) (bool, error) {
	if match == nil {
		refuseNil("AnyContext")
	}
	i, err := FindContext(ctx, at, s, match, opts...)
	return i >= 0, err
}

// All reports whether match reports true for all elements of s, and looks at few
// more once it has found one of which it is not true.
//
// Caller: as [For].
func All[S ~[]E, E any](at sched.Spawner, s S, match func(v E) bool, opts ...Option) bool {
	if match == nil {
		refuseNil("All")
	}
	return Find(at, s, func(v E) bool { return !match(v) }, opts...) < 0
}

// AllContext is [All] for a function that fails, and ends with ctx.
//
// Caller: as [For].
func AllContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, match func(v E) (bool, error), opts ...Option) (bool, error) {
	if match == nil {
		refuseNil("AllContext")
	}
	i, err := FindContext(ctx, at, s, func(v E) (bool, error) {
		ok, err := match(v)
		return !ok, err
	}, opts...)
	return err == nil && i < 0, err
}

// found returns the result of a search.
func (p *pass) found() (int, error) {
	switch p.err {
	case nil:
		return -1, nil
	case errFound:
		return p.failed, nil
	}
	return -1, p.err
}

func findPass[S ~[]E, E any](p *pass, s S, match func(v E) bool) (i int, err error) {
	defer p.stand()
	defer caught(&i, &err)
	for p.next() {
		for i = p.lo; i < p.hi && !p.cut(i); i++ {
			if match(s[i]) {
				return i, errFound
			}
		}
	}
	return i, nil
}

func findErrPass[S ~[]E, E any](p *pass, s S, match func(v E) (bool, error)) (i int, err error) {
	defer p.stand()
	defer caught(&i, &err)
	for p.next() {
		for i = p.lo; i < p.hi && !p.cut(i); i++ {
			ok, err := match(s[i])
			if err != nil {
				return i, err
			}
			if ok {
				return i, errFound
			}
		}
	}
	return i, nil
}
