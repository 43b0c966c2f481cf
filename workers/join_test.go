// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/pilfer-go/pilfer/internal/testkit"
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

// A fibCall is the calls of fib(n) from one on.
type fibCall struct{ n, from int }

func fibRest(w *Worker, c fibCall) (sum int) {
	if c.n < 2 {
		return c.n
	}
	for i := c.from; i <= 2; i++ {
		here, rest, taken := JoinRest(w, fibRest, fibCall{c.n - i, 1}, fibRest, fibCall{c.n, i + 1})
		sum += here
		if taken {
			return sum + rest
		}
	}
	return sum
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

// fibPointer has a pointer for its argument and its result: as in a tree, the nodes
// of which are there.
func fibPointer(w *Worker, n *int) *int {
	if *n < 2 {
		return n
	}
	a, b := Join(w, fibPointer, &numbers[*n-2], fibPointer, &numbers[*n-1])
	return &numbers[(*a+*b)%len(numbers)]
}

var numbers = func() (n [40]int) {
	for i := range n {
		n[i] = i
	}
	return n
}()

func serialPointer(n *int) *int {
	if *n < 2 {
		return n
	}
	a, b := serialPointer(&numbers[*n-2]), serialPointer(&numbers[*n-1])
	return &numbers[(*a+*b)%len(numbers)]
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
	{"rest", func(w *Worker, n int) int { return fibRest(w, fibCall{n, 1}) }},
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
	pointers := func(f func(n *int) *int) int {
		if *f(&numbers[n]) != 196418%len(numbers) {
			return 0
		}
		return 196418
	}
	run("serial", 1, func(_ *Worker, n int) int { return serialFib(n) })
	run("serial-pointer", 1, func(*Worker, int) int { return pointers(serialPointer) })
	for _, workers := range []int{1, 2} {
		for _, form := range fibForms {
			run(form.name, workers, form.f)
		}
		run("pointer", workers, func(w *Worker, _ int) int {
			return pointers(func(n *int) *int { return fibPointer(w, n) })
		})
	}
}

// A fork allocates nothing; a closure that is forked is one allocation, and what
// it captures another.
func TestForkAllocates(t *testing.T) {
	w := sit(barePool(1, 0).places()[0])
	sum := 0
	for name, test := range map[string]struct {
		most float64
		f    func()
	}{
		"Join":      {0, func() { Join(w, fib, 8, fib, 8) }},
		"pointers":  {0, func() { Join(w, fibPointer, &sum, fibPointer, &sum) }},
		"JoinSafe":  {0, func() { JoinSafe(w, fibSafe, 8, fibSafe, 8) }},
		"JoinRest":  {0, func() { fibRest(w, fibCall{8, 1}) }},
		"JoinErr":   {0, func() { _, _, _ = JoinErr(w, fibErr, 8, fibErr, 8) }},
		"Recursive": {0, func() { fibs.Join(w, 8, 8) }},
		"JoinN":     {0, func() { JoinN(w, 50, func(*Worker, int) {}) }},
		"JoinFunc":  {1, func() { x := sum; JoinFunc(w, func(*Worker) int { return x }, func(*Worker) int { return x }) }},
	} {
		if got := testing.AllocsPerRun(100, test.f); got > test.most {
			t.Errorf("%s: %v allocations, at most %v", name, got, test.most)
		}
	}
}

// With OfferAll each fork is on offer before its first half runs, and workers split
// what they have; nobody needs to have asked.
func TestOfferAll(t *testing.T) {
	p := newPool(t, 1, OfferAll())
	w := enter(t, p)
	defer w.Leave()
	var offered func(w *Worker, depth int) int
	offered = func(w *Worker, depth int) int {
		if n := w.forks.OwnerLen(); n != depth || w.lo != w.hi || !w.Hungry() {
			t.Errorf("%d of %d forks on offer, hungry %v", n, depth, w.Hungry())
		}
		if depth < 5 {
			Join(w, offered, depth+1, nothing, 0)
		}
		return 0
	}
	Join(w, offered, 1, nothing, 0)
	w.Answer(nil)
	if !w.Hungry() {
		t.Error("not hungry after an answer")
	}
}

// What each form returns when nobody steals.
func TestJoinAlone(t *testing.T) {
	w := sit(barePool(1, 0).places()[0])
	double := func(_ *Worker, n int) int { return 2 * n }
	text := func(_ *Worker, n int) string { return strconv.Itoa(n) }
	if a, b := Join(w, double, 1, text, 2); a != 2 || b != "2" {
		t.Error("Join:", a, b)
	}
	if a, b := JoinSafe(w, text, 1, double, 2); a != "1" || b != 4 {
		t.Error("JoinSafe:", a, b)
	}
	if a, b := JoinFunc(w, func(*Worker) int { return 1 }, func(*Worker) string { return "2" }); a != 1 || b != "2" {
		t.Error("JoinFunc:", a, b)
	}
	if a, b := NewRecursive(double).Join(w, 1, 2); a != 2 || b != 4 {
		t.Error("Recursive:", a, b)
	}
	never := func(*Worker, int) string { t.Error("JoinRest runs what is the caller's"); return "" }
	if a, b, taken := JoinRest(w, double, 1, never, 2); a != 2 || b != "" || taken {
		t.Error("JoinRest:", a, b, taken)
	}
	order := []int{}
	JoinN(w, 5, func(_ *Worker, i int) { order = append(order, i) })
	if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
		t.Error("JoinN:", order)
	}
	JoinN(w, 0, func(*Worker, int) { t.Error("JoinN of nothing calls") })
	JoinN(w, -1, func(*Worker, int) { t.Error("JoinN of less calls") })

	ran := false
	sees := func(*Worker, int) (int, error) { ran = true; return 7, nil }
	if a, b, err := JoinErr(w, answers, 1, sees, 2); a != 1 || b != 7 || err != nil {
		t.Error("JoinErr:", a, b, err)
	}
	ran = false
	if _, b, err := JoinErr(w, fails, 1, sees, 2); b != 0 || err != errLeaf || ran {
		t.Error("JoinErr whose first half fails:", b, err, ran)
	}
	if a, _, err := JoinErr(w, answers, 1, fails, 2); a != 1 || err != errLeaf {
		t.Error("JoinErr whose second half fails:", a, err)
	}
	cause := errors.New("why")
	ctx, cancel := context.WithCancelCause(context.Background())
	err := Try(ctx, w, func(w *Worker) error {
		if w.Err() != nil {
			t.Error("canceled too soon:", w.Err())
		}
		cancel(cause)
		testkit.Eventually(t, "the scope is canceled", func() bool { return w.Err() != nil })
		ran = false
		_, _, err := JoinErr(w, sees, 1, sees, 2)
		if ran {
			t.Error("a canceled JoinErr runs a half")
		}
		return err
	})
	if err != cause || w.Err() != nil {
		t.Error("Try:", err, w.Err())
	}
	if err := Try(ctx, w, func(*Worker) error { t.Error("called"); return nil }); err != cause {
		t.Error("Try with a context that has ended:", err)
	}
	if c := leaves(func() { NewRecursive[int, int](nil) }); c == nil {
		t.Error("NewRecursive takes nil")
	}
}
