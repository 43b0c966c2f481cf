// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"
)

// A comparison is all runs of all variants on one input.
type comparison struct {
	input *input
	plan  *plan
	opts  *options
	runs  map[string][]*outcome // by variant
}

// launch makes one run; [runInChild], or in tests [measure].
type launch func(ctx context.Context, r request, progress func(nodes int64)) (*outcome, error)

// compareAll lets the variants take turns, each round beginning with another, so
// that a machine whose speed drifts is as slow for one as for the others.
func compareAll(ctx context.Context, in *input, o *options, run launch, stderr io.Writer) (*comparison, error) {
	bounds := shapeFor(o.workers)
	p, err := newPlan(in, bounds)
	if err != nil {
		return nil, err
	}
	c := &comparison{input: in, plan: p, opts: o, runs: make(map[string][]*outcome)}
	show := newProgress(stderr, len(variants)*o.repeat, len(p.nodes))
	defer show.stop()
	for round := range o.repeat {
		for turn := range variants {
			variant := variants[(round+turn)%len(variants)]
			r := request{Variant: variant, Workers: o.workers, Shape: bounds, GC: o.gc, Locked: o.locked, Input: in}
			if variant == bySerial {
				r.Workers = 1
			}
			show.begin(variant)
			out, err := run(ctx, r, show.at)
			if err != nil {
				return nil, err
			}
			show.ended(variant, out.Wall)
			c.runs[variant] = append(c.runs[variant], out)
		}
	}
	return c, nil
}

// median returns the run of the variant with the median time; of an even number,
// the faster one in the middle.
func (c *comparison) median(variant string) *outcome {
	runs := slices.Clone(c.runs[variant])
	slices.SortFunc(runs, func(a, b *outcome) int { return cmp.Compare(a.Wall, b.Wall) })
	return runs[(len(runs)-1)/2]
}

// spread returns the fastest and the slowest time of the variant.
func (c *comparison) spread(variant string) (fastest, slowest time.Duration) {
	fastest = c.runs[variant][0].Wall
	for _, o := range c.runs[variant] {
		fastest, slowest = min(fastest, o.Wall), max(slowest, o.Wall)
	}
	return fastest, slowest
}

// speedup returns how many times faster the variant is than the serial one.
func (c *comparison) speedup(variant string) float64 {
	return float64(c.median(bySerial).Wall) / float64(c.median(variant).Wall)
}
