// SPDX-License-Identifier: Apache-2.0

package table

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

// TestMain is also the child that a comparison of this test starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-cell" {
		os.Exit(Main(planted(), nil))
	}
	goleak.VerifyTestMain(testkit.Settled(m))
}

// planted returns runtimes whose behavior is known. They claim to do run-empty.
func planted() []bench.Runtime {
	open := func(run bench.Body) map[string]bench.Open {
		return map[string]bench.Open{"run-empty": func(int) (bench.Body, func() error, error) {
			return run, func() error { return nil }, nil
		}}
	}
	unit := func() error { time.Sleep(time.Microsecond); return nil }
	return []bench.Runtime{
		{Name: "right", Open: open(func(s *bench.Sample, units int) error { return s.Time(units, unit) })},
		{Name: "wrong", Open: open(func(*bench.Sample, int) error { return errors.New("41 calls, want 42") })},
		{Name: "asleep", Open: open(func(*bench.Sample, int) error { <-make(chan int); return nil })},
		{Name: "quiet", Open: open(func(*bench.Sample, int) error { time.Sleep(time.Hour); return nil })},
		{Name: "endless", Open: open(func(*bench.Sample, int) error {
			for {
				runtime.Gosched()
			}
		})},
		{Name: "pilfer-stuck", Open: open(func(*bench.Sample, int) error { <-make(chan int); return nil })},
	}
}

func onePlanted(name string) []bench.Runtime {
	rt, err := bench.FindRuntime(planted(), name)
	if err != nil {
		panic(err)
	}
	return []bench.Runtime{rt}
}

// planting returns options for a quick comparison, with its JSON file.
func planting(t *testing.T) *options {
	return &options{
		only: "run-empty", workers: "1", runs: 2, timeout: testkit.Patience, measured: time.Millisecond,
		json: t.TempDir() + "/out.json",
	}
}

func TestWrongResultFailsTheRunByName(t *testing.T) {
	o := planting(t)
	err := o.compare(t.Context(), slices.Concat(onePlanted("right"), onePlanted("wrong")))
	require.ErrorContains(t, err, "run-empty/wrong/")
	require.ErrorContains(t, err, "41 calls, want 42")
	book, err := ReadBook(o.json)
	require.NoError(t, err)
	require.Equal(t, 2, book.Entries[0].Runs, "what is right is kept")
}

func TestStuckPeersAreStoppedAndReported(t *testing.T) {
	for name, word := range map[string]string{
		"asleep": "deadlocks", "quiet": "deadlocks", "endless": "no end after 300ms",
	} {
		o := planting(t)
		if name == "endless" {
			o.timeout = 300 * time.Millisecond
		}
		require.NoError(t, o.compare(t.Context(), onePlanted(name)))
		book, err := ReadBook(o.json)
		require.NoError(t, err)
		require.Len(t, book.Entries, 1)
		require.Equal(t, word, book.Entries[0].Note, name)
		require.Zero(t, book.Entries[0].Runs)
	}
	o := planting(t)
	require.ErrorContains(t, o.compare(t.Context(), onePlanted("pilfer-stuck")), "deadlocks", "we may not")
}

// A child that the machine lets begin too late has no end in time either.
func TestNoTimeToBegin(t *testing.T) {
	o := planting(t)
	o.timeout = 1
	require.NoError(t, o.compare(t.Context(), onePlanted("right")))
	book, err := ReadBook(o.json)
	require.NoError(t, err)
	require.Equal(t, "no end after 1ns", book.Entries[0].Note)
}

func TestInterruptKeepsAndResumeGoesOn(t *testing.T) {
	o := planting(t)
	require.NoError(t, o.compare(t.Context(), onePlanted("right")))

	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	more := *o
	more.runs = 4
	require.ErrorIs(t, more.compare(interrupted, onePlanted("right")), errInterrupted)
	book, err := ReadBook(o.json)
	require.NoError(t, err)
	require.Equal(t, 2, book.Entries[0].Runs, "what was measured is kept")

	text, err := os.ReadFile(beside(o.json, ".runs.jsonl"))
	require.NoError(t, err)
	cut := string(text) + `{"cell":"run-em` // as an interrupt may leave it
	require.NoError(t, os.WriteFile(beside(o.json, ".runs.jsonl"), []byte(cut), 0o666))
	limited := more
	limited.limit = 1
	require.ErrorIs(t, limited.compare(t.Context(), onePlanted("right")), errLeft)
	require.NoError(t, more.compare(t.Context(), onePlanted("right")))

	after, err := os.ReadFile(beside(o.json, ".runs.jsonl"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(after), string(text)))
	require.Equal(t, 4, strings.Count(string(after), "\n"), "two runs were there, two more were done")
	book, err = ReadBook(o.json)
	require.NoError(t, err)
	require.Equal(t, 4, book.Entries[0].Runs)
	require.NotEmpty(t, book.Machines[0].Go)
}

// TestInterruptInTheMiddle interrupts while a child runs.
func TestInterruptInTheMiddle(t *testing.T) {
	o := planting(t)
	o.runs = 1000 // more than there is time for
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- o.compare(ctx, onePlanted("right")) }()
	testkit.Eventually(t, "two runs", func() bool {
		text, _ := os.ReadFile(beside(o.json, ".runs.jsonl")) // not there yet is empty
		return strings.Count(string(text), "\n") >= 2
	})
	cancel()
	require.ErrorIs(t, testkit.Receive(t, ended, "the end of the comparison"), errInterrupted)
	book, err := ReadBook(o.json)
	require.NoError(t, err)
	require.GreaterOrEqual(t, book.Entries[0].Runs, 2, "what was measured is kept")
}

func TestRowsOfBeforeStay(t *testing.T) {
	path := t.TempDir() + "/out.json"
	old := []Entry{{Workload: "fib", Runtime: "x", Workers: 1, Runs: 5}, {Workload: "run-empty", Runtime: "x", Workers: 1, Runs: 5}}
	require.NoError(t, writeJSON(path, old))
	require.NoError(t, writeJSON(machineFile(path), []Machine{{CPU: "old"}}))
	book, err := openBook(path)
	require.NoError(t, err)
	w, err := bench.Find("run-empty")
	require.NoError(t, err)
	r := &row{workload: w, cells: []*cell{runs(w, "x", 1, 0, 30)}}
	require.NoError(t, book.write(r, Machine{CPU: "new"}))
	book, err = ReadBook(path)
	require.NoError(t, err)
	require.Len(t, book.Entries, 2)
	require.Equal(t, old[0], book.Entries[0])
	require.Equal(t, 30.0, book.Entries[1].Median)
	require.Len(t, book.Machines, 2, "the page tells of both")
}
