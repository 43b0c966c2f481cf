// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"context"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// IsSorted reports whether a slice is in ascending order, as [slices.IsSorted]
// does. No worker looks far behind the first two elements that are not.
//
// Caller: as the package says.
func IsSorted[S ~[]E, E cmp.Ordered](at sched.Spawner, s S) bool {
	sorted, err := IsSortedContext(context.Background(), at, s)
	must(err)
	return sorted
}

// IsSortedContext is [IsSorted] with a context.
//
// Caller: as the package says.
func IsSortedContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, s S) (bool, error) {
	return checkCall(ctx, at, s, slices.IsSorted[[]E])
}

// IsSortedFunc is [IsSorted] in the order of compare, which returns what
// [cmp.Compare] would.
//
// Caller: as the package says.
func IsSortedFunc[S ~[]E, E any](at sched.Spawner, s S, compare func(a, b E) int) bool {
	if compare == nil {
		refuseNil("IsSortedFunc")
	}
	sorted, err := IsSortedFuncContext(context.Background(), at, s, compare)
	must(err)
	return sorted
}

// IsSortedFuncContext is [IsSortedFunc] with a context.
//
// Caller: as the package says.
func IsSortedFuncContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, compare func(a, b E) int) (bool, error) {
	if compare == nil {
		refuseNil("IsSortedFuncContext")
	}
	return checkCall(ctx, at, s, func(s []E) bool { return slices.IsSortedFunc(s, compare) })
}

// checkChunk is how many elements are looked at without a fork: some 10 us.
const checkChunk = 1 << 13

func checkCall[E any](ctx context.Context, at sched.Spawner, s []E, sorted func(s []E) bool) (bool, error) {
	return call(ctx, at, checkAll[E], toCheck[E]{toSort[E]{ctx: ctx, s: s}, sorted})
}

// A toCheck is a slice, and a function that says whether a part of it is sorted.
type toCheck[E any] struct {
	toSort[E]
	sorted func(s []E) bool
}

func checkAll[E any](w *workers.Worker, c toCheck[E]) (bool, error) {
	if len(c.s) < 2*checkChunk {
		return c.sorted(c.s), nil
	}
	return checkLong(w, c)
}

func checkLong[E any](w *workers.Worker, c toCheck[E]) (bool, error) {
	o := sorting[E]{toSort: c.toSort}
	// bad says that a chunk is not in order.
	// Writers: any worker, to true.
	var bad point.Bool
	chunks := (len(c.s) - 1) / checkChunk
	err := o.under(w, func(w *workers.Worker) {
		workers.JoinN(w, chunks, func(w *workers.Worker, i int) {
			if bad.Load() || o.canceled(w) {
				return
			}
			done := false
			defer o.watch(&done)
			lo, hi := sortCut(len(c.s)-1, i, chunks)
			if !c.sorted(c.s[lo : hi+1]) {
				bad.Store(true)
			}
			done = true
		})
	})
	return err == nil && !bad.Load(), err
}
