// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"math/bits"
	"reflect"
	"unsafe"

	"github.com/pilfer-go/pilfer/workers"
)

// A radixWord is the bits of a number.
type radixWord interface {
	uint8 | uint16 | uint32 | uint64
}

// A radixOrder makes keys of numbers, unsigned and in the order of the numbers,
// and numbers of keys. The key of -0 is one less than that of 0.
type radixOrder[U radixWord] struct {
	sign U // flipped in all: the sign bit, if the numbers have one
	rest U // flipped in those with the sign: the other bits, of floats
	turn U // added, and wraps: brings the NaNs without a sign to the other NaNs
}

func (o *radixOrder[U]) key(x U) U {
	return (x ^ o.sign ^ o.rest&-(x>>(8*unsafe.Sizeof(x)-1))) + o.turn
}

// numbers makes numbers of keys.
func (o *radixOrder[U]) numbers(s []U) {
	if *o == (radixOrder[U]{}) {
		return
	}
	for i, k := range s {
		y := (k - o.turn) ^ o.sign
		s[i] = y ^ o.rest&-(y>>(8*unsafe.Sizeof(y)-1))
	}
}

func unsignedOrder[U radixWord]() radixOrder[U] { return radixOrder[U]{} }

func signedOrder[U radixWord]() (o radixOrder[U]) {
	o.sign = ^(^U(0) >> 1)
	return o
}

// floatOrder takes the bits of the infinity.
func floatOrder[U radixWord](infinity U) radixOrder[U] {
	o := signedOrder[U]()
	o.rest = ^o.sign
	o.turn = -(o.key(infinity) + 1)
	return o
}

const (
	infinity32 = 0xff << 23
	infinity64 = 0x7ff << 52
)

// radixed sorts numbers by their digits, unless it is canceled. It reports false,
// and has done nothing, if the elements are no numbers, or comparisons are faster.
func radixed[E cmp.Ordered](w *workers.Worker, s []E, cancel bool) bool {
	switch reflect.TypeFor[E]().Kind() {
	case reflect.Float32:
		return radixWords(w, s, floatOrder[uint32](infinity32), cancel)
	case reflect.Float64:
		return radixWords(w, s, floatOrder[uint64](infinity64), cancel)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		switch unsafe.Sizeof(s[0]) {
		case 1:
			return radixWords(w, s, signedOrder[uint8](), cancel)
		case 2:
			return radixWords(w, s, signedOrder[uint16](), cancel)
		case 4:
			return radixWords(w, s, signedOrder[uint32](), cancel)
		case 8:
			return radixWords(w, s, signedOrder[uint64](), cancel)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		switch unsafe.Sizeof(s[0]) {
		case 1:
			return radixWords(w, s, unsignedOrder[uint8](), cancel)
		case 2:
			return radixWords(w, s, unsignedOrder[uint16](), cancel)
		case 4:
			return radixWords(w, s, unsignedOrder[uint32](), cancel)
		case 8:
			return radixWords(w, s, unsignedOrder[uint64](), cancel)
		}
	}
	return false
}

// radixWords sorts numbers, which have as many bits as a U: any number may be read
// and written as the unsigned one with its bits.
func radixWords[U radixWord, E any](w *workers.Worker, s []E, o radixOrder[U], cancel bool) bool {
	words := unsafe.Slice((*U)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
	r := &radixSort[U]{order: o, s: words, cancel: cancel}
	return r.sort(w)
}

// A radixSpan is the least and the greatest of some keys.
type radixSpan[U radixWord] struct{ min, max U }

// bits returns how many bits of the keys count, once the least is subtracted.
func (p radixSpan[U]) bits() int { return bits.Len64(uint64(p.max - p.min)) }

// radixSpanOf returns the span of the keys of some numbers, at least one.
func radixSpanOf[U radixWord](o radixOrder[U], s []U) radixSpan[U] {
	k := o.key(s[0])
	least, most := k, k
	for _, x := range s {
		// One comparison that is almost never true, and so predicted.
		if k := o.key(x); k-least > most-least {
			if k < least {
				least = k
			} else {
				most = k
			}
		}
	}
	return radixSpan[U]{least, most}
}

// radixSpanIn is radixSpanOf by all workers.
func radixSpanIn[U radixWord](w *workers.Worker, o radixOrder[U], s []U) radixSpan[U] {
	n := radixParts(w, len(s))
	if n == 1 {
		return radixSpanOf(o, s)
	}
	parts := make([]radixSpan[U], n)
	workers.JoinN(w, n, func(_ *workers.Worker, i int) {
		lo, hi := sortCut(len(s), i, n)
		parts[i] = radixSpanOf(o, s[lo:hi])
	})
	p := parts[0]
	for _, q := range parts[1:] {
		p.min, p.max = min(p.min, q.min), max(p.max, q.max)
	}
	return p
}
