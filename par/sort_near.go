// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"slices"
	"sort"
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
		s[i-1], s[i] = s[i], s[i-1]
		for j := i - 1; j > 0 && cmp.Less(s[j], s[j-1]); j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
		for j := i; j+1 < len(s) && cmp.Less(s[j+1], s[j]); j++ {
			s[j], s[j+1] = s[j+1], s[j]
		}
	}
	return i
}

// nearOrderFunc is nearOrder with a comparison. It keeps the order of equal
// elements if it must not reverse the slice.
func nearOrderFunc[E any](s []E, compare func(a, b E) int, reverse bool) int {
	trend := nearTrend(len(s), func(i, j int) int { return compare(s[i], s[j]) })
	if trend < 0 && reverse {
		slices.Reverse(s)
	} else if trend <= 0 {
		return 0
	}
	i := 1
	for range nearRepairs {
		for i < len(s) && compare(s[i], s[i-1]) >= 0 {
			i++
		}
		if i == len(s) {
			return i
		}
		// Both of these go on to their places.
		s[i-1], s[i] = s[i], s[i-1]
		for j := i - 1; j > 0 && compare(s[j], s[j-1]) < 0; j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
		for j := i; j+1 < len(s) && compare(s[j+1], s[j]) < 0; j++ {
			s[j], s[j+1] = s[j+1], s[j]
		}
	}
	return i
}

// appended reports whether a slice of so many elements looks as if it had been in
// order until others were appended.
func appended(inOrder, n int) bool { return inOrder >= n/8*7 }

// mergeBack merges the first n elements of s and others into s, which has room for
// exactly both. Of equal elements the others come last. If a comparison panics, s
// holds all in some order.
func mergeBack[E any](s []E, n int, others []E, compare func(a, b E) int) {
	m := len(others)
	defer func() { copy(s[n:], others[:m]) }()
	for ; m > 0; m-- {
		x := others[m-1]
		// The first i elements stay before x, those from k on do not.
		i, k := n, n
		for step := 1; i > 0 && compare(x, s[i-1]) < 0; step *= 2 {
			k = i - 1
			i = max(0, i-step)
		}
		i += sort.Search(k-i, func(j int) bool { return compare(x, s[i+j]) < 0 })
		copy(s[i+m:], s[i:n])
		n = i
		s[n+m-1] = x
	}
}
