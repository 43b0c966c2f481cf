// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"math"
)

// Graphs whose nodes do work, in the shapes of Taskflow's benchmarks folder. The
// figure is for a node, so what the graph costs is the difference to the serial row.

// A work is what the nodes of a graph do beside keeping order.
type work interface {
	visit(i int32)
	check() error
}

func realShapes() []shape {
	return []shape{
		{
			name: "graph-matmul", size: 4*128 + 1, small: 4*16 + 1, build: buildMatmul, work: newMatmulWork,
			why:     "matrices of 128 x 128 by rows: a node fills each row of both and clears one of the product, all meet, a node multiplies each row",
			targets: graphTargets("ns", 1, 1),
		},
		{
			name: "graph-mnist", size: 200 * mnistNodes, small: 5 * mnistNodes, build: buildMnist, work: newMnistWork,
			why:     "200 steps of training a net of 64, 32, 16 and 10 units: forward, back by layers, each layer's weights as soon as nobody reads them",
			targets: graphTargets("ns", 1, 1),
		},
		{
			name: "graph-blackscholes", size: 20 * (blackBlocks + 1), small: 2 * (blackBlocks + 1), build: buildBlack, work: newBlackWork,
			why:     "20 rounds that price 64 blocks of 64 options, all blocks after the round before",
			targets: graphTargets("ns", 1, 1),
		},
	}
}

// buildMatmul has 3n nodes that fill rows, one where all meet, and n that multiply.
func buildMatmul(units int) *plan {
	n := (units - 1) / 4
	return newPlan(4*n+1, func(i int, add func(int)) {
		switch {
		case i == 3*n:
			for j := range 3 * n {
				add(j)
			}
		case i > 3*n:
			add(3 * n)
		}
	})
}

// A matmulWork multiplies by rows. The entries are small integers, so sums are exact.
type matmulWork struct {
	n       int
	a, b, c []float64
}

func newMatmulWork(units int) work {
	n := (units - 1) / 4
	return &matmulWork{n, make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)}
}

func (m *matmulWork) visit(node int32) {
	i := int(node)
	row := func(of []float64, r int) []float64 { return of[r*m.n : (r+1)*m.n] }
	switch {
	case i < m.n:
		for j := range m.n {
			row(m.a, i)[j] = left(i, j)
		}
	case i < 2*m.n:
		for j := range m.n {
			row(m.b, i-m.n)[j] = right(i-m.n, j)
		}
	case i < 3*m.n:
		clear(row(m.c, i-2*m.n))
	case i > 3*m.n:
		c := row(m.c, i-3*m.n-1)
		for k, a := range row(m.a, i-3*m.n-1) {
			for j, b := range row(m.b, k) {
				c[j] += a * b
			}
		}
	}
}

func (m *matmulWork) check() error {
	for i := range m.n {
		j, sum := (7*i+3)%m.n, 0.0
		for k := range m.n {
			sum += left(i, k) * right(k, j)
		}
		if got := m.c[i*m.n+j]; got != sum {
			return fmt.Errorf("product at %d, %d is %v, want %v", i, j, got, sum)
		}
	}
	return nil
}

// mnistLayers are the units of the net, inputs first. A step has a forward node, and
// for each layer of weights one that goes back and one that changes them.
var mnistLayers = []int{64, 32, 16, 10}

const (
	mnistBack  = 3 // layers of weights
	mnistNodes = 1 + 2*mnistBack
)

// buildMnist puts the forward node of a step after all changes of the step before,
// the way back through layer l after that through l+1, and the change of layer l
// after the way back through l, and through l-1, which reads its weights.
func buildMnist(units int) *plan {
	return newPlan(units/mnistNodes*mnistNodes, func(i int, add func(int)) {
		first := i / mnistNodes * mnistNodes
		back := func(l int) int { return first + 1 + l }
		switch at := i - first; {
		case at == 0 && first > 0:
			for l := range mnistBack {
				add(first - mnistBack + l)
			}
		case at == 0:
		case at <= mnistBack: // the last layer first
			add(first + at - 1)
		default: // the change of layer l, which lies in the order of back
			l := at - mnistBack - 1
			add(back(l))
			if l+1 < mnistBack {
				add(back(l + 1))
			}
		}
	})
}

// A mnistWork trains a net on made-up digits.
type mnistWork struct {
	steps   int
	weights [mnistBack][]float64 // by layer, in of each out
	units   [mnistBack + 1][]float64
	deltas  [mnistBack][]float64
	ran     int // steps begun in this round; the forward nodes are one after the other
}

func newMnistWork(units int) work {
	m := &mnistWork{steps: units / mnistNodes}
	for l, n := range mnistLayers {
		m.units[l] = make([]float64, n)
		if l > 0 {
			m.weights[l-1] = make([]float64, n*mnistLayers[l-1])
			m.deltas[l-1] = make([]float64, n)
		}
	}
	return m
}

func (m *mnistWork) visit(node int32) {
	step, at := int(node)/mnistNodes, int(node)%mnistNodes
	switch {
	case at == 0:
		m.forward(step)
	case at <= mnistBack:
		m.back(mnistBack-at, step)
	default:
		m.change(2*mnistBack - at)
	}
}

// forward begins a step; the first one resets the weights.
func (m *mnistWork) forward(step int) {
	if step == 0 {
		for l, w := range m.weights {
			for i := range w {
				w[i] = float64((i*7+l*3)%13-6) / 64
			}
		}
	}
	for i := range m.units[0] {
		m.units[0][i] = float64((i*5+step*11)%17) / 16
	}
	for l, w := range m.weights {
		in := m.units[l]
		for o := range m.units[l+1] {
			sum := 0.0
			for i, v := range in {
				sum += v * w[o*len(in)+i]
			}
			m.units[l+1][o] = 1 / (1 + math.Exp(-sum))
		}
	}
	m.ran = step + 1
}

// back computes how wrong the units behind layer l of weights are.
func (m *mnistWork) back(l, step int) {
	out := m.units[l+1]
	for o, v := range out {
		wrong := 0.0
		if l == mnistBack-1 {
			if o == step%len(out) {
				wrong = v - 1
			} else {
				wrong = v
			}
		} else {
			for next, d := range m.deltas[l+1] {
				wrong += d * m.weights[l+1][next*len(out)+o]
			}
		}
		m.deltas[l][o] = wrong * v * (1 - v)
	}
}

// change moves layer l of weights.
func (m *mnistWork) change(l int) {
	in := m.units[l]
	for o, d := range m.deltas[l] {
		for i, v := range in {
			m.weights[l][o*len(in)+i] -= 0.25 * d * v
		}
	}
}

// check trains again, one node after the other, and compares bit by bit.
func (m *mnistWork) check() error {
	if m.ran != m.steps {
		return fmt.Errorf("%d of %d steps were run", m.ran, m.steps)
	}
	want := newMnistWork(m.steps * mnistNodes).(*mnistWork)
	for i := range int32(m.steps * mnistNodes) {
		want.visit(i)
	}
	for l, w := range m.weights {
		for i, v := range w {
			if v != want.weights[l][i] {
				return fmt.Errorf("weight %d of layer %d is %v, want %v", i, l, v, want.weights[l][i])
			}
		}
	}
	return nil
}

const (
	blackBlocks = 64 // of a round
	blackBlock  = 64 // options in each
)

// buildBlack has rounds of blocks, each with a node at its end.
func buildBlack(units int) *plan {
	const round = blackBlocks + 1
	return newPlan(units/round*round, func(i int, add func(int)) {
		first := i / round * round
		if i-first < blackBlocks {
			if first > 0 {
				add(first - 1)
			}
			return
		}
		for b := range blackBlocks {
			add(first + b)
		}
	})
}

// A blackWork prices options, again in each round.
type blackWork struct {
	rounds int
	price  []float64
	priced []int // rounds, by block
}

func newBlackWork(units int) work {
	return &blackWork{units / (blackBlocks + 1), make([]float64, blackBlocks*blackBlock), make([]int, blackBlocks)}
}

func (b *blackWork) visit(node int32) {
	round, block := int(node)/(blackBlocks+1), int(node)%(blackBlocks+1)
	if block == blackBlocks {
		return
	}
	if round == 0 {
		b.priced[block] = 0
	}
	b.priced[block]++
	for i := block * blackBlock; i < (block+1)*blackBlock; i++ {
		b.price[i] = callPrice(i, round)
	}
}

// callPrice is the formula of Black and Scholes for a made-up option.
func callPrice(i, round int) float64 {
	spot, strike := 90+float64((i*7+round)%21), 80+float64(i*5%41)
	rate, volatility, years := 0.02, 0.1+float64(i%9)/40, 0.25+float64(i%4)/4
	root := volatility * math.Sqrt(years)
	d1 := (math.Log(spot/strike) + (rate+volatility*volatility/2)*years) / root
	normal := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	return spot*normal(d1) - strike*math.Exp(-rate*years)*normal(d1-root)
}

func (b *blackWork) check() error {
	for block, n := range b.priced {
		if n != b.rounds {
			return fmt.Errorf("block %d was priced %d times, want %d", block, n, b.rounds)
		}
		i := block*blackBlock + block%blackBlock
		if want := callPrice(i, b.rounds-1); b.price[i] != want {
			return fmt.Errorf("price of option %d is %v, want %v", i, b.price[i], want)
		}
	}
	return nil
}
