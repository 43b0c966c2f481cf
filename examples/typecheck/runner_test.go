// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"go/ast"
	"go/types"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// calls are steps that make nothing.
type calls func(i int)

func (f calls) parse(i int) []*ast.File { f(i); return nil }

func (f calls) check(i int, _ [][]*ast.File, _ []*types.Package) *types.Package { f(i); return nil }

// TestRunnersRunEachNodeOnce: on random graphs, in an order that the edges allow.
func TestRunnersRunEachNodeOnce(t *testing.T) {
	for _, variant := range variants {
		t.Run(variant, func(t *testing.T) {
			for seed := range uint64(30) {
				rng := rand.New(rand.NewPCG(seed, 2))
				p, err := newPlan(fake(random(rng, 1+rng.IntN(60))...), shapeFor(2))
				require.NoError(t, err)
				ran := make([]atomic.Int32, len(p.nodes))
				rec := newRecorder(len(p.nodes))
				_, err = runners[variant](t.Context(), &job{
					plan: p, steps: calls(func(i int) { ran[i].Add(1) }), types: make([]*types.Package, len(p.packages)), rec: rec, workers: 1 + rng.IntN(4), locked: seed%2 == 0,
				})
				require.NoError(t, err, "seed %d", seed)
				for i := range ran {
					require.EqualValues(t, 1, ran[i].Load(), "seed %d: %s", seed, p.name(i))
				}
				require.EqualValues(t, len(p.nodes), rec.done.Load())
				require.NoError(t, p.inOrder(rec.spans), "seed %d", seed)
			}
		})
	}
}

func TestRunnersRunNothing(t *testing.T) {
	for _, variant := range variants {
		_, err := runners[variant](t.Context(), &job{plan: new(plan), rec: newRecorder(0), workers: 2})
		require.NoError(t, err, variant)
	}
}

// TestRunnersStop: the cause of the cancel comes back, and what waits for the node
// that canceled is not run.
func TestRunnersStop(t *testing.T) {
	var packages []pkg
	for i := range 50 {
		p := pkg{Path: string(rune('A' + i)), Sizes: []int64{1}}
		if i > 0 {
			p.Imports = []int{i - 1}
		}
		packages = append(packages, p)
	}
	p, err := newPlan(fake(packages...), wide)
	require.NoError(t, err)
	last := p.node(t, "check "+packages[49].Path)
	enough := errors.New("enough")
	for _, variant := range variants {
		ctx, cancel := context.WithCancelCause(t.Context())
		var ranLast atomic.Bool
		_, err := runners[variant](ctx, &job{plan: p, workers: 2, rec: newRecorder(len(p.nodes)), types: make([]*types.Package, len(p.packages)), steps: calls(func(i int) {
			if p.nodes[i].pkg == 25 && p.nodes[i].kind == check {
				cancel(enough)
			}
			if i == last {
				ranLast.Store(true)
			}
		})})
		require.ErrorIs(t, err, enough, variant)
		require.False(t, ranLast.Load(), variant)
	}
}

func TestInOrderFinds(t *testing.T) {
	p := new(plan)
	p.packages = []pkg{{Path: "a"}, {Path: "b"}}
	p.add(node{pkg: 0, kind: check})
	p.add(node{pkg: 1, kind: check, before: []int{0}})
	require.NoError(t, p.inOrder([]span{{Start: 0, End: 5}, {Start: 5, End: 6}}))
	require.EqualError(t, p.inOrder([]span{{Start: 0, End: 5}, {Start: 4, End: 6}}), "check b started before the end of check a")
	require.EqualError(t, p.inOrder([]span{{}, {Start: 4, End: 6}}), "check a did not run")
}
