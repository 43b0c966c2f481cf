// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// A Number is of a type that can be added.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr |
		~float32 | ~float64 | ~complex64 | ~complex128
}

// Sum returns the sum of s. The order in which floating-point numbers are added
// depends on the length of s only (and on [Grain]); it is not from left to right,
// so the result may differ from a plain loop's in the last bits, usually by being
// nearer to the true sum.
//
// Caller: as [For].
func Sum[S ~[]E, E Number](at sched.Spawner, s S, opts ...Option) E {
	sum, err := SumContext(context.Background(), at, s, opts...)
	must(err)
	return sum
}

// SumContext is [Sum], and ends with ctx.
//
// Caller: as [For].
func SumContext[S ~[]E, E Number](ctx context.Context, at sched.Spawner, s S, opts ...Option) (E, error) {
	sum, _, err := reduceBlocks(ctx, at, len(s), cheapSize(len(s)),
		func(lo, hi int) (E, int, error) { return sumBlock(s[lo:hi]), lo, nil },
		func(a, b E) (E, error) { return a + b, nil }, opts)
	return sum, err
}

// sumBlock adds up by four sums, as one addition waits for the one before it.
func sumBlock[E Number](s []E) E {
	var a, b, c, d E
	for len(s) >= 4 {
		a += s[0]
		b += s[1]
		c += s[2]
		d += s[3]
		s = s[4:]
	}
	for _, v := range s {
		a += v
	}
	return (a + b) + (c + d)
}

// Count returns of how many elements of s match reports true.
//
// Caller: as [For].
func Count[S ~[]E, E any](at sched.Spawner, s S, match func(v E) bool, opts ...Option) int {
	if match == nil {
		refuseNil("Count")
	}
	n, _, err := reduceBlocks(noContext, at, len(s), reduceSize(len(s)),
		func(lo, hi int) (int, int, error) { return countBlock(s, lo, hi, match) }, addInts, opts)
	must(err)
	return n
}

// CountContext is [Count] for a function that fails, and ends with ctx.
//
// Caller: as [For].
func CountContext[S ~[]E, E any](ctx context.Context, at sched.Spawner, s S, match func(v E) (bool, error), opts ...Option) (int, error) {
	if match == nil {
		refuseNil("CountContext")
	}
	n, _, err := reduceBlocks(ctx, at, len(s), reduceSize(len(s)),
		func(lo, hi int) (int, int, error) { return countErrBlock(s, lo, hi, match) }, addInts, opts)
	return n, err
}

func addInts(a, b int) (int, error) { return a + b, nil }

func countBlock[S ~[]E, E any](s S, lo, hi int, match func(v E) bool) (n, i int, err error) {
	defer caught(&i, &err)
	for i = lo; i < hi; i++ {
		if match(s[i]) {
			n++
		}
	}
	return n, i, nil
}

func countErrBlock[S ~[]E, E any](s S, lo, hi int, match func(v E) (bool, error)) (n, i int, err error) {
	defer caught(&i, &err)
	for i = lo; i < hi; i++ {
		ok, err := match(s[i])
		if err != nil {
			return n, i, err
		}
		if ok {
			n++
		}
	}
	return n, i, nil
}
