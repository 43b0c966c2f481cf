// SPDX-License-Identifier: Apache-2.0

package bench

import "github.com/pilfer-go/pilfer/workers"

// queensTree counts the ways to place n queens, as in libfork's and Cilk's
// benchmarks: a board is an array, and each placement is checked against all
// before it. A node is a board without conflicts.
func queensTree() tree {
	return tree{
		name: "nqueens", unit: "node",
		why:   "13 queens: an irregular tree with about 100 ns of work in each node",
		sizes: []treeSize{{8, 2_057, 92}, {10, 35_539, 724}, {13, 4_674_890, 73_712}},
		targets: []Target{
			{Metric: "ns", Peer: "serial", Ratio: 1.03},
		},
		serial: func(n int) int64 { return serialQueens(board{n: int8(n)}) },
		join:   func(w *workers.Worker, n int) int64 { return joinQueens(w, row{board: board{n: int8(n)}}) },
		fork:   func(fork forker, n int) int64 { return forkQueens(fork, board{n: int8(n)}) },
	}
}

// A board has queens in its first rows. The columns are four bits each, so that a
// board is passed in registers.
type board struct {
	columns uint64 // of the last row first
	rows, n int8
}

// free reports whether a queen fits into a column of the next row.
func (b board) free(column int8) bool {
	columns := b.columns
	for back := int8(1); back <= b.rows; back++ {
		d := int8(columns&15) - column
		if d == 0 || d == back || d == -back {
			return false
		}
		columns >>= 4
	}
	return true
}

// with returns the board with a queen more.
func (b board) with(column int8) board {
	return board{b.columns<<4 | uint64(column), b.rows + 1, b.n}
}

// next returns the first free column from one on, or n.
func (b board) next(from int8) int8 {
	for from < b.n && !b.free(from) {
		from++
	}
	return from
}

func serialQueens(b board) (found int64) {
	if b.rows == b.n {
		return 1
	}
	for c := range b.n {
		if b.free(c) {
			found += serialQueens(b.with(c))
		}
	}
	return found
}

// A row is the columns of a board's next row from first on.
type row struct {
	board board
	first int8
}

// joinQueens is the loop of serialQueens; what is left of it is on offer while a
// column is tried.
func joinQueens(w *workers.Worker, r row) (found int64) {
	b := r.board
	if b.rows == b.n {
		return 1
	}
	last := b.n - 1 // nothing is left to offer there
	for c := r.first; c < last; c++ {
		if b.free(c) {
			here, rest, taken := workers.JoinRest(w, joinQueens, row{b.with(c), 0}, joinQueens, row{b, c + 1})
			found += here
			if taken {
				return found + rest
			}
		}
	}
	if b.free(last) {
		found += joinQueens(w, row{b.with(last), 0})
	}
	return found
}

func forkQueens(fork forker, b board) int64 {
	if b.rows == b.n {
		return 1
	}
	first := b.next(0)
	if first == b.n {
		return 0
	}
	return forkColumns(fork, row{b, first})
}

// forkColumns tries the free columns of a row from first on, which is one: the
// first itself, the others in a fork.
func forkColumns(fork forker, c row) int64 {
	first := c.board.with(c.first)
	if c.first = c.board.next(c.first + 1); c.first == c.board.n {
		return forkQueens(fork, first)
	}
	var a, b int64
	fork(func() { a = forkQueens(fork, first) }, func() { b = forkColumns(fork, c) })
	return a + b
}
