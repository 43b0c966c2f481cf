// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The ranks are those of a serial loop over all packages, and sum to one.
func TestRanksAreThoseOfASerialLoop(t *testing.T) {
	var out strings.Builder
	dot := filepath.Join(t.TempDir(), "g.dot")
	require.NoError(t, run(context.Background(), &out, []string{"-top", "3", "-dot", dot, "net/http"}))
	require.Equal(t, 4, strings.Count(out.String(), "\n"), out.String())
	picture, err := os.ReadFile(dot)
	require.NoError(t, err)
	require.Contains(t, string(picture), "still?")

	r := &ranking{}
	require.NoError(t, r.link([]byte(`{"ImportPath":"a","Imports":["b","c"]}{"ImportPath":"b","Imports":["c","C"]}{"ImportPath":"c"}`)))
	for range 200 {
		r.part(0, 3)
		r.settle()
	}
	sum := 0.
	for _, v := range r.rank {
		sum += v
	}
	require.InDelta(t, 1, sum, 1e-9)
	require.Equal(t, []int{2, 1, 0}, r.best(5))
}

func TestBadPattern(t *testing.T) {
	err := run(context.Background(), &strings.Builder{}, []string{"no/such/package/here"})
	require.ErrorContains(t, err, "node go list")
	for _, args := range [][]string{{"-none"}, {"-top", "-1"}, {"--", "-none"}} {
		require.Error(t, run(context.Background(), &strings.Builder{}, args), args)
	}
}
