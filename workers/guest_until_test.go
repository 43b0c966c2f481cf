// SPDX-License-Identifier: Apache-2.0

package workers

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// A panic of one job is its own; the jobs after it run, until the guest has what it
// waits for.
func TestRunUntil(t *testing.T) {
	p := newPool(t, 1)
	w := enter(t, p)
	defer w.Leave()
	var ran, crashed []int
	push := func(i int, run func(w *Worker)) {
		w.Push(&Job{Runner: crashing{
			run:     func(w *Worker) { ran = append(ran, i); run(w) },
			crashed: func(_ *Worker, c Crash) { crashed = append(crashed, i) },
		}})
	}
	empty := func(*Worker) {}
	push(0, empty)
	push(1, func(*Worker) { panic("no") })
	push(2, func(w *Worker) { // a half that a panic leaves open is joined before the next job
		Join(w, func(*Worker, int) int { panic("no") }, 0, func(*Worker, int) int { ran = append(ran, 20); return 0 }, 0)
	})
	push(3, empty)
	push(4, empty)
	w.RunUntil(func() bool { return len(ran) > 0 && ran[len(ran)-1] == 3 })
	require.Equal(t, []int{0, 1, 2, 20, 3}, ran)
	require.Equal(t, []int{1, 2}, crashed)
	w.RunUntil(func() bool { return false })
	require.Equal(t, []int{0, 1, 2, 20, 3, 4}, ran)
}

// Goexit ends the guest's goroutine; the job is told, and the place is free again.
func TestRunUntilGoexit(t *testing.T) {
	p := newPool(t, 1)
	told := make(chan Crash, 1)
	go func() {
		w := enter(t, p)
		defer w.Leave()
		w.Push(&Job{Runner: crashing{
			run:     func(*Worker) { runtime.Goexit() },
			crashed: func(_ *Worker, c Crash) { told <- c },
		}})
		w.RunUntil(func() bool { return false })
		t.Error("RunUntil has returned")
	}()
	require.True(t, testkit.Receive(t, told, "the job is told").Goexit)
	testkit.Eventually(t, "the place is free", func() bool { return p.Parked() == 1 })
}
