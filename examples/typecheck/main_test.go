// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pilfer-go/pilfer/internal/testkit"
)

// TestMain lets the test program be the child process of a run, as the program
// itself is.
func TestMain(m *testing.M) {
	if isChild() {
		os.Exit(runChild(os.Stdin, os.Stdout))
	}
	goleak.VerifyTestMain(testkit.Settled(m))
}

// module writes files into a new module x.test and makes it the working
// directory, and keeps the go command off the network.
func module(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module x.test\n\ngo 1.26\n"
	for name, text := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(full), 0o755))
		require.NoError(t, os.WriteFile(full, []byte(text), 0o644))
	}
	t.Chdir(dir)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
}

// small is a module whose packages need no other.
func small() map[string]string {
	return map[string]string{
		"a/a.go":        "package a\n\ntype A struct{ n int }\n\nfunc (a A) N() int { return a.n }\n",
		"b/b.go":        "package b\n\nimport \"x.test/a\"\n\nvar B a.A\n",
		"c/c.go":        "package c\n\nimport \"x.test/a\"\n\nfunc C() int { return a.A{}.N() }\n",
		"d/d.go":        "package d\n\nimport (\n\t\"x.test/b\"\n\t\"x.test/c\"\n)\n\nvar D = b.B.N() + c.C()\n",
		"tests/only.go": "package tests\n",
	}
}

// program runs the program.
func program(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return lines[len(lines)-1]
}

var programLine = regexp.MustCompile(`^typecheck packages=\d+ errors=\d+ workers=\d+ serial_s=\d+\.\d+ parallel_s=\d+\.\d+ byhand_s=\d+\.\d+ speedup=\d+\.\d+ busy=\d+\.\d+$`)

func TestProgram(t *testing.T) {
	module(t, small())
	code, stdout, stderr := program(t, "-workers", "2", "-repeat", "2", "-timeline", "t.svg", "-trace", "t.json", "./...")
	require.Equal(t, exitOK, code, stderr)
	require.Regexp(t, programLine, lastLine(stdout))
	require.Contains(t, lastLine(stdout), "typecheck packages=5 errors=0 workers=2 ")
	require.Contains(t, stdout, "5 packages, 5 files, 24 lines, errors: 0")
	require.Equal(t, 6, strings.Count(stderr, "\n"), "a line for each run:\n%s", stderr)
	for _, name := range []string{"t.svg", "t.json"} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Positive(t, info.Size())
	}
	left, err := filepath.Glob(".t.*")
	require.NoError(t, err)
	require.Empty(t, left, "temporary files are left")
}

func TestProgramPrintsJSON(t *testing.T) {
	module(t, small())
	code, stdout, stderr := program(t, "-json", "-repeat", "1", "-workers", "1", "./d")
	require.Equal(t, exitOK, code, stderr)
	require.Regexp(t, programLine, lastLine(stderr))
	var r report
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	require.Equal(t, 4, r.Packages)
	require.False(t, r.Locked)
	require.Equal(t, lastLine(stderr), r.Line)
	require.Len(t, r.Runs, len(variants))
	require.Len(t, r.Busy, 1)
	require.NotNil(t, r.Errors)
}

func TestProgramReportsTypeErrors(t *testing.T) {
	files := small()
	files["c/c.go"] += "\nfunc wrong() int { return \"text\" }\n"
	module(t, files)
	code, stdout, stderr := program(t, "-repeat", "1", "./...")
	require.Equal(t, exitOK, code, stderr)
	require.Contains(t, stdout, "cannot use \"text\"")
	require.Contains(t, lastLine(stdout), " errors=1 ")
}

func TestProgramRefusesBadInput(t *testing.T) {
	module(t, map[string]string{
		"a/a.go":       "package a\n",
		"x/x.go":       "package x\n\nimport _ \"x.test/y\"\n",
		"y/y.go":       "package y\n\nimport _ \"x.test/x\"\n",
		"empty/readme": "",
		"other/o.go":   "//go:build never\n\npackage other\n",
	})
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"unknown package", []string{"nosuchpackage"}, "nosuchpackage"},
		{"pattern of no directory", []string{"./none/..."}, "./none/"},
		{"pattern without packages", []string{"./a", "./empty/..."}, "./empty/...: no packages match"},
		{"excluded by constraints", []string{"./other"}, "build constraints exclude all Go files"},
		{"cycle", []string{"./x"}, "import cycle: x.test/"},
		{"no workers", []string{"-workers", "0", "./a"}, "-workers is 0"},
		{"negative workers", []string{"-workers", "-3", "./a"}, "-workers is -3"},
		{"absurd workers", []string{"-workers", "1000000", "./a"}, "-workers is 1000000"},
		{"workers in words", []string{"-workers", "two", "./a"}, "invalid value \"two\""},
		{"no repeat", []string{"-repeat", "0", "./a"}, "-repeat is 0"},
		{"unknown flag", []string{"-fast", "./a"}, "flag provided but not defined"},
		{"unwritable trace", []string{"-trace", filepath.Join("no", "such", "dir", "t.json"), "./a"}, "cannot write"},
		{"timeline is a directory", []string{"-timeline", "a", "./a"}, "a is a directory"},
		{"one file for two", []string{"-timeline", "t", "-trace", "t", "./a"}, "the same file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := program(t, test.args...)
			require.Equal(t, exitBadInput, code, stderr)
			require.Contains(t, stderr, test.want)
			require.Empty(t, stdout)
		})
	}
}

func TestProgramHelps(t *testing.T) {
	code, _, stderr := program(t, "-h")
	require.Equal(t, exitOK, code)
	require.Contains(t, stderr, "usage: typecheck")
}

func TestProgramStopsWhenInterrupted(t *testing.T) {
	module(t, small())
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	code := run(ctx, []string{"-repeat", "1000000", "-timeline", "t.svg", "./..."}, &out, onWrite(cancel))
	require.Equal(t, exitInterrupted, code)
	require.Empty(t, out.String())
	left, err := filepath.Glob("*.svg*")
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestExitCode(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, exitOK, exitCode(canceled, nil), "done before the interrupt")
	require.Equal(t, exitInterrupted, exitCode(canceled, canceled.Err()))
	require.Equal(t, exitBadInput, exitCode(t.Context(), fmt.Errorf("load: %w", badInput("no"))))
	require.Equal(t, exitFailed, exitCode(t.Context(), errors.New("self-check failed")))
}

// onWrite is a writer that calls itself when it is written to.
type onWrite func()

func (f onWrite) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

// fake makes an input of packages that are not read: names, imports, sizes.
func fake(packages ...pkg) *input {
	for i := range packages {
		p := &packages[i]
		if p.Files == nil {
			for n := range p.Sizes {
				p.Files = append(p.Files, fmt.Sprintf("%d.go", n))
			}
		}
	}
	return &input{Patterns: []string{"fake"}, GOOS: "linux", GOARCH: "amd64", Go: "go1.26", Packages: packages}
}
