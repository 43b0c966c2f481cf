// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// TestNoLevelStarvesBesideAnother: the bound of [Levels] holds with two workers as well,
// in jobs of the worker in whose queue the job lies, and for a job from outside in jobs
// of either. The two run in step, as jobs of the same length would: so it holds for both
// together, as twice that.
func TestNoLevelStarvesBesideAnother(t *testing.T) {
	for _, busy := range allLevels {
		for _, late := range allLevels {
			for _, age := range []int{2, 32} {
				for _, outside := range []bool{false, true} {
					t.Run(fmt.Sprintf("%v/%v/age=%d/outside=%v", busy, late, age, outside), func(t *testing.T) {
						for _, waited := range starveTwo(t, busy, late, age, outside) {
							require.LessOrEqual(t, waited, int64(age+8+1), "where one more may have begun meanwhile")
						}
					})
				}
			}
		}
	}
}

// starveTwo returns how many jobs of level busy each of two workers ran before one of
// level late.
func starveTwo(t *testing.T, busy, late Level, age int, outside bool) (waited [2]int64) {
	p := newPool(t, 2, Levels(age))
	var (
		ran  [2]point.Int64
		stop point.Bool
		done = make(chan struct{}, 5)
	)
	inStep := func(w *Worker) {
		mine := ran[w.Index()].Inc()
		for ran[1-w.Index()].Load() < mine && !stop.Load() {
			runtime.Gosched()
		}
	}
	for range 4 {
		var again *Job
		again = do(func(w *Worker) {
			if inStep(w); stop.Load() {
				done <- struct{}{}
			} else {
				w.PushAt(busy, again)
			}
		})
		p.SubmitAt(busy, again)
	}
	var start [2]int64
	p.SubmitAt(busy, do(func(w *Worker) {
		inStep(w)
		j := do(func(*Worker) {
			for i := range ran {
				waited[i] = ran[i].Load() - start[i]
			}
			stop.Store(true)
			done <- struct{}{}
		})
		for i := range ran {
			start[i] = ran[i].Load()
		}
		if outside {
			p.SubmitAt(late, j)
		} else {
			w.PushAt(late, j)
		}
	}))
	for range cap(done) {
		testkit.Receive(t, done, "the end of a job")
	}
	return waited
}
