// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"slices"
)

// Slices that are in order already, or nearly, are sorted where they are, in one
// pass. A few samples tell whether it is worth a try; if they lie, the pass ends
// after a few elements that are not in order.

const (
	nearSamples = 16 // that a random slice has in order once in 2e13 times
	nearRepairs = 5  // as in package slices
)

// nearTrend returns 1 if samples ascend, -1 if they descend, or 0. compare compares
// the elements with two indexes.
func nearTrend(n int, compare func(i, j int) int) (trend int) {
	for i := range nearSamples - 1 {
		c := compare(sortSample(i+1, nearSamples, n), sortSample(i, nearSamples, n))
		if c == 0 {
			continue
		}
		if trend != 0 && (c > 0) != (trend > 0) {
			return 0
		}
		trend = cmp.Compare(c, 0)
	}
	if trend == 0 {
		return 1 // all equal
	}
	return trend
}

// nearOrder tries to sort a slice of [nearSamples] elements at least in one pass.
// It returns how many elements are in order.
func nearOrder[E cmp.Ordered](s []E) int {
	switch nearTrend(len(s), func(i, j int) int { return cmp.Compare(s[i], s[j]) }) {
	case 0:
		return 0
	case -1:
		slices.Reverse(s)
	}
	i := 1
	for range nearRepairs {
		for i < len(s) && !cmp.Less(s[i], s[i-1]) {
			i++
		}
		if i == len(s) {
			return i
		}
		nearRepair(s, i, cmp.Compare[E])
	}
	return i
}

// nearOrderFunc is nearOrder with a comparison.
func nearOrderFunc[E any](s []E, compare func(a, b E) int) int {
	switch nearTrend(len(s), func(i, j int) int { return compare(s[i], s[j]) }) {
	case 0:
		return 0
	case -1:
		slices.Reverse(s)
	}
	i := 1
	for range nearRepairs {
		for i < len(s) && compare(s[i], s[i-1]) >= 0 {
			i++
		}
		if i == len(s) {
			return i
		}
		nearRepair(s, i, compare)
	}
	return i
}

// nearRepair swaps the elements i-1 and i, which are out of order, and moves each
// on to its place.
func nearRepair[E any](s []E, i int, compare func(a, b E) int) {
	s[i-1], s[i] = s[i], s[i-1]
	for j := i - 1; j > 0 && compare(s[j], s[j-1]) < 0; j-- {
		s[j], s[j-1] = s[j-1], s[j]
	}
	for j := i; j+1 < len(s) && compare(s[j+1], s[j]) < 0; j++ {
		s[j], s[j+1] = s[j+1], s[j]
	}
}
