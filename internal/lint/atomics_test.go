// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"slices"
	"testing"
)

const pointPath = module + "/internal/point"

// checkAtomics keeps every shared step behind internal/point, where the explorer
// of interleavings can see it.
func checkAtomics(tr *tree) (out []finding) {
	for _, f := range tr.files {
		if f.test || f.in("examples", "bench", "internal/point", "internal/explore") {
			continue
		}
		for _, spec := range f.ast.Imports {
			if p := importPath(spec); p == "sync/atomic" || p == "go.uber.org/atomic" {
				out = append(out, tr.found(spec.Pos(), "imports %s: use the types of internal/point, through which interleavings are explored", p))
			}
		}
	}
	for _, f := range tr.production(concurrent...) {
		name := f.importName("sync")
		if name == "" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isIdent(sel.X, name) && slices.Contains([]string{"Mutex", "RWMutex"}, sel.Sel.Name) {
				out = append(out, tr.found(sel.Pos(), "sync.%s in lock-free code: use point.Mutex, through which interleavings are explored", sel.Sel.Name))
			}
			return true
		})
	}
	return out
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func TestOnlyPointImportsAtomics(t *testing.T) { enforce(t, checkAtomics) }

func TestOnlyPointImportsAtomicsFinds(t *testing.T) {
	expect(t, checkAtomics, map[string]string{
		"deque/raw.go":            "package deque\nimport \"sync/atomic\"\nvar x atomic.Int32\n",
		"deque/raw_test.go":       "package deque\nimport \"sync/atomic\"\nvar y atomic.Int32\n",
		"sched/uber.go":           "package sched\nimport a \"go.uber.org/atomic\"\nvar x a.Int32\n",
		"internal/wheel/x.go":     "package wheel\nimport \"go.uber.org/atomic\"\n",
		"internal/point/point.go": "package point\nimport \"go.uber.org/atomic\"\n",
		"examples/x/main.go":      "package main\nimport \"sync/atomic\"\n",
		"waker/lock.go":           "package waker\nimport \"sync\"\ntype t struct {\n\tmu sync.Mutex\n\tonce sync.Once\n\trw *sync.RWMutex\n}\n",
	}, "deque/raw.go:2", "sched/uber.go:2", "internal/wheel/x.go:2", "waker/lock.go:4", "waker/lock.go:6")
}
