// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"math"
	"sync"

	"github.com/pilfer-go/pilfer/workers"
)

// integrateTree integrates x^3 + x from 0 to n by halving the range until the
// trapezoids agree. The halves and their sums are the same in every order of
// execution, so the result is the same to the last bit: the answers are its bits,
// and a test compares them with the integral. They are computed where they are
// asked for, as a processor that fuses operations has others.
func integrateTree() tree {
	return tree{
		name: "integrate", unit: "fork",
		why:    "adaptive integration of x^3+x: a few floating-point operations in each fork",
		sizes:  []treeSize{{n: 10, units: 1_735}, {n: 1000, units: 833_653}},
		answer: memo(func(n int) int64 { return asBits(serialIntegral(wholeRange(n))) }),
		serial: func(n int) int64 { return asBits(serialIntegral(wholeRange(n))) },
		join:   func(w *workers.Worker, n int) int64 { return asBits(joinIntegral(w, wholeRange(n))) },
		fork:   func(fork forker, n int) int64 { return asBits(forkIntegral(fork, wholeRange(n))) },
	}
}

// memo remembers what f returned.
func memo(f func(n int) int64) func(n int) int64 {
	var all sync.Map
	return func(n int) int64 {
		if v, ok := all.Load(n); ok {
			return v.(int64)
		}
		v, _ := all.LoadOrStore(n, f(n))
		return v.(int64)
	}
}

func asBits(v float64) int64 { return int64(math.Float64bits(v)) }

const integralError = 1e-6

func curve(x float64) float64 { return (x*x + 1) * x }

// A stretch is a range of x, with the curve at both ends: four words, as Go keeps
// what is longer in memory.
type stretch struct{ x, width, y1, y2 float64 }

func wholeRange(n int) stretch {
	x := float64(n)
	return stretch{0, x, curve(0), curve(x)}
}

// area returns the area of the trapezoid.
func (s stretch) area() float64 { return (s.y1 + s.y2) / 2 * s.width }

// halves returns both halves and their areas together, or true if the whole is good
// enough.
func (s stretch) halves() (left, right stretch, area float64, enough bool) {
	half := s.width / 2
	x := s.x + half
	y := curve(x)
	left = stretch{s.x, half, s.y1, y}
	right = stretch{x, half, y, s.y2}
	area = left.area() + right.area()
	return left, right, area, math.Abs(area-s.area()) < integralError
}

func serialIntegral(s stretch) float64 {
	left, right, area, enough := s.halves()
	if enough {
		return area
	}
	return serialIntegral(left) + serialIntegral(right)
}

func joinIntegral(w *workers.Worker, s stretch) float64 {
	left, right, area, enough := s.halves()
	if enough {
		return area
	}
	a, b := workers.Join(w, joinIntegral, left, joinIntegral, right)
	return a + b
}

func forkIntegral(fork forker, s stretch) float64 {
	left, right, area, enough := s.halves()
	if enough {
		return area
	}
	var a, b float64
	fork(func() { a = forkIntegral(fork, left) }, func() { b = forkIntegral(fork, right) })
	return a + b
}
