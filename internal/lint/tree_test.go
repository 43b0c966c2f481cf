// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/pilfer-go/pilfer"

// A source is one Go file.
type source struct {
	path  string // from the root of the tree, with slashes
	dir   string // likewise; "." is the root
	test  bool
	lines int
	text  string
	ast   *ast.File // what could be parsed
	err   error     // what could not
}

// A tree is all that the rules look at.
type tree struct {
	fset  *token.FileSet
	files []*source
	pages map[string]string // Markdown text by path
	known map[string]bool   // every file and directory by path
}

// A finding is one violation. Its text says how to mend it.
type finding struct{ at, text string }

// A rule looks at the tree and returns what is wrong with it.
type rule func(*tree) []finding

// newTree parses files, which map a path to its text.
func newTree(files map[string]string) *tree {
	tr := &tree{fset: token.NewFileSet(), pages: map[string]string{}, known: map[string]bool{".": true}}
	for p, text := range files {
		for d := p; d != "."; d = path.Dir(d) {
			tr.known[d] = true
		}
		switch path.Ext(p) {
		case ".md":
			tr.pages[p] = text
		case ".go":
			f := &source{path: p, dir: path.Dir(p), test: strings.HasSuffix(p, "_test.go"), text: text}
			f.lines = strings.Count(text, "\n")
			f.ast, f.err = parser.ParseFile(tr.fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
			tr.files = append(tr.files, f)
		}
	}
	slices.SortFunc(tr.files, func(a, b *source) int { return strings.Compare(a.path, b.path) })
	return tr
}

// readTree reads the module that this package lies in, once.
var readTree = sync.OnceValues(func() (*tree, error) {
	root := filepath.Join("..", "..")
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := d.Name(); d.IsDir() && name != root &&
			(strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "bin") {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		var text []byte // of the others only the names are of interest
		if ext := filepath.Ext(name); ext == ".go" || ext == ".md" {
			if text, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		files[filepath.ToSlash(rel)] = string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
		return nil
	})
	return newTree(files), err
})

// enforce runs a rule on the real tree.
func enforce(t *testing.T, r rule) {
	t.Helper()
	tr, err := readTree()
	require.NoError(t, err)
	require.Greater(t, len(tr.files), 10, "the tree is not where this test looks for it")
	for _, f := range r(tr) {
		t.Errorf("%s: %s", f.at, f.text)
	}
}

// expect runs a rule on planted files and compares the places that it reports.
func expect(t *testing.T, r rule, files map[string]string, places ...string) []finding {
	t.Helper()
	found := r(newTree(files))
	at := []string{}
	for _, f := range found {
		at = append(at, f.at)
	}
	require.ElementsMatch(t, places, at, "%v", found)
	return found
}

// found makes a finding at a position in a Go file.
func (tr *tree) found(pos token.Pos, format string, args ...any) finding {
	p := tr.fset.Position(pos)
	return at(p.Filename, p.Line, format, args...)
}

func at(path string, line int, format string, args ...any) finding {
	return finding{fmt.Sprintf("%s:%d", path, line), fmt.Sprintf(format, args...)}
}

// in says whether the file lies in one of the directories or below.
func (f *source) in(dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return under(f.dir, d) })
}

func under(dir, above string) bool { return dir == above || strings.HasPrefix(dir, above+"/") }

// production returns the files that are not tests and lie in dirs.
func (tr *tree) production(dirs ...string) []*source {
	var out []*source
	for _, f := range tr.files {
		if !f.test && f.in(dirs...) {
			out = append(out, f)
		}
	}
	return out
}

// importPath returns what spec imports.
func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return "" // the parser has complained about it
	}
	return p
}

// importName returns the name by which f uses the package, or "".
func (f *source) importName(want string) string {
	for _, spec := range f.ast.Imports {
		if importPath(spec) == want {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return baseName(want)
		}
	}
	return ""
}

// baseName guesses the package name of an import path.
func baseName(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(importPath)) // a major version
	}
	return base
}

// rooms are the packages that users import, and concurrent those whose every
// atomic step goes through internal/point.
var (
	rooms      = []string{"deque", "waker", "future", "future/chans", "future/locks", "future/stream", "future/timer", "workers", "sched", "graph", "par"}
	concurrent = append(slices.Clone(rooms), "internal/park")
)
