// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// Sort sorts a slice in ascending order, as [slices.Sort] does: NaNs come first,
// and -0 and 0 are equal.
//
// Numbers are sorted by their digits, with a buffer as long as the slice if it is
// longer than a thousand, unless it is in order already, or nearly, or has few
// values; strings by comparison. Who cannot spare the buffer calls [SortFunc] with
// [cmp.Compare], which sorts in place.
//
// Caller: as the package says.
func Sort[S ~[]E, E cmp.Ordered](at sched.Spawner, s S) {
	must(SortContext(context.Background(), at, s))
}

// SortContext is [Sort] with a context. Once it has ended, no worker begins another
// part; the slice then holds what it held, in some order.
//
// Caller: as the package says.
func SortContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, s S) error {
	_, err := call(ctx, at, sortOrdered[E], toSort[E]{ctx: ctx, s: s})
	return err
}

// SortFunc sorts a slice in place, in ascending order as compare says, which
// returns what [cmp.Compare] would. The sort is not stable, and the order of equal
// elements may differ between calls.
//
// If compare is no strict weak ordering, the order is any. If it panics, the slice
// holds what it held, in some order.
//
// Caller: as the package says.
func SortFunc[S ~[]E, E any](at sched.Spawner, s S, compare func(a, b E) int) {
	if compare == nil {
		refuseNil("SortFunc")
	}
	must(SortFuncContext(context.Background(), at, s, compare))
}

// SortFuncContext is [SortFunc] with a context. Once it has ended, no worker begins
// another part of some ten thousand elements; the slice then holds what it held,
// in some order.
//
// Caller: as the package says.
func SortFuncContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, compare func(a, b E) int) error {
	if compare == nil {
		refuseNil("SortFuncContext")
	}
	_, err := call(ctx, at, sortFunc[E], toSort[E]{ctx, s, compare})
	return err
}

// SortStable is [Sort], and keeps the order of equal elements: of floats, as equal
// integers and strings are the same. It uses a buffer as long as the slice.
//
// Caller: as the package says.
func SortStable[S ~[]E, E cmp.Ordered](at sched.Spawner, s S) {
	must(SortStableContext(context.Background(), at, s))
}

// SortStableContext is [SortStable] with a context, as [SortContext] is.
//
// Caller: as the package says.
func SortStableContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, s S) error {
	switch reflect.TypeFor[E]().Kind() {
	case reflect.Float32, reflect.Float64:
		return SortStableFuncContext(ctx, at, s, cmp.Compare[E])
	}
	return SortContext(ctx, at, s)
}

// SortStableFunc is [SortFunc], and keeps the order of equal elements. It uses a
// buffer as long as the slice.
//
// Caller: as the package says.
func SortStableFunc[S ~[]E, E any](at sched.Spawner, s S, compare func(a, b E) int) {
	if compare == nil {
		refuseNil("SortStableFunc")
	}
	must(SortStableFuncContext(context.Background(), at, s, compare))
}

// SortStableFuncContext is [SortStableFunc] with a context, as [SortFuncContext]
// is.
//
// Caller: as the package says.
func SortStableFuncContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, compare func(a, b E) int) error {
	if compare == nil {
		refuseNil("SortStableFuncContext")
	}
	_, err := call(ctx, at, sortStable[E], toSort[E]{ctx, s, compare})
	return err
}

// A toSort is what a sort is called with.
type toSort[E any] struct {
	ctx     context.Context
	s       []E
	compare func(a, b E) int
}

// A sorting is what all parts of a sort know. A short one has none.
type sorting[E any] struct {
	toSort[E]
	leaf   func(s []E) // sorts without forks
	cancel bool        // ctx may end

	// broken says that a part was left by a panic or Goexit.
	// Writers: any worker, to true.
	broken point.Bool
}

// under calls f, which is canceled when the context ends.
func (o *sorting[E]) under(w *workers.Worker, f func(w *workers.Worker)) error {
	if o.ctx.Done() == nil {
		f(w)
		return nil
	}
	o.cancel = true
	return workers.Try(o.ctx, w, func(w *workers.Worker) error {
		f(w)
		return w.Err()
	})
}

// canceled reports whether the sort shall end early. Without a context of its own
// it goes on, also in a computation that is canceled: its caller gets no error.
func (o *sorting[E]) canceled(w *workers.Worker) bool {
	return o.broken.Load() || o.cancel && w.Err() != nil
}

// watch is deferred by what calls compare: if it was not done, the other parts
// end early.
func (o *sorting[E]) watch(done *bool) {
	if !*done {
		o.broken.Store(true)
	}
}

// sortOrdered does [Sort].
func sortOrdered[E cmp.Ordered](w *workers.Worker, o toSort[E]) (none, error) {
	if len(o.s) < radixLeast {
		slices.Sort(o.s)
		return none{}, nil
	}
	return none{}, sortLongOrdered(w, o)
}

func sortLongOrdered[E cmp.Ordered](w *workers.Worker, call toSort[E]) error {
	o := sorting[E]{toSort: call}
	return o.under(w, func(w *workers.Worker) {
		o.compare = cmp.Compare[E]
		o.leaf = slices.Sort[[]E]
		whole := o.s
		n := nearOrder(whole)
		if n == len(whole) {
			return
		}
		short := appended(n, len(whole))
		if short {
			o.s = slices.Clone(whole[n:])
		}
		switch {
		case len(o.s) < radixLeast:
			slices.Sort(o.s)
		case radixed(w, o.s, o.cancel):
		case w.Pool().Size() == 1 && !o.cancel:
			slices.Sort(o.s)
		default:
			quick(w, &o)
		}
		if short {
			mergeBack(whole, n, o.s, o.compare)
		}
	})
}

// sortFunc does [SortFunc].
func sortFunc[E any](w *workers.Worker, o toSort[E]) (none, error) {
	if len(o.s) < quickLeast {
		slices.SortFunc(o.s, o.compare)
		return none{}, nil
	}
	return none{}, sortLongFunc(w, o)
}

func sortLongFunc[E any](w *workers.Worker, call toSort[E]) error {
	o := sorting[E]{toSort: call}
	return o.under(w, func(w *workers.Worker) {
		o.leaf = func(s []E) { slices.SortFunc(s, o.compare) }
		if w.Pool().Size() == 1 && !o.cancel {
			o.leaf(o.s)
		} else if nearOrderFunc(o.s, o.compare, true) < len(o.s) {
			quick(w, &o)
		}
	})
}

// sortCut returns the ends of part i of n, of about equal sizes.
func sortCut(size, i, n int) (lo, hi int) {
	return size/n*i + min(i, size%n), size/n*(i+1) + min(i+1, size%n)
}

// sortSample returns the index of sample i of n: somewhere in that part, as a slice
// may repeat itself.
func sortSample(i, n, size int) int {
	lo, hi := sortCut(size, i, n)
	return lo + int(uint64(i+1)*0x9e3779b97f4a7c15>>33)%(hi-lo)
}
