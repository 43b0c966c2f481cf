// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
)

var tag = regexp.MustCompile(`\[[a-z]+(?:-[a-z]+)+\]\s+[A-Z][0-9]+`)

// A mutant is a file with one step changed.
type mutant struct {
	file, what string
	text       []byte
}

// mutantsOf returns the mutants of a file.
func mutantsOf(name string) (out []mutant, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	steps := map[int]string{} // by line
	for _, group := range f.Comments {
		for _, c := range group.List {
			if m := tag.FindString(c.Text); m != "" {
				steps[fset.Position(c.Pos()).Line] = m
			}
		}
	}
	line := func(n ast.Node) int { return fset.Position(n.Pos()).Line }
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	code := func(n ast.Node) string { return string(text[at(n.Pos()):at(n.End())]) }
	add := func(line int, how string, from, to token.Pos, by string) {
		changed := append(append(append([]byte{}, text[:at(from)]...), by...), text[at(to):]...)
		out = append(out, mutant{name, fmt.Sprintf("%s:%d %s: %s", name, line, steps[line], how), changed})
	}
	tagged := func(n ast.Node) int { // the line of n that has a tag, or 0
		for l := line(n); l <= fset.Position(n.End()).Line; l++ {
			if steps[l] != "" {
				return l
			}
		}
		return 0
	}
	never := func(cond ast.Expr) {
		if cond != nil && tagged(cond) > 0 {
			add(tagged(cond), "never holds", cond.Pos(), cond.End(), "false && ("+code(cond)+")")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			for i, s := range n.List {
				l := line(s)
				if steps[l] == "" {
					continue
				}
				if e, ok := s.(*ast.ExprStmt); ok {
					add(l, "left out", s.Pos(), s.End(), used(e.X))
				}
				if last := later(n.List, i); last != nil {
					from, until := s.Pos(), last.End()
					if i > 0 && tells(n.List[i-1], code) {
						from = n.List[i-1].Pos()
					}
					between := text[at(s.End()):at(n.List[i+1].Pos())]
					if c := bytes.Index(between, []byte("//")); c >= 0 && bytes.IndexByte(between, '\n') < 0 {
						continue
					}
					add(l, "after the next step", from, until, string(text[at(n.List[i+1].Pos()):at(until)])+"\n"+string(text[at(from):at(s.End())]))
				}
			}
		case *ast.IfStmt:
			never(n.Cond)
		case *ast.ForStmt:
			never(n.Cond)
		case *ast.ReturnStmt:
			if len(n.Results) == 1 && strings.Contains(code(n), ".CompareAndSwap(") {
				never(n.Results[0])
			}
		case *ast.BinaryExpr:
			if (n.Op == token.LAND || n.Op == token.LOR) && tagged(n) > 0 && calls(n.X) && calls(n.Y) {
				add(tagged(n), "looks in the other order", n.Pos(), n.End(), "("+code(n.Y)+") "+n.Op.String()+" ("+code(n.X)+")")
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if ok && sel.Sel.Name == "CompareAndSwap" && len(n.Args) == 2 && tagged(n) > 0 {
				add(tagged(n), "stores without comparing", n.Pos(), n.End(), "func() bool { "+code(sel.X)+".Store("+code(n.Args[1])+"); return true }()")
			}
		}
		return true
	})
	return out, nil
}

// used uses the variables that a call is given, so that the program builds without it.
func used(e ast.Expr) (code string) {
	if call, ok := e.(*ast.CallExpr); ok {
		for _, arg := range call.Args {
			if id, ok := arg.(*ast.Ident); ok && id.Name != "nil" {
				code += "_ = " + id.Name + "; "
			}
		}
	}
	return code
}

// calls says whether the code calls something: it may be a step.
func calls(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		found = found || call
		return true
	})
	return found
}

// later returns the statement after which statement i of a list would come too late: the
// next one, or if it is about plain memory, the next that calls something. It returns nil
// if there is none, or if they must not change places.
func later(list []ast.Stmt, i int) ast.Stmt {
	if !simple(list[i]) {
		return nil
	}
	for _, s := range list[i+1:] {
		if !simple(s) {
			return nil
		}
		if steps(s) || steps(list[i]) && writes(s) {
			return s
		}
	}
	return nil
}

// simple says whether a statement may change places.
func simple(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.AssignStmt:
		return true
	}
	return false
}

// steps says whether a statement calls something, if not to say where it writes.
func steps(s ast.Stmt) bool {
	if a, ok := s.(*ast.AssignStmt); ok {
		return slices.ContainsFunc(a.Rhs, func(e ast.Expr) bool { return calls(e) })
	}
	return calls(s)
}

// tells says whether a statement tells an exploration of plain memory.
func tells(s ast.Stmt, code func(ast.Node) string) bool {
	f, ok := s.(*ast.IfStmt)
	return ok && code(f.Cond) == "point.Explored"
}

// writes says whether a statement writes memory that is not a local variable's.
func writes(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.IncDecStmt:
		return shared(s.X)
	case *ast.AssignStmt:
		return slices.ContainsFunc(s.Lhs, shared)
	}
	return false
}

// shared says whether an expression is about more than a local variable.
func shared(e ast.Expr) bool {
	_, local := e.(*ast.Ident)
	return !local
}
