// SPDX-License-Identifier: Apache-2.0

package par

import (
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/workers"
)

// Stable sorting, by merges between the slice and a buffer of its length. A part is
// merged from where both of its halves are to the other place, and stays there; if
// the halves are in order as they lie, it stays where it is.
//
// A merge does not change what it merges from. So if a comparison panics, or the
// sort is canceled, each half goes back from where it is, and the slice holds what
// it held. JoinSafe, as a half must not be sorted any longer then.

const (
	// stableLeast is the length from which a buffer is worth its price; see
	// BenchmarkSortShort.
	stableLeast = min(128, 8*point.Most)

	// stableLeaf is the greatest length that is sorted without forks, and
	// stableBlock that sorted by insertion.
	stableLeaf  = min(1<<12, 16*point.Most)
	stableBlock = 24
)

// sortStable does [SortStableFunc].
func sortStable[E any](w *workers.Worker, o toSort[E]) (none, error) {
	if len(o.s) < stableLeast {
		slices.SortStableFunc(o.s, o.compare)
		return none{}, nil
	}
	return none{}, sortLongStable(w, o)
}

func sortLongStable[E any](w *workers.Worker, call toSort[E]) error {
	o := sorting[E]{toSort: call}
	return o.under(w, func(w *workers.Worker) {
		if stableRun(o.s, o.compare) {
			return
		}
		n := nearOrderFunc(o.s, o.compare, false)
		if !appended(n, len(o.s)) {
			stableWhole(w, &o, o.s)
			return
		}
		others := slices.Clone(o.s[n:])
		if stableWhole(w, &o, others) {
			mergeBack(o.s, n, others, o.compare)
		}
	})
}

// stableWhole sorts a slice. It reports false if the sort is canceled.
func stableWhole[E any](w *workers.Worker, o *sorting[E], s []E) bool {
	if len(s) < stableLeast {
		slices.SortStableFunc(s, o.compare)
		return true
	}
	levels := 0 // an even number: then all ends in the slice
	for len(s)>>levels > stableLeaf {
		levels += 2
	}
	inBuffer := false
	p := stablePiece[E]{o, s, make([]E, len(s)), levels, &inBuffer}
	done := stableSort(w, p)
	p.home()
	return done
}

// A stablePiece is a part that is to be sorted, and its part of the buffer.
type stablePiece[E any] struct {
	of        *sorting[E]
	s, buffer []E
	levels    int   // of halves
	inBuffer  *bool // set if the result is in the buffer
}

// place returns where the part is.
func (p *stablePiece[E]) place() []E {
	if *p.inBuffer {
		return p.buffer
	}
	return p.s
}

// home moves the part into the slice.
func (p *stablePiece[E]) home() {
	if *p.inBuffer {
		copy(p.s, p.buffer)
		*p.inBuffer = false
	}
}

// half returns the first half or the second one.
func (p *stablePiece[E]) half(second int, inBuffer *bool) stablePiece[E] {
	lo, hi := 0, len(p.s)/2
	if second == 1 {
		lo, hi = hi, len(p.s)
	}
	return stablePiece[E]{p.of, p.s[lo:hi], p.buffer[lo:hi], p.levels - 1, inBuffer}
}

// stableSort sorts a part. It reports false if the sort is canceled; then the part
// is in the slice.
func stableSort[E any](w *workers.Worker, p stablePiece[E]) bool {
	if p.of.canceled(w) {
		return false
	}
	done := false
	defer p.of.watch(&done)
	if p.levels == 0 {
		stableSerial(p.s, p.buffer, p.of.compare)
		done = true
		return true
	}
	var inBuffer [2]bool
	left, right := p.half(0, &inBuffer[0]), p.half(1, &inBuffer[1])
	defer func() {
		if !done {
			left.home()
			right.home()
		}
	}()
	if x, y := workers.JoinSafe(w, stableSort, left, stableSort, right); !x || !y {
		return false
	}
	if inBuffer[0] != inBuffer[1] {
		left.home()
		right.home()
	}
	a, b := left.place(), right.place()
	if p.of.compare(b[0], a[len(a)-1]) >= 0 {
		*p.inBuffer = inBuffer[0]
		done = true
		return true
	}
	dst := p.buffer
	if inBuffer[0] {
		dst = p.s
	}
	done = mergeInto(w, mergePiece[E]{p.of, mergeFunc[E], dst, a, b})
	if done {
		*p.inBuffer = !inBuffer[0]
	}
	return done
}

// stableSerial sorts s without forks.
func stableSerial[E any](s, buffer []E, compare func(a, b E) int) {
	if stableRun(s, compare) {
		return
	}
	width := len(s)
	for width > stableBlock {
		width = (width + 3) / 4 // an even number of passes ends in s
	}
	for lo := 0; lo < len(s); lo += width {
		stableInsert(s[lo:min(lo+width, len(s))], compare)
	}
	src, dst := s, buffer
	inBuffer := false
	defer func() {
		if inBuffer {
			copy(s, buffer)
		}
	}()
	for ; width < len(s); width *= 2 {
		for lo := 0; lo < len(s); lo += 2 * width {
			mid, hi := min(lo+width, len(s)), min(lo+2*width, len(s))
			mergeFunc(dst[lo:hi], src[lo:mid], src[mid:hi], compare)
		}
		src, dst = dst, src
		inBuffer = !inBuffer
	}
}

// stableRun reports whether s is in order, after it has reversed it if it was in
// reverse order without equal elements.
func stableRun[E any](s []E, compare func(a, b E) int) bool {
	if len(s) < 2 {
		return true
	}
	i := 2
	if compare(s[1], s[0]) >= 0 {
		for i < len(s) && compare(s[i], s[i-1]) >= 0 {
			i++
		}
		return i == len(s)
	}
	for i < len(s) && compare(s[i], s[i-1]) < 0 {
		i++
	}
	if i < len(s) {
		return false
	}
	slices.Reverse(s)
	return true
}

// stableInsert sorts by insertion.
func stableInsert[E any](s []E, compare func(a, b E) int) {
	for i := 1; i < len(s); i++ {
		for j := i; j > 0 && compare(s[j], s[j-1]) < 0; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}
