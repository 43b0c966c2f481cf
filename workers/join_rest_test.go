// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"
	"testing"

	"github.com/pilfer-go/pilfer/internal/point"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// What another worker has taken is not left to the caller.
func TestJoinRestIsTaken(t *testing.T) {
	p := treePool(t, 2)
	for range 20 {
		runsJob(t, p, func(w *Worker) {
			begun := make(chan struct{})
			one, rest, taken := JoinRest(w,
				func(*Worker, int) int { <-begun; return 1 }, 0,
				func(_ *Worker, n int) string { close(begun); return "rest"[n:] }, 1)
			if one != 1 || rest != "est" || !taken {
				t.Error(one, rest, taken)
			}
		})
	}
}

// A loop of which the rest was taken leaves as that does.
func TestJoinRestLeavesAsTheTaken(t *testing.T) {
	p := treePool(t, 2)
	for _, crash := range []func(*Worker, int) int{boom, func(*Worker, int) int { runtime.Goexit(); return 0 }} {
		c := runsJob(t, p, func(w *Worker) {
			begun := make(chan struct{})
			JoinRest(w, func(*Worker, int) int { <-begun; return 1 }, 0,
				func(w *Worker, _ int) int { close(begun); return crash(w, 0) }, 0)
			t.Error("a rest that has crashed returns")
		})
		if c == nil || c.Value != "boom" && !c.Goexit {
			t.Errorf("crashed with %v", c)
		}
	}
}

// If a call in the loop panics, what was on offer is run all the same, once, before
// the job is over: as the second half of a Join is.
func TestJoinRestRunsAfterAPanic(t *testing.T) {
	for _, workers := range []int{1, 2} {
		p := treePool(t, workers)
		for range 20 {
			var ran point.Int32
			c := runsJob(t, p, func(w *Worker) {
				JoinRest(w, boom, 0, func(*Worker, int) int { ran.Inc(); return 0 }, 0)
			})
			if c == nil || c.Value != "boom" {
				t.Fatalf("crashed with %v", c)
			}
			testkit.Eventually(t, "the rest has run", func() bool { return ran.Load() == 1 })
		}
		p.Close()
	}
}

// A call that has forked and was left by a panic which it recovered stands above
// the loop's level: the loop goes on, and nothing is run twice.
func TestJoinRestAfterARecoveredPanic(t *testing.T) {
	p := treePool(t, 1)
	runsJob(t, p, func(w *Worker) {
		orphans, calls := 0, 0
		f := func(w *Worker, _ int) int {
			calls++
			leaves(func() { Join(w, boom, 0, func(*Worker, int) int { orphans++; return 0 }, 0) })
			return 1
		}
		for i := range 3 {
			one, _, taken := JoinRest(w, f, 0, f, 0)
			if one != 1 || taken || orphans != i+1 || calls != i+1 {
				t.Errorf("call %d: %d, taken %v, %d orphans have run, %d calls", i, one, taken, orphans, calls)
			}
		}
	})
}
