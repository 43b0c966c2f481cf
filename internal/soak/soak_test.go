// SPDX-License-Identifier: Apache-2.0

package soak_test

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// procs are the values of GOMAXPROCS that take turns.
var procs = []int{1, 2, 8}

// A row is what was done at one value of GOMAXPROCS.
type row struct {
	rounds, works, aborted, panicked, resized, refused, steals int64
	turns                                                      int64         // the largest median
	latest                                                     time.Duration // the longest wait
	heap                                                       []uint64      // in use after each round
}

// TestSoak goes on for a few seconds, or as long as PILFER_SOAK says.
func TestSoak(t *testing.T) {
	length := 3 * time.Second
	if testing.Short() {
		length = time.Second
	}
	if text := os.Getenv("PILFER_SOAK"); text != "" {
		d, err := time.ParseDuration(text)
		require.NoError(t, err)
		length = d
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rng := testkit.Rand(t)
	each := min(max(length/60, 100*time.Millisecond), 2*time.Second)
	rows := make([]row, len(procs))
	goroutines := runtime.NumGoroutine()
	began := time.Now()
	for i := 0; time.Since(began) < length && !t.Failed(); i++ {
		n := i % len(procs)
		runtime.GOMAXPROCS(procs[n])
		r, steals := play(t, testkit.Split(rng), each)
		testkit.Eventually(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= goroutines })
		rows[n].add(r, steals)
	}
	fmt.Print(table(rows, time.Since(began)))
	for n := range rows {
		before, after := rows[n].slope()
		require.LessOrEqual(t, after, before+before/4+4<<20, "GOMAXPROCS=%d: the heap grows, from %d KB to %d KB in %d rounds",
			procs[n], before>>10, after>>10, rows[n].rounds)
	}
}

// add counts a round.
func (w *row) add(r *round, steals uint64) {
	w.rounds++
	w.works += r.done.works.Load()
	w.aborted += r.done.aborted.Load()
	w.panicked += r.done.panicked.Load()
	w.resized += r.done.resized.Load()
	w.refused += r.done.refused.Load()
	w.steals += int64(steals)
	if len(r.probe.waited) > 0 {
		w.turns = max(w.turns, median(r.probe.waited))
	}
	w.latest = max(w.latest, r.probe.latest)
	garbage = nil
	runtime.GC()
	runtime.GC() // the first only ages what a Pool keeps
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.heap = append(w.heap, m.HeapAlloc)
}

// slope returns the median of the heap in the first and in the last third of the rounds,
// without the very first.
func (w *row) slope() (before, after uint64) {
	if len(w.heap) < 4 {
		return 0, 0
	}
	heap := w.heap[1:]
	third := max(len(heap)/3, 1)
	return median(heap[:third]), median(heap[len(heap)-third:])
}

func median[T cmp.Ordered](v []T) T {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// table is what was done, for people.
func table(rows []row, took time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "soak: %v\n%10s %7s %9s %9s %8s %8s %8s %9s %7s %9s %16s\n", took.Round(time.Second), "GOMAXPROCS",
		"rounds", "works", "aborted", "panics", "resizes", "refused", "steals", "turns", "latest", "heap KB")
	for n, w := range rows {
		before, after := w.slope()
		fmt.Fprintf(&b, "%10d %7d %9d %9d %8d %8d %8d %9d %7d %9v %16s\n", procs[n], w.rounds, w.works, w.aborted, w.panicked, w.resized,
			w.refused, w.steals, w.turns, w.latest.Round(10*time.Microsecond), fmt.Sprintf("%d to %d", before>>10, after>>10))
	}
	return b.String()
}
