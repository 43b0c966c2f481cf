// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// find returns the package of that path.
func find(t *testing.T, in *input, path string) *pkg {
	t.Helper()
	i := slices.IndexFunc(in.Packages, func(p pkg) bool { return p.Path == path })
	require.GreaterOrEqual(t, i, 0, "%s is not loaded", path)
	return &in.Packages[i]
}

func TestLoad(t *testing.T) {
	files := small()
	files["a/a_test.go"] = "package a\n"
	files["a/a_plan9.go"] = "package a\n"
	files["a/cgo.go"] = "package a\n\nimport \"C\"\n"
	module(t, files)
	in, err := load(t.Context(), ".", []string{"./d"})
	require.NoError(t, err)
	require.Equal(t, []string{"x.test/a", "x.test/b", "x.test/c", "x.test/d"}, in.paths())
	a, d := find(t, in, "x.test/a"), find(t, in, "x.test/d")
	require.Equal(t, []string{"a.go"}, a.Files, "tests, other systems and cgo are left out")
	require.Equal(t, "go1.26", a.GoVersion)
	require.Equal(t, []int64{int64(len(files["a/a.go"]))}, a.Sizes)
	var imports []string
	for _, i := range d.Imports {
		imports = append(imports, in.Packages[i].Path)
	}
	require.ElementsMatch(t, []string{"x.test/b", "x.test/c"}, imports)

	listed, err := listPaths(t.Context(), ".", []string{"./d"})
	require.NoError(t, err)
	require.Equal(t, in.paths(), listed)
}

// TestLoadVendored: the standard library means its own copies by some paths.
func TestLoadVendored(t *testing.T) {
	in, err := load(t.Context(), ".", []string{"net/http"})
	require.NoError(t, err)
	http := find(t, in, "net/http")
	require.Equal(t, "vendor/golang.org/x/net/http/httpguts", http.Renamed["golang.org/x/net/http/httpguts"])
	vendored := slices.ContainsFunc(http.Imports, func(i int) bool {
		return in.Packages[i].Path == "vendor/golang.org/x/net/http/httpguts"
	})
	require.True(t, vendored, "the import leads to the copy")
	require.Empty(t, http.GoVersion)
}

func TestLoadKeepsMissingImports(t *testing.T) {
	module(t, map[string]string{"a/a.go": "package a\n\nimport _ \"x.test/nowhere\"\n"})
	in, err := load(t.Context(), ".", []string{"./..."})
	require.NoError(t, err)
	require.Contains(t, find(t, in, "x.test/nowhere").Missing, "x.test/nowhere")
}

func TestLinkRefusesDoubles(t *testing.T) {
	_, err := link([]listed{{ImportPath: "a"}, {ImportPath: "a"}})
	require.ErrorContains(t, err, "twice")
}
