// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A kitchen is a directory with a recipe.
type kitchen struct {
	*testing.T
	dir string
}

func newKitchen(t *testing.T, recipe string) kitchen {
	if runtime.GOOS == "windows" {
		t.Skip("the commands of the tests are for a POSIX shell")
	}
	k := kitchen{t, t.TempDir()}
	k.write("pilfer.yaml", recipe)
	return k
}

func (k kitchen) write(name, text string) {
	require.NoError(k, os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o644))
}

func (k kitchen) read(name string) string {
	text, err := os.ReadFile(filepath.Join(k.dir, name))
	require.NoError(k, err)
	return string(text)
}

// cook runs the recipe, and returns what was written and the error.
func (k kitchen) cook(args ...string) (string, error) {
	var out bytes.Buffer
	err := runFile(context.Background(), &out, append(args, filepath.Join(k.dir, "pilfer.yaml")))
	return out.String(), err
}

const soup = `
name: soup
pools: {knife: 1}
tasks:
  boil:
    after: [carrots, water]
    run: cat cut water > soup; echo boiled
    outputs: soup
  carrots:
    run: tr a-z A-Z < carrot > cut
    inputs: carrot
    outputs: cut
    uses: {knife: 1}
  water:
    run: [printf "$KIND water" > water, "true"]
    env: {KIND: cold}
    outputs: water
  serve:
    after: boil
    run: cat soup
    always: true
  all: {after: [serve]}
`

func TestRunOnlyWhatChanged(t *testing.T) {
	k := newKitchen(t, soup)
	k.write("carrot", "orange\n")
	out, err := k.cook()
	require.NoError(t, err, out)
	require.Equal(t, "ORANGE\ncold water", k.read("soup"))
	require.Contains(t, out, "boil: done")
	require.Contains(t, out, "    boiled\n")
	require.Contains(t, out, "soup: 4 of 5 tasks run in ")

	out, err = k.cook()
	require.NoError(t, err)
	require.Contains(t, out, "boil: up to date")
	require.Contains(t, out, "soup: 1 of 5 tasks run", "serve runs always")

	k.write("carrot", "orange\n") // newer, with the same content
	out, err = k.cook()
	require.NoError(t, err)
	require.Contains(t, out, "soup: 1 of 5 tasks run")

	k.write("carrot", "purple\n")
	out, err = k.cook("-dry-run")
	require.NoError(t, err)
	require.Contains(t, out, "carrots: would run\n    tr a-z")
	require.Contains(t, out, "boil: would run")
	require.Contains(t, out, "water: up to date")
	require.Contains(t, out, "soup: 3 of 5 tasks to run\n")
	require.Equal(t, "ORANGE\ncold water", k.read("soup"))

	out, err = k.cook("-jobs", "1")
	require.NoError(t, err)
	require.Contains(t, out, "soup: 3 of 5 tasks run")
	require.Equal(t, "PURPLE\ncold water", k.read("soup"))

	k.write("soup", "spilled")
	_, err = k.cook()
	require.NoError(t, err)
	require.Equal(t, "PURPLE\ncold water", k.read("soup"), "an output that was changed is made again")

	k.write("pilfer.yaml", strings.Replace(soup, "KIND: cold", "KIND: hot", 1))
	_, err = k.cook()
	require.NoError(t, err)
	require.Equal(t, "PURPLE\nhot water", k.read("soup"), "another environment")
}

func TestRunWritesPictures(t *testing.T) {
	k := newKitchen(t, soup)
	k.write("carrot", "orange\n")
	file := func(name string) string { return filepath.Join(k.dir, name) }
	_, err := k.cook("-trace", file("t.json"), "-timeline", file("t.svg"), "-dot", file("t.dot"))
	require.NoError(t, err)
	require.Contains(t, k.read("t.svg"), "carrots")
	require.Contains(t, k.read("t.svg"), "lane 0")
	require.NotContains(t, k.read("t.svg"), "worker")
	require.Contains(t, k.read("t.json"), `"carrots"`)
	require.Contains(t, k.read("t.dot"), "digraph")
}

// That a picture cannot be written is said before anything is run, and a run that
// ends early has made none.
func TestPicturesAreRefusedBeforeTheRun(t *testing.T) {
	k := newKitchen(t, "tasks: {a: {run: touch ran; exit 1}}")
	for _, flag := range []string{"trace", "timeline", "dot"} {
		_, err := k.cook("-"+flag, filepath.Join(k.dir, "no", "dir", "x"))
		require.ErrorContains(t, err, "run: -"+flag+": cannot write "+filepath.Join(k.dir, "no", "dir", "x"))
		require.ErrorIs(t, err, os.ErrNotExist)
		_, err = k.cook("-"+flag, k.dir)
		require.EqualError(t, err, "run: -"+flag+": cannot write "+k.dir+": it is a directory")
	}
	k.write("file", "")
	_, err := k.cook("-dot", filepath.Join(k.dir, "file", "x"))
	require.ErrorContains(t, err, "run: -dot: ")
	require.NoFileExists(t, filepath.Join(k.dir, "ran"))

	k.write("old", "old")
	require.NoError(t, writable(filepath.Join(k.dir, "old")))
	require.NoError(t, writable(filepath.Join(k.dir, "new")))
	require.Equal(t, "old", k.read("old"))
	left, err := os.ReadDir(k.dir)
	require.NoError(t, err)
	require.Len(t, left, 3, "the recipe, and two files")
}

func TestBadRecipes(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "f.yaml:1:1: empty",
		"tasks: [a":                            "f.yaml:1:1: did not find expected",
		"tasks:\n  a: {run: x}\n  b\n":         "f.yaml:3:1: could not find expected ':'",
		"[]":                                   "f.yaml:1:1: file: want a mapping, got a list",
		"tasks: {}":                            "f.yaml:1:1: no tasks",
		"task: {}":                             `f.yaml:1:1: file: unknown key "task"; want one of name, env, pools, tasks`,
		"tasks:\n  a:\n    runs: x":            `f.yaml:3:5: task a: unknown key "runs"; want one of run, after,`,
		"tasks:\n  a: {run: x}\n  a: {run: y}": `f.yaml:3:3: tasks: "a" is here a second time, first in line 2`,
		"tasks:\n  a: {run: {}}":               "f.yaml:2:12: task a: run: want a text or a list, got a mapping",
		"tasks:\n  build: {run: x}\n  b: {run: y, after: Build}": `f.yaml:3:22: task b comes after "Build", and no task is named so; did you mean "build"?`,
		"tasks:\n  a: {}": "f.yaml:2:3: task a: nothing to do",
		"tasks:\n  a: {run: x, after: c}\n  b: {run: x, after: a}\n  c: {run: x, after: [b]}": "f.yaml:3:22: cycle: a -> c -> b -> a: each comes after the next",
		"tasks:\n  a: {run: x, retry: many}":                                                  `f.yaml:2:22: task a: retry: want a number, 0 at least, got "many"`,
		"tasks:\n  a: {run: x, timeout: 5}":                                                   `f.yaml:2:24: task a: timeout: want a duration like 30s or 5m, got "5"`,
		"tasks:\n  a: {run: x, uses: {net: 1}}":                                               `f.yaml:2:22: task a uses pool "net", and none is named so: add it under pools, with its size`,
		"tasks:\n  a: {run: x, uses: {net: 1}, retry: -1}\npools: {net: 0}": `f.yaml:2:38: task a: retry: want a number, 0 at least, got "-1"
f.yaml:3:14: pool net: want a number, 1 at least, got "0"`,
		"tasks:":                 "f.yaml:1:7: tasks: want a mapping, got nothing",
		"tasks:\n  a:\n    run:": "f.yaml:3:9: task a: run: want a text or a list, got nothing",
		"tasks:\n  a: {run: x, outputs: o}\n  b: {run: y, outputs: [p, o]}": "f.yaml:3:28: task b has the output o, and so has task a: only one of them can make it",
		"pools: {net: 1}\ntasks:\n  a: {run: x, uses: {net: 2}}":            "f.yaml:3:22: task a uses 2 of pool net, which has 1: it could never start",
		"tasks: {a: {run: x}}\n---\ntasks: {}":                              "f.yaml:2:1: a second document: want one in a file",
		"tasks: {a: {run: x}}\n---\n[":                                      "f.yaml:3:1: did not find expected",
		"tasks: {\"\": {run: x}}":                                           `f.yaml:1:9: tasks: want a name, got ""`,
		"tasks:\n  ? [a]\n  : {run: x}":                                     "f.yaml:2:5: tasks: want a name, got a list",
		"tasks: {a: {run: x, env: {A=B: c}}}":                               `f.yaml:1:27: env: "A=B": want a name without =`,
		"tasks: {a: {run: x, inputs: \"[a\"}}":                              `f.yaml:1:29: task a: inputs: "[a" is no pattern`,
		"tasks: {a: {run: x, outputs: [b, /etc/c]}}":                        "f.yaml:1:34: task a: outputs: /etc/c: want a path that begins at the directory of this file",
		"tasks: {a: {run: x, inputs: [\"\"]}}":                              "f.yaml:1:30: task a: inputs: want the name of a file",
		"tasks: {a: {run: x, outputs: o}, b: {run: x, outputs: ./o}}":       "task b has the output o, and so has task a",
		"tasks:\n  a: {run: x, always: perhaps}":                            `task a: always: want true or false, got "perhaps"`,
		"tasks:\n  a: {run: x, env: [1]}":                                   "f.yaml:2:20: env: want a mapping, got a list",
		"tasks:\n  a: {run: x, always: maybe}\n  b: {run: [[y]]}":           "f.yaml:3:13: task b: run: want a text, got a list",
	} {
		_, err := readRecipe("f.yaml", []byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

// An alias stands for what it names, wherever it is.
func TestAliases(t *testing.T) {
	r, err := readRecipe("f.yaml", []byte("name: &n hi\ntasks:\n  a: {run: [*n, x], env: {A: *n}}\n  b: {run: y, after: &l [a]}\n  c: {run: z, after: *l}\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"hi", "x"}, r.tasks[0].run)
	require.Equal(t, []string{"A=hi"}, r.tasks[0].env)
	require.Equal(t, []string{"a"}, r.tasks[2].after)
}

func TestRunNamesWhatIsMissing(t *testing.T) {
	k := newKitchen(t, `
tasks:
  a: {run: "echo hi", dir: nowhere}
  b: {run: "echo hi", inputs: nothing}
  c: {run: "echo hi", outputs: none}
`)
	out, err := k.cook("-keep-going")
	require.ErrorContains(t, err, ":3: task a: dir: stat "+filepath.Join(k.dir, "nowhere"))
	require.ErrorContains(t, err, ":4: task b: inputs: stat "+filepath.Join(k.dir, "nothing"))
	require.ErrorContains(t, err, "if another task makes it, name that one in after")
	require.ErrorContains(t, err, ":5: task c: outputs, which the commands should have made: stat "+filepath.Join(k.dir, "none"))
	for _, task := range []string{"a", "b", "c"} {
		require.Contains(t, out, task+": FAILED")
	}
}

func TestRunArguments(t *testing.T) {
	for args, want := range map[string]string{
		"run":                         "run: want one file, got 0",
		"run -jobs 0 x":               "run: -jobs 0: want at least 1",
		"run -fast x":                 "flag provided but not defined: -fast",
		"run nowhere.yml":             "no such file",
		"run x -dot same -trace same": "-trace and -dot name the same file, same",
	} {
		require.ErrorContains(t, run(t.Context(), &strings.Builder{}, strings.Fields(args)), want)
	}
}

func TestFlagsAfterTheFile(t *testing.T) {
	k := newKitchen(t, "tasks: {a: {run: echo hi, uses: {net: 1}}}\npools: {net: 1}\n")
	out, err := k.cook()
	require.NoError(t, err)
	require.Contains(t, out, "    hi")
	var text strings.Builder
	require.NoError(t, run(t.Context(), &text, []string{"run", filepath.Join(k.dir, "pilfer.yaml"), "--dry-run", "-jobs", "1"}))
	require.Contains(t, text.String(), "would run")
	text.Reset()
	require.NoError(t, run(t.Context(), &text, []string{"run", "-h"}))
	require.Contains(t, text.String(), "-keep-going")
}

// What is no file that ends is left out, and a link counts as what it leads to.
func TestMatchLeavesOutPipes(t *testing.T) {
	k := newKitchen(t, "")
	require.NoError(t, exec.Command("mkfifo", filepath.Join(k.dir, "pipe")).Run())
	require.NoError(t, os.Mkdir(filepath.Join(k.dir, "empty"), 0o755))
	require.NoError(t, os.Symlink("pipe", filepath.Join(k.dir, "topipe")))
	require.NoError(t, os.Symlink("empty", filepath.Join(k.dir, "todir")))
	require.NoError(t, os.Symlink("nothing", filepath.Join(k.dir, "tonothing")))
	names, err := match(k.dir, []string{"pip*", "empty", "to*"})
	require.NoError(t, err)
	require.Equal(t, []string{"todir", "tonothing", "topipe"}, names)
	before, err := hashFiles(k.dir, []string{"to*"})
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(k.dir, "todir")))
	require.NoError(t, os.Symlink(".", filepath.Join(k.dir, "todir")))
	after, err := hashFiles(k.dir, []string{"to*"})
	require.NoError(t, err)
	require.NotEqual(t, before, after)
	_, err = match(k.dir, []string{"pipe"})
	require.ErrorContains(t, err, "pipe: no regular file")
}

func TestMatch(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.go", "b.txt", "sub/c.go", "sub/deep/d.go", "sub/deep/e.md", ".git/f.go"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	for pattern, want := range map[string]string{
		"*.go":        "a.go",
		"**/*.go":     "a.go sub/c.go sub/deep/d.go",
		"sub":         "sub/c.go sub/deep/d.go sub/deep/e.md",
		"sub/*.go":    "sub/c.go",
		"sub/**":      "sub/c.go sub/deep/d.go sub/deep/e.md",
		"sub/**/d.go": "sub/deep/d.go",
		".":           "a.go b.txt sub/c.go sub/deep/d.go sub/deep/e.md",
		"*.none":      "",
		"s?b/c.go":    "sub/c.go",
		"[rs]ub/*.go": "sub/c.go",
		"sub/dee[p]":  "sub/deep/d.go sub/deep/e.md",
	} {
		got, err := match(dir, []string{pattern, pattern})
		require.NoError(t, err)
		require.Equal(t, want, strings.Join(got, " "), pattern)
	}
	_, err := match(dir, []string{"missing"})
	require.ErrorIs(t, err, os.ErrNotExist)
	got, err := match(filepath.Join(dir, "sub"), []string{"../*.go"})
	require.NoError(t, err)
	require.Equal(t, []string{"../a.go"}, got)
}
