// SPDX-License-Identifier: Apache-2.0

package future

// A part is one of several futures of different types, with its value once it is
// ready.
type part interface {
	pollPart(cx *Context) (ready bool, err error)
	dropPart()
}

type kept[T any] struct {
	f Future[T] // nil once it was ready or dropped
	v T
}

func keep[T any](f Future[T], who string) *kept[T] {
	refuseNil(f, who)
	return &kept[T]{f: f}
}

func (k *kept[T]) pollPart(cx *Context) (ready bool, err error) {
	p := k.f.Poll(cx)
	if p.Ready {
		k.f, k.v = nil, p.Value
	}
	return p.Ready, p.Err
}

func (k *kept[T]) dropPart() {
	f := k.f
	k.f = nil
	Drop(f)
}

// A joining polls its parts until all are ready or one fails.
type joining[R any] struct {
	parts []part   // nil at the place of each that was ready
	left  int      // how many are not ready
	value func() R // made of the values of all; nil once it was ready or dropped
}

// Poll polls those that are not ready.
//
// Caller: owner.
func (j *joining[R]) Poll(cx *Context) Poll[R] {
	if j.value == nil {
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
	j.value = nil
	return Of(value())
}

// Drop drops those that are not ready.
//
// Caller: owner.
func (j *joining[R]) Drop() {
	j.value = nil
	for i, p := range j.parts {
		if p != nil {
			j.parts[i] = nil
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
	ka := keep(a, "Join3")
	kb := keep(b, "Join3")
	kc := keep(c, "Join3")
	return &joining[Triple[A, B, C]]{
		parts: []part{ka, kb, kc},
		left:  3,
		value: func() Triple[A, B, C] {
			return Triple[A, B, C]{ka.v, kb.v, kc.v}
		},
	}
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
	ka := keep(a, "Join4")
	kb := keep(b, "Join4")
	kc := keep(c, "Join4")
	kd := keep(d, "Join4")
	return &joining[Quad[A, B, C, D]]{
		parts: []part{ka, kb, kc, kd},
		left:  4,
		value: func() Quad[A, B, C, D] {
			return Quad[A, B, C, D]{ka.v, kb.v, kc.v, kd.v}
		},
	}
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
	ka := keep(a, "Join5")
	kb := keep(b, "Join5")
	kc := keep(c, "Join5")
	kd := keep(d, "Join5")
	ke := keep(e, "Join5")
	return &joining[Tuple5[A, B, C, D, E]]{
		parts: []part{ka, kb, kc, kd, ke},
		left:  5,
		value: func() Tuple5[A, B, C, D, E] {
			return Tuple5[A, B, C, D, E]{ka.v, kb.v, kc.v, kd.v, ke.v}
		},
	}
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
	ka := keep(a, "Join6")
	kb := keep(b, "Join6")
	kc := keep(c, "Join6")
	kd := keep(d, "Join6")
	ke := keep(e, "Join6")
	kf := keep(f, "Join6")
	return &joining[Tuple6[A, B, C, D, E, F]]{
		parts: []part{ka, kb, kc, kd, ke, kf},
		left:  6,
		value: func() Tuple6[A, B, C, D, E, F] {
			return Tuple6[A, B, C, D, E, F]{ka.v, kb.v, kc.v, kd.v, ke.v, kf.v}
		},
	}
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
	ka := keep(a, "Join7")
	kb := keep(b, "Join7")
	kc := keep(c, "Join7")
	kd := keep(d, "Join7")
	ke := keep(e, "Join7")
	kf := keep(f, "Join7")
	kg := keep(g, "Join7")
	return &joining[Tuple7[A, B, C, D, E, F, G]]{
		parts: []part{ka, kb, kc, kd, ke, kf, kg},
		left:  7,
		value: func() Tuple7[A, B, C, D, E, F, G] {
			return Tuple7[A, B, C, D, E, F, G]{ka.v, kb.v, kc.v, kd.v, ke.v, kf.v, kg.v}
		},
	}
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
	ka := keep(a, "Join8")
	kb := keep(b, "Join8")
	kc := keep(c, "Join8")
	kd := keep(d, "Join8")
	ke := keep(e, "Join8")
	kf := keep(f, "Join8")
	kg := keep(g, "Join8")
	kh := keep(h, "Join8")
	return &joining[Tuple8[A, B, C, D, E, F, G, H]]{
		parts: []part{ka, kb, kc, kd, ke, kf, kg, kh},
		left:  8,
		value: func() Tuple8[A, B, C, D, E, F, G, H] {
			return Tuple8[A, B, C, D, E, F, G, H]{ka.v, kb.v, kc.v, kd.v, ke.v, kf.v, kg.v, kh.v}
		},
	}
}
