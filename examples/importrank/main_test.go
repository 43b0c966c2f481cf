// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
	"github.com/pilfer-go/pilfer/sched"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(testkit.Settled(m)) }

// The graph's ranks of real packages are those of a serial loop, in which each package
// gives its rank to those that it imports.
func TestRanksAreThoseOfASerialLoop(t *testing.T) {
	rt, err := sched.New(sched.LockThreads(false))
	require.NoError(t, err)
	defer rt.Close()
	r := &ranking{}
	require.NoError(t, r.graph([]string{"net/http"}).Run(t.Context(), rt))
	require.Greater(t, r.rounds, 10)
	require.Less(t, r.rounds, mostRounds)

	number := map[string]int{}
	for i, p := range r.packages {
		number[p.ImportPath] = i
	}
	n := float64(len(number))
	rank := slices.Repeat([]float64{1 / n}, len(number))
	for range r.rounds {
		next := slices.Repeat([]float64{(1 - damping) / n}, len(number))
		for i, p := range r.packages {
			to := slices.DeleteFunc(slices.Clone(p.Imports), func(name string) bool { _, listed := number[name]; return !listed })
			for _, name := range to {
				next[number[name]] += damping * rank[i] / float64(len(to))
			}
			for j := range next {
				if len(to) == 0 {
					next[j] += damping * rank[i] / n
				}
			}
		}
		rank = next
	}
	require.InDeltaSlice(t, rank, r.rank, 1e-12)
	sum := 0.
	for _, v := range r.rank {
		sum += v
	}
	require.InDelta(t, 1, sum, 1e-9)
}

func TestRun(t *testing.T) {
	var out strings.Builder
	dot := filepath.Join(t.TempDir(), "g.dot")
	require.NoError(t, run(context.Background(), &out, []string{"-top", "3", "-dot", dot, "net/http"}))
	require.Equal(t, 4, strings.Count(out.String(), "\n"), out.String())
	require.Contains(t, out.String(), "ranks stand still after")
	picture, err := os.ReadFile(dot)
	require.NoError(t, err)
	require.Contains(t, string(picture), "still?")
}

func TestBadPattern(t *testing.T) {
	err := run(context.Background(), &strings.Builder{}, []string{"no/such/package/here"})
	require.ErrorContains(t, err, "node go list")
	for _, args := range [][]string{{"-none"}, {"-top", "-1"}, {"--", "-none"}} {
		require.Error(t, run(context.Background(), &strings.Builder{}, args), args)
	}
}
