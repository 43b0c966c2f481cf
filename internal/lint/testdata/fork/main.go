// SPDX-License-Identifier: Apache-2.0

// Fork has one call of each form of join. TestForkPath reads its machine code.
package main

import "github.com/pilfer-go/pilfer/workers"

type point struct{ x int }

func number(_ *workers.Worker, n int) int        { return n }
func pointer(_ *workers.Worker, p *point) *point { return p }
func may(_ *workers.Worker, n int) (int, error)  { return n, nil }

var declared = workers.NewRecursive(number)

func main() {
	pool, err := workers.New()
	if err != nil {
		panic(err)
	}
	pool.Submit(&workers.Job{Runner: workers.Func(func(w *workers.Worker) {
		workers.Join(w, number, 1, number, 2)
		workers.Join(w, pointer, nil, pointer, nil)
		workers.JoinRest(w, number, 1, number, 2)
		workers.JoinSafe(w, number, 1, number, 2)
		_, _, _ = workers.JoinErr(w, may, 1, may, 2)
		workers.JoinFunc(w, func(*workers.Worker) int { return 1 }, func(*workers.Worker) int { return 2 })
		declared.Join(w, 1, 2)
	})})
	pool.Close()
}
