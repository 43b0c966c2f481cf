// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pilfer-go/pilfer/bench"
)

// runs returns a cell whose runs took the given ns for one unit.
func runs(w bench.Workload, runtime string, workers int, others float64, ns ...time.Duration) *cell {
	c := &cell{Cell: bench.Cell{Workload: w, Runtime: bench.Runtime{Name: runtime}, Workers: workers}}
	for _, d := range ns {
		c.runs = append(c.runs, run{sample: &bench.Sample{Units: 1, Elapsed: d}, others: others})
	}
	return c
}

func TestDisturbedRunsCountOnlyAlone(t *testing.T) {
	c := runs(bench.Workload{}, "pilfer", 2, 0, 10, 30, 20, 40)
	require.Equal(t, spread{10, 25, 40}, c.spread("ns"))
	c.runs[3].others = 1
	require.Equal(t, spread{10, 20, 30}, c.spread("ns"))
	c = runs(bench.Workload{}, "pilfer", 2, 1, 10, 30)
	require.Equal(t, spread{10, 20, 30}, c.spread("ns"))
}

func TestVerdicts(t *testing.T) {
	w := bench.Workload{Name: "w", Unit: "task"}
	ours := runs(w, "pilfer", 2, 0, 30)
	r := &row{workload: w, cells: []*cell{
		ours, runs(w, "peer", 1, 0, 60), runs(w, "peer", 2, 0, 120), runs(w, "other", 2, 0, 20),
	}}
	for _, c := range []struct {
		target bench.Target
		value  float64
		known  bool
		met    bool
	}{
		{bench.Target{Metric: "ns", Max: 40}, 30, true, true},
		{bench.Target{Metric: "ns", Max: 20}, 30, true, false},
		{bench.Target{Metric: "ns", Peer: "peer", Ratio: 0.2}, 0.25, true, false}, // with as many workers
		{bench.Target{Metric: "ns", Peer: "other", Max: 10, Minus: true}, 10, true, true},
		{bench.Target{Metric: "ns", Peer: "absent", Ratio: 1}, 30, false, false},
		{bench.Target{Metric: "p50-ns", Max: 1}, 0, false, false},
	} {
		v := r.judge(ours, c.target)
		require.Equal(t, c.value, v.value, "%+v", c.target)
		require.Equal(t, c.known, v.known, "%+v", c.target)
		require.Equal(t, c.met, v.met(), "%+v", c.target)
	}
}

func TestChooseRefusesWhatItDoesNotKnow(t *testing.T) {
	for text, o := range map[string]options{
		"unknown workload": {only: "wrong", workers: "1", runs: 1},
		"unknown runtime":  {peers: "wrong", workers: "1", runs: 1},
		"-workers":         {workers: "0", runs: 1},
		"-runs":            {workers: "1"},
	} {
		_, _, _, err := o.choose(bench.Runtimes())
		require.ErrorContains(t, err, text)
	}
}

func TestOutput(t *testing.T) {
	w := bench.Workload{Name: "w", Why: "a reason", Unit: "task", Targets: []bench.Target{{Metric: "ns", Max: 20}}}
	r := &row{workload: w, cells: []*cell{runs(w, "pilfer", 2, 0, 30)}, cannot: map[string]string{"peer": "deadlocks"}}
	var out bytes.Buffer
	r.print(&out)
	printTargets(&out, []*row{r})
	for _, want := range []string{"w: a reason", "pilfer", "peer: deadlocks", "30 MISS"} {
		require.Contains(t, out.String(), want)
	}
	entries := r.entries()
	require.Len(t, entries, 2)
	require.Equal(t, 30.0, entries[0].Median)
	require.Equal(t, "deadlocks", entries[1].Note)
}

func TestPeersAreChosenByNameAndGroup(t *testing.T) {
	all := []bench.Runtime{{Name: "pilfer"}, {Name: "pilfer-typed"}, {Name: "ants"}, {Name: "rayon", Command: "x"}}
	for names, want := range map[string]string{
		"":             "pilfer pilfer-typed ants rayon",
		"ants":         "pilfer pilfer-typed ants",
		"go":           "pilfer pilfer-typed ants",
		"native":       "pilfer pilfer-typed rayon",
		"pilfer,rayon": "pilfer rayon",
	} {
		chosen, err := choosePeers(all, names)
		require.NoError(t, err)
		var got []string
		for _, rt := range chosen {
			got = append(got, rt.Name)
		}
		require.Equal(t, want, strings.Join(got, " "), names)
	}
	_, err := choosePeers(all, "wrong")
	require.ErrorContains(t, err, "known are pilfer pilfer-typed ants rayon; groups are go native all")
}
