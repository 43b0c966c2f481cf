// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"context"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// After a cancellation each worker begins one half at most: the one before which it
// had looked already. The worker that cancels begins none.
func TestCancelIsSeenByNextFork(t *testing.T) {
	const (
		depth = 40 // more forks than could ever run
		leaf  = 12 // levels below a leaf that cancels
	)
	for _, workers := range []int{1, 2, 3, 8} {
		for _, byContext := range []bool{false, true} {
			p := treePool(t, workers)
			ctx, cancel := context.WithCancelCause(context.Background())
			var canceled point.Bool
			var halves point.Int64
			late := make([]int, workers) // by worker, which alone counts there
			by := -1
			var half func(w *Worker, left int) (int, error)
			half = func(w *Worker, left int) (int, error) {
				switch {
				case canceled.Load():
					late[w.index]++
				case halves.Inc() == 1<<leaf:
					by = w.index
					if byContext {
						cancel(errLeaf)
						testkit.Eventually(t, "the scope is canceled", func() bool { return w.Err() != nil })
					} else if _, _, err := JoinErr(w, fails, 0, answers, 0); err != errLeaf {
						t.Error("JoinErr that fails:", err)
					}
					canceled.Store(true)
					return 0, w.Err()
				}
				if left == 0 {
					return 1, nil
				}
				a, b, err := JoinErr(w, half, left-1, half, left-1)
				return a + b, err
			}
			runsJob(t, p, func(w *Worker) {
				err := Try(ctx, w, func(w *Worker) error { _, err := half(w, depth); return err })
				if err != errLeaf {
					t.Error("Try:", err)
				}
			})
			cancel(nil)
			for i, n := range late {
				if most := map[bool]int{true: 0, false: 1}[i == by]; n > most {
					t.Errorf("%d workers, by context %v: worker %d began %d halves after worker %d canceled, more than %d",
						workers, byContext, i, n, by, most)
				}
			}
		}
	}
}
