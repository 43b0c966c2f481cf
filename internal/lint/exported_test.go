// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"go/token"
	"regexp"
	"testing"
)

// selfEvident are methods whose whole meaning is fixed by the standard library.
var selfEvident = map[string]bool{"Error": true, "String": true, "Unwrap": true}

// checkExported asks for a comment on every exported name, and for one that
// begins with the name on types and functions. A run of fields or constants
// without a blank line between them may share the comment of its first line.
func checkExported(tr *tree) (out []finding) {
	for _, f := range tr.files {
		if f.test || f.ast.Name.Name == "main" {
			continue
		}
		want := func(name *ast.Ident, doc *ast.CommentGroup, kind string) {
			switch {
			case doc.Text() == "":
				out = append(out, tr.found(name.Pos(), "exported %s %s has no comment", kind, name.Name))
			case !regexp.MustCompile(`^((A|An|The) )?` + name.Name + `\b`).MatchString(doc.Text()):
				out = append(out, tr.found(name.Pos(), "the comment of %s must begin with its name", name.Name))
			}
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d)) && !selfEvident[d.Name.Name]) {
					want(d.Name, d.Doc, "function")
				}
			case *ast.GenDecl:
				checkGroup(tr, d, want, &out)
			}
		}
	}
	return out
}

func checkGroup(tr *tree, d *ast.GenDecl, want func(*ast.Ident, *ast.CommentGroup, string), out *[]finding) {
	var run lineRun
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if !spec.Name.IsExported() {
				continue
			}
			doc := spec.Doc
			if doc == nil && len(d.Specs) == 1 {
				doc = d.Doc
			}
			want(spec.Name, doc, "type")
			switch typ := spec.Type.(type) {
			case *ast.StructType:
				checkMembers(tr, typ.Fields, "field", out)
			case *ast.InterfaceType:
				if len(typ.Methods.List) == 1 {
					continue // the comment of the type is about its one method
				}
				checkMembers(tr, typ.Methods, "method", out)
			}
		case *ast.ValueSpec:
			documented := run.next(tr, spec.Pos(), spec.End(), spec.Doc != nil || spec.Comment != nil)
			for _, name := range spec.Names {
				if name.IsExported() && !documented && d.Doc == nil {
					*out = append(*out, tr.found(name.Pos(), "exported %s %s has no comment, nor has its group", d.Tok, name.Name))
				}
			}
		}
	}
}

func checkMembers(tr *tree, list *ast.FieldList, kind string, out *[]finding) {
	var run lineRun
	for _, field := range list.List {
		documented := run.next(tr, field.Pos(), field.End(), field.Doc != nil || field.Comment != nil)
		for _, name := range field.Names { // an embedded type has its own comment
			if name.IsExported() && !documented {
				*out = append(*out, tr.found(name.Pos(), "exported %s %s has no comment", kind, name.Name))
			}
		}
	}
}

// A lineRun remembers whether the line above was documented, alone or as part of
// a run.
type lineRun struct {
	end        int
	documented bool
}

func (r *lineRun) next(tr *tree, pos, end token.Pos, documented bool) bool {
	line := tr.fset.Position(pos).Line
	r.documented = documented || r.documented && line == r.end+1
	r.end = tr.fset.Position(end).Line
	return r.documented
}

func TestExportedDocumented(t *testing.T) { enforce(t, checkExported) }

func TestExportedDocumentedFinds(t *testing.T) {
	expect(t, checkExported, map[string]string{
		"a/a.go": `package a
// A Good is one.
type Good struct {
	// Jobs and Steals count.
	Jobs int
	Steals int

	Bare int
	own int
	Side int // Side is said here.
}
type Bad interface {
	// Do does.
	Do()

	Undone()
}
// An Only has one method.
type Only interface{ Do() }
// Does something.
func Do() {}
// Do does.
func (g *Good) Do() {}
func (g Good) Undone() {}
func (g Good) String() string { return "" }
func (o own) Exported() {}
const (
	One = 1 // the first
	Two = 2

	Three = 3
)
// Limits of the group.
const (
	Low = 0
	High = 1
)
var V int
`,
		"a/a_test.go": "package a\nfunc TestX() {}\n",
		"b/main.go":   "package main\nfunc Exported() {}\n",
	}, "a/a.go:8", "a/a.go:12", "a/a.go:16", "a/a.go:21", "a/a.go:24", "a/a.go:31", "a/a.go:38")
}
