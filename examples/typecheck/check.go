// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A session is what the nodes of one run work on.
type session struct {
	in    *input
	plan  *plan
	index map[string]int // packages by path
	fset  *token.FileSet // of all packages: an error may name a place in an import
	sizes types.Sizes
	units []unit // by package
	notes []note // by node
}

// A unit is the state of one package. Its parse nodes write an entry of files for
// each file of theirs, its check node types; the check nodes of its importers
// read types. The graph orders them.
type unit struct {
	files []*ast.File
	types *types.Package
}

// A note is what a node leaves besides.
type note struct {
	errs  []string
	lines int
}

func newSession(in *input, p *plan) *session {
	s := &session{
		in:    in,
		plan:  p,
		index: make(map[string]int, len(in.Packages)),
		fset:  token.NewFileSet(),
		sizes: types.SizesFor("gc", in.GOARCH),
		units: make([]unit, len(in.Packages)),
		notes: make([]note, len(p.nodes)),
	}
	for i, p := range in.Packages {
		s.index[p.Path] = i
		s.units[i].files = make([]*ast.File, len(p.Files))
	}
	return s
}

// do runs one node. Whatever is wrong with a package is an entry in the node's
// errors; the importers go on with what there is.
func (s *session) do(i int) {
	n := &s.plan.nodes[i]
	p, u := &s.in.Packages[n.pkg], &s.units[n.pkg]
	if n.kind == parse {
		s.parseFiles(p, u, n, &s.notes[i])
	} else {
		s.checkTypes(p, u, &s.notes[i])
	}
}

// checkTypes finds the types, function bodies included, and drops the syntax
// trees. It asks for no [types.Info]: its maps would be much of a run's garbage.
func (s *session) checkTypes(p *pkg, u *unit, t *note) {
	switch {
	case p.Path == "unsafe":
		u.types, u.files = types.Unsafe, nil
		return
	case p.Missing != "":
		return // the importer says why
	}
	conf := types.Config{
		GoVersion:   p.GoVersion,
		FakeImportC: true,
		Importer:    importer{s, p},
		Sizes:       s.sizes,
		Error:       func(err error) { t.typeError(s.describe(err)) },
	}
	files := slices.DeleteFunc(u.files, func(f *ast.File) bool { return f == nil })
	// Check returns the first of the errors that Error has seen.
	u.types, _ = conf.Check(p.Path, s.fset, files, nil)
	u.files = nil
}

// describe returns an error with its place. The type checker reports the lines
// after the first of one error as errors too, and marks them with a tab: then
// more is true.
func (s *session) describe(err error) (text string, more bool) {
	var e types.Error
	if !errors.As(err, &e) || !e.Pos.IsValid() {
		return err.Error(), false
	}
	msg, more := strings.CutPrefix(e.Msg, "\t")
	return s.fset.Position(e.Pos).String() + ": " + msg, more
}

func (t *note) typeError(text string, more bool) {
	if last := len(t.errs) - 1; more && last >= 0 {
		t.errs[last] += "\n\t" + text
		return
	}
	t.errs = append(t.errs, text)
}

// A found is what a run found out about the packages.
type found struct {
	Packages []string // paths of those that were checked, sorted
	Errors   []string // sorted
	Files    int
	Lines    int
}

func (s *session) found() found {
	var f found
	for i, u := range s.units {
		switch p := s.in.Packages[i]; {
		case u.types != nil:
			f.Packages = append(f.Packages, u.types.Path())
		case p.Missing != "":
			f.Packages = append(f.Packages, p.Path)
		}
		f.Files += len(s.in.Packages[i].Files)
	}
	for _, t := range s.notes {
		f.Errors = append(f.Errors, t.errs...)
		f.Lines += t.lines
	}
	slices.Sort(f.Packages)
	slices.Sort(f.Errors)
	return f
}
