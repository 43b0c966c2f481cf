// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

func TestUnknownRevision(t *testing.T) {
	require.ErrorContains(t, Run(t.Context(), Options{Base: "no-such-revision"}), "no revision no-such-revision here")
}
