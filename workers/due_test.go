// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEarliestDeadlineFirst(t *testing.T) {
	got := inOrder(t, []Option{Levels(100)}, func(w *Worker, note func(any) *Job) {
		for _, at := range []int64{5, 3, 9, 3, -1} {
			w.Pool().SubmitDue(at, note(at))
		}
		w.Push(note("normal"))
		w.PushAt(High, note("high"))
	})
	require.Equal(t, []any{"high", int64(-1), int64(3), int64(3), int64(5), int64(9), "normal"}, got)
}

func TestWithoutLevelsADeadlineSaysNothing(t *testing.T) {
	got := inOrder(t, nil, func(w *Worker, note func(any) *Job) {
		w.Pool().SubmitDue(5, note("late"))
		w.Pool().SubmitDue(3, note("early"))
	})
	require.ElementsMatch(t, []any{"late", "early"}, got)
}

// FuzzDueQueue compares the heap with a list that is searched: bytes below 200 push
// with that deadline, the others pop.
func FuzzDueQueue(f *testing.F) {
	f.Add([]byte{5, 5, 3, 255, 9, 255, 255, 255, 255})
	rng := rand.New(rand.NewPCG(1, 0))
	long := make([]byte, 400)
	for i := range long {
		long[i] = byte(rng.IntN(256))
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, script []byte) {
		ls := &leveled{}
		var twin []dueJob
		for i, op := range script {
			if op < 200 {
				e := dueJob{at: int64(op), seq: uint64(i), job: &Job{}}
				twin = append(twin, e)
				ls.putDue(e.at, e.job)
				continue
			}
			var want *Job
			if len(twin) > 0 {
				first := 0
				for j, e := range twin {
					if e.at < twin[first].at {
						first = j
					}
				}
				want = twin[first].job
				twin = slices.Delete(twin, first, first+1)
			}
			if got := ls.takeDue(); got != want {
				t.Fatalf("step %d: another job than the one due first", i)
			}
			if ls.due.len() != len(twin) {
				t.Fatalf("step %d: length %d, want %d", i, ls.due.len(), len(twin))
			}
		}
	})
}
