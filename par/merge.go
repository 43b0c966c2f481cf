// SPDX-License-Identifier: Apache-2.0

package par

import (
	"cmp"
	"context"
	"fmt"
	"sort"
	"unsafe"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// MergeTo merges a and b, which are in ascending order, into dst, which has room
// for exactly both and shares no elements with them. Of equal elements those of a
// come first.
//
// If a or b is not in order, dst holds the elements of both, in some order.
//
// Caller: as the package says.
func MergeTo[S ~[]E, E cmp.Ordered](at sched.Spawner, dst, a, b S) {
	must(MergeToContext(context.Background(), at, dst, a, b))
}

// MergeToContext is [MergeTo] with a context. If it ends, dst holds anything.
//
// Caller: as the package says.
func MergeToContext[S ~[]E, E cmp.Ordered](ctx context.Context, at sched.Spawner, dst, a, b S) error {
	return mergeCall(ctx, at, dst, a, b, cmp.Compare[E], mergeOrdered[E])
}

// MergeToFunc is [MergeTo] in the order of compare, which returns what
// [cmp.Compare] would.
//
// Caller: as the package says.
func MergeToFunc[S ~[]E, E any](at sched.Spawner, dst, a, b S, compare func(a, b E) int) {
	if compare == nil {
		refuseNil("MergeToFunc")
	}
	must(MergeToFuncContext(context.Background(), at, dst, a, b, compare))
}

// MergeToFuncContext is [MergeToFunc] with a context. If it ends, dst holds
// anything.
//
// Caller: as the package says.
func MergeToFuncContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, dst, a, b S, compare func(a, b E) int) error {
	if compare == nil {
		refuseNil("MergeToFuncContext")
	}
	return mergeCall(ctx, at, dst, a, b, compare, mergeFunc[E])
}

// Merge returns a slice with the elements of a and b, both in ascending order, in
// ascending order. Of equal elements those of a come first.
//
// Caller: as the package says.
func Merge[S ~[]E, E cmp.Ordered](at sched.Spawner, a, b S) S {
	dst := make(S, len(a)+len(b))
	MergeTo(at, dst, a, b)
	return dst
}

// MergeFunc is [Merge] in the order of compare, which returns what [cmp.Compare]
// would.
//
// Caller: as the package says.
func MergeFunc[S ~[]E, E any](at sched.Spawner, a, b S, compare func(a, b E) int) S {
	if compare == nil {
		refuseNil("MergeFunc")
	}
	dst := make(S, len(a)+len(b))
	MergeToFunc(at, dst, a, b, compare)
	return dst
}

func mergeCall[E any](ctx context.Context, at sched.Spawner, dst, a, b []E, compare func(a, b E) int, leaf func(dst, a, b []E, compare func(a, b E) int)) error {
	if len(dst) != len(a)+len(b) {
		panic(fmt.Sprintf("pilfer: merge of %d and %d elements into %d", len(a), len(b), len(dst)))
	}
	if overlap(dst, a) || overlap(dst, b) {
		panic("pilfer: merge into a slice that shares elements with one that is merged")
	}
	o := sorting[E]{toSort: toSort[E]{ctx: ctx, compare: compare}}
	_, err := call(ctx, at, mergeUnder[E], mergePiece[E]{&o, leaf, dst, a, b})
	return err
}

func mergeUnder[E any](w *workers.Worker, p mergePiece[E]) (none, error) {
	return none{}, p.of.under(w, func(w *workers.Worker) { mergeInto(w, p) })
}

// overlap reports whether two slices share elements.
func overlap[E any](a, b []E) bool {
	size := unsafe.Sizeof(*new(E))
	if len(a) == 0 || len(b) == 0 || size == 0 {
		return false
	}
	x, y := uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&b[0]))
	return x < y+size*uintptr(len(b)) && y < x+size*uintptr(len(a))
}

// mergeLeast is how many elements are merged without a fork: some 10 us.
const mergeLeast = min(1<<12, 8*point.Most)

// A mergePiece is a part of two slices and where it belongs.
type mergePiece[E any] struct {
	of        *sorting[E]
	leaf      func(dst, a, b []E, compare func(a, b E) int)
	dst, a, b []E
}

// mergeInto merges a and b into dst, and leaves them as they are. It reports false
// if it was canceled. The longer one is cut in half, and the other where the
// middle of the longer belongs.
func mergeInto[E any](w *workers.Worker, p mergePiece[E]) bool {
	if p.of.canceled(w) {
		return false
	}
	done := false
	defer p.of.watch(&done)
	if len(p.dst) <= mergeLeast {
		p.leaf(p.dst, p.a, p.b, p.of.compare)
		done = true
		return true
	}
	var i, j int
	if len(p.a) >= len(p.b) {
		i = len(p.a) / 2
		j = sort.Search(len(p.b), func(j int) bool { return p.of.compare(p.b[j], p.a[i]) >= 0 })
	} else {
		j = len(p.b) / 2
		i = sort.Search(len(p.a), func(i int) bool { return p.of.compare(p.a[i], p.b[j]) > 0 })
	}
	left, right := p, p
	left.dst, left.a, left.b = p.dst[:i+j], p.a[:i], p.b[:j]
	right.dst, right.a, right.b = p.dst[i+j:], p.a[i:], p.b[j:]
	x, y := workers.JoinSafe(w, mergeInto, left, mergeInto, right)
	done = true
	return x && y
}

// mergeFunc merges a and b into dst without forks.
func mergeFunc[E any](dst, a, b []E, compare func(a, b E) int) {
	for len(a) > 0 && len(b) > 0 {
		if compare(b[0], a[0]) < 0 {
			dst[0] = b[0]
			b = b[1:]
		} else {
			dst[0] = a[0]
			a = a[1:]
		}
		dst = dst[1:]
	}
	copy(dst[copy(dst, a):], b)
}

// mergeOrdered is mergeFunc without calls of compare.
func mergeOrdered[E cmp.Ordered](dst, a, b []E, _ func(a, b E) int) {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		x, y, second := a[i], b[j], 0
		if cmp.Less(y, x) { // compiled without a branch, for numbers
			x = y
			second = 1
		}
		dst[i+j] = x
		j += second
		i += 1 - second
	}
	n := i + j + copy(dst[i+j:], a[i:])
	copy(dst[n:], b[j:])
}
