// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	tagWord   = regexp.MustCompile(`\[([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\]`)
	stepStart = regexp.MustCompile(`^\s+([A-Z][0-9]+)\b`)
	stepWord  = regexp.MustCompile(`\b[A-Z][0-9]+\b`)
	proofWord = regexp.MustCompile(`\bProof \[([^\]]*)\]:`)
	testWord  = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark|Example)\w+`)
)

// A race is what the comments of the tree say about one tag.
type race struct {
	steps  []step
	proofs []proof
	others []finding // further mentions
}

type step struct {
	event string // a letter for the side and a number for the order
	at    finding
}

type proof struct {
	text string
	at   finding
}

// races collects the tags of all production files.
func races(tr *tree) map[string]*race {
	all := map[string]*race{}
	get := func(tag string) *race {
		if all[tag] == nil {
			all[tag] = &race{}
		}
		return all[tag]
	}
	for _, f := range tr.files {
		if f.test || f.in("internal/lint") {
			continue
		}
		for _, group := range f.ast.Comments {
			inProof := collectProofs(tr, group, get)
			for _, c := range group.List {
				for _, m := range tagWord.FindAllStringSubmatchIndex(c.Text, -1) {
					if before := c.Text[:m[0]]; inProof(c) && strings.HasSuffix(before, "Proof ") || endsInWord(before) {
						continue // a heading, or an index as in slot[i]
					}
					tag, after := c.Text[m[2]:m[3]], c.Text[m[1]:]
					if next := tagWord.FindStringIndex(after); next != nil {
						after = after[:next[0]]
					}
					if !stepStart.MatchString(after) {
						if strings.Contains(tag, "-") {
							get(tag).others = append(get(tag).others, tr.found(c.Pos(), ""))
						}
						continue
					}
					for _, event := range stepWord.FindAllString(after, -1) {
						get(tag).steps = append(get(tag).steps, step{event, tr.found(c.Pos(), "")})
					}
				}
			}
		}
	}
	return all
}

// collectProofs adds the proof blocks of a comment. A block reaches to the next
// heading or the end of the comment. The result says whether it holds any.
func collectProofs(tr *tree, group *ast.CommentGroup, get func(string) *race) func(*ast.Comment) bool {
	var open *proof
	var tag string
	flush := func() {
		if open != nil {
			get(tag).proofs = append(get(tag).proofs, *open)
		}
	}
	for _, c := range group.List {
		if m := proofWord.FindStringSubmatch(c.Text); m != nil {
			flush()
			tag, open = m[1], &proof{at: tr.found(c.Pos(), "")}
		}
		if open != nil {
			open.text += strings.TrimPrefix(c.Text, "//") + "\n"
		}
	}
	flush()
	return func(c *ast.Comment) bool { return proofWord.MatchString(c.Text) }
}

func endsInWord(s string) bool {
	return s != "" && regexp.MustCompile(`[\w\])]$`).MatchString(s)
}

func checkTags(tr *tree) (out []finding) {
	report := func(place finding, format string, args ...any) {
		f := at("", 0, format, args...)
		out = append(out, finding{place.at, f.text})
	}
	tests := testNames(tr)
	all := races(tr)
	for _, tag := range slices.Sorted(maps.Keys(all)) {
		r := all[tag]
		sides := map[byte]bool{}
		for _, s := range r.steps {
			sides[s.event[0]] = true
		}
		for i, p := range r.proofs {
			if i > 0 {
				report(p.at, "a second Proof [%s]; the first is at %s: one argument, one place", tag, r.proofs[0].at.at)
			}
			checkCheckedBy(p, tag, tests, report)
			if len(sides) < 2 {
				report(p.at, "[%s] is tagged on %d side(s) only: put `// [%s] A1` at the step in the code of each side, a letter for each side", tag, len(sides), tag)
			}
		}
		for _, s := range r.steps {
			if len(r.proofs) == 0 {
				report(s.at, "step %s of [%s] has no block headed `Proof [%s]:` anywhere", s.event, tag, tag)
			} else if !regexp.MustCompile(`\b` + s.event + `\b`).MatchString(r.proofs[0].text) {
				report(s.at, "step %s is not in Proof [%s] at %s: name it there, or correct the tag", s.event, tag, r.proofs[0].at.at)
			}
		}
		for _, o := range r.others {
			if len(r.proofs) == 0 && len(r.steps) == 0 {
				report(o, "[%s] has no proof: is the tag misspelled? A step reads `[tag] A1 what`, and Proof [tag] stands once", tag)
			}
		}
	}
	return out
}

func checkCheckedBy(p proof, tag string, tests map[string]bool, report func(finding, string, ...any)) {
	_, list, ok := strings.Cut(p.text, "Checked by:")
	list, _, _ = strings.Cut(list, "\n\n")
	list, _, _ = strings.Cut(list, "\n \n")
	names := testWord.FindAllString(list, -1)
	if !ok || len(names) == 0 {
		report(p.at, "Proof [%s] names no test: end it with `Checked by: TestX, TestY.`", tag)
	}
	for _, name := range names {
		if !tests[name] {
			report(p.at, "Proof [%s] is checked by %s, which does not exist: write it, or name the test that replaced it", tag, name)
		}
	}
}

// testNames returns the names of all tests in the tree.
func testNames(tr *tree) map[string]bool {
	names := map[string]bool{}
	for _, f := range tr.files {
		if !f.test {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && testWord.MatchString(fn.Name.Name) {
				names[fn.Name.Name] = true
			}
		}
	}
	return names
}

func TestRaceTagsHaveTwoSides(t *testing.T) { enforce(t, checkTags) }

func TestRaceTagsHaveTwoSidesFinds(t *testing.T) {
	const good = `package deque
// Proof [good-race]: never both.
//
//	  O1 store    T1 load
//
// Checked by: TestBoth,
// FuzzBoth.
func pop() {
	store() // [good-race] O1
}
func steal() {
	load() // [good-race] T1 look, see slot[i] and [good-race]
}
`
	tests := "package deque\nfunc TestBoth() {}\nfunc FuzzBoth() {}\n"
	one := func(text string) map[string]string {
		return map[string]string{"deque/a.go": text, "deque/a_test.go": tests}
	}
	expect(t, checkTags, one(good))
	swap := func(old, new string) map[string]string { return one(strings.Replace(good, old, new, 1)) }
	expect(t, checkTags, swap("[good-race] T1", "T1"), "deque/a.go:2")
	expect(t, checkTags, swap("// [good-race] T1", "// [good-race] O2"), "deque/a.go:2", "deque/a.go:12")
	expect(t, checkTags, swap("Proof [good-race]", "Proof [god-race]"), "deque/a.go:2", "deque/a.go:9", "deque/a.go:12")
	expect(t, checkTags, swap("FuzzBoth", "FuzzGone"), "deque/a.go:2")
	expect(t, checkTags, swap("Checked by:", "Tested by:"), "deque/a.go:2")
	expect(t, checkTags, swap("and [good-race]", "and [goof-race]"), "deque/a.go:12")
	expect(t, checkTags, swap("T1 load", "T2 load"), "deque/a.go:12")
	twice := one(good)
	twice["deque/b.go"] = "package deque\n\n// Proof [good-race]: again.\n//\n// Checked by: TestBoth.\n"
	expect(t, checkTags, twice, "deque/b.go:3")
}
