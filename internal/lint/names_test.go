// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// names is what is declared in one package, for links to be looked up in.
type names struct {
	decls   map[string]bool
	members map[string]map[string]bool // fields and methods by type
	inherit map[string][]ast.Expr      // embedded types, and the right side of type A B
}

// A dictionary knows the packages of the tree, and reads those of the standard
// library when they are asked for.
type dictionary struct {
	tr  *tree
	own map[string]*names // by directory
	std map[string]*names // by import path; nil if there is none
}

func newDictionary(tr *tree) *dictionary {
	d := &dictionary{tr: tr, own: map[string]*names{}, std: map[string]*names{}}
	for _, f := range tr.files {
		if d.own[f.dir] == nil {
			d.own[f.dir] = newNames()
		}
		d.own[f.dir].add(f.ast)
	}
	return d
}

func newNames() *names {
	return &names{map[string]bool{}, map[string]map[string]bool{}, map[string][]ast.Expr{}}
}

// add enters the declarations of a file.
func (n *names) add(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				n.decls[d.Name.Name] = true
			} else {
				n.member(receiver(d), d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						n.decls[id.Name] = true
					}
				case *ast.TypeSpec:
					n.addType(spec.Name.Name, spec.Type)
				}
			}
		}
	}
}

func (n *names) addType(name string, typ ast.Expr) {
	n.decls[name] = true
	var list *ast.FieldList
	switch typ := typ.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		n.inherit[name] = append(n.inherit[name], typ)
		return
	}
	for _, field := range list.List {
		for _, id := range field.Names {
			n.member(name, id.Name)
		}
		if len(field.Names) == 0 {
			n.inherit[name] = append(n.inherit[name], field.Type)
		}
	}
}

func (n *names) member(typ, name string) {
	if n.members[typ] == nil {
		n.members[typ] = map[string]bool{}
	}
	n.members[typ][name] = true
}

// has says whether n declares the name, or the type with the member, that link
// spells. A member that may come from another package counts as there.
func (n *names) has(link []string) bool {
	if !n.decls[link[0]] {
		return false
	}
	return len(link) == 1 || n.hasMember(link[0], link[1], 0)
}

func (n *names) hasMember(typ, name string, depth int) bool {
	if n.members[typ][name] {
		return true
	}
	for _, from := range n.inherit[typ] {
		local := localName(from)
		if local == "" || depth > 8 || !n.decls[local] || n.hasMember(local, name, depth+1) {
			return true // or too far to follow
		}
	}
	return false
}

// resolves says whether the link, taken apart at its dots, names something for a
// reader of f: in its package, in an imported one, in another one of ours by its
// last name, or in the standard library.
func (d *dictionary) resolves(f *source, link []string) bool {
	if d.own[f.dir].has(link) {
		return true
	}
	if len(link) == 1 {
		return false
	}
	pkg, rest := link[0], link[1:]
	for _, spec := range f.ast.Imports {
		p := importPath(spec)
		if spec.Name == nil && baseName(p) != pkg || spec.Name != nil && spec.Name.Name != pkg {
			continue
		}
		return d.packageHas(p, rest)
	}
	for dir, n := range d.own {
		if path.Base(dir) == pkg && n.has(rest) {
			return true
		}
	}
	return d.packageHas(pkg, rest)
}

func (d *dictionary) packageHas(importPath string, link []string) bool {
	if dir, ok := strings.CutPrefix(importPath, module+"/"); ok {
		return d.own[dir] != nil && d.own[dir].has(link)
	}
	if isForeign(importPath) {
		return true // not read here
	}
	n, read := d.std[importPath]
	if !read {
		n = readStd(importPath)
		d.std[importPath] = n
	}
	return n != nil && n.has(link)
}

// readStd reads a package of the standard library, or returns nil.
func readStd(importPath string) *names {
	dir := filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(importPath))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	n := newNames()
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			if f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution); err == nil {
				n.add(f)
			}
		}
	}
	return n
}
