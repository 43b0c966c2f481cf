// SPDX-License-Identifier: Apache-2.0

package future

// A part is one of several futures of different types, with its value once it is
// ready.
type part interface {
	pollPart(cx *Context) (ready bool, err error)
	dropPart()
}

type kept[T any] struct {
	f  Future[T] // nil once it was ready or dropped
	to *T        // where its value goes
}

func keep[T any](f Future[T], to *T, who string) part {
	refuseNil(f, who)
	return &kept[T]{f, to}
}

func (k *kept[T]) pollPart(cx *Context) (ready bool, err error) {
	p := k.f.Poll(cx)
	if p.Ready {
		*k.to = p.Value
		k.f, k.to = nil, nil
	}
	return p.Ready, p.Err
}

func (k *kept[T]) dropPart() {
	f := k.f
	k.f, k.to = nil, nil
	Drop(f)
}

// A joining polls its parts until all are ready or one fails.
type joining[R any] struct {
	parts []part // nil at the place of each that was ready; nil once all were, or dropped
	left  int    // how many are not ready
	value R      // made of the values of those that were
}

func (j *joining[R]) of(parts ...part) Future[R] {
	j.parts, j.left = parts, len(parts)
	return j
}

// Poll polls those that are not ready.
//
// Caller: owner.
func (j *joining[R]) Poll(cx *Context) Poll[R] {
	if j.parts == nil {
		ended("Join")
	}
	for i, p := range j.parts {
		if p == nil {
			continue
		}
		ready, err := p.pollPart(cx)
		if !ready {
			continue
		}
		j.parts[i] = nil
		j.left--
		if err != nil {
			j.Drop()
			return Fail[R](err)
		}
	}
	if j.left > 0 {
		return Poll[R]{}
	}
	value := j.value
	j.Drop()
	return Of(value)
}

// Drop drops those that are not ready.
//
// Caller: owner.
func (j *joining[R]) Drop() {
	parts := j.parts
	*j = joining[R]{}
	dropParts(parts)
}

// dropParts drops those that are left. Each is forgotten first.
func dropParts(parts []part) {
	for i, p := range parts {
		if p != nil {
			parts[i] = nil
			p.dropPart()
		}
	}
}

// A Triple is the value of [Join3], in the order of its futures.
type Triple[A, B, C any] struct {
	First  A // and so on
	Second B
	Third  C
}

// Join3 returns a future of all values, as [Join] does of two.
//
// Caller: any.
func Join3[A, B, C any](a Future[A], b Future[B], c Future[C]) Future[Triple[A, B, C]] {
	j := &joining[Triple[A, B, C]]{}
	v := &j.value
	return j.of(keep(a, &v.First, "Join3"), keep(b, &v.Second, "Join3"), keep(c, &v.Third, "Join3"))
}

// A Quad is the value of [Join4], in the order of its futures.
type Quad[A, B, C, D any] struct {
	First  A // and so on
	Second B
	Third  C
	Fourth D
}

// Join4 returns a future of all values, as [Join] does of two.
//
// Caller: any.
func Join4[A, B, C, D any](a Future[A], b Future[B], c Future[C], d Future[D]) Future[Quad[A, B, C, D]] {
	j := &joining[Quad[A, B, C, D]]{}
	v := &j.value
	return j.of(
		keep(a, &v.First, "Join4"), keep(b, &v.Second, "Join4"),
		keep(c, &v.Third, "Join4"), keep(d, &v.Fourth, "Join4"),
	)
}

// A Tuple5 is the value of [Join5], in the order of its futures.
type Tuple5[A, B, C, D, E any] struct {
	First  A // and so on
	Second B
	Third  C
	Fourth D
	Fifth  E
}

// Join5 returns a future of all values, as [Join] does of two.
//
// Caller: any.
func Join5[A, B, C, D, E any](a Future[A], b Future[B], c Future[C], d Future[D], e Future[E]) Future[Tuple5[A, B, C, D, E]] {
	j := &joining[Tuple5[A, B, C, D, E]]{}
	v := &j.value
	return j.of(
		keep(a, &v.First, "Join5"), keep(b, &v.Second, "Join5"),
		keep(c, &v.Third, "Join5"), keep(d, &v.Fourth, "Join5"),
		keep(e, &v.Fifth, "Join5"),
	)
}

// A Tuple6 is the value of [Join6], in the order of its futures.
type Tuple6[A, B, C, D, E, F any] struct {
	First  A // and so on
	Second B
	Third  C
	Fourth D
	Fifth  E
	Sixth  F
}

// Join6 returns a future of all values, as [Join] does of two.
//
// Caller: any.
func Join6[A, B, C, D, E, F any](a Future[A], b Future[B], c Future[C], d Future[D], e Future[E], f Future[F]) Future[Tuple6[A, B, C, D, E, F]] {
	j := &joining[Tuple6[A, B, C, D, E, F]]{}
	v := &j.value
	return j.of(
		keep(a, &v.First, "Join6"), keep(b, &v.Second, "Join6"),
		keep(c, &v.Third, "Join6"), keep(d, &v.Fourth, "Join6"),
		keep(e, &v.Fifth, "Join6"), keep(f, &v.Sixth, "Join6"),
	)
}

// A Tuple7 is the value of [Join7], in the order of its futures.
type Tuple7[A, B, C, D, E, F, G any] struct {
	First   A // and so on
	Second  B
	Third   C
	Fourth  D
	Fifth   E
	Sixth   F
	Seventh G
}

// Join7 returns a future of all values, as [Join] does of two.
//
// Caller: any.
func Join7[A, B, C, D, E, F, G any](a Future[A], b Future[B], c Future[C], d Future[D], e Future[E], f Future[F], g Future[G]) Future[Tuple7[A, B, C, D, E, F, G]] {
	j := &joining[Tuple7[A, B, C, D, E, F, G]]{}
	v := &j.value
	return j.of(
		keep(a, &v.First, "Join7"), keep(b, &v.Second, "Join7"),
		keep(c, &v.Third, "Join7"), keep(d, &v.Fourth, "Join7"),
		keep(e, &v.Fifth, "Join7"), keep(f, &v.Sixth, "Join7"),
		keep(g, &v.Seventh, "Join7"),
	)
}

// A Tuple8 is the value of [Join8], in the order of its futures.
type Tuple8[A, B, C, D, E, F, G, H any] struct {
	First   A // and so on
	Second  B
	Third   C
	Fourth  D
	Fifth   E
	Sixth   F
	Seventh G
	Eighth  H
}

// Join8 returns a future of all values, as [Join] does of two.
//
// Caller: any.
func Join8[A, B, C, D, E, F, G, H any](a Future[A], b Future[B], c Future[C], d Future[D], e Future[E], f Future[F], g Future[G], h Future[H]) Future[Tuple8[A, B, C, D, E, F, G, H]] {
	j := &joining[Tuple8[A, B, C, D, E, F, G, H]]{}
	v := &j.value
	return j.of(
		keep(a, &v.First, "Join8"), keep(b, &v.Second, "Join8"),
		keep(c, &v.Third, "Join8"), keep(d, &v.Fourth, "Join8"),
		keep(e, &v.Fifth, "Join8"), keep(f, &v.Sixth, "Join8"),
		keep(g, &v.Seventh, "Join8"), keep(h, &v.Eighth, "Join8"),
	)
}
