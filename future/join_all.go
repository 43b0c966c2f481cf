// SPDX-License-Identifier: Apache-2.0

package future

import "slices"

// JoinAll returns a future of all values, in the order of fs. The first error is
// the result, and the futures that are left are dropped. JoinAll of no futures is
// ready with an empty slice.
//
// All futures go on in the same task, by turns. With more than a few, each has a
// waker of its own, so that a poll looks only at those that were woken.
//
// Caller: any.
func JoinAll[T any](fs ...Future[T]) Future[[]T] {
	for _, f := range fs {
		refuseNil(f, "JoinAll")
	}
	return &joinAll[T]{fs: slices.Clone(fs), left: len(fs)}
}

type joinAll[T any] struct {
	fs     []Future[T] // nil at the place of each that was ready or dropped
	values []T         // made at the first poll
	left   int         // how many are not ready
	set    *readySet   // nil if there are few
	over   bool
}

// Poll polls those that are not ready, or of many those that were woken.
//
// Caller: owner.
func (j *joinAll[T]) Poll(cx *Context) Poll[[]T] {
	if j.over {
		ended("JoinAll")
	}
	if j.values == nil {
		j.values = make([]T, len(j.fs))
		if len(j.fs) > few {
			j.set = newReadySet(len(j.fs))
		}
	}
	var err error
	if j.set == nil {
		err = j.pollEach(cx)
	} else {
		err = j.pollWoken(cx)
	}
	if err != nil {
		j.Drop()
		return Fail[[]T](err)
	}
	if j.left > 0 {
		return Poll[[]T]{}
	}
	values := j.values
	j.Drop()
	return Of(values)
}

func (j *joinAll[T]) pollEach(cx *Context) error {
	for i, f := range j.fs {
		if f == nil {
			continue
		}
		if err := j.put(i, f.Poll(cx)); err != nil {
			return err
		}
	}
	return nil
}

func (j *joinAll[T]) pollWoken(cx *Context) error {
	s := j.set
	s.begin(cx)
	for m := s.next(cx); m != nil; m = s.next(cx) {
		f := j.fs[m.index]
		if f == nil {
			continue // its waker outlived it
		}
		p := f.Poll(s.enter(cx, m))
		s.leave(cx, m, p.Ready)
		if err := j.put(int(m.index), p); err != nil {
			return err
		}
	}
	s.finish(cx)
	return nil
}

// put takes the answer of the i-th future.
func (j *joinAll[T]) put(i int, p Poll[T]) error {
	if !p.Ready {
		return nil
	}
	j.fs[i] = nil
	j.left--
	j.values[i] = p.Value
	return p.Err
}

// Drop drops those that are not ready.
//
// Caller: owner.
func (j *joinAll[T]) Drop() {
	fs, s := j.fs, j.set
	j.fs, j.values, j.set, j.over = nil, nil, nil, true
	if s != nil {
		s.close()
	}
	dropAll(fs)
}
