// SPDX-License-Identifier: Apache-2.0

package future

// A Pair is the value of [Join].
type Pair[A, B any] struct {
	First  A // the value of the first future
	Second B // the value of the second
}

// Join returns a future of both values. Both futures go on in the same task, by
// turns. The first error is the result, and the other future is dropped.
//
// Caller: any.
func Join[A, B any](a Future[A], b Future[B]) Future[Pair[A, B]] {
	refuseNil(a, "Join")
	refuseNil(b, "Join")
	return &join[A, B]{a: a, b: b}
}

// join holds the futures that are not ready, and the values of those that are.
type join[A, B any] struct {
	a    Future[A]
	b    Future[B]
	pair Pair[A, B]
}

// Poll polls those that are not ready.
//
// Caller: owner.
func (j *join[A, B]) Poll(cx *Context) Poll[Pair[A, B]] {
	if j.a == nil && j.b == nil {
		ended("Join")
	}
	if j.a != nil {
		if p := j.a.Poll(cx); p.Ready {
			j.a = nil
			if p.Err != nil {
				return j.fail(p.Err)
			}
			j.pair.First = p.Value
		}
	}
	if j.b != nil {
		if p := j.b.Poll(cx); p.Ready {
			j.b = nil
			if p.Err != nil {
				return j.fail(p.Err)
			}
			j.pair.Second = p.Value
		}
	}
	if j.a != nil || j.b != nil {
		return Poll[Pair[A, B]]{}
	}
	pair := j.pair
	j.pair = Pair[A, B]{}
	return Of(pair)
}

func (j *join[A, B]) fail(err error) Poll[Pair[A, B]] {
	j.Drop()
	return Fail[Pair[A, B]](err)
}

// Drop drops those that are not ready.
//
// Caller: owner.
func (j *join[A, B]) Drop() {
	a, b := j.a, j.b
	j.a, j.b, j.pair = nil, nil, Pair[A, B]{}
	Drop(a)
	Drop(b)
}
