// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math/bits"
	"time"
)

const (
	// fineBits splits each power of two into 64 buckets: a figure is wrong by
	// 1.6% at most, far below the noise.
	fineBits = 6
	buckets  = (64 - fineBits) << fineBits
)

// A Histogram counts durations in a fixed room, so that a long run neither grows
// nor makes the collector work. It is what a child process prints of them.
type Histogram struct {
	Counts map[int]int   `json:"counts"` // by bucket
	Total  int           `json:"total"`  // durations counted
	Max    time.Duration `json:"max_ns"` // exactly
}

// bucket returns where a duration is counted: its leading bits, and how many
// follow.
func bucket(d time.Duration) int {
	shift := bits.Len64(uint64(d)) - fineBits - 1
	if shift <= 0 {
		return int(d)
	}
	return shift<<fineBits + int(d>>shift)
}

// top returns the largest duration of a bucket.
func top(b int) time.Duration {
	shift := b>>fineBits - 1
	if shift <= 0 {
		return time.Duration(b)
	}
	lead := time.Duration(b - shift<<fineBits)
	return (lead+1)<<shift - 1
}

// Add counts d.
func (h *Histogram) Add(d time.Duration) {
	d = max(d, 0)
	if h.Counts == nil {
		h.Counts = make(map[int]int, buckets)
	}
	h.Counts[bucket(d)]++
	h.Total++
	h.Max = max(h.Max, d)
}

// Merge adds what another histogram has counted.
func (h *Histogram) Merge(other *Histogram) {
	if h.Counts == nil {
		h.Counts = map[int]int{}
	}
	for b, n := range other.Counts {
		h.Counts[b] += n
	}
	h.Total += other.Total
	h.Max = max(h.Max, other.Max)
}

// Quantile returns a duration that at least share of all do not exceed.
func (h *Histogram) Quantile(share float64) time.Duration {
	seen := 0
	for b := range buckets {
		seen += h.Counts[b]
		if float64(seen) >= share*float64(h.Total) {
			return min(top(b), h.Max)
		}
	}
	return h.Max
}
