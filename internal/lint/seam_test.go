// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// explored are the packages whose production source is run under every schedule, or
// under those of the simulation.
// Each shared step in them has to go through the seam, or the exploration would not
// see it.
var explored = []string{"deque", "waker", "internal/park", "workers", "future", "future/chans", "future/locks", "future/timer", "sched", "graph", "par"}

// unseen are the steps of explored packages that do not go through the seam, by file
// and step, with the reason why that is no loss.
var unseen = map[string]string{
	"internal/park/relax.go runtime.Gosched": "Yield: orders nothing, and is none in an exploration",
	"internal/park/bell_explore.go select":   "Bell and Gate outside of an exploration",
	"internal/park/bell_explore.go send":     "as above",
	"internal/park/bell_explore.go receive":  "as above",
	"internal/park/bell_explore.go close":    "as above",
	"internal/park/pressure.go time.Now":     "the clock's zero; there is no clock in an exploration",
	"internal/park/pressure.go time.Since":   "there is no clock in an exploration",
	"workers/monitor.go go":                  "the monitor is not part of an exploration",
	"workers/monitor.go select":              "the monitor is not part of an exploration",
	"workers/monitor.go send":                "the monitor is not part of an exploration",
	"workers/monitor.go receive":             "the monitor is not part of an exploration",
	"workers/monitor.go close":               "the monitor is not part of an exploration",
	"workers/monitor.go time.NewTicker":      "the monitor is not part of an exploration",
	"workers/monitor.go time.C":              "the monitor is not part of an exploration",
	"future/block.go select":                 "Block sleeps on an ordinary goroutine, in no model",
	"future/block.go send":                   "as above",
	"future/block.go receive":                "as above",
	"future/channel.go go":                   "the way from and to Go channels is in no model",
	"future/channel.go select":               "as above",
	"future/channel.go send":                 "as above",
	"future/channel.go receive":              "as above",
	"future/channel.go close":                "as above",
	"future/chans/futures.go select":         "the way from and to Go channels is in no model",
	"future/chans/futures.go send":           "as above",
	"future/chans/futures.go receive":        "as above",
	"future/timer/clock.go time.Now":         "models have clocks that stand still, or no timers",
	"future/timer/clock.go time.Since":       "as above",
	"sched/caller.go sync.Pool":              "in an exploration callers are not kept",
	"sched/handle.go close":                  "Done is in no model",
	"sched/roundrobin.go select":             "who drives a round-robin executor of a model does not sleep in it",
	"sched/roundrobin.go send":               "as above",
	"sched/roundrobin.go receive":            "as above",
	"sched/roundrobin.go time.NewTimer":      "as above",
	"sched/roundrobin.go time.C":             "as above",
	"sched/stranded.go time.Now":             "how often is reported is of no concern to a model",
	"sched/overdue.go time.Now":              "a Close in an exploration has no clock, and reports nothing",
	"sched/overdue.go time.Since":            "as above",
	"sched/timekeeper.go time.NewTimer":      "the alarm of the timekeeper, which no model waits for",
	"sched/timekeeper.go time.C":             "as above",
	"sched/dump.go time.Now":                 "a dump tells how old tasks are; none is made in a model",
	"sched/track.go time.Now":                "tasks are not tracked in a model",
	"sched/track.go runtime.AddCleanup":      "as above",
	"sched/static.go time.NewTimer":          "the alarm of a static executor, which no model waits for",
	"sched/static.go time.Timer":             "as above",
	"sched/static.go time.C":                 "as above",
	"graph/progress.go time.Now":             "who watches a run is in no model",
	"graph/progress.go time.Since":           "as above",
	"graph/progress.go select":               "as above",
	"graph/progress.go send":                 "as above",
	"workers/watchdog.go time.Now":           "the watchdog belongs to the monitor",
	"graph/deadline.go time.AfterFunc":       "nodes with deadlines are in no model",
	"graph/deadline.go time.Timer":           "as above",
	"graph/job.go time.Since":                "how long nodes take is measured over more of them than models have",
	"graph/observe.go time.Now":              "as above",
	"graph/observe.go time.Since":            "as above",
	"graph/record.go time.Since":             "as above",
	"graph/run.go time.Now":                  "the beginning of a run, for measurements",
	"par/flow.go receive":                    "pipelines are in no model",
	"par/flow.go close":                      "as above",
}

// units are what packages may use of time: no clock.
var units = []string{"Time", "Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"}

// isStep says whether the use of an object of another package needs the seam.
func isStep(obj types.Object) bool {
	pkg := obj.Pkg()
	if pkg == nil {
		return false
	}
	switch path := pkg.Path(); path {
	case "sync/atomic", "go.uber.org/atomic", "golang.org/x/sync/semaphore", "golang.org/x/sync/errgroup", "golang.org/x/sync/singleflight":
		return true
	case "runtime":
		return obj.Name() == "Gosched" || obj.Name() == "AddCleanup" || obj.Name() == "SetFinalizer"
	case "time", "sync":
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil {
			return false // of a value whose making is found
		}
		return path == "sync" || !slices.Contains(units, obj.Name())
	}
	return false
}

// unseenSteps returns the steps of a package that do not go through the seam, as
// keys of unseen, with their places.
func unseenSteps(fset *token.FileSet, dir string, files []*ast.File, imp types.Importer) (map[string]string, error) {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: imp}
	if _, err := conf.Check(module+"/"+dir, fset, files, info); err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, f := range files {
		note := func(pos token.Pos, step string) {
			p := fset.Position(pos)
			found[dir+"/"+filepath.Base(p.Filename)+" "+step] = fmt.Sprintf("%s/%s:%d", dir, filepath.Base(p.Filename), p.Line)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				note(n.Pos(), "go")
			case *ast.SelectStmt:
				note(n.Pos(), "select")
			case *ast.SendStmt:
				note(n.Pos(), "send")
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					note(n.Pos(), "receive")
				}
			case *ast.RangeStmt:
				if _, ok := info.Types[n.X].Type.Underlying().(*types.Chan); ok {
					note(n.Pos(), "receive")
				}
			case *ast.Ident:
				obj := info.Uses[n]
				if b, ok := obj.(*types.Builtin); ok && b.Name() == "close" {
					note(n.Pos(), "close")
				} else if obj != nil && isStep(obj) {
					note(n.Pos(), obj.Pkg().Name()+"."+obj.Name())
				}
			}
			return true
		})
	}
	return found, nil
}

// exports returns an importer that reads what the compiler has written for the
// packages of the module, built with the tags.
func exports(t *testing.T, fset *token.FileSet, tags string) types.Importer {
	t.Helper()
	cmd := exec.Command("go", "list", "-buildvcs=false", "-export", "-deps", "-tags", tags, "-f", "{{.ImportPath}} {{.Export}}", "./...")
	cmd.Dir = filepath.Join("..", "..")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, errs.String())
	file := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		file[path] = name
	}
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(file[path]) })
}

// sourcesOf parses the production files of a package that are built with the tags on
// Linux.
func sourcesOf(t *testing.T, fset *token.FileSet, dir string, tags ...string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(dir), "*.go"))
	require.NoError(t, err)
	on := append([]string{"linux", "amd64", "unix", "gc"}, tags...)
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".go")
		if strings.HasSuffix(base, "_test") || strings.HasSuffix(base, "_windows") || strings.HasSuffix(base, "_darwin") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		built := true
		for _, group := range f.Comments {
			for _, c := range group.List {
				if c.Pos() < f.Package && constraint.IsGoBuild(c.Text) {
					x, err := constraint.Parse(c.Text)
					require.NoError(t, err)
					built = x.Eval(func(tag string) bool { return slices.Contains(on, tag) })
				}
			}
		}
		if built {
			files = append(files, f)
		}
	}
	return files
}

// A shared step that the explorer does not see would make "complete" a lie.
func TestExploredPackagesUseTheSeam(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles packages of its own")
	}
	fset := token.NewFileSet()
	imp := exports(t, fset, "explore")
	used := map[string]bool{}
	for _, dir := range explored {
		found, err := unseenSteps(fset, dir, sourcesOf(t, fset, dir, "explore"), imp)
		require.NoError(t, err)
		for step, at := range found {
			used[step] = true
			if unseen[step] == "" {
				t.Errorf("%s: %q does not go through internal/point or internal/park, so that explorations do not see it: use the seam, or list it in unseen with a reason", at, step)
			}
		}
	}
	for step := range unseen {
		if !used[step] {
			t.Errorf("%q is listed in unseen, and is nowhere", step)
		}
	}
}

func TestExploredPackagesUseTheSeamFinds(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", `package x
import ("runtime"; "sync"; "sync/atomic"; "time")
var a atomic.Int32
var m sync.Mutex
func f(c chan int) {
	go f(nil)
	c <- 1
	<-c
	for range c {}
	for i := range 3 { _ = i }
	select { default: }
	close(c)
	runtime.Gosched()
	runtime.GC()
	time.Sleep(time.Second)
	m.Lock()
	a.Load()
}
`, parser.SkipObjectResolution)
	require.NoError(t, err)
	found, err := unseenSteps(fset, "x", []*ast.File{f}, importer.ForCompiler(fset, "source", nil))
	require.NoError(t, err)
	var steps []string
	for step := range found {
		steps = append(steps, strings.TrimPrefix(step, "x/x.go "))
	}
	require.ElementsMatch(t, []string{"atomic.Int32", "sync.Mutex", "go", "send", "receive", "select", "close", "runtime.Gosched", "time.Sleep", "atomic.Load"}, steps)
}

// In a normal build the types of internal/point are nothing but other names.
func TestPointIsAliases(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles packages of its own")
	}
	fset := token.NewFileSet()
	pkg, err := (&types.Config{Importer: exports(t, fset, "none")}).Check(pointPath, fset, sourcesOf(t, fset, "internal/point"), nil)
	require.NoError(t, err)
	for _, name := range pkg.Scope().Names() {
		obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		require.True(t, obj.IsAlias(), "point.%s is a type of its own: production code would pay for the seam", name)
		require.Contains(t, []string{"go.uber.org/atomic", "sync"}, types.Unalias(obj.Type()).(*types.Named).Obj().Pkg().Path())
	}
}
