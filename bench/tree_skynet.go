// SPDX-License-Identifier: Apache-2.0

package bench

import "github.com/pilfer-go/pilfer/workers"

// skynetTree is the skynet benchmark: every task has ten children, the last
// level has a million, and each task returns the sum of its own.
func skynetTree() tree {
	return tree{
		name: "skynet", unit: "task",
		why:   "1,111,111 tasks, each with ten children: fan-out, with a result from each",
		sizes: []treeSize{{1_000, 1_111, 499_500}, {100_000, 111_111, 4_999_950_000}, {1_000_000, 1_111_111, 499_999_500_000}},
		serial: func(n int) int64 {
			return serialSkynet(0, n)
		},
		join: func(w *workers.Worker, n int) int64 { return joinSkynet(w, skynet{0, n}) },
		fork: func(fork forker, n int) int64 { return forkSkynet(fork, 0, n) },
	}
}

const skynetChildren = 10

func serialSkynet(number, leaves int) int64 {
	if leaves == 1 {
		return int64(number)
	}
	sum := int64(0)
	each := leaves / skynetChildren
	for i := range skynetChildren {
		sum += serialSkynet(number+i*each, each)
	}
	return sum
}

// A skynet is a task, with the leaves below it.
type skynet struct{ number, leaves int }

func joinSkynet(w *workers.Worker, s skynet) int64 {
	if s.leaves == 1 {
		return int64(s.number)
	}
	return joinSiblings(w, siblings{s.number, s.leaves / skynetChildren, skynetChildren})
}

// siblings are some children of a task.
type siblings struct{ number, each, n int }

func joinSiblings(w *workers.Worker, s siblings) int64 {
	if s.n == 1 {
		return joinSkynet(w, skynet{s.number, s.each})
	}
	half := s.n / 2
	a, b := workers.Join(w, joinSiblings, siblings{s.number, s.each, half},
		joinSiblings, siblings{s.number + half*s.each, s.each, s.n - half})
	return a + b
}

func forkSkynet(fork forker, number, leaves int) int64 {
	if leaves == 1 {
		return int64(number)
	}
	return forkSiblings(fork, number, leaves/skynetChildren, skynetChildren)
}

func forkSiblings(fork forker, number, each, n int) int64 {
	if n == 1 {
		return forkSkynet(fork, number, each)
	}
	half := n / 2
	var a, b int64
	fork(func() { a = forkSiblings(fork, number, each, half) },
		func() { b = forkSiblings(fork, number+half*each, each, n-half) })
	return a + b
}
