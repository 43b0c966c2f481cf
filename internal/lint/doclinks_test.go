// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	docLink = regexp.MustCompile(`\[\*?((?:[a-z]\w*/)*[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,2})\]`)
	pageRef = regexp.MustCompile(`https?://\S+|[\w./-]*\w\.md\b(#[\w-]+)?`)
	capital = regexp.MustCompile(`^[A-Z]\w`)
)

// checkDocLinks resolves the links in all comments: [Name], [Type.Method],
// [pkg.Name], and references to Markdown files with or without a heading.
func checkDocLinks(tr *tree) (out []finding) {
	d := newDictionary(tr)
	for _, f := range tr.files {
		if f.in("internal/lint") {
			continue // speaks about links
		}
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				out = append(out, checkNameLinks(tr, d, f, c)...)
				out = append(out, checkPageRefs(tr, f, c)...)
			}
		}
	}
	return out
}

func checkNameLinks(tr *tree, d *dictionary, f *source, c *ast.Comment) (out []finding) {
	for i, line := range strings.Split(c.Text, "\n") {
		if strings.HasPrefix(line, "//\t") {
			continue // a code block
		}
		for _, m := range docLink.FindAllStringSubmatchIndex(line, -1) {
			if endsInWord(line[:m[0]]) || regexp.MustCompile(`^[\w(\[{]`).MatchString(line[m[1]:]) {
				continue // an index or a type argument
			}
			link := line[m[2]:m[3]]
			pkg, name := path.Split(link)
			parts := strings.Split(name, ".")
			if len(parts) == 1 && (pkg != "" || !capital.MatchString(name)) {
				continue // a package, a tag, a type parameter
			}
			parts[0] = pkg + parts[0]
			if !d.resolves(f, parts) {
				bad := tr.found(c.Pos(), "[%s] links to nothing: correct the name, or write it without brackets", link)
				if i > 0 {
					bad = at(f.path, tr.fset.Position(c.Pos()).Line+i, "%s", bad.text)
				}
				out = append(out, bad)
			}
		}
	}
	return out
}

func checkPageRefs(tr *tree, f *source, c *ast.Comment) (out []finding) {
	for _, ref := range pageRef.FindAllString(c.Text, -1) {
		if strings.Contains(ref, "://") {
			continue
		}
		file, anchor, _ := strings.Cut(ref, "#")
		file = strings.TrimPrefix(file, "//") // a comment without a blank
		target := path.Join(f.dir, file)
		if !tr.known[target] {
			target = path.Clean(file)
		}
		out = append(out, tr.checkTarget(tr.found(c.Pos(), ""), ref, target, anchor)...)
	}
	return out
}

// checkTarget reports a reference to a file or heading that is not there.
func (tr *tree) checkTarget(place finding, ref, target, anchor string) []finding {
	page, isPage := tr.pages[target]
	switch {
	case !tr.known[target]:
		return []finding{{place.at, "refers to " + ref + ", and there is no " + target + ": correct the path, from this file or from the root"}}
	case anchor != "" && isPage && !headings(page)[anchor]:
		return []finding{{place.at, "refers to " + ref + ", and " + target + " has no such heading: correct the anchor"}}
	}
	return nil
}

func TestDocLinksResolve(t *testing.T) {
	enforce(t, func(tr *tree) []finding { return append(checkDocLinks(tr), checkPages(tr)...) })
}

func TestDocLinksResolveFinds(t *testing.T) {
	expect(t, checkDocLinks, map[string]string{
		"deque/README.md": "# The ring\n\n## Growth & decay\n",
		"docs/m.md":       "# Model\n",
		"waker/w.go":      "package waker\ntype Cell struct{}\nfunc (c *Cell) Wake() {}\n",
		"deque/a.go": `package deque
import "sync"
// A Deque has [Deque.Push], [Deque.size], [*Deque], [Kind.Push] and [sync.Mutex.Lock], [waker.Cell.Wake],
// [io.Reader], [math/rand/v2.New], [math/rand/v2] and [last-task], x[Nope], [T], [0, n), see README.md#the-ring,
// docs/m.md, https://example.org/NOPE.md and deque/README.md#growth--decay.
type Deque struct{ size int; mu sync.Mutex }
func (d *Deque) Push() {}
type Kind = Deque
//	code[Nope] [Nope]
// But [Nope] is bad.
// And [Deque.Nope].
// And [sync.Nope] and [waker.Cell.Nope].
// And [nope.Nope].
// See GONE.md.
// See README.md#gone.
var x int // [Gone]
`}, "deque/a.go:10", "deque/a.go:11", "deque/a.go:12", "deque/a.go:12", "deque/a.go:13",
		"deque/a.go:14", "deque/a.go:15", "deque/a.go:16")
}
