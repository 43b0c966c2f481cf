// SPDX-License-Identifier: Apache-2.0

package par

import (
	"math/bits"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// Sorting by comparison, in place: a slice is split at a pivot, and so are its
// parts until they are small or many; then package slices sorts them.
//
// Elements are only ever swapped, and no comparison comes between: whenever one
// panics, or the sort is canceled, the slice holds what it held.

const (
	// quickLeast is the length from which a slice is split; see
	// BenchmarkSortShort.
	quickLeast = min(1<<11, 40*point.Most)

	// quickParts is how many parts a worker has at least, for those who come late.
	// quickPart is the longest part that is not split, so that a sort which is
	// canceled ends soon.
	quickParts = 16
	quickPart  = 1 << 15

	// quickSamples is the number of elements whose median is the pivot.
	quickSamples = 33
)

// A quickPiece is a part of a slice that is to be sorted.
type quickPiece[E any] struct {
	of    *sorting[E]
	s     []E
	size  int // parts of at most that size are not split
	depth int // how often it may be split: bad pivots end in package slices
}

// quick sorts the slice, unless it is canceled.
func quick[E any](w *workers.Worker, o *sorting[E]) {
	n := len(o.s)
	quickSort(w, quickPiece[E]{
		of: o, s: o.s,
		size:  max(quickLeast/2, min(quickPart, n/(quickParts*w.Pool().Size()))),
		depth: 2 * bits.Len(uint(n)),
	})
}

func quickSort[E any](w *workers.Worker, a quickPiece[E]) none {
	if a.of.canceled(w) {
		return none{}
	}
	done := false
	defer a.of.watch(&done)
	if len(a.s) <= a.size || a.depth == 0 {
		a.of.leaf(a.s)
		done = true
		return none{}
	}
	if slices.IsSortedFunc(a.s, a.of.compare) { // all equal, mostly
		done = true
		return none{}
	}
	a.depth--
	pivot := quickPivot(a.s, a.of.compare)
	left, right := a, a
	m := quickSplit(w, a.of, a.s, pivot, 0)
	left.s, right.s = a.s[:m], a.s[m:]
	if m < len(a.s)/8 {
		// Perhaps many elements equal the pivot: these are in their places.
		right.s = right.s[quickSplit(w, a.of, right.s, pivot, 1):]
	}
	workers.Join(w, quickSort, left, quickSort, right)
	done = true
	return none{}
}

// quickPivot returns the median of some elements.
func quickPivot[E any](s []E, compare func(a, b E) int) E {
	var samples [quickSamples]E
	for i := range samples {
		samples[i] = s[sortSample(i, quickSamples, len(s))]
	}
	slices.SortFunc(samples[:], compare)
	return samples[quickSamples/2]
}

const (
	// quickChunk is how many elements are split at once, at least, and quickChunks
	// how many times for each worker.
	quickChunk  = min(1<<13, 32*point.Most)
	quickChunks = 4
)

// A quickChunkEnds is what splitting a chunk has found. A chunk has elements in the
// lower and the upper half of the slice, so that most of them need not move once
// more when the chunks are put together.
type quickChunkEnds struct {
	lo, hi [2]int // its elements, in each half
	m      [2]int // where those begin that belong right
}

// quickSplit moves elements x with compare(x, pivot) < bound to the left, and
// returns how many they are.
func quickSplit[E any](w *workers.Worker, o *sorting[E], s []E, pivot E, bound int) int {
	n := min(quickChunks*w.Pool().Size(), len(s)/quickChunk)
	if n <= 1 {
		c := quickChunkEnds{lo: [2]int{0, len(s) / 2}, hi: [2]int{len(s) / 2, len(s)}}
		quickSplitChunk(s, &c, pivot, o.compare, bound)
		return c.m[0] + c.m[1] - c.lo[1]
	}
	chunks := make([]quickChunkEnds, n)
	workers.JoinN(w, n, func(w *workers.Worker, i int) {
		c := &chunks[i]
		c.lo[0], c.hi[0] = sortCut(len(s)/2, i, n)
		c.lo[1], c.hi[1] = sortCut(len(s)-len(s)/2, i, n)
		c.lo[1] += len(s) / 2
		c.hi[1] += len(s) / 2
		c.m = c.lo
		if !o.canceled(w) {
			done := false
			defer o.watch(&done)
			quickSplitChunk(s, c, pivot, o.compare, bound)
			done = true
		}
	})
	return quickGather(s, chunks)
}

// quickSplitChunk splits the elements of a chunk.
func quickSplitChunk[E any](s []E, c *quickChunkEnds, pivot E, compare func(a, b E) int, bound int) {
	i, j := c.lo[0], c.hi[1]
	for i < c.hi[0] && j > c.lo[1] {
		for i < c.hi[0] && compare(s[i], pivot) < bound {
			i++
		}
		for j > c.lo[1] && compare(s[j-1], pivot) >= bound {
			j--
		}
		if i < c.hi[0] && j > c.lo[1] {
			s[i], s[j-1] = s[j-1], s[i]
			i++
			j--
		}
	}
	c.m = [2]int{c.hi[0], c.lo[1]}
	half := 0 // where the others are
	if i == c.hi[0] {
		half, i = 1, c.lo[1]
	} else {
		j = c.hi[0]
	}
	for {
		for i < j && compare(s[i], pivot) < bound {
			i++
		}
		for i < j && compare(s[j-1], pivot) >= bound {
			j--
		}
		if i >= j {
			break
		}
		s[i], s[j-1] = s[j-1], s[i]
		i++
		j--
	}
	c.m[half] = i
}

// quickGather swaps the elements of chunks that are on the wrong side, and returns
// how many belong left.
func quickGather[E any](s []E, chunks []quickChunkEnds) (m int) {
	for _, c := range chunks {
		m += c.m[0] - c.lo[0] + c.m[1] - c.lo[1]
	}
	left, right := quickStrays{chunks: chunks}, quickStrays{chunks: chunks}
	for {
		i := left.next(0, m)
		if i < 0 {
			return m
		}
		j := right.next(m, len(s)) // there are as many
		s[i], s[j] = s[j], s[i]
	}
}

// quickStrays finds the elements on one side that belong to the other.
type quickStrays struct {
	chunks  []quickChunkEnds
	k       int // halves of chunks that were looked at
	at, end int // in the last of them
}

// next returns the index of the next one between lo and hi, a side of the slice, or
// -1.
func (q *quickStrays) next(lo, hi int) int {
	for q.at >= q.end {
		if q.k == 2*len(q.chunks) {
			return -1
		}
		c, half := &q.chunks[q.k/2], q.k%2
		q.k++
		q.at, q.end = c.m[half], min(c.hi[half], hi)
		if lo > 0 {
			q.at, q.end = max(c.lo[half], lo), c.m[half]
		}
	}
	q.at++
	return q.at - 1
}
