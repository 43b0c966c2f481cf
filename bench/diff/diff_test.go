// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// lines returns rounds of a row around a figure, as a benchmark of ours prints it.
func lines(row string, ns float64, rounds int) string {
	var all strings.Builder
	for n := range rounds {
		fmt.Fprintf(&all, "BenchmarkWorkload/name=%s/runtime=pilfer/workers=2-2 \t 1\t 0 ns/op\t %.3f ns/task\t 7 cpu-ns/task\t 96.0 B/task\t 1.00 allocs/task\n",
			row, ns*(1+float64(n%3)/100))
	}
	return all.String()
}

func TestUnitsBecomeThoseOfGo(t *testing.T) {
	require.Equal(t, "BenchmarkOf/yield/pilfer/2-2 1 20.000 ns/op 96.0 B/op 1.00 allocs/op\n", perOp("goos: linux\n"+lines("yield", 20, 1)+"PASS\n"))
}

func TestPlantedSlowDownIsFound(t *testing.T) {
	trees := []tree{{name: "base"}, {name: "new"}}
	for i, ns := range []float64{20, 22} {
		trees[i].out.WriteString(perOp(lines("yield", ns, 10) + lines("fib", 5, 10)))
	}
	var out bytes.Buffer
	require.NoError(t, Options{Out: &out}.report(t.Context(), "../..", t.TempDir(), trees))
	_, told, ok := strings.Cut(out.String(), "slower beyond noise:\n")
	require.True(t, ok, out.String())
	require.Contains(t, told, "yield/pilfer/2")
	require.Contains(t, told, "sec/op +10.00%")
	require.NotContains(t, told, "fib", "it is as fast as before")
	require.NotContains(t, told, "allocs", "these did not change")

	out.Reset()
	trees[0], trees[1] = trees[1], trees[0]
	require.NoError(t, Options{Out: &out}.report(t.Context(), "../..", t.TempDir(), trees))
	require.Contains(t, out.String(), "nothing got slower beyond noise", "faster is not slower")
}

// repository makes a directory one, and the current one, and returns what runs git in it.
func repository(t *testing.T, dir string) (git func(args ...string)) {
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} { // of a hook that runs this test
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name))
	}
	t.Chdir(dir)
	git = func(args ...string) {
		_, err := output(t.Context(), dir, "git", append([]string{"-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"}, args...)...)
		require.NoError(t, err)
	}
	git("init", "-q")
	return git
}

func TestUnknownRevision(t *testing.T) {
	repository(t, t.TempDir())
	require.ErrorContains(t, Run(t.Context(), Options{Base: "no-such-revision"}), "no revision no-such-revision here")
}

// A plantedTree is a repository with a module whose benchmarks print a cost, and some
// noise, without a clock: what a loaded machine does would hide any slow-down.
func plantedTree(t *testing.T) (dir string, set func(cost int)) {
	dir = t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	write("go.mod", "module planted\n\ngo 1.26\n")
	for _, name := range []string{"go.mod", "go.sum"} { // where benchstat comes from
		text, err := os.ReadFile(filepath.Join("../../tools", name))
		require.NoError(t, err)
		write("tools/"+name, string(text))
	}
	return dir, func(cost int) {
		write("bench/bench_test.go", fmt.Sprintf(`package bench

import (
	"os"
	"testing"
)

func BenchmarkWorkload(b *testing.B) {
	for name, cost := range map[string]int{"steady": 5000, "planted": %d} {
		b.Run("name="+name+"/runtime=pilfer/workers=1", func(b *testing.B) {
			for b.Loop() {
			}
			b.ReportMetric(float64(cost+os.Getpid()%%100), "ns/task")
		})
	}
}
`, cost))
	}
}

// TestPlantedSlowDownInATree runs all of it: two trees are built, measured in turn
// and compared.
func TestPlantedSlowDownInATree(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and measures two programs")
	}
	dir, set := plantedTree(t)
	git := repository(t, dir)
	set(5_000)
	git("add", "-A")
	git("commit", "-q", "-m", "base")
	set(5_500)
	var out bytes.Buffer
	o := Options{Base: "HEAD", Rows: []string{"steady", "planted"}, Runtime: "pilfer", Workers: "1", Count: 8, Time: "10x", Out: &out}
	require.NoError(t, Run(t.Context(), o))
	_, told, ok := strings.Cut(out.String(), "slower beyond noise:\n")
	require.True(t, ok, out.String())
	require.Regexp(t, `planted/pilfer/1\S*: sec/op \+`, told)
	require.NotContains(t, told, "steady")

	o.Rows = []string{"absent"}
	require.ErrorContains(t, Run(t.Context(), o), "has none of the benchmarks")
	git("rm", "-q", "-r", "--cached", "bench")
	git("commit", "-q", "-m", "no benchmarks")
	require.ErrorContains(t, Run(t.Context(), o), "HEAD has no benchmarks")
}
