// SPDX-License-Identifier: Apache-2.0

package graph_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/graph"
	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

// A node that a round leaves half reached begins the next one as if it had not
// been.
func TestRoundForgetsTheLast(t *testing.T) {
	eachPool(t, func(t *testing.T, rt *sched.Runtime) {
		g := graph.New("g")
		var round, joins, atX, atY int
		head := g.Do("head", func() { round++ }).First()
		x := g.Do("x", func() { atX = round }).After(head)
		y := g.Do("y", func() { atY = round })
		z := g.Do("z", func() {})
		g.Branch("pick", func(context.Context) (int, error) {
			if round < 4 {
				return 1, nil
			}
			return 0, nil
		}, y, z).After(x)
		g.Do("join", func() {
			if joins++; atX != round || atY != round {
				t.Errorf("join in round %d after x in round %d and y in round %d", round, atX, atY)
			}
		}).After(x, y)
		g.Branch("again", func(context.Context) (int, error) { return 0, nil }, head).After(z)
		for range 3 {
			round, joins, atX, atY = 0, 0, 0, 0
			require.NoError(t, g.Run(t.Context(), rt))
			require.Equal(t, [2]int{4, 1}, [2]int{round, joins})
		}
	})
}

// A node that two branches picked stands for itself, not for a second one.
func TestDoneTwiceIsNotTwoNodes(t *testing.T) {
	rt := newRuntime(t, 1)
	g := graph.New("g")
	ran := 0
	twice := g.Do("twice", func() { ran++ })
	other := g.Do("other", func() { t.Error("nobody picks it") })
	g.Do("join", func() { t.Error("ran without one of those before it") }).After(twice, other)
	pick := func(i int) func(context.Context) (int, error) {
		return func(context.Context) (int, error) { return i, nil }
	}
	first := g.Branch("first", pick(0), twice, other)
	g.Branch("second", pick(0), twice).After(first)
	require.NoError(t, g.Run(t.Context(), rt))
	require.Equal(t, 2, ran)
}

// A program is made of statements that follow each other. Nodes and a plain
// function do the same; both count what they do.
type program struct {
	rng   *rand.Rand
	g     *graph.Graph
	nodes []*point.Int32 // runs, by node
	want  []int32
	vars  []*int
}

// node adds a node that counts, and the statement that does so.
func (p *program) node(before *graph.Node) (*graph.Node, func()) {
	i, ran := len(p.nodes), new(point.Int32)
	p.nodes, p.want = append(p.nodes, ran), append(p.want, 0)
	n := p.g.Do("", func() { ran.Inc() })
	if before != nil {
		n.After(before)
	}
	return n, func() { p.want[i]++ }
}

func (p *program) variable() *int {
	p.vars = append(p.vars, new(int))
	return p.vars[len(p.vars)-1]
}

// block adds statements that begin when before is done.
func (p *program) block(before *graph.Node, depth int) (last *graph.Node, code func()) {
	last, code = p.node(before)
	for range 1 + p.rng.IntN(3) {
		more, then := p.statement(last, depth)
		first := code
		last, code = more, func() { first(); then() }
	}
	return last, code
}

func (p *program) statement(before *graph.Node, depth int) (*graph.Node, func()) {
	kind := p.rng.IntN(4)
	if depth == 0 {
		kind %= 2
	}
	switch kind {
	case 0: // both, and what comes after both
		a, runA := p.node(before)
		b, runB := p.node(before)
		join, run := p.node(a)
		join.After(b)
		return join, func() { runA(); runB(); run() }
	case 1: // one or the other by turns, and what comes after both: never
		turn, code := p.variable(), p.variable()
		x, runX := p.node(before)
		y, runY := p.node(nil)
		z, runZ := p.node(nil)
		both, _ := p.node(y)
		both.After(z)
		end, run := p.node(nil)
		p.g.Branch("", func(context.Context) (int, error) { *turn++; return *turn % 2, nil }, y, z).After(x)
		p.g.Branch("", func(context.Context) (int, error) { return 0, nil }, end).After(y)
		p.g.Branch("", func(context.Context) (int, error) { return 0, nil }, end).After(z)
		return end, func() {
			runX()
			if *code++; *code%2 == 0 {
				runY()
			} else {
				runZ()
			}
			run()
		}
	case 2: // a choice
		turn, code := p.variable(), p.variable()
		a, runA := p.node(nil)
		b, runB := p.node(nil)
		lastA, blockA := p.block(a, depth-1)
		lastB, blockB := p.block(b, depth-1)
		end, run := p.node(nil)
		p.g.Branch("", func(context.Context) (int, error) { *turn++; return *turn % 2, nil }, a, b).After(before)
		p.g.Branch("", func(context.Context) (int, error) { return 0, nil }, end).After(lastA)
		p.g.Branch("", func(context.Context) (int, error) { return 0, nil }, end).After(lastB)
		return end, func() {
			if *code++; *code%2 == 0 {
				runA()
				blockA()
			} else {
				runB()
				blockB()
			}
			run()
		}
	default: // a loop
		turn, times := p.variable(), 1+p.rng.IntN(4)
		head, runHead := p.node(before)
		last, body := p.block(head, depth-1)
		end, run := p.node(nil)
		p.g.Branch("", func(context.Context) (int, error) {
			if *turn++; *turn%times == 0 {
				return 1, nil
			}
			return 0, nil
		}, head, end).After(last)
		return end, func() {
			for range times {
				runHead()
				body()
			}
			run()
		}
	}
}

// Nested loops, choices and side branches run each node as often as a program of
// for and if does, in which what a round left half reached is forgotten.
func TestRandomLoops(t *testing.T) {
	pools := []*sched.Runtime{newRuntime(t, 1), newRuntime(t, 3)}
	testkit.Stress(t, 0, func(rng *rand.Rand) {
		for range 20 {
			p := &program{rng: rng, g: graph.New("program")}
			_, code := p.block(nil, 3)
			for _, rt := range pools {
				for range 2 {
					clear(p.want)
					for _, v := range p.vars {
						*v = 0
					}
					for _, n := range p.nodes {
						n.Store(0)
					}
					code()
					require.NoError(t, p.g.Run(t.Context(), rt))
					for i, n := range p.nodes {
						require.Equal(t, p.want[i], n.Load(), "runs of node %d of %d", i, len(p.nodes))
					}
				}
			}
		}
	})
}
