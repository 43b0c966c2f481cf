// SPDX-License-Identifier: Apache-2.0

package par

import (
	"math/bits"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// Sorting numbers by their digits.
//
// One pass over the slice finds the least and the greatest key, so that only the
// digits that differ count. The next two put the keys into a buffer by their first
// digit. Then each bucket, which fits into a core's cache, goes back into the slice
// by its second digit, and is so close to order that an insertion sort ends it.
//
// A pass over the whole is done in chunks, by all workers: each chunk counts its
// digits, and the sums over the chunks before it say where its keys go. A bucket
// that is still large, as keys need not be spread evenly, is split like the whole.
//
// Between the passes the numbers are all in the slice, or their keys all in the
// buffer. So a sort that is canceled puts back the keys of the buckets that it has
// not sorted, and loses none.

const (
	// radixLeast is the length from which the digits win over comparisons; see
	// BenchmarkSortShort.
	radixLeast = 1 << 10

	// radixBucket is the logarithm of the size that the first digit aims at: two
	// of them fit into the second cache, one nearly into the first.
	radixBucket = 12

	// radixFirst and radixNext are the bits of the digits, at most. More of the
	// first miss the TLB; the counters of the second fill a quarter of the first
	// cache.
	radixFirst = 11
	radixNext  = 11

	// radixWide is the length of a bucket that several workers split.
	radixWide = 1 << 16

	// radixLoose is how many keys with the same digits are left to the insertion
	// sort, and radixShort how many to comparisons.
	radixLoose = 32
	radixShort = 200

	// radixChunks is how many chunks a pass has for each worker, so that those who
	// come late have a part, and radixChunk how long they are at least.
	radixChunks = 4
	radixChunk  = min(1<<13, 64*point.Most)
)

// A radixSort is a sort of numbers by their digits.
type radixSort[U radixWord] struct {
	order  radixOrder[U]
	s      []U // the numbers
	keys   []U // of the buckets that are not in order
	cancel bool
}

// sort sorts the slice, unless it is canceled. It reports false, and has done
// nothing, if comparisons are faster.
func (r *radixSort[U]) sort(w *workers.Worker) bool {
	few := uint64(len(r.s) / (4 * radixParts(w, len(r.s)))) // values that are counted
	repeat, p := r.sample()
	if repeat && uint64(p.max-p.min) >= few {
		return false
	}
	p = radixSpanIn(w, r.order, r.s)
	if r.canceled(w) {
		return true
	}
	if uint64(p.max-p.min) < few {
		r.count(w, p)
	} else {
		r.sortWide(w, p)
	}
	return true
}

// radixSamples is how many numbers tell whether most of them repeat. If so one
// bucket would take most, while a comparison sort ends soon.
const radixSamples = 64

func (r *radixSort[U]) sample() (repeat bool, p radixSpan[U]) {
	var samples [radixSamples]U
	for i := range samples {
		samples[i] = r.order.key(r.s[sortSample(i, radixSamples, len(r.s))])
	}
	slices.Sort(samples[:])
	p = radixSpan[U]{samples[0], samples[radixSamples-1]}
	return len(slices.Compact(samples[:])) <= radixSamples/2, p
}

// sortWide sorts numbers of many values.
func (r *radixSort[U]) sortWide(w *workers.Worker, p radixSpan[U]) {
	r.keys = make([]U, len(r.s))
	if len(r.s) < 4<<radixBucket {
		for i, x := range r.s {
			r.keys[i] = r.order.key(x)
		}
		radixSerial(r.s, r.keys)
		r.order.numbers(r.s)
		return
	}
	ends := radixScatter(w, r.order, r.keys, r.s, p)
	r.buckets(w, 0, ends)
}

func (r *radixSort[U]) canceled(w *workers.Worker) bool { return r.cancel && w.Err() != nil }

// buckets sorts each bucket. The first begins at lo.
func (r *radixSort[U]) buckets(w *workers.Worker, lo int, ends []int) {
	workers.JoinN(w, len(ends), func(w *workers.Worker, i int) {
		from, to := lo, lo+ends[i]
		if i > 0 {
			from += ends[i-1]
		}
		if from < to {
			r.bucket(w, from, to)
		}
	})
}

// bucket puts the numbers of the keys from lo to hi into the slice, in order
// unless the sort is canceled.
func (r *radixSort[U]) bucket(w *workers.Worker, lo, hi int) {
	s, keys := r.s[lo:hi], r.keys[lo:hi]
	if r.canceled(w) {
		copy(s, keys)
		r.order.numbers(s)
		return
	}
	if len(s) >= radixWide {
		p := radixSpanIn(w, radixOrder[U]{}, keys)
		if p.min < p.max {
			ends := radixScatter(w, radixOrder[U]{}, s, keys, p)
			n := radixParts(w, len(s))
			workers.JoinN(w, n, func(_ *workers.Worker, i int) {
				a, b := sortCut(len(s), i, n)
				copy(keys[a:b], s[a:b])
			})
			r.buckets(w, lo, ends)
			return
		}
	}
	radixSerial(s, keys)
	r.order.numbers(s)
}

// radixParts returns into how many chunks a pass over n elements is cut.
func radixParts(w *workers.Worker, n int) int {
	p := w.Pool().Size()
	if p == 1 {
		return 1
	}
	return max(1, min(radixChunks*p, n/radixChunk))
}

// radixScatter puts the keys of the numbers src into dst by their first digit. It
// returns the ends of the buckets.
func radixScatter[U radixWord](w *workers.Worker, o radixOrder[U], dst, src []U, p radixSpan[U]) (ends []int) {
	shift := max(0, p.bits()-min(radixFirst, bits.Len(uint(len(src)))-radixBucket))
	n := radixParts(w, len(src))
	digits := int((p.max-p.min)>>shift) + 1
	at := make([]int, n*digits) // for each chunk and digit: how many, then where
	workers.JoinN(w, n, func(_ *workers.Worker, i int) {
		lo, hi := sortCut(len(src), i, n)
		radixCount(o, at[i*digits:(i+1)*digits], src[lo:hi], p.min, shift)
	})
	ends = make([]int, digits)
	sum := 0
	for d := range digits {
		for i := range n {
			c := &at[i*digits+d]
			*c, sum = sum, sum+*c
		}
		ends[d] = sum
	}
	workers.JoinN(w, n, func(_ *workers.Worker, i int) {
		lo, hi := sortCut(len(src), i, n)
		radixPlace(o, at[i*digits:(i+1)*digits], dst, src[lo:hi], p.min, shift)
	})
	return ends
}

func radixCount[U radixWord](o radixOrder[U], count []int, src []U, least U, shift int) {
	for _, x := range src {
		count[(o.key(x)-least)>>shift]++
	}
}

func radixPlace[U radixWord](o radixOrder[U], at []int, dst, src []U, least U, shift int) {
	for _, x := range src {
		k := o.key(x)
		p := &at[(k-least)>>shift]
		dst[*p] = k
		*p++
	}
}

// radixSerial puts the keys src into dst in order. It overwrites src.
func radixSerial[U radixWord](dst, src []U) {
	if len(src) <= radixShort {
		copy(dst, src)
		slices.Sort(dst)
		return
	}
	p := radixSpanOf(radixOrder[U]{}, src)
	if p.min == p.max {
		copy(dst, src)
		return
	}
	const mask = 1<<radixNext - 1
	var at [1 << radixNext]uint32
	shift := max(0, p.bits()-min(radixNext, bits.Len(uint(len(src)))))
	for _, k := range src {
		at[uint((k-p.min)>>shift)&mask]++
	}
	digits := int((p.max-p.min)>>shift) + 1
	sum, most := uint32(0), uint32(0)
	for d, c := range at[:digits] {
		at[d], sum, most = sum, sum+c, max(most, c)
	}
	for _, k := range src {
		q := &at[uint((k-p.min)>>shift)&mask]
		dst[*q] = k
		*q++
	}
	if shift == 0 {
		return
	}
	if most > radixLoose {
		lo := uint32(0)
		for _, hi := range at[:digits] {
			if hi-lo > radixLoose {
				radixSerial(src[lo:hi], dst[lo:hi])
				copy(dst[lo:hi], src[lo:hi])
			}
			lo = hi
		}
	}
	radixInsert(dst)
}

// radixInsert sorts keys that are close to their places.
func radixInsert[U radixWord](s []U) {
	for i := 1; i < len(s); i++ {
		k, j := s[i], i
		for ; j > 0 && s[j-1] > k; j-- {
			s[j] = s[j-1]
		}
		s[j] = k
	}
}
