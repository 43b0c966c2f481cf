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
		join: func(w *workers.Worker, n int) int64 {
			return joinSkynet(w, skynet{0, n / skynetChildren, skynetChildren})
		},
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

// A skynet is a task's children from one on: n, each with so many leaves below it.
// A leaf has none.
type skynet struct{ number, each, n int }

// joinSkynet is the loop of serialSkynet; the children that are left are on offer
// while one is computed.
func joinSkynet(w *workers.Worker, s skynet) (sum int64) {
	if s.each == 0 {
		return int64(s.number)
	}
	for ; s.n > 1; s.n-- {
		child := skynet{s.number, s.each / skynetChildren, skynetChildren}
		s.number += s.each
		here, rest, taken := workers.JoinRest(w, joinSkynet, child, joinSkynet, skynet{s.number, s.each, s.n - 1})
		sum += here
		if taken {
			return sum + rest
		}
	}
	return sum + joinSkynet(w, skynet{s.number, s.each / skynetChildren, skynetChildren})
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
