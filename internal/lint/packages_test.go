// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// checkPackages asks for a doc.go in every package, and in the rooms for an
// example that runs; a package with shared words also checks for goroutines that
// outlive its tests.
func checkPackages(tr *tree) (out []finding) {
	byDir := map[string][]*source{}
	for _, f := range tr.files {
		byDir[f.dir] = append(byDir[f.dir], f)
	}
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		files := byDir[dir]
		name := ""
		for _, f := range files {
			if !f.test {
				name = f.ast.Name.Name
			}
		}
		if name == "" {
			continue // tests only
		}
		if name != "main" && !slices.ContainsFunc(files, func(f *source) bool {
			return path.Base(f.path) == "doc.go" && strings.HasPrefix(f.ast.Doc.Text(), "Package "+name+" ")
		}) {
			out = append(out, at(dir+"/doc.go", 1, "package %s needs a doc.go whose comment begins `Package %s`: what it is, a typical use, who may call what", name, name))
		}
		if slices.Contains(rooms, dir) && !slices.ContainsFunc(files, hasExample) {
			out = append(out, at(dir+"/example_test.go", 1, "package %s needs a func Example... with an `// Output:` comment, so that it runs", name))
		}
		if slices.Contains(concurrent, dir) && !slices.ContainsFunc(files, checksLeaks) {
			out = append(out, at(dir+"/main_test.go", 1, "package %s needs a TestMain that calls goleak.VerifyTestMain", name))
		}
	}
	return out
}

func hasExample(f *source) bool {
	if !f.test {
		return false
	}
	for _, d := range f.ast.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || !strings.HasPrefix(fn.Name.Name, "Example") {
			continue
		}
		for _, c := range f.ast.Comments {
			text := strings.ToLower(c.Text())
			if fn.Body.Pos() < c.Pos() && c.End() < fn.Body.End() &&
				(strings.HasPrefix(text, "output:") || strings.HasPrefix(text, "unordered output:")) {
				return true
			}
		}
	}
	return false
}

func checksLeaks(f *source) bool {
	leak := f.importName("go.uber.org/goleak")
	found := false
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && leak != "" && isIdent(sel.X, leak) && sel.Sel.Name == "VerifyTestMain" {
			found = true
		}
		return !found
	})
	return found
}

func TestPackagesHaveDocAndExample(t *testing.T) { enforce(t, checkPackages) }

func TestPackagesHaveDocAndExampleFinds(t *testing.T) {
	expect(t, checkPackages, map[string]string{
		"deque/doc.go":          "// Package deque holds.\npackage deque\n",
		"deque/main_test.go":    "package deque\nimport \"go.uber.org/goleak\"\nfunc TestMain() { goleak.VerifyTestMain(nil) }\n",
		"deque/example_test.go": "package deque\nfunc Example() {\n\t// Output: 1\n}\n",
		"waker/doc.go":          "// This holds.\npackage waker\n",
		"waker/example_test.go": "package waker\nfunc Example() {\n\t// Prints: 1\n}\n",
		"internal/x/x.go":       "// Package x is in the wrong file.\npackage x\n",
		"cmd/pilfer/main.go":    "package main\n",
		"bench/a_test.go":       "package bench\n",
	}, "waker/doc.go:1", "waker/example_test.go:1", "waker/main_test.go:1", "internal/x/doc.go:1")
}
