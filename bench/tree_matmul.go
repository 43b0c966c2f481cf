// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"sync"

	"github.com/pilfer-go/pilfer/workers"
)

// matmulTree multiplies two matrices by quarters, down to blocks of 32 x 32. The
// entries are small integers, so the sums are exact and any order gives the same
// bits; the answer is a checksum.
func matmulTree() tree {
	t := tree{
		name: "matmul", unit: "multiply-add",
		why:     "matrices of 512 x 512 by quarters: leaves of 10 us that share memory",
		sizes:   []treeSize{{n: 64}, {n: 256}, {n: 512}},
		perFork: matmulBlock * matmulBlock * matmulBlock,
		answer:  memo(checksumOf),
		serial:  func(n int) int64 { return onProduct(n, func(p product) { p.each(product.serial) }) },
		join: func(w *workers.Worker, n int) int64 {
			return onProduct(n, func(p product) { joinProduct(w, p) })
		},
		fork: func(fork forker, n int) int64 { return onProduct(n, func(p product) { forkProduct(fork, p) }) },
	}
	for i := range t.sizes {
		s := &t.sizes[i]
		s.units = s.n * s.n * s.n
	}
	return t
}

// A matrix is a square part of a matrix with stride columns.
type matrix struct {
	at     []float64
	stride int
}

func (m matrix) part(row, column int) matrix {
	return matrix{m.at[row*m.stride+column:], m.stride}
}

// A product is c += a * b, for squares of n rows.
type product struct {
	a, b, c matrix
	n       int
}

const matmulBlock = 32

// factors holds both factors of each size: their making is not measured.
var factors sync.Map // of [2]matrix

func left(i, j int) float64  { return float64((i*7+j*3)%11 - 5) }
func right(i, j int) float64 { return float64((i*5+j*2)%13 - 6) }

func newMatrix(n int, f func(i, j int) float64) matrix {
	m := matrix{make([]float64, n*n), n}
	for i := range n {
		for j := range n {
			m.at[i*n+j] = f(i, j)
		}
	}
	return m
}

// onProduct has a product computed, and returns its checksum.
func onProduct(n int, compute func(p product)) int64 {
	f, ok := factors.Load(n)
	if !ok {
		f, _ = factors.LoadOrStore(n, [2]matrix{newMatrix(n, left), newMatrix(n, right)})
	}
	ab := f.([2]matrix)
	c := make([]float64, n*n)
	compute(product{ab[0], ab[1], matrix{c, n}, n})
	return checksum(c, n)
}

// checksum adds up the entries with weights that depend on row and column.
func checksum(c []float64, n int) (sum int64) {
	for i := range n {
		for j := range n {
			sum += int64(c[i*n+j]) * weight(i) * weight(j+1)
		}
	}
	return sum
}

func weight(i int) int64 { return int64(i%17 + 1) }

// checksumOf is the checksum of the product, without computing it: the weights
// go into the factors.
func checksumOf(n int) (sum int64) {
	for k := range n {
		var rows, columns int64
		for i := range n {
			rows += weight(i) * int64(left(i, k))
			columns += weight(i+1) * int64(right(k, i))
		}
		sum += rows * columns
	}
	return sum
}

// serial multiplies a block. Four rows of b at once are what Go's compiler, which
// makes no vector instructions, needs to read and write c a quarter as often.
func (p product) serial() {
	row := func(k int) []float64 { return p.b.at[k*p.b.stride:][:p.n] }
	for i := range p.n {
		c, a := p.c.at[i*p.c.stride:][:p.n], p.a.at[i*p.a.stride:][:p.n]
		for k := 0; k+4 <= p.n; k += 4 {
			x0, x1, x2, x3 := a[k], a[k+1], a[k+2], a[k+3]
			b0, b1, b2, b3 := row(k), row(k+1), row(k+2), row(k+3)
			for j := range c {
				c[j] += x0*b0[j] + x1*b1[j] + x2*b2[j] + x3*b3[j]
			}
		}
	}
}

// quarters returns the eight products of quarters: the first four write to
// different quarters of c, and so do the others.
func (p product) quarters() (q [8]product) {
	h := p.n / 2
	for i := range q {
		row, column, k := i>>1&1*h, i&1*h, i>>2*h
		q[i] = product{p.a.part(row, k), p.b.part(k, column), p.c.part(row, column), h}
	}
	return q
}

// each calls f for every block.
func (p product) each(f func(product)) {
	if p.n <= matmulBlock {
		f(p)
		return
	}
	for _, q := range p.quarters() {
		q.each(f)
	}
}

func joinProduct(w *workers.Worker, p product) none {
	if p.n <= matmulBlock {
		p.serial()
		return none{}
	}
	q := p.quarters()
	for _, four := range [2][4]product{[4]product(q[:4]), [4]product(q[4:])} {
		workers.Join(w, joinTwo, [2]product(four[:2]), joinTwo, [2]product(four[2:]))
	}
	return none{}
}

func joinTwo(w *workers.Worker, two [2]product) none {
	workers.Join(w, joinProduct, two[0], joinProduct, two[1])
	return none{}
}

func forkProduct(fork forker, p product) {
	if p.n <= matmulBlock {
		p.serial()
		return
	}
	q := p.quarters()
	for i := 0; i < len(q); i += 4 {
		fork(
			func() {
				fork(func() { forkProduct(fork, q[i]) }, func() { forkProduct(fork, q[i+1]) })
			},
			func() {
				fork(func() { forkProduct(fork, q[i+2]) }, func() { forkProduct(fork, q[i+3]) })
			})
	}
}
