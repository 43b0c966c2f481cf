// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"sync"

	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

// The loops of this file do little with each element: memory and the price of a
// call decide. All numbers are small integers, so every order of additions gives
// the same bits.

// outputs returns the output slices of serial copies at once, each made when it is
// first asked for: that is, outside of the measured rounds.
func outputs[E any](n int) func(copy int) []E {
	var mu sync.Mutex
	all := map[int][]E{}
	return func(copy int) []E {
		mu.Lock()
		defer mu.Unlock()
		if all[copy] == nil {
			all[copy] = make([]E, n)
		}
		return all[copy]
	}
}

// sumLoop adds up floating-point numbers.
func sumLoop() loop {
	return loop{
		name: "sum", unit: "element", why: "the sum of 10 million float64: memory, and contiguous ranges",
		sizes: []loopSize{{10_000, 4_995_000}, {10_000_000, 4_995_000_000}},
		targets: []Target{
			{Metric: "ns", Peer: "goroutine", Ratio: 1.03},
			{Metric: "ns", Peer: "serial", Ratio: 1},
		},
		peer: func(l Looper) bool { return l.Sum != nil },
		prepare: func(n int) loopJob {
			s := make([]float64, n)
			for i := range s {
				s[i] = float64(i % 1000)
			}
			var sum float64
			return loopJob{
				serial: func(copy int) {
					if v := addUp(s); copy == 0 {
						sum = v
					}
				},
				element: func(rt *sched.Runtime) { sum = par.Sum(rt, s) },
				blocks: func(rt *sched.Runtime) {
					sum = par.ReduceBlocks(rt, n, func(lo, hi int) float64 { return addUp(s[lo:hi]) },
						func(a, b float64) float64 { return a + b })
				},
				halves: func(parts int, run spread) {
					var total float64
					var mu sync.Mutex
					run(parts, func(k int) {
						lo, hi := cut(n, k, parts)
						part := addUp(s[lo:hi])
						mu.Lock()
						defer mu.Unlock()
						total += part
					})
					sum = total
				},
				peer: func(l Looper) {
					sum = l.Sum(n, func(lo, hi int) float64 { return addUp(s[lo:hi]) })
				},
				answer: func() int64 { return int64(sum) },
				spoil:  func(int) { sum = -1 },
			}
		},
	}
}

func addUp(s []float64) (sum float64) {
	for _, v := range s {
		sum += v
	}
	return sum
}

// mapLoop changes a million numbers.
func mapLoop() loop {
	return loop{
		name: "map", unit: "element", why: "a million cheap elements, from one slice to another: the price of a call for each",
		sizes: []loopSize{{10_000, 10 * mixed()}, {1_000_000, 1000 * mixed()}},
		targets: []Target{
			{Metric: "ns", Peer: "goroutine", Ratio: 1.05},
		},
		peer: func(l Looper) bool { return l.Range != nil || l.Map != nil },
		prepare: func(n int) loopJob {
			s := make([]uint64, n)
			for i := range s {
				s[i] = uint64(i % 1000)
			}
			outs := outputs[uint64](n)
			dst := outs(0)
			return loopJob{
				serial:  func(copy int) { mapRange(outs(copy), s, 0, n) },
				element: func(rt *sched.Runtime) { par.MapTo(rt, dst, s, cheap) },
				blocks: func(rt *sched.Runtime) {
					par.ForBlocks(rt, n, func(lo, hi int) { mapRange(dst, s, lo, hi) })
				},
				halves: func(parts int, run spread) {
					run(parts, func(k int) {
						lo, hi := cut(n, k, parts)
						mapRange(dst, s, lo, hi)
					})
				},
				peer: func(l Looper) {
					if l.Range == nil {
						l.Map(dst, s, cheap)
						return
					}
					l.Range(n, func(lo, hi int) { mapRange(dst, s, lo, hi) })
				},
				answer: func() int64 { return checkMixed(dst) },
				spoil:  func(round int) { spoil(dst, round) },
			}
		},
	}
}

// cheap mixes a number: a few nanoseconds.
func cheap(v uint64) uint64 {
	v ^= v >> 33
	v *= 0xff51afd7ed558ccd
	v ^= v >> 33
	v *= 0xc4ceb9fe1a85ec53
	return v ^ v>>33
}

// mixed is the checksum of the first thousand numbers, which are all that there are.
func mixed() int64 {
	first := make([]uint64, 1000)
	for i := range first {
		first[i] = cheap(uint64(i))
	}
	return checkMixed(first)
}

func checkMixed(s []uint64) (sum int64) {
	for _, v := range s {
		sum += int64(v % 10_007)
	}
	return sum
}

func mapRange(dst, s []uint64, lo, hi int) {
	from, to := s[lo:hi], dst[lo:hi]
	for i, v := range from {
		to[i] = cheap(v)
	}
}

// scanLoop computes prefix sums.
func scanLoop() loop {
	return loop{
		name: "scan", unit: "element", why: "prefix sums of 10 million integers: twice the work of one loop, for several workers",
		sizes: []loopSize{{10_000, 10_000}, {10_000_000, 10_000_000}},
		prepare: func(n int) loopJob {
			s := make([]int64, n)
			for i := range s {
				s[i] = int64(i % 7)
			}
			outs := outputs[int64](n)
			dst := outs(0)
			plus := func(a, b int64) int64 { return a + b }
			return loopJob{
				serial:  func(copy int) { prefixes(outs(copy), s, 0) },
				element: func(rt *sched.Runtime) { par.ScanTo(rt, dst, s, plus) },
				blocks: func(rt *sched.Runtime) {
					par.ScanBlocks(rt, n, 0, func(lo, hi int) int64 { return total(s[lo:hi]) },
						func(sum int64, lo, hi int) { prefixes(dst[lo:hi], s[lo:hi], sum) }, plus)
				},
				halves: func(parts int, run spread) {
					totals := make([]int64, parts+1)
					run(parts, func(k int) {
						lo, hi := cut(n, k, parts)
						totals[k+1] = total(s[lo:hi])
					})
					for k := range parts {
						totals[k+1] += totals[k]
					}
					run(parts, func(k int) {
						lo, hi := cut(n, k, parts)
						prefixes(dst[lo:hi], s[lo:hi], totals[k])
					})
				},
				answer: func() (right int64) {
					for i, v := range dst {
						weeks, days := int64(i+1)/7, int64(i+1)%7
						if v == weeks*21+days*(days-1)/2 {
							right++
						}
					}
					return right
				},
				spoil: func(round int) { spoil(dst, round) },
			}
		},
	}
}

func total(s []int64) (sum int64) {
	for _, v := range s {
		sum += v
	}
	return sum
}

func prefixes(dst, s []int64, sum int64) {
	for i, v := range s {
		sum += v
		dst[i] = sum
	}
}
