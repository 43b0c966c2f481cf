// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seamless is what stands in the source if there is no seam: the types behind the
// aliases, and nothing for the rest.
var seamless = map[string]string{
	"Int32": "unseamed.Int32", "Int64": "unseamed.Int64", "Uint32": "unseamed.Uint32",
	"Uint64": "unseamed.Uint64", "Bool": "unseamed.Bool", "Pointer": "unseamed.Pointer",
	"Mutex": "unsynced.Mutex", "WaitGroup": "unsynced.WaitGroup",
	"Most": "(1 << 30)",
}

// withoutSeam returns a file's text as it were if internal/point did not exist. Lines
// stay where they are. Uint32Of and Go are kept: they are not of the seam.
func withoutSeam(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	require.NoError(t, err)
	type edit struct {
		from, to int
		by       string
	}
	var edits []edit
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	isPoint := func(e ast.Expr, name string) bool {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok || name != "" && sel.Sel.Name != name {
			return false
		}
		x, ok := sel.X.(*ast.Ident)
		return ok && x.Name == "point"
	}
	kept := false
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if isPoint(n.Cond, "Explored") {
				gone := strings.Repeat("\n", bytes.Count(text[at(n.Pos()):at(n.End())], []byte("\n")))
				edits = append(edits, edit{at(n.Pos()), at(n.End()), gone})
				return false
			}
		case *ast.ExprStmt:
			if c, ok := n.X.(*ast.CallExpr); ok && (isPoint(c.Fun, "Reads") || isPoint(c.Fun, "Writes")) {
				edits = append(edits, edit{at(n.Pos()), at(n.End()), ""})
				return false
			}
		case *ast.CallExpr:
			if isPoint(n.Fun, "Exploring") {
				edits = append(edits, edit{at(n.Pos()), at(n.End()), "false"})
				return false
			}
		case *ast.SelectorExpr:
			if !isPoint(n, "") {
				return true
			}
			by, ok := seamless[n.Sel.Name]
			if !ok {
				kept = true
				return true
			}
			edits = append(edits, edit{at(n.Pos()), at(n.End()), by})
		}
		return true
	})
	for _, spec := range f.Imports {
		if spec.Path.Value == `"`+pointPath+`"` {
			by := `unseamed "go.uber.org/atomic"; unsynced "sync"`
			if kept {
				by += "; " + spec.Path.Value
			}
			edits = append(edits, edit{at(spec.Pos()), at(spec.End()), "(" + by + ")"})
		}
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Lparen.IsValid() && d.Tok == token.IMPORT && len(edits) > 0 {
			last := &edits[len(edits)-1]
			last.by = strings.Trim(last.by, "()")
		}
	}
	slices.SortFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		text = slices.Concat(text[:e.from], []byte(e.by), text[e.to:])
	}
	return append(text, "\nvar _ unseamed.Bool\nvar _ unsynced.Mutex\n"...)
}

// seamPackages are the packages whose machine code is compared, with a program that
// has each kind of fork.
var seamPackages = []string{"deque", "waker", "workers", "sched", "internal/lint/testdata/fork"}

// machineCode compiles the packages, with an overlay if it is not "", and returns
// the instructions of each function.
func machineCode(t *testing.T, overlay string) map[string]string {
	t.Helper()
	args := []string{"build", "-buildvcs=false", "-gcflags=-S"}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	for _, dir := range seamPackages {
		args = append(args, "./"+dir)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out[:min(len(out), 4000)])
	}
	return functionsIn(string(out))
}

// place is the file and line of an instruction, and generated the number of what the
// compiler names by itself, or where on the stack it keeps that.
var (
	place     = regexp.MustCompile(`^\t0x[0-9a-f]+ (\d+) \([^)]*\)\t`)
	generated = regexp.MustCompile(`\.\.(stmp|autotmp|dict|d)_\d+(?:\+\d+\(SP\))?|go:(string|itab|cuinfo)[^ ]*`)
)

// functionsIn takes what the compiler prints for -S apart.
func functionsIn(listing string) map[string]string {
	code := map[string]string{}
	pkg, function := "", ""
	for line := range strings.Lines(listing) {
		if strings.HasPrefix(line, "# ") {
			pkg = strings.TrimSpace(line) // each compiles its own copy of a generic function
		}
		if strings.Contains(line, " STEXT ") {
			function, _, _ = strings.Cut(line, " STEXT ")
			function = pkg + " " + function
			code[function] = ""
			continue
		}
		m := place.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		what := strings.TrimSpace(line[len(m[0]):])
		if strings.HasPrefix(what, "PCDATA") || strings.HasPrefix(what, "FUNCDATA") || strings.HasPrefix(what, "TEXT") {
			continue
		}
		code[function] += m[1] + " " + generated.ReplaceAllString(what, "..$1") + "\n"
	}
	return code
}

// The seam through which interleavings are explored costs a normal build nothing:
// every function is the same, instruction by instruction, as without it.
func TestSeamCostsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles packages of its own")
	}
	if runtime.GOARCH != "amd64" || runtime.GOOS != "linux" {
		t.Skip("once is enough")
	}
	replace := map[string]string{}
	dir := t.TempDir()
	for _, pkg := range []string{"deque", "waker", "workers", "sched", "internal/park"} {
		names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pkg), "*.go"))
		require.NoError(t, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			if strings.HasSuffix(name, "_test.go") || !bytes.Contains(text, []byte(`"`+pointPath+`"`)) {
				continue
			}
			by := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "_")+"_"+filepath.Base(name))
			require.NoError(t, os.WriteFile(by, withoutSeam(t, name), 0o644))
			abs, err := filepath.Abs(name)
			require.NoError(t, err)
			replace[abs] = by
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, list, 0o644))

	with, without := machineCode(t, ""), machineCode(t, overlay)
	compared := 0
	for name, code := range with {
		want, ok := without[name]
		if !ok {
			continue
		}
		compared++
		if code != want {
			t.Errorf("%s is not what it is without the seam: %d and %d instructions\n%s", name,
				strings.Count(code, "\n"), strings.Count(want, "\n"), firstDifference(code, want))
		}
	}
	for _, must := range []string{"deque.(*Queue[", "deque.(*Deque[", "workers.Join[", "workers.(*Worker).offer", "workers.(*Worker).Push", "sched.(*local).pushNext"} {
		found := false
		for name := range with {
			_, both := without[name]
			found = found || both && strings.Contains(name, must)
		}
		if !found {
			t.Errorf("no function %s was compared", must)
		}
	}
	t.Logf("%d functions compared", compared)
}

func firstDifference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return "with:    " + la[i] + "\nwithout: " + lb[i]
		}
	}
	return ""
}
