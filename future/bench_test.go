// SPDX-License-Identifier: Apache-2.0

package future

import (
	"fmt"
	"testing"

	"github.com/pilfer-go/pilfer/waker"
)

// BenchmarkPoll is what each future costs beyond the calls, made and polled to its
// end on one goroutine.
func BenchmarkPoll(b *testing.B) {
	var (
		k     = newBell()
		cx    = waker.NewContext(waker.New(k))
		ready = func(*Context) Poll[int] { return Of(1) }
		plain = Future[int](FromFunc(ready))
	)
	for _, c := range []struct {
		name string
		run  func()
	}{
		{"ready function", func() { plain.Poll(cx) }},
		{"Ready", func() { Ready(1).Poll(cx) }},
		{"Map", func() { Map(plain, plusOne).Poll(cx) }},
		{"Join of two", func() { Join(plain, plain).Poll(cx) }},
		{"promise, resolved first", func() {
			p := NewPromise[int]()
			f := p.Future()
			p.Resolve(1)
			f.Poll(cx)
		}},
		{"promise, polled first", func() {
			p := NewPromise[int]()
			f := p.Future()
			f.Poll(cx)
			p.Resolve(1)
			f.Poll(cx)
		}},
		{"YieldNow", func() { f := YieldNow(); f.Poll(cx); f.Poll(cx) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.run()
			}
		})
	}
}

// BenchmarkJoinAll reports the cost of one child that is woken once: it must not
// grow with their number.
func BenchmarkJoinAll(b *testing.B) {
	for _, n := range []int{few, 2 * few, 100, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cx := waker.NewContext(waker.Noop())
			for b.Loop() {
				promises := make([]*Promise[int], n)
				fs := make([]Future[int], n)
				for i := range fs {
					promises[i] = NewPromise[int]()
					fs[i] = promises[i].Future()
				}
				f := JoinAll(fs...)
				for _, p := range promises {
					f.Poll(cx)
					p.Resolve(1)
				}
				f.Poll(cx)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/child")
		})
	}
}
