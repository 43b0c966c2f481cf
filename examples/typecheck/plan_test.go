// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var wide = shape{Parsers: 1 << 30, Ahead: 1 << 60}

// names returns the names of nodes.
func (p *plan) names(nodes []int) []string {
	var names []string
	for _, i := range nodes {
		names = append(names, p.name(i))
	}
	return names
}

func (p *plan) node(t *testing.T, name string) int {
	t.Helper()
	for i := range p.nodes {
		if p.name(i) == name {
			return i
		}
	}
	require.Fail(t, "no node "+name)
	return -1
}

func TestPlan(t *testing.T) {
	p, err := newPlan(fake(
		pkg{Path: "top", Sizes: []int64{10}, Imports: []int{1, 2}},
		pkg{Path: "left", Sizes: []int64{10}, Imports: []int{3}},
		pkg{Path: "right", Sizes: []int64{500}, Imports: []int{3}},
		pkg{Path: "base", Sizes: []int64{10}},
		pkg{Path: "alone"},
	), wide)
	require.NoError(t, err)
	require.Equal(t, []string{
		"parse base", "check base", "parse right", "check right", "parse left", "check left",
		"parse top", "check top", "check alone",
	}, p.names(serialOrder(p)), "the longest chains first; a package without files is not parsed")
	require.Equal(t, []string{"parse top", "check left", "check right"}, p.names(p.nodes[p.node(t, "check top")].before))
	require.Equal(t, []string{"check right", "check left"}, p.names(p.nodes[p.node(t, "check base")].after))
}

func serialOrder(p *plan) []int {
	order := make([]int, len(p.nodes))
	for i := range order {
		order[i] = i
	}
	return order
}

func TestPlanSplitsLargePackages(t *testing.T) {
	in := fake(
		pkg{Path: "large", Sizes: []int64{partBytes, 1, partBytes / 2, partBytes / 2, 3 * partBytes, 5}},
		pkg{Path: "user", Sizes: []int64{7, 8}, Imports: []int{0}},
	)
	p, err := newPlan(in, wide)
	require.NoError(t, err)
	want := []struct {
		name  string
		bytes int64
	}{
		{"parse large (files 1 to 1 of 6)", partBytes},
		{"parse large (files 2 to 3 of 6)", partBytes/2 + 1},
		{"parse large (files 4 to 4 of 6)", partBytes / 2},
		{"parse large (files 5 to 5 of 6)", 3 * partBytes},
		{"parse large (files 6 to 6 of 6)", 5},
		{"check large", 5*partBytes + 6},
		{"parse user", 15},
		{"check user", 15},
	}
	require.Len(t, p.nodes, len(want))
	base := 2
	for i, w := range want {
		require.Equal(t, w.name, p.name(i))
		require.Equal(t, w.bytes, p.bytes(i))
		if n := p.nodes[i]; n.kind == parse {
			require.Equal(t, base, n.base, "%s: no position is given twice", w.name)
			base += int(w.bytes) + n.hi - n.lo
		}
	}
	require.Len(t, p.nodes[p.node(t, "check large")].before, 5)
}

func TestPlanNamesCycle(t *testing.T) {
	_, err := newPlan(fake(
		pkg{Path: "outside", Imports: []int{1}},
		pkg{Path: "a", Imports: []int{2}},
		pkg{Path: "b", Imports: []int{3}},
		pkg{Path: "c", Imports: []int{1}},
	), wide)
	require.ErrorAs(t, err, new(inputError))
	require.Contains(t, []string{
		"import cycle: a -> b -> c -> a", "import cycle: b -> c -> a -> b", "import cycle: c -> a -> b -> c",
	}, err.Error())

	_, err = newPlan(fake(pkg{Path: "self", Imports: []int{0}}), wide)
	require.EqualError(t, err, "import cycle: self -> self")
}

// random returns packages of which each imports some before it, in random order.
func random(rng *rand.Rand, n int) []pkg {
	at := rng.Perm(n)
	packages := make([]pkg, n)
	for i := range n {
		p := pkg{Path: fmt.Sprint("p", i)}
		for range rng.IntN(4) {
			p.Sizes = append(p.Sizes, rng.Int64N(partBytes))
		}
		for j := range i {
			if rng.IntN(6) == 0 {
				p.Imports = append(p.Imports, at[j])
			}
		}
		packages[at[i]] = p
	}
	return packages
}

// TestPlanIsInOrder: nodes come after those that they wait for, and both
// directions of the edges agree.
func TestPlanIsInOrder(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		in := fake(random(rng, 1+rng.IntN(40))...)
		p, err := newPlan(in, shape{Parsers: 1 + rng.IntN(8), Ahead: rng.Int64N(8 * partBytes)})
		require.NoError(t, err)
		edges := 0
		for i, n := range p.nodes {
			for _, b := range n.before {
				require.Less(t, b, i, "seed %d", seed)
				require.Contains(t, p.nodes[b].after, i, "seed %d", seed)
			}
			edges += len(n.before) - len(n.after)
		}
		require.Zero(t, edges, "seed %d", seed)
	}
}

// TestPlanBoundsParsers: however nodes are taken, no more parse nodes are ready
// than the shape says.
func TestPlanBoundsParsers(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		bounds := shape{Parsers: 1 + rng.IntN(8), Ahead: 1 << 60}
		p, err := newPlan(fake(random(rng, 1+rng.IntN(40))...), bounds)
		require.NoError(t, err)
		waits := make([]int, len(p.nodes))
		var ready []int
		for i, n := range p.nodes {
			if waits[i] = len(n.before); waits[i] == 0 {
				ready = append(ready, i)
			}
		}
		ran := 0
		for ; len(ready) > 0; ran++ {
			parses := 0
			for _, i := range ready {
				if p.nodes[i].kind == parse {
					parses++
				}
			}
			require.LessOrEqual(t, parses, bounds.Parsers, "seed %d", seed)
			at := rng.IntN(len(ready))
			i := ready[at]
			ready = slices.Delete(ready, at, at+1)
			for _, next := range p.nodes[i].after {
				if waits[next]--; waits[next] == 0 {
					ready = append(ready, next)
				}
			}
		}
		require.Equal(t, len(p.nodes), ran, "seed %d: some nodes never become ready", seed)
	}
}

// TestPlanBoundsTextAhead: each check with more text than the bound after it
// holds up some parse node.
func TestPlanBoundsTextAhead(t *testing.T) {
	var packages []pkg
	for i := range 30 {
		packages = append(packages, pkg{Path: fmt.Sprint("p", i), Sizes: []int64{100}})
	}
	p, err := newPlan(fake(packages...), shape{Parsers: 1 << 30, Ahead: 500})
	require.NoError(t, err)
	for at := range packages {
		after := p.names(p.nodes[2*at+1].after)
		if at+5 < len(packages) {
			require.Equal(t, []string{fmt.Sprint("parse p", at+5)}, after)
		} else {
			require.Empty(t, after)
		}
	}
}
