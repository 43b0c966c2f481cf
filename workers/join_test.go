// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"strconv"
	"testing"
)

func fib(w *Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := Join(w, fib, n-2, fib, n-1)
	return a + b
}

func fibFunc(w *Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := JoinFunc(w, func(w *Worker) int { return fibFunc(w, n-2) }, func(w *Worker) int { return fibFunc(w, n-1) })
	return a + b
}

func fibSafe(w *Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := JoinSafe(w, fibSafe, n-2, fibSafe, n-1)
	return a + b
}

func fibErr(w *Worker, n int) (int, error) {
	if n < 2 {
		return n, nil
	}
	a, b, err := JoinErr(w, fibErr, n-2, fibErr, n-1)
	return a + b, err
}

var fibs *Recursive[int, int]

func init() { fibs = NewRecursive(fibTyped) }

func fibTyped(w *Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := fibs.Join(w, n-2, n-1)
	return a + b
}

func serialFib(n int) int {
	if n < 2 {
		return n
	}
	return serialFib(n-1) + serialFib(n-2)
}

// forks returns the number of joins of fib(n).
func forks(n int) int { return serialFib(n+1) - 1 }

// fibForms is every form of join.
var fibForms = []struct {
	name string
	f    func(*Worker, int) int
}{
	{"join", fib},
	{"typed", fibTyped},
	{"safe", fibSafe},
	{"func", fibFunc},
	{"err", func(w *Worker, n int) int { v, _ := fibErr(w, n); return v }},
}

// in calls f as a guest of the pool, or else in a job.
func in[T any](p *Pool, f func(w *Worker) T) (v T) {
	if w, ok := p.Enter(); ok {
		defer w.Leave()
		return f(w)
	}
	done := make(chan struct{})
	p.Submit(do(func(w *Worker) { v = f(w); close(done) }))
	<-done
	return v
}

func TestJoinFib(t *testing.T) {
	for _, n := range []int{1, 2, 3, 16} {
		p := newPool(t, n)
		for _, form := range fibForms {
			for range 20 {
				if got := in(p, func(w *Worker) int { return form.f(w, 20) }); got != 6765 {
					t.Fatalf("%s on %d workers: %d", form.name, n, got)
				}
			}
		}
	}
}

func BenchmarkFib(b *testing.B) {
	const n = 27
	run := func(name string, workers int, f func(*Worker, int) int) {
		b.Run(name+"/workers="+strconv.Itoa(workers), func(b *testing.B) {
			p := newPool(b, workers)
			b.ReportAllocs()
			for b.Loop() {
				if got := in(p, func(w *Worker) int { return f(w, n) }); got != 196418 {
					b.Fatal(got)
				}
			}
			b.ReportMetric(float64(b.Elapsed())*float64(workers)/float64(b.N)/float64(forks(n)), "ns/fork")
		})
	}
	run("serial", 1, func(_ *Worker, n int) int { return serialFib(n) })
	for _, workers := range []int{1, 2} {
		for _, form := range fibForms {
			run(form.name, workers, form.f)
		}
	}
}
