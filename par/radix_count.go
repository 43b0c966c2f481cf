// SPDX-License-Identifier: Apache-2.0

package par

import (
	"slices"

	"github.com/pilfer-go/pilfer/workers"
)

// count sorts numbers of few values, which need not be moved: it counts them, and
// writes them anew.
func (r *radixSort[U]) count(w *workers.Worker, p radixSpan[U]) {
	n := radixParts(w, len(r.s))
	digits := int(p.max-p.min) + 1
	counts := make([]int, n*digits)
	workers.JoinN(w, n, func(_ *workers.Worker, i int) {
		lo, hi := sortCut(len(r.s), i, n)
		radixCount(r.order, counts[i*digits:(i+1)*digits], r.s[lo:hi], p.min, 0)
	})
	ends := counts[:digits]
	sum := 0
	for d := range ends {
		for i := range n {
			sum += counts[i*digits+d]
		}
		ends[d] = sum
	}
	if r.canceled(w) {
		return
	}
	values := make([]U, digits)
	for d := range values {
		values[d] = p.min + U(d)
	}
	r.order.numbers(values)
	workers.JoinN(w, n, func(_ *workers.Worker, i int) {
		lo, hi := sortCut(len(r.s), i, n)
		d, _ := slices.BinarySearch(ends, lo+1)
		for ; lo < hi; d++ {
			end := min(ends[d], hi)
			radixFill(r.s[lo:end], values[d])
			lo = end
		}
	})
}

func radixFill[U radixWord](s []U, x U) {
	for i := range s {
		s[i] = x
	}
}
