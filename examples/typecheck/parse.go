// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path/filepath"
)

// parse makes the syntax trees of a node's files. Comments are left out of
// them, and names are not resolved: the type checker does that itself.
//
// The plan says which positions the files get. Were they given out in the order
// of parsing, as one shared file set does, then the order of two files of a
// package would differ from run to run, and with it some messages of the type
// checker, which for instance begins to describe a cycle at its first position.
// So the node fills a file set of its own, from its base on, and then adds the
// files to the shared one: that also takes the shared lock only once.
func (s *session) parse(i int) (files []*ast.File) {
	n, t := &s.plan.nodes[i], &s.notes[i]
	p := &s.in.Packages[n.pkg]
	own := token.NewFileSet()
	own.AddFile("", n.base-1, 0) // the next file begins at base
	var added []*token.File
	for i := n.lo; i < n.hi; i++ {
		full := filepath.Join(p.Dir, p.Files[i])
		text, err := borrowText(full)
		if err != nil {
			t.errs = append(t.errs, err.Error())
			continue
		}
		if got := int64(len(text.bytes())); got != p.Sizes[i] {
			t.errs = append(t.errs, fmt.Sprintf("%s: has changed: %d bytes instead of %d", full, got, p.Sizes[i]))
			text.giveBack()
			continue
		}
		// The tree holds copies of what it needs of the text.
		file, err := parser.ParseFile(own, full, text.bytes(), parser.SkipObjectResolution|parser.AllErrors)
		text.giveBack()
		t.syntaxErrors(err)
		positions := own.File(file.FileStart)
		t.lines += positions.LineCount()
		added = append(added, positions)
		files = append(files, file)
	}
	s.fset.AddExistingFiles(added...)
	return files
}

func (t *note) syntaxErrors(err error) {
	var list scanner.ErrorList
	switch {
	case errors.As(err, &list):
		for _, e := range list {
			t.errs = append(t.errs, e.Error())
		}
	case err != nil:
		t.errs = append(t.errs, err.Error())
	}
}
