// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

// sample is a comparison with known figures: a diamond of packages, where right
// takes longest.
func sample(t *testing.T) *comparison {
	t.Helper()
	in := fake(
		pkg{Path: "crypto/base", Sizes: []int64{100}},
		pkg{Path: "net/left", Sizes: []int64{50}, Imports: []int{0}},
		pkg{Path: "net/right<&>", Sizes: []int64{60}, Imports: []int{0}},
		pkg{Path: "example.com/me/top/cmd", Sizes: []int64{10}, Imports: []int{1, 2}},
	)
	p, err := newPlan(in, wide)
	require.NoError(t, err)
	c := &comparison{input: in, plan: p, opts: &options{workers: 2, repeat: 1, gc: 100, locked: true}, runs: map[string][]*outcome{}}
	f := found{Packages: in.paths(), Files: 4, Lines: 1234567, Errors: []string{}}
	at := func(worker int, start, end time.Duration) span { return span{worker, start * ms, end * ms} }
	// parse and check of base, right, left, top
	c.runs[bySerial] = []*outcome{{
		Variant: bySerial, Workers: 1, Wall: 100 * ms, CPU: 110 * ms, GCs: 3, Bytes: 5 << 20, Found: f,
		Spans: []span{at(0, 0, 5), at(0, 5, 20), at(0, 20, 25), at(0, 25, 60), at(0, 60, 65), at(0, 65, 80), at(0, 80, 85), at(0, 85, 100)},
	}}
	c.runs[byHand] = []*outcome{{
		Variant: byHand, Workers: 2, Wall: 80 * ms, Found: f,
		Spans: []span{at(0, 0, 5), at(0, 5, 20), at(1, 0, 5), at(0, 20, 55), at(1, 5, 10), at(1, 20, 35), at(1, 10, 15), at(0, 55, 80)},
	}}
	c.runs[byPilfer] = []*outcome{{
		Variant: byPilfer, Workers: 2, Wall: 70 * ms, Found: f, Tally: tally{Steals: 4, Parks: 2},
		Spans: []span{at(0, 0, 5), at(0, 5, 20), at(1, 0, 5), at(1, 20, 55), at(1, 5, 10), at(0, 20, 35), at(1, 10, 15), at(1, 55, 70)},
	}}
	return c
}

func TestReport(t *testing.T) {
	r := sample(t).report()
	require.InDelta(t, 100./70, r.Speedup, 1e-9)
	require.InDelta(t, .100, r.WorkS, 1e-9)
	require.InDelta(t, .070, r.CriticalS, 1e-9)
	require.Equal(t, []string{"parse crypto/base", "check crypto/base", "check net/right<&>", "check example.com/me/top/cmd"}, r.Critical)
	require.InDeltaSlice(t, []float64{35. / 70, 65. / 70}, r.Busy, 1e-9)
	require.Equal(t, "typecheck packages=4 errors=0 workers=2 serial_s=0.1000 parallel_s=0.0700 byhand_s=0.0800 speedup=1.43 busy=0.71", r.Line)

	var out bytes.Buffer
	require.NoError(t, r.print(&out))
	require.Equal(t, r.Line, lastLine(out.String()))
	for _, want := range []string{
		"4 packages, 4 files, 1,234,567 lines, errors: 0",
		"parallelism of the graph: 1.43 (work 0.100 s / critical path 0.070 s",
		"workers busy:    50 %, 93 %",
		"4, and 2 parks",
	} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "Other programs")
}

func TestReportTellsOfBusyMachine(t *testing.T) {
	c := sample(t)
	c.runs[byPilfer][0].CPU = 50 * ms // of 2 x 70 ms, busy for 100
	var out bytes.Buffer
	require.NoError(t, c.report().print(&out))
	require.Contains(t, out.String(), "pilfer, locked threads had them for 50 % of its busy time")
}

func TestReportShowsSomeErrors(t *testing.T) {
	c := sample(t)
	for i := range 12 {
		c.runs[bySerial][0].Found.Errors = append(c.runs[bySerial][0].Found.Errors, "wrong "+strings.Repeat("!", i))
	}
	var out bytes.Buffer
	require.NoError(t, c.report().print(&out))
	require.Equal(t, 10, strings.Count(out.String(), "wrong"))
	require.Contains(t, out.String(), "and 2 more")
	require.Contains(t, lastLine(out.String()), " errors=12 ")
}

func TestMedian(t *testing.T) {
	c := &comparison{runs: map[string][]*outcome{byHand: {{Wall: 9}, {Wall: 2}, {Wall: 5}, {Wall: 4}}}}
	require.EqualValues(t, 4, c.median(byHand).Wall, "of an even number the faster in the middle")
	c.runs[byHand] = c.runs[byHand][:3]
	require.EqualValues(t, 5, c.median(byHand).Wall)
	fastest, slowest := c.spread(byHand)
	require.EqualValues(t, 2, fastest)
	require.EqualValues(t, 9, slowest)
}

// TestVariantsTakeTurns: each begins as often as the others.
func TestVariantsTakeTurns(t *testing.T) {
	var order []string
	launch := func(_ context.Context, r request, _ func(int64)) (*outcome, error) {
		order = append(order, r.Variant)
		require.Equal(t, r.Variant == bySerial, r.Workers == 1)
		return &outcome{Variant: r.Variant}, nil
	}
	var out bytes.Buffer
	_, err := compareAll(t.Context(), fake(pkg{Path: "a"}), &options{workers: 3, repeat: 3}, launch, &out)
	require.NoError(t, err)
	require.Equal(t, []string{
		bySerial, byHand, byPilfer,
		byHand, byPilfer, bySerial,
		byPilfer, bySerial, byHand,
	}, order)
	require.Equal(t, 9, strings.Count(out.String(), "run "))
}

func TestVerify(t *testing.T) {
	c := sample(t)
	listed := c.input.paths()
	require.NoError(t, c.verify(listed))
	require.ErrorContains(t, c.verify(append(listed, "z/more")), `run 1 of serial and go list differ in a package: "z/more" is missing`)

	run := c.runs[byPilfer][0]
	whole := run.Found
	run.Found.Packages = whole.Packages[1:]
	require.ErrorContains(t, c.verify(listed), `run 1 of pilfer and go list differ in a package: "crypto/base" is missing (3 instead of 4)`)
	run.Found = whole
	run.Found.Errors = []string{"new"}
	require.ErrorContains(t, c.verify(listed), `run 1 of pilfer and the serial run differ in an error: "new" is too much`)
	run.Found = whole
	run.Found.Lines--
	require.ErrorContains(t, c.verify(listed), "read 1234566 lines")
	run.Found = whole
	delete(c.runs, bySerial)
	require.Error(t, c.verify(listed))
}

func TestDifference(t *testing.T) {
	require.Empty(t, difference([]string{"a", "b"}, []string{"a", "b"}))
	require.Contains(t, difference([]string{"a", "c"}, []string{"a", "b", "c"}), `"b" is missing`)
	require.Contains(t, difference([]string{"a", "a"}, []string{"a"}), `"a" is too much`)
	require.Contains(t, difference(nil, []string{"a"}), `"a" is missing`)
}

func TestDigits(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		require.Equal(t, want, digits(n))
	}
}
