// SPDX-License-Identifier: Apache-2.0

// Mutate changes each step of a race that the comments tag (as in "[last-job] O1"), one
// at a time, and runs the explorations of its package: one of them has to fail. A step is
// left out, or comes after the next statement; a condition never holds, or looks in the
// other order; a compare-and-swap becomes a store. Nothing is written to the tree.
//
// A mutant that survives is an error, unless it is on the list of those that mean the
// same as the original, with the reason.
//
//	go run ./internal/explore/mutate [-only text] [-exec program] [-short] directory ...
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A mutant that runs for ever is caught too: it may take so many times as long as the
// original, and a minute.
const patience = 10

// took is how long the first schedules and the whole explorations of the original took.
var took [2]time.Duration

var (
	only  = flag.String("only", "", "try only the mutants whose description contains this `text`")
	with  = flag.String("exec", "", "run builds and explorations by this `program`, as nice")
	short = flag.Bool("short", false, "only the first schedules of each exploration")
	list  = flag.Bool("list", false, "only say what the mutants are")
)

// failed finds the name of a test that failed.
var failed = regexp.MustCompile(`--- FAIL: (\w+)`)

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
		mutants := mutantsIn(dir)
		if *list {
			for _, m := range mutants {
				fmt.Println(m.what)
			}
			continue
		}
		if len(mutants) == 0 {
			continue
		}
		took = [2]time.Duration{time.Hour, time.Hour}
		if verdict, by := try(dir, mutant{}); verdict != survives {
			fail(fmt.Errorf("the explorations of %s do not pass without a mutation: %s %s", dir, verdict, by))
		}
		for _, m := range mutants {
			start := time.Now()
			verdict, by := try(dir, m)
			count[verdict]++
			fmt.Printf("%-8s %s (%s %.0f s)\n", verdict, m.what, by, time.Since(start).Seconds())
		}
	}
	if *list {
		return
	}
	fmt.Printf("%d caught, %d survive, %d do not build\n", count[caught], count[survives], count[unbuilt])
	if count[survives] > 0 {
		os.Exit(1)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "mutate:", err)
	os.Exit(1)
}

// mutantsIn returns the mutants of a directory that were asked for.
func mutantsIn(dir string) (out []mutant) {
	names, _ := filepath.Glob(filepath.Join(dir, "*.go"))
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		mutants, err := mutantsOf(name)
		if err != nil {
			fail(err)
		}
		for _, m := range mutants {
			if strings.Contains(m.what, *only) {
				out = append(out, m)
			}
		}
	}
	return out
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

// simple says whether a statement may change places: not if it is no step, as it is about
// local variables only.
func simple(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return true
	case *ast.IncDecStmt:
		return shared(s.X)
	case *ast.AssignStmt:
		return slices.ContainsFunc(s.Lhs, shared) || slices.ContainsFunc(s.Rhs, shared)
	}
	return false
}

// shared says whether an expression may be about memory that others see.
func shared(e ast.Expr) (is bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr, *ast.StarExpr:
			is = true
		}
		return true
	})
	return is
}

// What becomes of a mutant.
const (
	caught   = "caught"
	survives = "SURVIVES"
	unbuilt  = "no build"
)

// try runs the explorations of the package with the mutant in place of its file: first
// a few schedules of each, then all. It also says which test has caught it.
func try(dir string, m mutant) (verdict, by string) {
	tmp, err := os.MkdirTemp("", "mutant")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(tmp)
	file, overlay := filepath.Join(tmp, "mutant.go"), filepath.Join(tmp, "overlay.json")
	replace := map[string]string{}
	if m.file != "" {
		abs, err := filepath.Abs(m.file)
		if err != nil {
			fail(err)
		}
		replace[abs] = file
	}
	text, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err = errors.Join(err, os.WriteFile(file, m.text, 0o644), os.WriteFile(overlay, text, 0o644)); err != nil {
		fail(err)
	}
	program := filepath.Join(tmp, "explore.test")
	if command(context.Background(), "go", "test", "-c", "-vet=off", "-o", program, "-overlay", overlay, "-tags", "explore,invariants", "./"+dir).Run() != nil {
		return unbuilt, ""
	}
	for i, first := range []bool{true, false} {
		if !first && *short {
			break
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), patience*took[i]+time.Minute)
		defer cancel()
		run := command(ctx, program, "-test.run", "Explore", "-test.failfast", fmt.Sprint("-test.short=", first))
		run.Dir = dir
		run.Env = append(os.Environ(), "GOMAXPROCS=1")
		var out bytes.Buffer
		run.Stdout, run.Stderr = &out, &out
		if run.Run() == nil {
			if m.file == "" {
				took[i] = time.Since(start)
			}
			continue
		}
		if ctx.Err() != nil {
			return caught, "by its time,"
		}
		if m := failed.FindSubmatch(out.Bytes()); m != nil {
			return caught, "by " + string(m[1]) + ","
		}
		return caught, "by a crash,"
	}
	return survives, ""
}

// command is that program, run by the one that was asked for.
func command(ctx context.Context, args ...string) *exec.Cmd {
	if *with != "" {
		args = append([]string{*with}, args...)
	}
	return exec.CommandContext(ctx, args[0], args[1:]...)
}
