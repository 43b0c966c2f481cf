// SPDX-License-Identifier: Apache-2.0

package par

import (
	"context"

	"github.com/pilfer-go/pilfer/sched"
)

// GroupBy returns the elements of s by key. Those of a group are in order. A NaN is
// a key of its own each time, as in any map.
//
// Caller: as [For].
func GroupBy[S ~[]E, E any, K comparable](at sched.Spawner, s S, key func(v E) K, opts ...Option) map[K]S {
	if key == nil {
		refuseNil("GroupBy")
	}
	keys := Map(at, s, key, opts...)
	groups, err := group(noContext, at, s, keys)
	must(err)
	return groups
}

// GroupByContext is [GroupBy] for a function that fails, and ends with ctx. It
// returns no map if it returns an error.
//
// Caller: as [For].
func GroupByContext[S ~[]E, E any, K comparable](ctx context.Context, at sched.Spawner, s S, key func(v E) (K, error), opts ...Option) (map[K]S, error) {
	if key == nil {
		refuseNil("GroupByContext")
	}
	keys, err := MapContext(ctx, at, s, key, opts...)
	if err != nil {
		return nil, err
	}
	return group(ctx, at, s, keys)
}

// groupBlock is how many elements are grouped at a time: of fewer, each group has
// too few to be worth a slice.
const groupBlock = 1 << 15

// group groups blocks, and puts the groups of neighbors together.
func group[S ~[]E, E any, K comparable](ctx context.Context, at sched.Spawner, s S, keys []K) (map[K]S, error) {
	groups, ok, err := reduceBlocks(ctx, at, len(s), max(groupBlock, blocksOf(len(s), manyBlocks)),
		func(lo, hi int) (groups map[K]S, i int, err error) {
			defer caught(&i, &err) // a key of an interface type may not be hashable
			groups = map[K]S{}
			for i = lo; i < hi; i++ {
				groups[keys[i]] = append(groups[keys[i]], s[i])
			}
			return groups, i, nil
		},
		func(a, b map[K]S) (map[K]S, error) {
			for k, more := range b {
				if of, ok := a[k]; ok {
					more = append(of, more...)
				}
				a[k] = more
			}
			return a, nil
		}, nil)
	if !ok && err == nil {
		groups = map[K]S{}
	}
	return groups, err
}
