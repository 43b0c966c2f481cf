// SPDX-License-Identifier: Apache-2.0

package page

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/bench"
	"github.com/pilfer-go/pilfer/bench/instructions"
	"github.com/pilfer-go/pilfer/bench/table"
	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

const root = "../.."

func TestCommittedPageIsWhatTheResultsGive(t *testing.T) {
	source, err := Read(root)
	require.NoError(t, err)
	files := Make(source)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err, "make benchmarks-page")
		if string(want) != string(got) {
			t.Errorf("%s is not what the results give: make benchmarks-page", name)
		}
	}
	charts, err := filepath.Glob(filepath.Join(root, Charts, "*.svg"))
	require.NoError(t, err)
	for _, path := range charts {
		require.Contains(t, files, Charts+"/"+filepath.Base(path), "a chart of no row: make benchmarks-page")
	}
}

// entry returns a figure of two runs and more.
func entry(workload, runtime string, workers int, median float64) table.Entry {
	return table.Entry{
		Workload: workload, Runtime: runtime, Workers: workers, Unit: "u", Runs: 3,
		Min: median * 0.9, Median: median, Max: median * 1.2,
	}
}

func sample() Source {
	wake := entry("wake", "pilfer", 2, 9000)
	wake.P99 = 80_000
	return Source{Counts: []instructions.Result{{Op: "steal", Counter: "perf", Instructions: 155.5}}, Book: &table.Book{
		Machines: []table.Machine{{CPU: "a <CPU>", CPUs: 2, Go: "go1", Versions: map[string]string{"pond": "v9"}}},
		Entries: []table.Entry{
			entry("fib", "serial", 1, 2), entry("fib", "serial", 2, 2.5),
			entry("fib", "pilfer", 1, 5), entry("fib", "pilfer", 2, 6),
			entry("fib", "goroutine", 1, 700), entry("fib", "goroutine", 2, 900),
			entry("fib", "rayon", 1, 3), entry("fib", "rayon", 2, 3),
			{Workload: "fib", Runtime: "pond", Workers: 2, Unit: "u", Note: "deadlocks"},
			wake,
			entry("channel", "goroutine", 2, 45), {Workload: "channel", Runtime: "pilfer", Unit: "u", Note: "not built yet"},
		},
	}}
}

func TestPageTellsWhoIsAhead(t *testing.T) {
	files := Make(sample())
	text := string(files[File])
	for _, want := range []string{
		"pilfer takes 0.0067 of what goroutine takes", "rayon is ahead of pilfer: pilfer takes 2.00 times as much",
		"| pond | 2 | | | | | | | | | | deadlocks |", "not built yet", "**2.00x**", "v9",
		"Why was not looked into.", "| steal | 155.5 |", "Counted by perf",
	} {
		require.Contains(t, text, want)
	}
	require.Len(t, files, 1+3+1, "a chart for each row, and the curves")
}

func TestPageTellsWhyAPeerIsAhead(t *testing.T) {
	s := sample()
	s.Entries = append(s.Entries, entry("uts-t1", "pilfer", 2, 20), entry("uts-t1", "rayon", 2, 10), entry("uts-t1", "goroutine", 2, 19),
		entry("levels-yield", "pilfer", 2, 20), entry("yield", "pilfer", 2, 30), entry("yield", "pilfer-unlocked", 2, 20))
	text := string(Make(s)[File])
	native, _ := bench.Behind("uts-t1", true)
	require.Contains(t, text, "rayon is ahead of pilfer: pilfer takes 2.00 times as much. "+native.Why+" See ["+native.Decision[:4])
	require.Contains(t, text, "pilfer takes 1.05 times as much. But their runs overlap. rayon")
	require.Contains(t, text, "pilfer, with threads of its own as by default, takes 1.50 times as much as pilfer-unlocked.")
	require.Contains(t, text, "20.0 (pilfer-unlocked), 30.0 (pilfer) |")
	require.Contains(t, text, "No peer was measured here.")
}

// Each reason is for a row that there is, and names a page that there is.
func TestReasonsHavePages(t *testing.T) {
	found := 0
	for _, w := range bench.Workloads() {
		for _, native := range []bool{false, true} {
			if why, ok := bench.Behind(w.Name, native); ok {
				found++
				require.FileExists(t, filepath.Join(root, "docs/decisions", why.Decision+".md"))
				require.True(t, strings.HasSuffix(why.Why, "."), why.Why)
			}
		}
	}
	require.Equal(t, bench.Reasons(), found)
}

func TestWhoDoesLessIsShownAndIsNoBest(t *testing.T) {
	s := sample()
	for i, e := range s.Entries {
		if e.Workload == "fib" && e.Runtime == "rayon" {
			s.Entries[i].Note = bench.LessWork + "half of it"
		}
	}
	files := Make(s)
	text := string(files[File])
	require.NotContains(t, text, "rayon is ahead of pilfer")
	require.Contains(t, text, "rayon takes 0.50 of that with less work: half of it")
	require.Contains(t, text, "| 3.00 (rayon) |\n", "at a glance")
	require.Contains(t, string(files[Charts+"/fib.svg"]), "rayon *")
	require.Contains(t, string(files[Charts+"/fib.svg"]), "* less work")
}

func TestBuildsDoNotMixInAPage(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, Charts), 0o777))
	for name, text := range map[string]string{
		Results:                          `[{"workload": "fib", "runtime": "pilfer", "workers": 1, "runs": 1, "ns_median": 5}]`,
		Charts + "/results.machine.json": `[{"revision": "a"}, {"revision": "b"}]`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	require.ErrorContains(t, Write(dir, false), "figures of 2 builds or machines")
	require.NoError(t, Write(dir, true))
}

func TestChartsOfAnyFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Draw(filepath.Join(dir, "none.json")), "nothing was measured")
	path := filepath.Join(dir, "out.json")
	require.NoError(t, os.WriteFile(path, []byte(`[{"workload": "fib", "runtime": "pilfer", "workers": 1, "runs": 1, "ns_median": 5}]`), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "out.machine.json"), []byte("[{}]"), 0o666))
	require.NoError(t, Draw(path))
	require.FileExists(t, filepath.Join(dir, "out.charts", "fib.svg"))
}

func TestChartsAreWellFormedAndShowAllFigures(t *testing.T) {
	for name, text := range Make(sample()) {
		if !strings.HasSuffix(name, ".svg") {
			continue
		}
		for d := xml.NewDecoder(strings.NewReader(string(text))); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else {
				require.NoError(t, err, name)
			}
		}
	}
	fib := string(Make(sample())[Charts+"/fib.svg"])
	for _, want := range []string{"goroutine", "900", "log scale", "least and most", "prefers-color-scheme: dark"} {
		require.Contains(t, fib, want)
	}
}

func TestAxisTellsFiguresApart(t *testing.T) {
	near := newAxis(0, 100, []float64{4, 5})
	require.False(t, near.log)
	require.Zero(t, near.at(0), "bars of a linear axis begin at zero")
	far := newAxis(0, 100, []float64{4, 4000})
	require.True(t, far.log)
	require.Equal(t, []float64{10, 100, 1000}, far.ticks())
	require.Equal(t, 2.0, far.low)
	require.Less(t, far.at(4), far.at(5))
	require.LessOrEqual(t, far.at(4000), 100.0)
	require.Equal(t, 1.0, newAxis(0, 100, []float64{0}).top, "no figure is no division by zero")
}

func TestFigures(t *testing.T) {
	for want, v := range map[string]float64{"0": 0, "0.012": 0.012, "5.35": 5.349, "45.3": 45.29, "900": 900.4, "14.1k": 14_130, "2.00M": 2e6} {
		require.Equal(t, want, figure(v))
	}
	for want, v := range map[string]float64{"0.5": 0.5, "1": 1, "10k": 1e4, "2.5M": 2.5e6} {
		require.Equal(t, want, tick(v))
	}
}
