// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// writersRule matches "Writers: any, by compare-and-swap." and "Writers: owner.
// Invariant: never decreases.", but not a bare "Writers: owner.": who writes is
// half of it, and the other half is what may be relied on.
var writersRule = regexp.MustCompile(`(?s)Writers( of all)?: [^,;.:]+([,;.:]\s*)\S+\s+\S+`)

// checkWriters looks at each struct field of an atomic type. A comment of its own
// inside the struct that says "Writers of all:" speaks for all fields.
func checkWriters(tr *tree) (out []finding) {
	for _, f := range tr.files {
		point := f.importName(pointPath)
		if f.test || point == "" || f.in("internal/lint") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			st, ok := n.(*ast.StructType)
			if !ok || strings.Contains(f.loose(st), "Writers of all:") && writersRule.MatchString(f.loose(st)) {
				return true
			}
			for _, field := range st.Fields.List {
				if !isAtomic(field.Type, point) {
					continue
				}
				switch text := field.Doc.Text() + field.Comment.Text(); {
				case !strings.Contains(text, "Writers:"):
					out = append(out, tr.found(field.Pos(), "atomic field %s does not say who writes it: add `Writers: owner` (or any, holding mu, ...) to its comment, and an `Invariant:` or how a read is safe", fieldName(field)))
				case !writersRule.MatchString(text):
					out = append(out, tr.found(field.Pos(), "atomic field %s says who writes it, but no rule: add `Invariant:`, or how it is written (`once, by compare-and-swap`), or how a read is safe", fieldName(field)))
				}
			}
			return true
		})
	}
	return out
}

// loose returns the comments inside a struct that belong to no field.
func (f *source) loose(st *ast.StructType) string {
	taken := map[*ast.CommentGroup]bool{}
	for _, field := range st.Fields.List {
		taken[field.Doc], taken[field.Comment] = true, true
	}
	var text strings.Builder
	for _, group := range f.ast.Comments {
		if !taken[group] && st.Pos() < group.Pos() && group.End() < st.End() {
			text.WriteString(group.Text())
		}
	}
	return text.String()
}

// isAtomic says whether a field is an atomic word, or a row of them.
func isAtomic(e ast.Expr, point string) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return isIdent(e.X, point) && e.Sel.Name != "Mutex" && e.Sel.Name != "WaitGroup"
	case *ast.IndexExpr: // a generic type
		return isAtomic(e.X, point)
	case *ast.ArrayType:
		return isAtomic(e.Elt, point)
	case *ast.StarExpr:
		return isAtomic(e.X, point)
	}
	return false
}

func fieldName(field *ast.Field) string {
	if len(field.Names) == 0 {
		return "(embedded)"
	}
	return field.Names[0].Name
}

func TestAtomicFieldsNameWriters(t *testing.T) { enforce(t, checkWriters) }

func TestAtomicFieldsNameWritersFinds(t *testing.T) {
	expect(t, checkWriters, map[string]string{"deque/a.go": `package deque
import "github.com/pilfer-go/pilfer/internal/point"
type core struct {
	bare point.Int64
	// half is known. Writers: owner.
	half point.Pointer[int]
	slots []point.Uint32
	// Writers: owner. Invariant: never decreases.
	good point.Int64
	once point.Bool // Writers: any, once, to true.
	// ring holds the tasks. Writers: owner. A retired ring is never written again.
	ring point.Pointer[int]
	// mu guards plain.
	mu    point.Mutex
	plain int
}
type counters struct {
	// Writers of all: who sits in the place. Invariant: none decreases.

	jobs, steals point.Uint64
	parks        point.Uint64 // of all kinds
}
`}, "deque/a.go:4", "deque/a.go:6", "deque/a.go:7")
}
