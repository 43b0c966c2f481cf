// SPDX-License-Identifier: Apache-2.0

// Mutate changes each step of a race that the comments tag (as in "[last-job] O1"), one
// at a time, and runs the explorations of its package: one of them has to fail. A step is
// left out, or comes after the next statement; a condition never holds, or looks in the
// other order; a compare-and-swap becomes a store. Nothing is written to the tree.
//
//	go run ./internal/explore/mutate [-only text] directory ...
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// limit is how long the explorations of a mutant may take: one that runs for ever is
// caught too, as a hang is a failure.
const limit = 5 * time.Minute

// only, if not empty, is what the description of a mutant has to contain.
var only = flag.String("only", "", "try only the mutants whose description contains this `text`")

var tag = regexp.MustCompile(`\[[a-z]+(?:-[a-z]+)+\]\s+[A-Z][0-9]+`)

// A mutant is a file with one step changed.
type mutant struct {
	file, what string
	text       []byte
}

func main() {
	flag.Parse()
	count := map[string]int{}
	for _, dir := range flag.Args() {
		if verdict := try(dir, mutant{}); verdict != survives {
			fmt.Fprintf(os.Stderr, "mutate: the explorations of %s do not pass without a mutation: %s\n", dir, verdict)
			os.Exit(1)
		}
		names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			mutants, err := mutantsOf(name)
			if err != nil {
				fmt.Fprintln(os.Stderr, "mutate:", err)
				os.Exit(1)
			}
			for _, m := range mutants {
				if strings.Contains(m.what, *only) {
					verdict := try(dir, m)
					count[verdict]++
					fmt.Printf("%-8s %s\n", verdict, m.what)
				}
			}
		}
	}
	fmt.Printf("%d caught, %d survive, %d do not build\n", count[caught], count[survives], count[unbuilt])
	if count[survives] > 0 {
		os.Exit(1)
	}
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
				if i+1 < len(n.List) && simple(s) && simple(n.List[i+1]) {
					next := n.List[i+1]
					between := text[at(s.End()):at(next.Pos())]
					if c := bytes.Index(between, []byte("//")); c >= 0 && bytes.IndexByte(between, '\n') < 0 {
						continue
					}
					add(l, "after the next statement", s.Pos(), next.End(), code(next)+"\n"+code(s))
				}
			}
		case *ast.IfStmt:
			never(n.Cond)
		case *ast.ForStmt:
			never(n.Cond)
		case *ast.BinaryExpr:
			if (n.Op == token.LAND || n.Op == token.LOR) && tagged(n) > 0 && looks(n.X) && looks(n.Y) {
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

// looks says whether an expression calls something: it may be a step.
func looks(e ast.Expr) (calls bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		calls = calls || call
		return true
	})
	return calls
}

// simple says whether a statement may change places.
func simple(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt:
		return true
	}
	return false
}

// What becomes of a mutant.
const (
	caught   = "caught"
	survives = "SURVIVES"
	unbuilt  = "no build"
)

// try runs the explorations of the package with the mutant in place of its file: first
// a few schedules of each, then all.
func try(dir string, m mutant) string {
	tmp, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, "mutant.go")
	abs, _ := filepath.Abs(m.file)
	replace := map[string]string{abs: file}
	if m.file == "" {
		replace = nil
	}
	overlay, _ := json.Marshal(map[string]map[string]string{"Replace": replace})
	list, program := filepath.Join(tmp, "overlay.json"), filepath.Join(tmp, "explore.test")
	if os.WriteFile(file, m.text, 0o644) != nil || os.WriteFile(list, overlay, 0o644) != nil {
		return "cannot write"
	}
	build := exec.Command("go", "test", "-c", "-vet=off", "-o", program, "-overlay", list, "-tags", "explore,invariants", "./"+dir)
	if build.Run() != nil {
		return unbuilt
	}
	for _, short := range []string{"-test.short=true", "-test.short=false"} {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		run := exec.CommandContext(ctx, program, "-test.run", "Explore", "-test.failfast", short)
		run.Dir = dir
		run.Env = append(os.Environ(), "GOMAXPROCS=1")
		err := run.Run()
		cancel()
		if err != nil {
			return caught
		}
	}
	return survives
}
