// SPDX-License-Identifier: Apache-2.0

package future

import "slices"

// Race returns a future that ends as the first of fs that is ready does, with its
// value or its error; the others are dropped. If several are ready at the same
// poll, the one that was woken first wins, or with few futures the one that stands
// first. Race of no futures fails with [ErrNoFutures].
//
// All futures go on in the same task, by turns. With more than a few, each has a
// waker of its own, so that a poll looks only at those that were woken.
//
// Caller: any.
func Race[T any](fs ...Future[T]) Future[T] {
	for _, f := range fs {
		refuseNil(f, "Race")
	}
	if len(fs) == 0 {
		return Failed[T](ErrNoFutures)
	}
	return &race[T]{fs: slices.Clone(fs)}
}

type race[T any] struct {
	fs  []Future[T] // nil once the race is over, and at the place of the winner
	set *readySet   // made at the first poll; nil if there are few
}

// Poll polls all, or of many those that were woken, until one is ready.
//
// Caller: owner.
func (r *race[T]) Poll(cx *Context) Poll[T] {
	if r.fs == nil {
		ended("Race")
	}
	if r.set == nil && len(r.fs) > few {
		r.set = newReadySet(len(r.fs))
	}
	var p Poll[T]
	if r.set == nil {
		p = r.pollEach(cx)
	} else {
		p = r.pollWoken(cx)
	}
	if p.Ready {
		r.Drop()
	}
	return p
}

func (r *race[T]) pollEach(cx *Context) Poll[T] {
	for i, f := range r.fs {
		if p := f.Poll(cx); p.Ready {
			r.fs[i] = nil
			return p
		}
	}
	return Poll[T]{}
}

func (r *race[T]) pollWoken(cx *Context) Poll[T] {
	s := r.set
	s.begin(cx)
	for m := s.next(cx); m != nil; m = s.next(cx) {
		p := r.fs[m.index].Poll(s.enter(cx, m))
		s.leave(cx, m, p.Ready)
		if p.Ready {
			r.fs[m.index] = nil
			return p
		}
	}
	s.finish(cx)
	return Poll[T]{}
}

// Drop drops all that are left.
//
// Caller: owner.
func (r *race[T]) Drop() {
	fs, s := r.fs, r.set
	r.fs, r.set = nil, nil
	if s != nil {
		s.close()
	}
	dropAll(fs)
}
