// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"sync"
	"sync/atomic"
)

// runByHand is what one writes without a library: as many goroutines as workers,
// a channel of the nodes that are ready, and a count for each node of those that
// it still waits for.
func runByHand(ctx context.Context, j *job) (tally, error) {
	nodes, s := j.plan.nodes, newShelf(j)
	if len(nodes) == 0 {
		return tally{}, nil
	}
	// Room for every node, so that no send ever blocks.
	ready := make(chan int, len(nodes))
	waits := make([]atomic.Int32, len(nodes))
	for i, n := range nodes {
		waits[i].Store(int32(len(n.before)))
		if len(n.before) == 0 {
			ready <- i
		}
	}
	var left atomic.Int64
	left.Store(int64(len(nodes)))
	var wg sync.WaitGroup
	for worker := range j.workers {
		wg.Go(func() {
			for i := range ready {
				if ctx.Err() == nil {
					j.rec.start(i, worker)
					s.do(i)
					j.rec.end(i)
				}
				for _, next := range nodes[i].after {
					if waits[next].Add(-1) == 0 {
						ready <- next
					}
				}
				if left.Add(-1) == 0 {
					close(ready)
				}
			}
		})
	}
	wg.Wait()
	return tally{}, context.Cause(ctx)
}
