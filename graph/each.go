// SPDX-License-Identifier: Apache-2.0

package graph

import (
	"context"
	"errors"
	"fmt"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/sched"
	"github.com/pilfer-go/pilfer/workers"
)

// Each adds a node that calls f for every element of a slice that is known only
// at run time, on all workers that are free, and collects the results in order.
// After the first error or panic no further element is begun; the node's error has
// each that came, with its number.
func Each[A, T any](g *Graph, name string, f func(ctx context.Context, a A) (T, error), list Value[[]A]) Value[[]T] {
	k := &each[A, T]{f: f}
	n := g.addKind(name, k, f == nil)
	n.flags |= nodeLong
	k.in[0] = input(n, list)
	v := output[[]T](n)
	k.out = v.cell
	return v
}

type each[A, T any] struct {
	f   func(context.Context, A) (T, error)
	in  [1]int32
	out int32
}

func (k *each[A, T]) reads() []int32 { return k.in[:] }

func (k *each[A, T]) begin(c *call) (bool, error) {
	all, err := take[[]A](c.x, k.in[0])
	if err != nil {
		return false, err
	}
	var failed elements
	out := make([]T, len(all))
	workers.JoinN(c.w, len(all), func(_ *workers.Worker, i int) {
		if failed.any.Load() {
			return
		}
		err := context.Cause(c.ctx)
		returned := err != nil
		defer func() {
			if returned {
				return
			}
			failed.any.Store(true) // also by Goexit, which goes on
			if v := recover(); v != nil {
				failed.add(i, sched.CrashError(crashOf(v), c.node.Name()))
			}
		}()
		if err == nil {
			out[i], err = k.f(c.ctx, all[i])
			returned = true
		}
		if err != nil {
			failed.add(i, err)
		}
	})
	if err := errors.Join(failed.errs...); err != nil {
		return false, err
	}
	put(c.x, k.out, out)
	return false, nil
}

// elements collects the errors of elements.
type elements struct {
	// any says that there is one.
	// Writers: any, to true. Invariant: once set, stays set.
	any point.Bool

	mu   point.Mutex
	errs []error // holding mu
}

func (e *elements) add(i int, err error) {
	e.any.Store(true)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.errs = append(e.errs, fmt.Errorf("element %d: %w", i, err))
}
