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
	notes []note // by node
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
		notes: make([]note, len(p.nodes)),
	}
	for i := range in.Packages {
		s.index[in.Packages[i].Path] = i
	}
	return s
}

// check finds the types of a package, function bodies included. Whatever is wrong
// with it is an entry in the node's errors; the importers go on with what there is.
// It asks for no [types.Info]: its maps would be much of a run's garbage.
func (s *session) check(i int, trees [][]*ast.File, imported []*types.Package) *types.Package {
	p, t := &s.in.Packages[s.plan.nodes[i].pkg], &s.notes[i]
	switch {
	case p.Path == "unsafe":
		return types.Unsafe
	case p.Missing != "":
		return nil // the importer says why
	}
	conf := types.Config{
		GoVersion:   p.GoVersion,
		FakeImportC: true,
		Importer:    importer{s, p, imported},
		Sizes:       s.sizes,
		Error:       func(err error) { t.typeError(s.describe(err)) },
	}
	// Check returns the first of the errors that Error has seen.
	found, _ := conf.Check(p.Path, s.fset, slices.Concat(trees...), nil)
	return found
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

func (s *session) found(checked []*types.Package) found {
	var f found
	for i, c := range checked {
		switch p := s.in.Packages[i]; {
		case c != nil:
			f.Packages = append(f.Packages, c.Path())
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
