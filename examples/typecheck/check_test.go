// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// measured makes a run in this process.
func measured(t *testing.T, variant string, workers int, in *input) *outcome {
	t.Helper()
	o, err := measure(t.Context(), request{
		Variant: variant, Workers: workers, Shape: shapeFor(workers), GC: defaultGC, Locked: true, Input: in,
	}, func(*recorder) {})
	require.NoError(t, err)
	return o
}

func loaded(t *testing.T, patterns ...string) *input {
	t.Helper()
	in, err := load(t.Context(), ".", patterns)
	require.NoError(t, err)
	return in
}

func TestErrorsAreCollected(t *testing.T) {
	files := small()
	files["a/a.go"] += "\nfunc body() { var unused int }\n"
	files["b/b.go"] += "\nvar X int = \"text\"\n\nfunc (\n"
	files["c/more.go"] = "package c\n\nimport \"x.test/nowhere\"\n\nvar Y = nowhere.Z\n"
	module(t, files)
	in := loaded(t, "./...")
	serial := measured(t, bySerial, 1, in)
	all := strings.Join(serial.Found.Errors, "\n")
	for _, want := range []string{
		"a.go:7:19: declared and not used: unused",
		"b.go:7:13: cannot use \"text\"",
		"b.go:9:8: ", // the syntax error
		"more.go:3:8: could not import x.test/nowhere (",
	} {
		require.Contains(t, all, want)
	}
	require.Contains(t, serial.Found.Packages, "x.test/nowhere", "go list names it")
	require.Equal(t, in.paths(), serial.Found.Packages)
	for _, variant := range []string{byHand, byPilfer} {
		require.Equal(t, serial.Found, measured(t, variant, 2, in).Found, variant)
	}
}

// TestMessagesAreTheSameEveryTime: a cycle of types over several files, each a
// part of its own, is described from its first position on, in whatever order the
// parts were parsed.
func TestMessagesAreTheSameEveryTime(t *testing.T) {
	filler := "\n// " + strings.Repeat("x", partBytes)
	module(t, map[string]string{
		"a/a.go": "package a\n\ntype A = B\n" + filler,
		"a/b.go": "package a\n\ntype B = C\n" + filler,
		"a/c.go": "package a\n\ntype C = A\n" + filler,
	})
	in := loaded(t, "./a")
	p, err := newPlan(in, wide)
	require.NoError(t, err)
	for _, order := range [][]int{{0, 1, 2, 3}, {2, 1, 0, 3}, {1, 2, 0, 3}} {
		s := newSession(in, p)
		j := &job{plan: p, steps: s, types: make([]*types.Package, len(p.packages))}
		on := newShelf(j)
		for _, i := range order {
			on.do(i)
		}
		errs := s.found(j.types).Errors
		require.Len(t, errs, 1, "%v", order)
		require.Regexp(t, `a\.go:3:6: invalid recursive type A\n\t.*a\.go:3:6: A refers to B\n\t.*b\.go:3:6: B refers to C\n\t.*c\.go:3:6: C refers to A$`, errs[0], "%v", order)
	}
}

func TestFileThatChangesIsAnError(t *testing.T) {
	module(t, small())
	in := loaded(t, "./d")
	require.NoError(t, os.WriteFile(filepath.Join("c", "c.go"), []byte("package c\n\nfunc C() int { return 1 } // longer\n"+strings.Repeat("\n", 200)), 0o644))
	require.NoError(t, os.Remove(filepath.Join("b", "b.go")))
	all := strings.Join(measured(t, byPilfer, 2, in).Found.Errors, "\n")
	require.Contains(t, all, "c.go: has changed")
	require.Contains(t, all, "b.go: no such file")
}

func TestImporter(t *testing.T) {
	module(t, small())
	in := loaded(t, "./d")
	p, err := newPlan(in, wide)
	require.NoError(t, err)
	s := newSession(in, p)
	d := find(t, in, "x.test/d")
	i := importer{s, d, nil}
	_, err = i.Import("x.test/c")
	require.ErrorContains(t, err, "x.test/c was not checked before x.test/d")
	_, err = i.Import("x.test/zzz")
	require.ErrorContains(t, err, "go list does not name it")
	j := &job{plan: p, steps: s, types: make([]*types.Package, len(p.packages)), rec: newRecorder(len(p.nodes))}
	_, err = runSerial(t.Context(), j)
	require.NoError(t, err)
	for _, at := range d.Imports {
		i.imported = append(i.imported, j.types[at])
	}
	c, err := i.Import("x.test/c")
	require.NoError(t, err)
	require.True(t, c.Complete())
	require.NotNil(t, c.Scope().Lookup("C"))
	unsafe, err := i.Import("unsafe")
	require.NoError(t, err)
	require.Equal(t, "unsafe", unsafe.Path())
}

// TestVariantsAgreeOnStd checks a part of the standard library, vendored packages
// included, with all variants.
func TestVariantsAgreeOnStd(t *testing.T) {
	in := loaded(t, "net", "encoding/json")
	serial := measured(t, bySerial, 1, in)
	require.Empty(t, serial.Found.Errors)
	require.Equal(t, in.paths(), serial.Found.Packages)
	require.Greater(t, serial.Found.Lines, 100_000)
	for _, run := range []struct {
		variant string
		workers int
	}{{byHand, 2}, {byPilfer, 1}, {byPilfer, 2}, {byPilfer, 5}} {
		o := measured(t, run.variant, run.workers, in)
		require.Equal(t, serial.Found, o.Found, "%v", run)
		for _, busy := range o.busy() {
			require.LessOrEqual(t, busy, 1.001, "%v", run)
		}
	}
}
