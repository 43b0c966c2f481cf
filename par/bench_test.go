// SPDX-License-Identifier: Apache-2.0

package par

import (
	"fmt"
	"testing"
)

// BenchmarkFor is what a call costs beside the plain loop.
func BenchmarkFor(b *testing.B) {
	var sink [64]int
	body := func(i int) { sink[i&63] += i }
	for _, n := range []int{1, 10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("n=%d/plain", n), func(b *testing.B) {
			for b.Loop() {
				for i := range n {
					body(i)
				}
			}
		})
		for _, workers := range []int{1, 2} {
			rt := newRuntime(b, workers)
			b.Run(fmt.Sprintf("n=%d/par=%d", n, workers), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					For(rt, n, body)
				}
			})
		}
	}
}

// BenchmarkMapSeq is what a value of an iterator costs.
func BenchmarkMapSeq(b *testing.B) {
	rt := newRuntime(b, 2)
	for _, grain := range []int{1, 100} {
		b.Run(fmt.Sprintf("grain=%d", grain), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range MapSeq(rt, count(10_000, nil), func(i int) int { return i }, Grain(grain)) {
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/value")
		})
	}
}
