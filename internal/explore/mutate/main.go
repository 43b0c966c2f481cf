// SPDX-License-Identifier: Apache-2.0

// Mutate takes out, or changes places of, each step of a race that the comments tag
// (as in "[last-job] O1"), one at a time, and runs the explorations of its package: one
// of them has to fail. Nothing is written to the tree. Its arguments are directories.
package main

import (
	"bytes"
	"context"
	"encoding/json"
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
const limit = 3 * time.Minute

var tag = regexp.MustCompile(`\[[a-z]+(?:-[a-z]+)+\]\s+[A-Z][0-9]+`)

// A mutant is a file with one step changed.
type mutant struct {
	file, what string
	text       []byte
}

func main() {
	survivors, caught, unbuilt := 0, 0, 0
	for _, dir := range os.Args[1:] {
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
				switch verdict := try(dir, m); verdict {
				case "survives":
					survivors++
					fmt.Printf("SURVIVES %s\n", m.what)
				case "caught":
					caught++
					fmt.Printf("caught   %s\n", m.what)
				default:
					unbuilt++
					fmt.Printf("no build %s\n", m.what)
				}
			}
		}
	}
	fmt.Printf("%d caught, %d survive, %d do not build\n", caught, survivors, unbuilt)
	if survivors > 0 {
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
	add := func(line int, how string, from, to int, by string) {
		changed := append(append(append([]byte{}, text[:from]...), by...), text[to:]...)
		out = append(out, mutant{name, fmt.Sprintf("%s:%d %s: %s", name, line, steps[line], how), changed})
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			for i, s := range n.List {
				line := fset.Position(s.Pos()).Line
				if steps[line] == "" {
					continue
				}
				if _, ok := s.(*ast.ExprStmt); ok {
					add(line, "left out", at(s.Pos()), at(s.End()), "")
				}
				if i+1 < len(n.List) && simple(s) && simple(n.List[i+1]) {
					next := n.List[i+1]
					between := text[at(s.End()):at(next.Pos())]
					code := string(text[at(next.Pos()):at(next.End())]) + "\n" + string(text[at(s.Pos()):at(s.End())])
					if c := bytes.Index(between, []byte("//")); c >= 0 && bytes.IndexByte(between, '\n') < 0 {
						continue
					}
					add(line, "after the next statement", at(s.Pos()), at(next.End()), code)
				}
			}
		}
		return true
	})
	return out, nil
}

// simple says whether a statement may change places.
func simple(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt:
		return true
	}
	return false
}

// try runs the explorations of the package with the mutant in place of its file.
func try(dir string, m mutant) string {
	tmp, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, "mutant.go")
	abs, _ := filepath.Abs(m.file)
	overlay, _ := json.Marshal(map[string]map[string]string{"Replace": {abs: file}})
	list := filepath.Join(tmp, "overlay.json")
	if os.WriteFile(file, m.text, 0o644) != nil || os.WriteFile(list, overlay, 0o644) != nil {
		return "cannot write"
	}
	if out, err := exec.Command("go", "vet", "-overlay", list, "-tags", "explore,invariants", "./"+dir).CombinedOutput(); err != nil && !bytes.Contains(out, []byte("unreachable")) {
		return "no build"
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if exec.CommandContext(ctx, "go", "test", "-overlay", list, "-tags", "explore,invariants", "-run", "Explore", "-failfast", "-count=1", "./"+dir).Run() != nil {
		return "caught"
	}
	return "survives"
}
