// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

// The loops of this file compute, and some elements take far longer than others:
// halves by hand leave one CPU idle.

// mandelbrotLoop counts the steps of all points of a square picture, in rows.
func mandelbrotLoop() loop {
	return loop{
		name: "mandelbrot", unit: "row", why: "rows of a picture of the Mandelbrot set: long elements of uneven length",
		sizes: []loopSize{{32, 32_478}, {1024, 31_867_580}},
		peer:  func(l Looper) bool { return l.Range != nil || l.Rows != nil },
		prepare: func(n int) loopJob {
			outs := outputs[int64](n)
			rows := outs(0)
			row := func(y int) { rows[y] = mandelbrotRow(y, n) }
			span := func(lo, hi int) {
				for y := lo; y < hi; y++ {
					row(y)
				}
			}
			return loopJob{
				serial: func(copy int) {
					out := outs(copy)
					for y := range n {
						out[y] = mandelbrotRow(y, n)
					}
				},
				element: func(rt *sched.Runtime) { par.For(rt, n, row) },
				blocks:  func(rt *sched.Runtime) { par.ForBlocks(rt, n, span) },
				halves: func(parts int, run spread) {
					run(parts, func(k int) { span(cut(n, k, parts)) })
				},
				peer: func(l Looper) {
					if l.Rows != nil {
						l.Rows(rows, func(y int) int64 { return mandelbrotRow(y, n) })
						return
					}
					l.Range(n, span)
				},
				answer: func() int64 { return total(rows) },
				spoil:  func(round int) { spoil(rows, round) },
			}
		},
	}
}

const mandelbrotSteps = 100

// mandelbrotRow returns how many steps the points of a row take to leave the
// circle, or the most that are tried. The picture is a fourth of the set, from its
// middle to the outside, so that rows differ.
func mandelbrotRow(y, n int) (steps int64) {
	im := 1.2 * float64(y) / float64(n)
	for x := range n {
		re := -2 + 2.5*float64(x)/float64(n)
		var a, b float64
		for range mandelbrotSteps {
			aa, bb := a*a, b*b
			if aa+bb > 4 {
				break
			}
			a, b = float64(aa-bb)+re, float64(2*a*b)+im
			steps++
		}
	}
	return steps
}

// primesLoop counts prime numbers by division: the price of a number depends on
// its smallest factor, and grows.
func primesLoop() loop {
	return loop{
		name: "primes", unit: "number", why: "the primes below 2 million by division: elements of 5 ns to 2 us, longer ones at the end",
		sizes: []loopSize{{10_000, 1229}, {2_000_000, 148_933}},
		peer:  func(l Looper) bool { return l.Count != nil },
		prepare: func(n int) loopJob {
			numbers := make([]uint32, n)
			for i := range numbers {
				numbers[i] = uint32(i)
			}
			var count point.Int64
			return loopJob{
				serial: func(copy int) {
					if n := countPrimes(numbers); copy == 0 {
						count.Store(int64(n))
					}
				},
				element: func(rt *sched.Runtime) { count.Store(int64(par.Count(rt, numbers, isPrime))) },
				blocks: func(rt *sched.Runtime) {
					count.Store(int64(par.ReduceBlocks(rt, n, func(lo, hi int) int { return countPrimes(numbers[lo:hi]) },
						func(a, b int) int { return a + b })))
				},
				halves: func(parts int, run spread) {
					count.Store(0)
					run(parts, func(k int) {
						lo, hi := cut(n, k, parts)
						count.Add(int64(countPrimes(numbers[lo:hi])))
					})
				},
				peer: func(l Looper) {
					count.Store(int64(l.Count(n, func(lo, hi int) int { return countPrimes(numbers[lo:hi]) })))
				},
				answer: count.Load,
				spoil:  func(int) { count.Store(-1) },
			}
		},
	}
}

func countPrimes(numbers []uint32) (n int) {
	for _, v := range numbers {
		if isPrime(v) {
			n++
		}
	}
	return n
}

func isPrime(v uint32) bool {
	if v%2 == 0 {
		return v == 2
	}
	for d := uint32(3); d*d <= v; d += 2 {
		if v%d == 0 {
			return false
		}
	}
	return v > 1
}
