// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// arrows lists every import inside the module; an entry covers the packages below
// it, save those that have an entry of their own. All arrows point down, and nobody
// imports a leaf. A new arrow is a design choice: add it in the commit that argues
// for it.
//
//	bench   examples   cmd
//	     \     |     /
//	   graph       par
//	       \      /
//	        sched
//	       /      \
//	    |     future/chans, locks, stream
//	    |             |
//	 workers       future
//	    |             |
//	  deque         waker
//	       \      /
//	      internal/...
var arrows = map[string][]string{
	"bench":    {"deque", "future", "future/chans", "future/locks", "future/stream", "future/timer", "graph", "internal", "par", "sched", "waker", "workers"},
	"examples": {"deque", "future", "future/chans", "future/locks", "future/stream", "future/timer", "graph", "par", "sched", "waker", "workers"},
	"cmd":      {"deque", "future", "future/chans", "future/locks", "future/stream", "future/timer", "graph", "internal", "par", "sched", "waker", "workers"},
	"graph":    {"future", "future/timer", "internal/invariant", "internal/park", "internal/point", "sched", "workers"},
	"par":      {"future", "internal/invariant", "internal/point", "internal/tick", "sched", "workers"},
	"sched":    {"deque", "future", "future/timer", "internal", "waker", "workers"},
	"workers":  {"deque", "internal"},
	"future":   {"internal/invariant", "internal/point", "internal/self", "waker"},

	"future/chans":  {"future", "internal/invariant", "internal/point", "waker"},
	"future/locks":  {"future", "internal/invariant", "internal/point", "waker"},
	"future/stream": {"future", "waker"},
	"future/timer":  {"future", "internal/invariant", "internal/point", "internal/wheel", "waker"},

	"deque":    {"internal/invariant", "internal/point"},
	"waker":    {"internal/invariant", "internal/point"},
	"internal": {"internal"},
	".":        {},

	"internal/aborttest":      {"future", "waker"},
	"internal/explore/poller": {"internal/explore", "waker"},

	// The whole runtime, and no more than its tests.
	"internal/soak":     {"future", "future/chans", "future/locks", "future/timer", "graph", "internal", "par", "sched", "workers"},
	"internal/simulate": {"future", "future/chans", "future/locks", "future/timer", "graph", "internal", "par", "sched", "workers"},
}

// upward are arrows of external test packages (package x_test) alone: what is made
// for tasks is tested by tasks. The code of x still cannot know an executor.
var upward = map[string][]string{
	"future/chans":  {"future/timer", "sched"},
	"future/locks":  {"sched"},
	"future/stream": {"sched"},
	"sched":         {"future/chans", "future/locks", "future/stream"}, // the budget of every leaf
}

var (
	// forTests may be imported by tests only.
	forTests = []string{"internal/aborttest", "internal/explore", "internal/lint", "internal/script", "internal/simulate", "internal/soak", "internal/testkit"}
	// seam is who may import the explorer: its twins by build tag.
	seam = []string{"internal/explore", "internal/park", "internal/point", "internal/tick"}
	// outside is what production files may import from other modules.
	outside = []string{"go.uber.org/atomic", "golang.org/x/sync", "golang.org/x/sys"}
	// outsideOf is what production files of a leaf may import besides: no user of the
	// library compiles them.
	outsideOf = map[string][]string{"cmd": {"go.yaml.in/yaml/v3"}}
	// nested are modules of their own, with their own requirements.
	nested = []string{"examples", "bench/peers"}
)

func checkArrows(tr *tree) (out []finding) {
	for _, f := range tr.files {
		from, ok := roomOf(f.dir)
		if !ok {
			out = append(out, at(f.path, 1, "package %s is not in the table of arrows: put it there, with what it may import", f.dir))
			continue
		}
		for _, spec := range f.ast.Imports {
			imported := importPath(spec)
			if !strings.HasPrefix(imported, module) {
				if isForeign(imported) && !f.test && !f.in(nested...) && !covered(imported, outside) && !covered(imported, outsideOf[from]) {
					out = append(out, tr.found(spec.Pos(), "production code imports %s: users would download it. Allowed are %v", imported, outside))
				}
				continue
			}
			to := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
			if to == "" {
				to = "."
			}
			switch {
			case f.test && mayReach(from, to), f.test && covered(to, forTests), within(from, to):
			case f.test && strings.HasSuffix(f.ast.Name.Name, "_test") && covered(to, upward[from]):
			case to == "internal/explore" && f.in(seam...):
			case covered(to, forTests):
				out = append(out, tr.found(spec.Pos(), "%s is for tests: no production file may import it", to))
			case f.test:
				out = append(out, tr.found(spec.Pos(), "a test in %s may import what lies below it, and %s does not: move the test up", from, to))
			case !points(from, to):
				out = append(out, tr.found(spec.Pos(), "%s may not import %s; it may import %v. Arrows point down only: move the code, or argue for a new arrow in internal/lint", from, to, arrows[from]))
			}
		}
	}
	return out
}

// roomOf returns the entry of the table that covers dir: the longest.
func roomOf(dir string) (string, bool) {
	for at := dir; ; at = path.Dir(at) {
		if _, ok := arrows[at]; ok && (at != "." || dir == ".") {
			return at, true
		}
		if at == "." {
			return dir, false
		}
	}
}

// within says whether an import stays inside one room. The root has nothing
// below it, and internal packages have an arrow to each other.
func within(from, to string) bool {
	room, _ := roomOf(to)
	return from != "." && from != "internal" && room == from
}

// points says whether the table has an arrow from one to the other. What has an
// entry of its own is not covered by the arrow to what lies above it.
func points(from, to string) bool {
	room, _ := roomOf(to)
	return slices.ContainsFunc(arrows[from], func(above string) bool {
		return under(to, above) && (room == above || !under(room, above))
	})
}

func covered(dir string, list []string) bool {
	return slices.ContainsFunc(list, func(above string) bool { return under(dir, above) })
}

// mayReach says whether to lies below from, by one arrow or several.
func mayReach(from, to string) bool {
	if points(from, to) || within(from, to) {
		return true
	}
	return slices.ContainsFunc(arrows[from], func(next string) bool {
		return next != "internal" && arrows[next] != nil && mayReach(next, to)
	})
}

func isForeign(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".")
}

func TestImportArrows(t *testing.T) { enforce(t, checkArrows) }

func TestImportArrowsFinds(t *testing.T) {
	imports := func(paths ...string) string {
		text := "package p\n"
		for _, p := range paths {
			text += "import _ \"" + strings.Replace(p, "~", module, 1) + "\"\n"
		}
		return text
	}
	expect(t, checkArrows, map[string]string{
		"deque/down.go":          imports("fmt", "~/internal/point", "golang.org/x/sys/cpu"),
		"deque/side.go":          imports("fmt", "~/waker"),
		"deque/peer_test.go":     imports("~/internal/park", "~/workers", "github.com/stretchr/testify/require"),
		"deque/extra.go":         imports("github.com/stretchr/testify/require"),
		"workers/up.go":          imports("~/deque", "~/sched"),
		"workers/test.go":        imports("~/internal/lint"),
		"workers/any_test.go":    imports("~/internal/lint", "~/deque"),
		"sched/down.go":          imports("~/deque", "~/future", "~/waker", "~/workers", "~/internal/park"),
		"graph/back.go":          imports("~/sched", "~/internal/self"),
		"graph/deep_test.go":     imports("~/deque", "~/internal/park", "~/bench"),
		"internal/park/up.go":    imports("~/internal/point", "~/deque"),
		"bench/leaf.go":          imports("~/graph", "~/bench/workload"),
		"bench/peers/rival.go":   imports("github.com/rival/pool", "~/bench"),
		"examples/x/main.go":     imports("~/par", "~/internal/point"),
		"cmd/pilfer/main.go":     imports("~/sched", "~/bench"),
		"future/up.go":           imports("~/waker", "~/future/locks"),
		"future/locks/down.go":   imports("~/future", "~/waker"),
		"future/locks/side.go":   imports("~/future/chans"),
		"future/locks/up.go":     imports("~/sched"),
		"future/locks/a_test.go": "package locks_test\nimport (\n_ \"" + module + "/sched\"\n_ \"" + module + "/graph\"\n)\n",
		"future/locks/b_test.go": "package locks\nimport _ \"" + module + "/sched\"\n",
		"shed/new.go":            imports(),
		"root.go":                imports("~/sched"),
		"internal/point/x.go":    imports("~/internal/explore"),
		"internal/wheel/x.go":    imports("~/internal/explore"),
		"cmd/pilfer/file.go":     imports("go.yaml.in/yaml/v3"),
		"graph/file.go":          imports("go.yaml.in/yaml/v3"),
	},
		"deque/side.go:3", "deque/peer_test.go:2", "deque/peer_test.go:3", "deque/extra.go:2",
		"workers/up.go:3", "workers/test.go:2", "graph/back.go:3", "graph/deep_test.go:4",
		"future/up.go:3", "future/locks/side.go:2", "future/locks/up.go:2", "future/locks/a_test.go:4", "future/locks/b_test.go:2",
		"internal/park/up.go:3", "internal/wheel/x.go:2", "examples/x/main.go:3", "cmd/pilfer/main.go:3", "shed/new.go:1", "root.go:2", "graph/file.go:2")
}
