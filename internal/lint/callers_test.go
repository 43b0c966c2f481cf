// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// callerWords is the vocabulary of a Caller line, to be searched by: owner, any,
// holding a named lock, once before a step, a role in words ("the searcher", "who
// made the claim"), or "as" another method. More may follow, in words.
var callerWords = regexp.MustCompile(`^(owner|any|holding \w|once, before \w|(the|a|an|who) \w|as \[)`)

// byContract are the methods of a future and of a target. On a type that is not
// exported their caller is the one that package future or waker names, and a line
// here would only repeat it.
var byContract = map[string]bool{"Poll": true, "Drop": true, "WakeBy": true, "CloneTarget": true, "DropTarget": true}

// checkCallers asks for a Caller line on each exported method of a type that
// holds an atomic word or a lock, itself or through a type of its package.
func checkCallers(tr *tree) (out []finding) {
	shared := sharedTypes(tr)
	for _, f := range tr.production("deque", "waker", "future/chans", "future/locks", "workers", "sched", "internal/park") {
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() || !shared[f.dir][receiver(fn)] ||
				byContract[fn.Name.Name] && !ast.IsExported(receiver(fn)) {
				continue
			}
			name := receiver(fn) + "." + fn.Name.Name
			doc := strings.TrimSpace(fn.Doc.Text())
			last := doc[strings.LastIndex(doc, "\n\n")+1:]
			who, ok := strings.CutPrefix(strings.TrimSpace(last), "Caller: ")
			switch {
			case !ok && !strings.Contains(doc, "Caller:"):
				out = append(out, tr.found(fn.Pos(), "%s works on shared words and does not say who may call it: end its comment with a line `Caller: any.` (owner, holding mu, ...)", name))
			case !ok:
				out = append(out, tr.found(fn.Pos(), "the Caller line of %s must be the last paragraph of its comment", name))
			case !callerWords.MatchString(who):
				out = append(out, tr.found(fn.Pos(), "%s: Caller is %q; it must begin with owner, any, `holding mu`, `once, before Start`, a role (the ..., who ...) or `as [Other]`", name, who))
			case strings.Count(doc, "Caller:") > 1:
				out = append(out, tr.found(fn.Pos(), "%s has several Caller lines: one method, one rule", name))
			}
		}
	}
	return out
}

// receiver returns the type name of a method's receiver.
func receiver(fn *ast.FuncDecl) string { return localName(fn.Recv.List[0].Type) }

// localName returns the name of a type of the same package that e holds or
// points to, or "".
func localName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return localName(e.X)
	case *ast.ParenExpr:
		return localName(e.X)
	case *ast.ArrayType:
		return localName(e.Elt)
	case *ast.IndexExpr:
		return localName(e.X)
	case *ast.IndexListExpr:
		return localName(e.X)
	}
	return ""
}

// sharedTypes returns, for each directory, the types that hold a type of
// internal/point, by a field or through one of a type that does.
func sharedTypes(tr *tree) map[string]map[string]bool {
	shared := map[string]map[string]bool{}
	holds := map[string]map[string][]string{} // directory, type, types of its fields
	for _, f := range tr.files {
		if f.test {
			continue
		}
		if shared[f.dir] == nil {
			shared[f.dir], holds[f.dir] = map[string]bool{}, map[string][]string{}
		}
		point := f.importName(pointPath)
		ast.Inspect(f.ast, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if st, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range st.Fields.List {
					if point != "" && mentions(field.Type, point) {
						shared[f.dir][spec.Name.Name] = true
					}
					holds[f.dir][spec.Name.Name] = append(holds[f.dir][spec.Name.Name], localName(field.Type))
				}
			}
			return true
		})
	}
	for dir, types := range holds {
		for again := true; again; {
			again = false
			for name, fields := range types {
				for _, field := range fields {
					if shared[dir][field] && !shared[dir][name] {
						shared[dir][name], again = true, true
					}
				}
			}
		}
	}
	return shared
}

// mentions says whether a type is built from one of package point.
func mentions(e ast.Expr, point string) (yes bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && isIdent(sel.X, point) {
			yes = true
		}
		return !yes
	})
	return yes
}

func TestCallerLines(t *testing.T) { enforce(t, checkCallers) }

func TestCallerLinesFinds(t *testing.T) {
	expect(t, checkCallers, map[string]string{
		"deque/core.go": `package deque
import "github.com/pilfer-go/pilfer/internal/point"
type core[T any] struct{ top point.Int64 }
type Plain struct{ n int }
`,
		"deque/a.go": `package deque
type Deque[T any] struct{ core core[T] }
type Stealer[T any] struct{ core *core[T] }
// Push adds.
//
// Caller: owner.
func (d *Deque[T]) Push() {}
// Pop takes.
func (d *Deque[T]) Pop() {}
// Len counts.
//
// Caller: any.
//
// It is a guess.
func (d *Deque[T]) Len() {}
// Steal takes.
//
// Caller: everybody.
func (s Stealer[T]) Steal() {}
// Half takes.
//
// Caller: who holds a Stealer, or the
// owner.
func (s Stealer[T]) Half() {}
func (s Stealer[T]) private() {}
func (p Plain) String() {}
func (c *core[T]) Poll() {}
func (c *core[T]) Other() {}
`}, "deque/a.go:9", "deque/a.go:15", "deque/a.go:19", "deque/a.go:28")
}
