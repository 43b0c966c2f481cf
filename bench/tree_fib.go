// SPDX-License-Identifier: Apache-2.0

package bench

import "github.com/pilfer-go/pilfer/workers"

// fibTree is the fork alone: nothing else is done.
func fibTree() tree {
	return tree{
		name: "fib", unit: "fork",
		why:   "fib(37) without a cutoff: a fork and a join, and nothing else",
		sizes: []treeSize{{15, 986, 610}, {24, 75024, 46368}, {30, 1346268, 832040}, {37, 39088168, 24157817}},
		targets: []Target{
			{Of: "pilfer", Metric: "allocs", Max: 0.001},
			{Of: "pilfer-closure", Metric: "allocs", Max: 1.001},
			{Of: "pilfer", Metric: "ns", Peer: "serial", Ratio: 3.2},
			{Of: "pilfer-typed", Metric: "ns", Peer: "serial", Ratio: 2.3},
			{Of: "pilfer-closure", Metric: "ns", Peer: "serial", Ratio: 16},
			{Of: "pilfer-pointer", Metric: "ns", Peer: "serial", Ratio: 4},
			{Of: "pilfer-safe", Metric: "ns", Peer: "serial", Ratio: 5.6},
		},
		serial:  func(n int) int64 { return int64(serialFib(n)) },
		join:    func(w *workers.Worker, n int) int64 { return int64(joinFib(w, n)) },
		typed:   func(w *workers.Worker, n int) int64 { return int64(typedFib(w, n)) },
		closure: func(w *workers.Worker, n int) int64 { return int64(closureFib(w, n)) },
		pointer: func(w *workers.Worker, n int) int64 { return int64(pointerFib(w, newFibNode(n)).sum) },
		safe:    func(w *workers.Worker, n int) int64 { return int64(safeFib(w, n)) },
		fork:    func(fork forker, n int) int64 { return int64(forkFib(fork, n)) },
	}
}

func serialFib(n int) int {
	if n < 2 {
		return n
	}
	return serialFib(n-1) + serialFib(n-2)
}

func joinFib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.Join(w, joinFib, n-1, joinFib, n-2)
	return a + b
}

var fibs *workers.Recursive[int, int]

func init() { fibs = workers.NewRecursive(typedFib) }

func typedFib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := fibs.Join(w, n-1, n-2)
	return a + b
}

// closureFib is written as a user of closures would.
func closureFib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.JoinFunc(w,
		func(w *workers.Worker) int { return closureFib(w, n-1) },
		func(w *workers.Worker) int { return closureFib(w, n-2) })
	return a + b
}

// A fibNode is an argument and a result that are pointers: one for each number, so that
// nothing is allocated for them.
type fibNode struct {
	sum         int // of a leaf its number; of others, the number that they stand for
	left, right *fibNode
}

// newFibNode returns the node of n, with those of all lower numbers below it.
func newFibNode(n int) *fibNode {
	a, b := &fibNode{sum: 0}, &fibNode{sum: 1}
	for range n {
		a, b = b, &fibNode{sum: a.sum + b.sum, left: b, right: a}
	}
	return a
}

func pointerFib(w *workers.Worker, n *fibNode) *fibNode {
	if n.left == nil {
		return n
	}
	a, b := workers.Join(w, pointerFib, n.left, pointerFib, n.right)
	if a.sum+b.sum != n.sum {
		return a // wrong, as the answer will be
	}
	return n
}

// safeFib makes sure of the end of both even if one panics.
func safeFib(w *workers.Worker, n int) int {
	if n < 2 {
		return n
	}
	a, b := workers.JoinSafe(w, safeFib, n-1, safeFib, n-2)
	return a + b
}

func forkFib(fork forker, n int) (sum int) {
	if n < 2 {
		return n
	}
	var a, b int
	fork(func() { a = forkFib(fork, n-1) }, func() { b = forkFib(fork, n-2) })
	return a + b
}
