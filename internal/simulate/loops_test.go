// SPDX-License-Identifier: Apache-2.0

//go:build explore

package simulate_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pilfer-go/pilfer/internal/self"
	"github.com/pilfer-go/pilfer/par"
	"github.com/pilfer-go/pilfer/sched"
)

// What a parallel call does.
type loopKind uint8

const (
	loopFor    loopKind = iota // may panic
	loopErr                    // may fail, and ends with a context
	loopReduce                 // of what does not commute
	loopStable                 // a stable sort
	loopSort                   // one that is not, by comparison
	loopRadix                  // and by digits
	loopKinds
)

var loopNames = [...]string{"for", "forContext", "reduce", "sortStable", "sort", "radix"}

// A loopPlan is one parallel call. What fails in it fails in every schedule.
type loopPlan struct {
	kind   loopKind
	n      int
	grain  int   // 0: found by the call
	slow   int   // an element takes up to so many steps
	fails  []int // elements that fail; comparisons, of a sort
	panics bool  // by a panic
	ctx    int   // which context ends it
	keys   []int // to be sorted
}

func (l *loopPlan) String() string {
	return fmt.Sprintf("[%s of %d, grain %d, slow %d, fails %v, panics %v, ctx %d]", loopNames[l.kind], l.n, l.grain, l.slow, l.fails, l.panics, l.ctx)
}

// loop makes a parallel call.
func (p *plan) loop() *loopPlan {
	rng := p.rng
	l := &loopPlan{kind: loopKind(rng.IntN(int(loopKinds))), n: rng.IntN(1 + rng.IntN(40)), slow: rng.IntN(4), ctx: rng.IntN(4), panics: rng.IntN(2) == 0}
	if rng.IntN(3) == 0 {
		l.grain = 1 + rng.IntN(4)
	}
	switch l.kind {
	case loopReduce, loopFor:
		l.panics = true
	case loopStable, loopSort:
		l.n, l.panics = 16+rng.IntN(200), true
	case loopRadix:
		l.n, l.panics = rng.IntN(1500), true
	}
	if l.kind >= loopStable {
		some := rand.New(rand.NewPCG(p.seed, uint64(l.n)))
		for range l.n {
			l.keys = append(l.keys, some.IntN(1+l.n/2))
		}
	}
	if p.panics && l.n > 0 && l.kind != loopRadix && rng.IntN(2) == 0 {
		for range 1 + rng.IntN(2) {
			l.fails = append(l.fails, rng.IntN(l.n))
		}
	}
	return l
}

// An elementError is the planned end of an element.
type elementError int

func (e elementError) Error() string { return fmt.Sprintf("planned, at element %d", int(e)) }

// A loopRun is one run of a parallel call.
type loopRun struct {
	w       *world
	plan    *loopPlan
	ctx     *simContext // nil if none ends it
	ran     []int
	active  int
	left    bool
	threads map[uintptr]bool
}

// parallel makes a parallel call, and compares with what a serial one does.
func (w *world) parallel(ctx *simContext, at sched.Spawner, l *loopPlan) {
	r := &loopRun{w: w, plan: l, ran: make([]int, l.n), threads: map[uintptr]bool{}}
	var opts []par.Option
	if l.grain > 0 {
		opts = append(opts, par.Grain(l.grain))
	}
	var err error
	switch l.kind {
	case loopFor:
		err = r.caught(func() error { par.For(at, l.n, func(i int) { _ = r.element(i) }, opts...); return nil })
	case loopErr:
		r.ctx = ctx
		err = par.ForContext(ctx, at, l.n, r.element, opts...)
	case loopReduce:
		err = r.reduce(at, opts)
	default:
		if l.ctx > 0 {
			r.ctx = ctx
		}
		err = r.sort(at)
	}
	r.check(err)
}

// caught calls f, and returns what it panics with.
func (r *loopRun) caught(f func() error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			err = v
		default:
			panic(v)
		}
	}()
	return f()
}

// element is what is done for each element: once.
func (r *loopRun) element(i int) error {
	r.begins(i)
	defer r.ends()
	if i < len(r.ran) {
		r.ran[i]++
		r.w.x.Check(r.ran[i] == 1, "element %d runs for the second time", i)
	}
	r.w.steps(i * r.plan.slow % 4)
	if slices.Contains(r.plan.fails, i) {
		if r.plan.panics {
			panic(elementError(i))
		}
		return elementError(i)
	}
	return nil
}

func (r *loopRun) begins(i int) {
	r.threads[self.Goroutine()] = true
	r.active++
	r.w.x.Check(!r.left && !r.w.closed, "element %d begins after its loop", i)
}

func (r *loopRun) ends() { r.active-- }

// A stretch is what a reduction has put together: elements lo to hi-1.
type stretch struct{ lo, hi int }

func (r *loopRun) reduce(at sched.Spawner, opts []par.Option) error {
	all := make([]stretch, r.plan.n)
	for i := range all {
		all[i] = stretch{i, i + 1}
	}
	var got stretch
	err := r.caught(func() error {
		got = par.Reduce(at, all, stretch{}, func(a, b stretch) stretch {
			r.w.x.Check(a.hi == b.lo && a.lo < a.hi && b.lo < b.hi, "a reduction puts %v before %v", a, b)
			_ = r.element(b.lo)
			return stretch{a.lo, b.hi}
		}, opts...)
		return nil
	})
	if len(r.ran) > 0 {
		r.ran[0]++ // nobody puts it behind another
	}
	r.w.x.Check(err != nil || got == stretch{0, r.plan.n}, "a reduction of %d gives %v", r.plan.n, got)
	return err
}

// A sorted is an element of a slice that is sorted by its key.
type sorted struct{ key, at int }

func (r *loopRun) sort(at sched.Spawner) error {
	l := r.plan
	s := make([]sorted, l.n)
	for i := range s {
		s[i] = sorted{l.keys[i], i}
	}
	want := slices.Clone(s)
	compares := 0
	compare := func(a, b sorted) int {
		r.begins(compares)
		defer r.ends()
		if compares++; compares%16 == 0 {
			r.w.steps(1)
		}
		if slices.Contains(l.fails, compares) {
			panic(elementError(compares))
		}
		return cmp.Compare(a.key, b.key)
	}
	ctx := context.Context(context.Background())
	if r.ctx != nil {
		ctx = r.ctx
	}
	var err error
	switch l.kind {
	case loopStable:
		err = par.SortStableFuncContext(ctx, at, s, compare)
		slices.SortStableFunc(want, func(a, b sorted) int { return cmp.Compare(a.key, b.key) })
	case loopSort:
		err = par.SortFuncContext(ctx, at, s, compare)
		r.w.x.Check(err != nil || slices.IsSortedFunc(s, func(a, b sorted) int { return cmp.Compare(a.key, b.key) }), "not in order: %v", s)
	case loopRadix:
		keys := slices.Clone(l.keys)
		err = par.SortContext(ctx, at, keys)
		r.w.x.Check(err != nil || slices.IsSorted(keys), "not in order: %v", keys)
		slices.Sort(keys)
		r.w.x.Check(slices.Equal(keys, slices.Sorted(slices.Values(l.keys))), "a sort that returns %v has lost elements", err)
	}
	r.w.x.Check(err != nil || l.kind != loopStable || slices.Equal(s, want), "not the order of a stable sort: %v", s)
	byPlace := func(a, b sorted) int { return cmp.Compare(a.at, b.at) }
	slices.SortFunc(s, byPlace)
	slices.SortFunc(want, byPlace)
	r.w.x.Check(slices.Equal(s, want), "a sort that returns %v has lost elements: %v", err, s)
	for i := range r.ran { // what is left of the checks is for elements
		r.ran[i] = 1
	}
	return err
}

// check looks at what the call has left.
func (r *loopRun) check(err error) {
	x, l := r.w.x, r.plan
	all.loops++
	if len(r.threads) > 1 {
		all.shared++
	}
	x.Check(r.active == 0, "%v: %d functions are under way after the call", l, r.active)
	r.left = true
	ended := r.ctx != nil && r.ctx.ended.Load()
	var planned elementError
	switch {
	case err == nil:
		x.Check(len(l.fails) == 0 || l.kind >= loopReduce, "%v: no error, though an element failed", l)
		for i, n := range r.ran {
			x.Check(n == 1, "%v: no error, and element %d ran %d times", l, i, n)
		}
	case errors.As(err, &planned):
		all.elements++
		x.Check(slices.Contains(l.fails, int(planned)), "%v: nobody planned %v", l, err)
		r.checkFailed(err, int(planned), ended)
	case errors.Is(err, sched.ErrClosed):
		x.Check(r.w.closing, "%v: %v, and nobody closes", l, err)
	case errors.Is(err, sched.ErrCanceled):
		x.Check(r.w.stopped, "%v: %v, and nobody canceled it", l, err)
	default:
		x.Check(errors.Is(err, context.Canceled) && ended, "%v: %v", l, err)
	}
	x.Check(err == nil || !r.w.plan.calm, "%v: %v, and all is calm", l, err)
}

// checkFailed checks that a loop has failed as a serial one does: with the first element
// that fails, after all before it.
func (r *loopRun) checkFailed(err error, i int, ended bool) {
	x, l := r.w.x, r.plan
	var crash *par.PanicError
	x.Check(errors.As(err, &crash) == l.panics, "%v: %v", l, err)
	if l.kind > loopErr || ended {
		return
	}
	x.Check(i == slices.Min(l.fails), "%v: the error is that of element %d", l, i)
	x.Check(crash == nil || crash.Index == i, "%v: the panic of element %d is shown as that of another: %v", l, i, err)
	for k := range i {
		x.Check(r.ran[k] == 1, "%v: element %d failed, and %d ran %d times", l, i, k, r.ran[k])
	}
}
