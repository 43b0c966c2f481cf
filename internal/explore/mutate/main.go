// SPDX-License-Identifier: Apache-2.0

// Mutate changes each step of a race that the comments tag (as in "[last-job] O1"), one
// at a time, and runs the explorations of its package: one of them has to fail. A step is
// left out, or comes after the next statement; a condition never holds, or looks in the
// other order; a compare-and-swap becomes a store. Nothing is written to the tree.
//
// A mutant that survives is an error, unless it is on the list of those that mean the
// same as the original, with the reason.
//
// All of them take hours. With -log a run that was ended goes on where it was.
//
//	go run ./internal/explore/mutate [-only text] [-log file] [-short] directory ...
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
	"io/fs"
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

// took is how long each pass of the original took.
var took [len(passes)]time.Duration

var (
	only  = flag.String("only", "", "try only the mutants whose description contains this `text`")
	log   = flag.String("log", "", "append what is found to this `file`, and do not try again what it tells of")
	most  = flag.Duration("for", 0, "begin nothing new after this `time`; 0 is for ever")
	short = flag.Bool("short", false, "only the first schedules of each exploration, and some at random")
	tests = flag.String("run", "Explore", "only the explorations whose names match this `regexp`")
	list  = flag.Bool("list", false, "only say what the mutants are")
)

// failed finds the name of a test that failed.
var failed = regexp.MustCompile(`--- FAIL: (\w+)`)

var tag = regexp.MustCompile(`\[[a-z]+(?:-[a-z]+)+\]\s+[A-Z][0-9]+`)

// same are the mutants that mean the same as the original, by file, tag and change, with
// the reason.
var same = map[string]string{
	"sched/blockon.go [drive-race] D2: looks in the other order":    "the other look is at who the caller is, which nobody changes",
	"sched/outside.go [quiet-race] O2: looks in the other order":    "the other look is at what is set once",
	"sched/close.go [cancel-race] X2: after the next step":          "the next is X3, which is for waits of another kind",
	"workers/join_wait.go [leap-race] J2: looks in the other order": "the other look is at what J2 does not need: who waits for Q2 is woken by it",
}

// place is the number of a line in what is said of a mutant.
var place = regexp.MustCompile(`:\d+ `)

// A mutant is a file with one step changed.
type mutant struct {
	file, what string
	text       []byte
}

func main() {
	flag.Parse()
	began, count := time.Now(), map[string]int{}
	known, err := told()
	if err != nil {
		fail(err)
	}
	for _, dir := range flag.Args() {
		mutants := mutantsIn(dir)
		if *list {
			for _, m := range mutants {
				fmt.Println(m.what)
			}
			continue
		}
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return strings.Contains(known, " "+m.what+" (") })
		if len(mutants) == 0 {
			continue
		}
		for i := range took {
			took[i] = time.Hour
		}
		if verdict, by := try(dir, mutant{}); verdict != survives {
			fail(fmt.Errorf("the explorations of %s do not pass without a mutation: %s %s", dir, verdict, by))
		}
		for _, m := range mutants {
			if *most > 0 && time.Since(began) > *most {
				fail(errors.New("the time is over"))
			}
			start := time.Now()
			verdict, by := try(dir, m)
			if why := same[place.ReplaceAllString(m.what, " ")]; verdict == survives && why != "" {
				verdict, by = equal, why+","
			}
			count[verdict]++
			tell(fmt.Sprintf("%-8s %s (%s %.0f s)\n", verdict, m.what, by, time.Since(start).Seconds()))
		}
	}
	if *list {
		return
	}
	fmt.Printf("%d caught, %d survive, %d are the same as the original, %d do not build\n",
		count[caught], count[survives], count[equal], count[unbuilt])
	if count[survives] > 0 {
		os.Exit(1)
	}
}

// told returns what the log has.
func told() (string, error) {
	if *log == "" {
		return "", nil
	}
	text, err := os.ReadFile(*log)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return string(text), err
}

// tell prints a line, and adds it to the log.
func tell(line string) {
	fmt.Print(line)
	if *log == "" {
		return
	}
	f, err := os.OpenFile(*log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(line)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		fail(err)
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
		if calls(s) || calls(list[i]) && writes(s) {
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

// What becomes of a mutant.
const (
	caught   = "caught"
	survives = "SURVIVES"
	unbuilt  = "no build"
	equal    = "the same"
)

// passes are the explorations of a mutant, the shortest first: the first schedules of each
// model, some at random, all.
var passes = [...][]string{{"-test.short=true"}, {"-test.short=true", "PILFER_MODE=priorities"}, {"-test.short=false"}}

// try runs the explorations of the package with the mutant in place of its file. It also
// says which test has caught it.
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
	if exec.Command("go", "test", "-c", "-vet=off", "-o", program, "-overlay", overlay, "-tags", "explore,invariants", "./"+dir).Run() != nil {
		return unbuilt, ""
	}
	for i, pass := range passes {
		if *short && pass[0] == "-test.short=false" {
			break
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), patience*took[i]+time.Minute)
		defer cancel()
		run := exec.CommandContext(ctx, program, "-test.run", *tests, "-test.failfast", pass[0])
		run.Dir = dir
		run.Env = append(append(os.Environ(), "GOMAXPROCS=1"), pass[1:]...)
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
